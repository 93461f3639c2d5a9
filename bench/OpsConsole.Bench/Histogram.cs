using System.Numerics;

namespace OpsConsole.Bench;

/// <summary>Latencies in nanoseconds, kept to within 1.6 % from 64 ns to hours, in constant memory. One writer; merge afterwards.</summary>
internal sealed class Histogram
{
    private const int SubBits = 6, Sub = 1 << SubBits;
    private readonly long[] _counts = new long[(64 - SubBits) * Sub];

    public long Count { get; private set; }

    public long Max { get; private set; }

    public static Histogram Of(IEnumerable<Histogram> parts)
    {
        var whole = new Histogram();
        foreach (var part in parts) whole.Merge(part);
        return whole;
    }

    public void Add(long nanoseconds)
    {
        var value = Math.Max(0, nanoseconds);
        _counts[Index(value)]++;
        Count++;
        if (value > Max) Max = value;
    }

    public void Merge(Histogram other)
    {
        for (var i = 0; i < _counts.Length; i++) _counts[i] += other._counts[i];
        Count += other.Count;
        Max = Math.Max(Max, other.Max);
    }

    /// <summary>The latency that <paramref name="quantile"/> (0–1) of the requests did not exceed; zero when there were none.</summary>
    public TimeSpan At(double quantile)
    {
        var rank = Math.Max(1, (long)Math.Ceiling(quantile * Count));
        long seen = 0;
        for (var i = 0; i < _counts.Length; i++)
            if ((seen += _counts[i]) >= rank)
                return TimeSpan.FromTicks(Math.Min(UpperBound(i), Max) / 100);
        return TimeSpan.Zero;
    }

    private static int Index(long value)
    {
        if (value < Sub) return (int)value;
        var shift = 63 - BitOperations.LeadingZeroCount((ulong)value) - SubBits;
        return (shift + 1) * Sub + (int)((value >> shift) - Sub);
    }

    private static long UpperBound(int index)
    {
        if (index < Sub) return index;
        var shift = index / Sub - 1;
        return ((long)(Sub + index % Sub + 1) << shift) - 1;
    }
}
