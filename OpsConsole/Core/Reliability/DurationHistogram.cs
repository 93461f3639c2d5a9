namespace OpsConsole.Core.Reliability;

/// <summary>How many durations lie in a bucket of a <see cref="DurationHistogram"/>.</summary>
/// <param name="Bucket">From 0: see <see cref="DurationHistogram.BucketOf"/>.</param>
/// <param name="Count">Above 0.</param>
public readonly record struct BucketCount(int Bucket, long Count);

/// <summary>
/// Durations counted in buckets that all histograms share, so that those of days and of agents add up exactly, in any order, to what a recount of everything gives. A bucket is one tick wide up to 100 ticks (10 µs)
/// and at most 2 % of its lower end above, so a percentile is at most 1 % off. Bucket 0 is for 0 and for what is negative. Bounds are whole ticks, reckoned without fractions: the same on every machine.
/// </summary>
public sealed class DurationHistogram
{
    /// <summary>The lowest ticks of each bucket from 1 on: a bucket ends before the next one begins, the last one with the longest time there is.</summary>
    private static readonly long[] Lowest = Bounds();

    private readonly SortedDictionary<int, long> _counts = [];

    /// <summary>How many durations it has.</summary>
    public long Count { get; private set; }

    /// <summary>What is stored: ascending, without empty buckets.</summary>
    public IReadOnlyList<BucketCount> Buckets => [.. _counts.Select(b => new BucketCount(b.Key, b.Value))];

    /// <summary>A histogram of durations.</summary>
    public static DurationHistogram Of(IEnumerable<TimeSpan> durations)
    {
        var histogram = new DurationHistogram();
        foreach (var duration in durations) histogram.Add(duration);
        return histogram;
    }

    /// <summary>A histogram as it was stored, or of several: a bucket that is named twice has both counts, and their order makes no difference.</summary>
    /// <exception cref="ArgumentException">There is no such bucket, or a count is not above 0.</exception>
    public static DurationHistogram Of(IEnumerable<BucketCount> buckets)
    {
        var histogram = new DurationHistogram();
        foreach (var (bucket, count) in buckets)
        {
            if (bucket < 0 || bucket > Lowest.Length) throw new ArgumentException($"There is no bucket {bucket}: they go from 0 to {Lowest.Length}.", nameof(buckets));
            if (count <= 0) throw new ArgumentException($"Bucket {bucket} has a count of {count}, and counts are above 0.", nameof(buckets));
            histogram.Put(bucket, count);
        }
        return histogram;
    }

    /// <summary>One duration more.</summary>
    public void Add(TimeSpan duration) => Put(BucketOf(duration), 1);

    /// <summary>The percentile by nearest rank, as the middle of its bucket: the value of the sample in that place, put through <see cref="Rounded"/>. Null where it is empty.</summary>
    /// <param name="percent">From 1 to 100.</param>
    public TimeSpan? Percentile(int percent)
    {
        var (rank, passed) = (Percentiles.Rank(Count, percent), 0L);
        foreach (var (bucket, count) in _counts)
        {
            passed += count;
            if (passed >= rank) return Middle(bucket);
        }
        return null;
    }

    /// <summary>The bucket of a duration: 0 for 0 and less, else from 1, growing with it.</summary>
    public static int BucketOf(TimeSpan duration)
    {
        if (duration <= TimeSpan.Zero) return 0;
        var at = Array.BinarySearch(Lowest, duration.Ticks);
        return at >= 0 ? at + 1 : ~at;
    }

    /// <summary>What a histogram knows of a duration: the middle of its bucket, at most 1 % off.</summary>
    public static TimeSpan Rounded(TimeSpan duration) => Middle(BucketOf(duration));

    private static TimeSpan Middle(int bucket)
    {
        if (bucket == 0) return TimeSpan.Zero;
        var (low, high) = (Lowest[bucket - 1], bucket == Lowest.Length ? long.MaxValue : Lowest[bucket] - 1);
        return TimeSpan.FromTicks(low + (high - low) / 2);
    }

    private void Put(int bucket, long count)
    {
        _counts[bucket] = checked(_counts.GetValueOrDefault(bucket) + count);
        Count = checked(Count + count);
    }

    private static long[] Bounds()
    {
        List<long> lowest = [1];
        for (var width = 1L; lowest[^1] <= long.MaxValue - width; width = Math.Max(1, lowest[^1] / 50)) lowest.Add(lowest[^1] + width);
        return [.. lowest];
    }
}
