using FsCheck;
using FsCheck.Fluent;
using OpsConsole.Core.Reliability;

namespace OpsConsole.Tests.Core.Reliability;

public sealed class PChartTests
{
    /// <summary>Montgomery 1991: cans of orange juice that leak, among 50.</summary>
    private static readonly int[] OrangeJuice = [12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13, 9, 6];

    private static List<ChartPoint> Points(params int[] excluded) => [.. OrangeJuice.Select((bad, i) => new ChartPoint(new(bad, 50), excluded.Contains(i + 1) ? "a new batch of cardboard" : null))];

    private static IEnumerable<int> Out(ChartBaseline baseline, List<ChartPoint> points) => PChart.Judge(baseline, points).Select((p, i) => (p.Out, Sample: i + 1)).Where(p => p.Out == true).Select(p => p.Sample);

    [Fact]
    public void Montgomery_TwoSamplesAreOut_AndWithoutThemTheLimitsAreNarrower()
    {
        var points = Points();
        var first = PChart.Baseline(points)!;
        Assert.Equal(0.2313333, first.Centre, 7);
        var limits = PChart.Limits(first, 50)!.Value;
        Assert.Equal(0.0524275, limits.Low, 7);
        Assert.Equal(0.4102391, limits.High, 7);
        Assert.Equal([15, 23], Out(first, points));

        points = Points(15, 23);
        var second = PChart.Baseline(points)!;
        Assert.Equal((0.215, 28), (second.Centre, second.Points));
        limits = PChart.Limits(second, 50)!.Value;
        Assert.Equal(0.0407028, limits.Low, 7);
        Assert.Equal(0.3892972, limits.High, 7);
        Assert.Equal([15, 21, 23], Out(second, points));         // Montgomery keeps 21: no reason was found for it
        Assert.Equal("a new batch of cardboard", PChart.Judge(second, points)[14].Point.Excluded);
    }

    [Fact]
    public void Baseline_IsFixed_LaterPointsDoNotMoveIt()
    {
        var baseline = PChart.Baseline(Points().Take(10))!;
        var stored = new ChartBaseline(baseline.Bad, baseline.Total, baseline.Points, baseline.SigmaZ);
        Assert.Equal(baseline, stored);
        Assert.Equal(PChart.Judge(baseline, Points()).Take(12), PChart.Judge(stored, Points().Take(12)));
    }

    [Fact]
    public void NotEnoughData_IsNull()
    {
        Assert.Null(PChart.Baseline([]));
        Assert.Null(PChart.Baseline([new(new(0, 0)), new(new(3, 5), "the drill")]));
        Assert.Null(PChart.Limits(new(1, 10), 0));
        Assert.Null(PChart.Limits(new(0, 0), 10));
        Assert.Equal(new ChartedPoint(new(new(0, 0)), null, null), PChart.Judge(new(1, 10), [new(new(0, 0))])[0]);
    }

    [Fact]
    public void Limits_WhereNothingBadWasSeen_ABitIsStillNoAlarm()
    {
        var clean = PChart.Baseline([new(new(0, 100))])!;
        Assert.Equal(0, clean.Centre);
        Assert.Equal([false, true], PChart.Judge(clean, [new(new(1, 100)), new(new(5, 100))]).Select(p => p.Out!.Value));
        var never = PChart.Baseline([new(new(100, 100))])!;
        Assert.Equal([false, false, true], PChart.Judge(never, [new(new(100, 100)), new(new(99, 100)), new(new(90, 100))]).Select(p => p.Out!.Value));
    }

    [Fact]
    public void Limits_AnyBaseline_LieInZeroToOne_AroundTheCentre_NarrowerWithMore() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(1_000), Prop.ForAll(
        Gen.Choose(1, 5_000).SelectMany(total => Gen.Choose(0, total).SelectMany(bad => Gen.Choose(1, 5_000).Select(n => (baseline: new ChartBaseline(bad, total), n)))).ToArbitrary(), x =>
        {
            var (limits, more) = (PChart.Limits(x.baseline, x.n)!.Value, PChart.Limits(x.baseline, x.n + 1)!.Value);
            return limits.Low >= 0 && limits.High <= 1 && limits.Low <= x.baseline.Centre && x.baseline.Centre <= limits.High && limits.Low < limits.High && more.Low >= limits.Low && more.High <= limits.High;
        }));

    [Fact]
    public void Laney_PastTwoThousand_WidensByWhatThePointsReallyDo()
    {
        // Rates of 9 % and 11 % in turn at 100,000 each: by chance alone every point would be out of control.
        List<ChartPoint> points = [.. Enumerable.Range(0, 20).Select(i => new ChartPoint(new(i % 2 == 0 ? 9_000 : 11_000, 100_000)))];
        var baseline = PChart.Baseline(points)!;
        var sigma = Math.Sqrt(0.1 * 0.9 / 100_000);
        Assert.Equal(0.02 / sigma / 1.128, baseline.SigmaZ, 9);
        Assert.Equal(0.1 + 3 * 0.02 / 1.128, PChart.Limits(baseline, 100_000)!.Value.High, 9);
        Assert.All(PChart.Judge(baseline, points), p => Assert.False(p.Out));
        Assert.All(PChart.Judge(baseline with { SigmaZ = 1 }, points), p => Assert.True(p.Out));
        Assert.True(PChart.Judge(baseline, [new(new(20_000, 100_000))])[0].Out);
    }

    [Fact]
    public void Laney_SmallPoints_OnePoint_OrNoVariation_GoesWithout()
    {
        Assert.Equal(1, PChart.Baseline(Points())!.SigmaZ);
        Assert.Equal(1, PChart.Baseline([new(new(100, 2_000)), new(new(300, 2_000))])!.SigmaZ);
        Assert.NotEqual(1, PChart.Baseline([new(new(100, 2_001)), new(new(300, 2_001))])!.SigmaZ);
        Assert.Equal(1, PChart.Baseline([new(new(100, 5_000))])!.SigmaZ);
        Assert.Equal(1, PChart.Baseline([new(new(100, 5_000)), new(new(100, 5_000))])!.SigmaZ);
        // What is excluded takes no part in the moving ranges either.
        Assert.Equal(PChart.Baseline([new(new(100, 5_000)), new(new(120, 5_000))]), PChart.Baseline([new(new(100, 5_000)), new(new(4_000, 5_000), "an outage"), new(new(120, 5_000))]));
    }

    [Fact]
    public void Stretches_BeginWithEveryRestart()
    {
        ChartPoint a = new(new(1, 10)), b = new(new(2, 10)), c = new(new(3, 10), Restart: "executor now"), d = new(new(4, 10)), e = new(new(5, 10), Restart: "matrix v4");
        Assert.Equal([[a, b], [c, d], [e]], PChart.Stretches([a, b, c, d, e]));
        Assert.Equal([[c, d]], PChart.Stretches([c, d]));
        Assert.Empty(PChart.Stretches([]));
    }
}
