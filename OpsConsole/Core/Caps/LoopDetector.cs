using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace OpsConsole.Core.Caps;

/// <summary>
/// Recognises runaway agents: identical calls (same digest) of one agent within one run (or of the agent, where no run is named) inside a sliding window.
/// Not thread-safe: owned by the durable writer, rebuilt from the log at start.
/// </summary>
public sealed class LoopDetector
{
    // 128 bits instead of the names: millions of remembered calls hold on to nothing that the garbage collector has to follow.
    private readonly record struct Key(ulong Digest, ulong Run);

    private struct Entry
    {
        public long Last;
        public long Window;
    }

    private sealed class Part
    {
        // Nearly every call is made once: only repeated ones pay for a queue.
        public readonly Dictionary<Key, Queue<long>> Earlier = [];
        public readonly Dictionary<Key, Entry> Seen = [];
        public long NextSweep;
    }

    // In many small parts: one table of all calls stands still for 40 ms when it grows past 300,000 of them, and longer when what is old is taken out.
    private readonly Part?[] _parts = new Part?[1_024];

    /// <summary>The longest window that a cap may set.</summary>
    public static readonly TimeSpan MaxWindow = TimeSpan.FromHours(1);

    /// <summary>Counts a call and says whether it is one too many: the <paramref name="sameCall"/> + 1st within <paramref name="window"/>.</summary>
    public bool Seen(string agentId, string? runId, ReadOnlySpan<byte> digest, DateTimeOffset at, int sameCall, TimeSpan window)
    {
        // Half of a SHA-256 is enough to tell the calls of the last hour apart; agent and run are mixed into the second part.
        var key = new Key(BinaryPrimitives.ReadUInt64LittleEndian(digest), BinaryPrimitives.ReadUInt64LittleEndian(digest[8..]) ^ ((ulong)(uint)agentId.GetHashCode(StringComparison.Ordinal) << 32) ^ (uint)(runId?.GetHashCode(StringComparison.Ordinal) ?? 0));
        var part = _parts[key.Digest % (ulong)_parts.Length] ??= new Part();
        Sweep(part, at.UtcTicks);
        ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(part.Seen, key, out var known);
        Queue<long>? earlier = null;
        if (known)
        {
            if (!part.Earlier.TryGetValue(key, out earlier)) part.Earlier[key] = earlier = new Queue<long>(4);
            earlier.Enqueue(entry.Last);
        }
        (entry.Last, entry.Window) = (at.UtcTicks, window.Ticks);
        if (earlier is null) return sameCall < 1;
        while (earlier.TryPeek(out var oldest) && oldest <= at.UtcTicks - window.Ticks) earlier.Dequeue();
        while (earlier.Count > sameCall) earlier.Dequeue();   // a storm needs no more memory than it takes to recognise it
        return earlier.Count + 1 > sameCall;
    }

    public void Forget() => Array.Clear(_parts);

    private static void Sweep(Part part, long now)
    {
        if (now < part.NextSweep) return;
        part.NextSweep = now + TimeSpan.TicksPerMinute;
        foreach (var (key, entry) in part.Seen)
        {
            if (entry.Last > now - entry.Window) continue;
            part.Seen.Remove(key);
            part.Earlier.Remove(key);
        }
    }
}
