using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using OpsConsole.Core.Access;

namespace OpsConsole.Core.Audit;

/// <summary>
/// Builds and links the leaves of the log. A leaf is the RFC 8785 text of
/// <c>{actor{auth,id,type}, details, event, object, prev, seq, ts}</c>; payloads never enter it, only their salted commitments
/// (<see cref="Commit"/>) inside <c>details</c>. <c>prev</c> is the previous chain hash in hex; <c>ts</c> is UTC with microseconds.
/// </summary>
public static class AuditLeaf
{
    public const int HashLength = 32;
    public const int SaltLength = 16;

    /// <summary>Writes the leaf. <paramref name="details"/> must be canonical already, or empty for none.</summary>
    public static void Write(IBufferWriter<byte> into, long seq, DateTimeOffset at, Actor actor, string evt, string obj, ReadOnlySpan<byte> details, ReadOnlySpan<byte> prev)
    {
        into.Write("{\"actor\":{\"auth\":"u8);
        Jcs.WriteString(actor.Auth, into);
        into.Write(",\"id\":"u8);
        Jcs.WriteString(actor.Id, into);
        into.Write(",\"type\":"u8);
        Jcs.WriteString(actor.Type, into);
        into.Write("},\"details\":"u8);
        if (details.IsEmpty) into.Write("null"u8); else into.Write(details);
        into.Write(",\"event\":"u8);
        Jcs.WriteString(evt, into);
        into.Write(",\"object\":"u8);
        Jcs.WriteString(obj, into);
        into.Write(",\"prev\":\""u8);
        Span<char> hex = stackalloc char[HashLength * 2];
        Convert.TryToHexStringLower(prev, hex, out _);
        var target = into.GetSpan(hex.Length);
        into.Advance(Encoding.ASCII.GetBytes(hex, target));
        into.Write("\",\"seq\":"u8);
        Jcs.WriteNumber(seq, into);
        into.Write(",\"ts\":\""u8);
        target = into.GetSpan(32);
        at.UtcDateTime.TryFormat(target, out var written, "yyyy-MM-ddTHH:mm:ss.ffffff", System.Globalization.CultureInfo.InvariantCulture);
        into.Advance(written);
        into.Write("Z\"}"u8);
    }

    /// <summary><c>SHA-256(prev ‖ SHA-256(0x00 ‖ leaf))</c>.</summary>
    public static byte[] Chain(ReadOnlySpan<byte> prev, ReadOnlySpan<byte> leaf)
    {
        var chain = new byte[HashLength];
        Chain(prev, leaf, chain);
        return chain;
    }

    private static void Chain(ReadOnlySpan<byte> prev, ReadOnlySpan<byte> leaf, Span<byte> into)
    {
        Span<byte> link = stackalloc byte[HashLength * 2];
        prev.CopyTo(link);
        var rented = ArrayPool<byte>.Shared.Rent(leaf.Length + 1);
        rented[0] = 0;
        leaf.CopyTo(rented.AsSpan(1));
        SHA256.HashData(rented.AsSpan(0, leaf.Length + 1), link[HashLength..]);
        ArrayPool<byte>.Shared.Return(rented);
        SHA256.HashData(link, into);
    }

    /// <summary><c>SHA-256(0x00 ‖ leaf)</c>, as RFC 6962 hashes a leaf.</summary>
    public static byte[] LeafHash(ReadOnlySpan<byte> leaf)
    {
        var prefixed = new byte[leaf.Length + 1];
        leaf.CopyTo(prefixed.AsSpan(1));
        return SHA256.HashData(prefixed);
    }

    /// <summary>The commitment that stands in the leaf for a payload: <c>SHA-256(salt ‖ payload)</c>, hex.</summary>
    public static string Commit(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> payload)
    {
        Span<byte> hash = stackalloc byte[HashLength];
        Commit(salt, payload, hash);
        return Convert.ToHexStringLower(hash);
    }

    private static void Commit(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> payload, Span<byte> into)
    {
        var rented = ArrayPool<byte>.Shared.Rent(salt.Length + payload.Length);
        salt.CopyTo(rented);
        payload.CopyTo(rented.AsSpan(salt.Length));
        SHA256.HashData(rented.AsSpan(0, salt.Length + payload.Length), into);
        ArrayPool<byte>.Shared.Return(rented);
    }

    /// <summary>What is wrong with an entry that should follow <paramref name="prev"/>, or null. Recomputes the hash and compares the repeated columns.</summary>
    /// <param name="payload">The stored payload, or null when there is none.</param>
    /// <param name="redacted">A later entry says that the payload was redacted, so that it may be missing.</param>
    public static string? Check(AuditEntry entry, long expectedSeq, ReadOnlySpan<byte> prev, AuditPayload? payload, bool redacted = false)
    {
        if (entry.Seq != expectedSeq) return $"entry {expectedSeq} is missing (found {entry.Seq} in its place)";
        if (prev.Length != HashLength) return "the stored hash is not the hash of the entry and its predecessor";
        var rented = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(Math.Max(entry.Leaf.Length, payload?.Body.Length ?? 0)));
        try
        {
            Span<char> prevHex = stackalloc char[HashLength * 2], payloadHex = stackalloc char[HashLength * 2];
            Span<byte> hash = stackalloc byte[HashLength];
            if (payload is not null)
            {
                Commit(payload.Salt, rented.AsSpan(0, Encoding.UTF8.GetBytes(payload.Body, rented)), hash);
                Convert.TryToHexStringLower(hash, payloadHex, out _);
            }
            var leaf = rented.AsSpan(0, Encoding.UTF8.GetBytes(entry.Leaf, rented));
            Chain(prev, leaf, hash);
            if (!hash.SequenceEqual(entry.Chain)) return "the stored hash is not the hash of the entry and its predecessor";
            Convert.TryToHexStringLower(prev, prevHex, out _);
            return LeafColumns.Differ(leaf, entry, prevHex, payload is null ? default : payloadHex, redacted);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
