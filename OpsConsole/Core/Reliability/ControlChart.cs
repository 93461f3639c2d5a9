namespace OpsConsole.Core.Reliability;

/// <summary>
/// What a point says. Few: outside its limits, but among so few cases that chance alone brings that more often than once in 741 points, so it is said and wakes nobody. None: nothing happened, or there is no baseline for it.
/// </summary>
public enum PointState { None, In, Out, Few }

/// <summary>A day or a week on a chart.</summary>
public sealed record ControlInput(DateTimeOffset Start, DateTimeOffset End, long K, long N);

/// <summary>A point with what it is judged by.</summary>
/// <param name="Value">Of this stretch alone; null: nothing happened.</param>
/// <param name="Plotted">What the limits are about: the value of a rate, the weighted mean of a level (EWMA); null: it is no part of the chart.</param>
/// <param name="Limits">Null: no baseline covers it.</param>
/// <param name="Above">Of one that is out: above its limits, else below.</param>
/// <param name="Excluded">Why the baseline leaves it out; null: it does not.</param>
/// <param name="Baseline">That judges it.</param>
public sealed record ControlPoint(ControlInput Of, double? Value, double? Plotted, Interval? Limits, PointState State, bool Above, string? Excluded, Baseline? Baseline);

/// <summary>Judges points by the baselines that are stored (numbers.md, 'drift of a rate', 'drift of a level').</summary>
public static class ControlChart
{
    /// <summary>So many points back are read. Of a level (λ = 0.2) nothing is left of what lies farther: 0.8⁹⁰ is 2·10⁻⁹.</summary>
    public const int Window = 90;

    /// <param name="points">In their order.</param>
    /// <param name="baselines">In the order in which they were fixed; each point is judged by the last one that covers it.</param>
    public static IReadOnlyList<ControlPoint> Of(WatchedSpec spec, IReadOnlyList<ControlInput> points, IReadOnlyList<Baseline> baselines)
    {
        var of = points.ToLookup(p => baselines.LastOrDefault(b => b.Covers(p.Start)));
        var judged = of.SelectMany(g => g.Key is not { } baseline ? g.Select(p => new ControlPoint(p, spec.Value(p.K, p.N), null, null, PointState.None, false, null, null)) : spec.Level ? Levels(spec, baseline, [.. g]) : Rates(spec, baseline, g));
        return [.. judged.OrderBy(p => p.Of.Start)];
    }

    private static IEnumerable<ControlPoint> Rates(WatchedSpec spec, Baseline baseline, IEnumerable<ControlInput> points)
    {
        var chart = baseline.Chart;
        foreach (var p in points)
        {
            var (excluded, bad) = (Excluded(baseline, p), new Proportion(p.K, p.N));
            if (PChart.Limits(chart, p.N) is not { } limits || bad.Rate is not { } rate)
            {
                yield return new(p, null, null, null, PointState.None, false, excluded, baseline);
                continue;
            }
            var (above, outside) = (rate > limits.High, rate > limits.High || rate < limits.Low);
            var state = !outside ? PointState.In : PChart.ByChance(chart, bad, above) <= Binomial.BeyondThreeSigma ? PointState.Out : PointState.Few;
            yield return new(p, spec.Value(p.K, p.N), rate, limits, state, above, excluded, baseline);
        }
    }

    // The stretch of the baseline as it was stored, then what came since.
    private static IEnumerable<ControlPoint> Levels(WatchedSpec spec, Baseline baseline, IReadOnlyList<ControlInput> points)
    {
        var whole = points.Count > 0 && points[0].Start <= baseline.To;
        var run = (whole ? baseline.Points.Where(Baseline.Counts).Select(p => (p.Start, Value: spec.Value(p.K, p.N)!.Value)) : [])
            .Concat(points.Where(p => p.Start >= baseline.To && p.N > 0).Select(p => (p.Start, Value: spec.Value(p.K, p.N)!.Value))).ToList();
        var chart = Ewma.Of(run.Select(r => r.Value), baseline.Centre, baseline.Sigma).Zip(run, (z, r) => (r.Start, z)).ToDictionary(r => r.Start, r => r.z);
        return points.Select(p => chart.TryGetValue(p.Start, out var z)
            ? new ControlPoint(p, spec.Value(p.K, p.N), z.Value, z.Limits, z.Out ? PointState.Out : PointState.In, z.Value > z.Limits.High, Excluded(baseline, p), baseline)
            : new ControlPoint(p, spec.Value(p.K, p.N), null, null, PointState.None, false, Excluded(baseline, p), baseline));
    }

    private static string? Excluded(Baseline baseline, ControlInput p) => p.Start < baseline.To ? baseline.Points.FirstOrDefault(b => b.Start == p.Start)?.Excluded : null;

    /// <summary>The first of the points out of control that end the chart; null: the last one that says something is not out.</summary>
    public static ControlPoint? OutSince(IEnumerable<ControlPoint> points)
        => points.Where(p => p.State is not PointState.None).Reverse().TakeWhile(p => p.State == PointState.Out).LastOrDefault();
}
