namespace OpsConsole.Core.Reliability;

/// <summary>Percentiles by nearest rank: the smallest value that at least so many per cent of the sample do not exceed. It is always one that occurred; the median of an even number is the lower of the middle two.</summary>
public static class Percentiles
{
    /// <summary>The percentile of a sample. Null where it is empty.</summary>
    /// <param name="sorted">In ascending order.</param>
    /// <param name="percent">From 1 to 100: 50, 90, 95.</param>
    public static T? Of<T>(IReadOnlyList<T> sorted, int percent) where T : struct => sorted.Count == 0 ? null : sorted[(int)Rank(sorted.Count, percent) - 1];

    /// <summary>The place of a percentile among so many sorted values, from 1: ⌈percent · n / 100⌉, in whole numbers. 0 where there are none.</summary>
    public static long Rank(long count, int percent)
    {
        if (percent is < 1 or > 100) throw new ArgumentException("A percentile lies from 1 to 100.", nameof(percent));
        return (long)(((Int128)count * percent + 99) / 100);
    }
}
