using System.Numerics;

namespace OpsConsole.Core.Authority;

/// <summary>Sets of small numbers as words of bits; sets that meet have the same length.</summary>
internal static class BitSet
{
    public static ulong[] Empty(int size) => new ulong[(size + 63) / 64];

    public static ulong[] Full(int size)
    {
        var set = Empty(size);
        for (var i = 0; i < size; i++) Add(set, i);
        return set;
    }

    public static void Add(ulong[] set, int member) => set[member >> 6] |= 1UL << (member & 63);

    public static void Remove(ulong[] set, int member) => set[member >> 6] &= ~(1UL << (member & 63));

    public static bool IsEmpty(ulong[] set) => !set.AsSpan().ContainsAnyExcept(0UL);

    public static bool Meet(ulong[] a, ulong[] b)
    {
        for (var i = 0; i < a.Length; i++)
        {
            if ((a[i] & b[i]) != 0) return true;
        }
        return false;
    }

    public static bool Has(ulong[] set, int member) => (set[member >> 6] >> member & 1) != 0;

    /// <summary>Whether every member of <paramref name="a"/> is in <paramref name="b"/>.</summary>
    public static bool Within(ulong[] a, ulong[] b)
    {
        for (var i = 0; i < a.Length; i++)
        {
            if ((a[i] & ~b[i]) != 0) return false;
        }
        return true;
    }

    public static ulong[] And(ulong[] a, ulong[] b)
    {
        var both = new ulong[a.Length];
        for (var i = 0; i < a.Length; i++) both[i] = a[i] & b[i];
        return both;
    }

    public static ulong[] Without(ulong[] a, ulong[] b)
    {
        var rest = new ulong[a.Length];
        for (var i = 0; i < a.Length; i++) rest[i] = a[i] & ~b[i];
        return rest;
    }

    /// <summary>The smallest member, or -1.</summary>
    public static int First(ulong[] set)
    {
        for (var i = 0; i < set.Length; i++)
        {
            if (set[i] != 0) return (i << 6) + BitOperations.TrailingZeroCount(set[i]);
        }
        return -1;
    }
}
