namespace OpsConsole.Core.Reliability;

/// <summary>A sample of durations in four numbers. The mean of a small, skewed sample misleads, so it never stands without n, median and p90 (Davidovič, Incident Metrics in SRE, 2021). All but <see cref="N"/> are null for an empty sample.</summary>
/// <param name="N">How many durations.</param>
/// <param name="Mean">Their sum over n, to the tick.</param>
/// <param name="Median">By nearest rank: see <see cref="Percentiles"/>.</param>
/// <param name="P90">By nearest rank.</param>
public sealed record DurationSummary(int N, TimeSpan? Mean, TimeSpan? Median, TimeSpan? P90);

/// <summary>Small samples, summed up (MTTD, MTTA, MTTR).</summary>
public static class Measure
{
    /// <summary>Summed up as they are: negative ones, which are times somebody put down in the wrong order, are the caller's to leave out.</summary>
    public static DurationSummary Of(IEnumerable<TimeSpan> durations)
    {
        List<TimeSpan> sorted = [.. durations.Order()];
        if (sorted.Count == 0) return new(0, null, null, null);
        var sum = sorted.Aggregate((Int128)0, (s, d) => s + d.Ticks);
        return new(sorted.Count, TimeSpan.FromTicks((long)(sum / sorted.Count)), Percentiles.Of(sorted, 50), Percentiles.Of(sorted, 90));
    }

    /// <summary>How many took at most so long (time to owner: 5 minutes), as a proportion with its interval.</summary>
    public static Proportion Within(IReadOnlyCollection<TimeSpan> durations, TimeSpan atMost) => new(durations.Count(d => d <= atMost), durations.Count);
}
