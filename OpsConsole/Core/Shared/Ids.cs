using System.Buffers.Binary;

namespace OpsConsole.Core.Shared;

/// <summary>
/// Identifiers that carry the row they belong to: <c>dec_</c> + 13 characters of the audit sequence number + 13 characters of randomness,
/// both in Crockford base 32. A look-up needs no index, the order of ids is the order of the log, and the random half keeps them unguessable
/// (65 bits; an id is never a credential).
/// </summary>
public static class Ids
{
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    private const int Half = 13;

    /// <summary>Makes an id such as <c>dec_…</c> from a positive sequence number and 8 random bytes.</summary>
    public static string Make(string prefix, long seq, ReadOnlySpan<byte> random8)
    {
        Span<char> body = stackalloc char[Half * 2];
        Encode((ulong)seq, body[..Half]);
        Encode(BinaryPrimitives.ReadUInt64LittleEndian(random8), body[Half..]);
        return string.Concat(prefix, "_", body);
    }

    /// <summary>The same row under another prefix: the approval of a decision.</summary>
    public static string Rename(string id, string prefix) => string.Concat(prefix, id.AsSpan(id.IndexOf('_')));

    /// <summary>The sequence number inside an id made by <see cref="Make"/>; false for anything else.</summary>
    public static bool TrySeq(string? id, string prefix, out long seq)
    {
        seq = 0;
        if (id is null || id.Length != prefix.Length + 1 + Half * 2 || !id.StartsWith(prefix, StringComparison.Ordinal) || id[prefix.Length] != '_') return false;
        ulong value = 0;
        foreach (var c in id.AsSpan(prefix.Length + 1, Half))
        {
            var digit = Alphabet.IndexOf(c);
            if (digit < 0) return false;
            value = (value << 5) | (uint)digit;
        }
        seq = (long)value;
        return seq > 0;
    }

    /// <summary>An id for rare things (agents, rollouts, people): prefix + 16 characters from 10 random bytes.</summary>
    public static string Random(string prefix, ReadOnlySpan<byte> random10)
    {
        Span<char> body = stackalloc char[16];
        Encode(BinaryPrimitives.ReadUInt64LittleEndian(random10) & 0xFF_FFFF_FFFF, body[..8]);
        Encode(BinaryPrimitives.ReadUInt64LittleEndian(random10[2..]) >> 24, body[8..]);
        return string.Concat(prefix, "_", body);
    }

    private static void Encode(ulong value, Span<char> into)
    {
        for (var i = into.Length - 1; i >= 0; i--, value >>= 5) into[i] = Alphabet[(int)(value & 31)];
    }
}
