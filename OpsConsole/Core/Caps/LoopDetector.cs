using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace OpsConsole.Core.Caps;

/// <summary>
/// Recognises runaway agents: identical calls (same digest) of one agent within one run (or of the agent, where no run is named) inside a sliding window.
/// Not thread-safe: owned by the durable writer, rebuilt from the log at start.
/// </summary>
public sealed class LoopDetector
{
    private readonly record struct Key(string AgentId, string? RunId, ulong Digest);

    // Nearly every call is made once: only repeated ones pay for a queue.
    private struct Entry
    {
        public long Last;
        public long Window;
        public Queue<long>? Earlier;
    }

    private readonly Dictionary<Key, Entry> _seen = [];
    private long _nextSweep;

    /// <summary>The longest window that a cap may set.</summary>
    public static readonly TimeSpan MaxWindow = TimeSpan.FromHours(1);

    /// <summary>Counts a call and says whether it is one too many: the <paramref name="sameCall"/> + 1st within <paramref name="window"/>.</summary>
    public bool Seen(string agentId, string? runId, ReadOnlySpan<byte> digest, DateTimeOffset at, int sameCall, TimeSpan window)
    {
        Sweep(at.UtcTicks);
        // 64 bits of a SHA-256 are enough to tell an agent's own calls of the last hour apart.
        var key = new Key(agentId, runId, BinaryPrimitives.ReadUInt64LittleEndian(digest));
        ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(_seen, key, out var known);
        if (known) (entry.Earlier ??= new Queue<long>(4)).Enqueue(entry.Last);
        (entry.Last, entry.Window) = (at.UtcTicks, window.Ticks);
        if (entry.Earlier is not { } earlier) return sameCall < 1;
        while (earlier.TryPeek(out var oldest) && oldest <= at.UtcTicks - window.Ticks) earlier.Dequeue();
        while (earlier.Count > sameCall) earlier.Dequeue();   // a storm needs no more memory than it takes to recognise it
        return earlier.Count + 1 > sameCall;
    }

    public void Forget() => _seen.Clear();

    private void Sweep(long now)
    {
        if (now < _nextSweep) return;
        _nextSweep = now + TimeSpan.TicksPerMinute;
        foreach (var (key, entry) in _seen)
        {
            if (entry.Last <= now - entry.Window) _seen.Remove(key);
        }
    }
}
