namespace OpsConsole.Core.Reliability;

/// <summary>One point of a chart: the bad ones of a day or a week.</summary>
/// <param name="Bad">How many of how many; of none, where the period was empty.</param>
/// <param name="Excluded">Why it is no part of a baseline though it lies in its time; null where it is one.</param>
/// <param name="Restart">Why the chart begins anew with this point (tier, gate or matrix changed: what people see changed then); null where it goes on.</param>
public sealed record ChartPoint(Proportion Bad, string? Excluded = null, string? Restart = null);

/// <summary>What a rate usually is, fixed from chosen points and stored: later points never move it.</summary>
/// <param name="Bad">The bad ones of all its points.</param>
/// <param name="Total">Out of how many, above 0.</param>
/// <param name="Points">How many points it was made from.</param>
/// <param name="SigmaZ">Laney's correction of the spread; 1 where the points are small enough to go without.</param>
public sealed record ChartBaseline(long Bad, long Total, int Points = 1, double SigmaZ = 1)
{
    /// <summary>p̄, the centre line: all bad ones over all.</summary>
    public double Centre => (double)Bad / Total;
}

/// <summary>A point with the limits it is judged by. Both answers are null for a period in which nothing happened.</summary>
/// <param name="Point">The point.</param>
/// <param name="Limits">For its own n.</param>
/// <param name="Out">Whether it lies outside them.</param>
public sealed record ChartedPoint(ChartPoint Point, Interval? Limits, bool? Out);

/// <summary>The control chart of a rate (NIST/SEMATECH e-Handbook 6.3.3.2; numbers.md, 'drift of a rate').</summary>
public static class PChart
{
    /// <summary>Past so many cases per point chance alone makes the limits so narrow that everything is out of control: Laney's p′ from there.</summary>
    public const int LaneyAbove = 2_000;
    /// <summary>The mean of the moving ranges of two, over the standard deviation (d₂).</summary>
    private const double D2 = 1.128;

    /// <summary>
    /// The baseline of some points, in their order; without those that are excluded or empty. Where they have more than <see cref="LaneyAbove"/> cases on average, <see cref="ChartBaseline.SigmaZ"/> is
    /// the mean moving range of their z-scores over 1.128 (Laney, Improved Control Charts for Attributes, Quality Engineering 14, 2002); it stays 1 for a single point, and where none differs from the next.
    /// Null: no case at all, so not enough data.
    /// </summary>
    public static ChartBaseline? Baseline(IEnumerable<ChartPoint> chosen)
    {
        var points = chosen.Where(p => p.Excluded is null && p.Bad.N > 0).Select(p => p.Bad).ToList();
        if (points.Count == 0) return null;
        var baseline = new ChartBaseline(points.Sum(p => p.K), points.Sum(p => p.N), points.Count);
        if (points.Count == 1 || (double)baseline.Total / points.Count <= LaneyAbove) return baseline;
        var z = points.Select(p => (p.Rate!.Value - baseline.Centre) / Spread(baseline, p.N)).ToList();
        var sigma = z.Zip(z.Skip(1), (a, b) => Math.Abs(b - a)).Average() / D2;
        return sigma > 0 ? baseline with { SigmaZ = sigma } : baseline;
    }

    /// <summary>
    /// The limits for a point of n cases: p̄ ± 3√(p̄(1−p̄)/n), times Laney's correction where there is one, floored at 0 and capped at 1. Where the baseline saw nothing bad, or nothing good,
    /// half a case is taken for it: else the first bad one ever would be an alarm. Null: no cases.
    /// </summary>
    public static Interval? Limits(ChartBaseline baseline, long n)
    {
        if (n <= 0 || baseline.Total <= 0) return null;
        var (centre, width) = (Usual(baseline), 3 * Spread(baseline, n) * baseline.SigmaZ);
        return new(Math.Min(baseline.Centre, Math.Max(0, centre - width)), Math.Min(1, centre + width));
    }

    /// <summary>
    /// How likely a point is that lies so far or farther on that side of the baseline, by the exact binomial; the normal curve behind the limits promises too much for few cases. Past <see cref="LaneyAbove"/> cases, or with
    /// Laney's correction, the limits are taken at their word: 0.
    /// </summary>
    public static double ByChance(ChartBaseline baseline, Proportion bad, bool above)
    {
        if (baseline.SigmaZ != 1 || bad.N > LaneyAbove) return 0;
        var p = Math.Min(Usual(baseline), 1 - 0.5 / baseline.Total);
        return above ? Binomial.AtLeast(bad.K, bad.N, p) : Binomial.AtMost(bad.K, bad.N, p);
    }

    /// <summary>Each point by the baseline. Excluded points are judged as the others are: their reason is beside them.</summary>
    public static IReadOnlyList<ChartedPoint> Judge(ChartBaseline baseline, IEnumerable<ChartPoint> points) =>
        [.. points.Select(p => Limits(baseline, p.Bad.N) is { } limits ? new ChartedPoint(p, limits, p.Bad.Rate < limits.Low || p.Bad.Rate > limits.High) : new(p, null, null))];

    /// <summary>The points in stretches, each of which needs a baseline of its own: a new one begins with every point that restarts the chart.</summary>
    public static IReadOnlyList<IReadOnlyList<ChartPoint>> Stretches(IEnumerable<ChartPoint> points)
    {
        List<List<ChartPoint>> stretches = [];
        foreach (var point in points)
        {
            if (stretches.Count == 0 || point.Restart is not null) stretches.Add([]);
            stretches[^1].Add(point);
        }
        return stretches;
    }

    private static double Usual(ChartBaseline baseline) => Math.Max(baseline.Bad, 0.5) / baseline.Total;

    private static double Spread(ChartBaseline baseline, long n)
    {
        var p = Usual(baseline);
        return Math.Sqrt(p * Math.Max(1 - p, 0.5 / baseline.Total) / n);
    }
}
