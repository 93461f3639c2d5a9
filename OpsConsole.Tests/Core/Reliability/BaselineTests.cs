using FsCheck;
using FsCheck.Fluent;

namespace OpsConsole.Core.Reliability;

/// <summary>Stored baselines, and what they say of later points.</summary>
public sealed class BaselineTests
{
    private static readonly DateTimeOffset Start = new(2026, 9, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly BaselineTerms Terms = new(1, "executor", "C");
    private static readonly long[] Orange = [12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13, 9, 6];

    private static List<BaselinePoint> Days(IEnumerable<(long K, long N)> counts) => [.. counts.Select((c, i) => new BaselinePoint(Start.AddDays(i), c.K, c.N))];

    private static Baseline Make(Watched measure, IReadOnlyList<BaselinePoint> points) => new(1, "bsl_1", "rol", "agt", "", measure, Grain.Day, points, points[^1].Start.AddDays(1), Baseline.Reckon(WatchedSpec.Of(measure), Grain.Day, points).Value, Terms, "usual", "per", Start);

    private static ControlInput Day(int day, long k, long n) => new(Start.AddDays(day), Start.AddDays(day + 1), k, n);

    [Fact]
    public void OrangeJuice_ExcludedPoints_LeaveTheBaselineAndStayJudged()
    {
        var all = Days(Orange.Select(k => (k, 50L)));
        var first = Make(Watched.Failure, all);
        Assert.Equal(0.2313333, first.Centre, 7);
        var chart = ControlChart.Of(WatchedSpec.Of(Watched.Failure), [.. all.Select(p => new ControlInput(p.Start, p.Start.AddDays(1), p.K, p.N))], [first]);
        Assert.Equal([14, 22], chart.Index().Where(p => p.Item.State == PointState.Out).Select(p => p.Index));
        Assert.Equal((0.0524275, 0.4102391), (Math.Round(chart[0].Limits!.Value.Low, 7), Math.Round(chart[0].Limits!.Value.High, 7)));

        var without = Make(Watched.Failure, [.. all.Select((p, i) => i is 14 or 22 ? p with { Excluded = "a new operator" } : p)]);
        Assert.Equal((0.215, 28), (Math.Round(without.Centre, 7), without.Points.Count(p => p.Excluded is null)));
        var again = ControlChart.Of(WatchedSpec.Of(Watched.Failure), [.. all.Select(p => new ControlInput(p.Start, p.Start.AddDays(1), p.K, p.N))], [without]);
        Assert.Equal("a new operator", again[14].Excluded);
        Assert.Equal((0.0407028, 0.3892972), (Math.Round(again[0].Limits!.Value.Low, 7), Math.Round(again[0].Limits!.Value.High, 7)));
    }

    [Fact]
    public void FewDays_AreNotEnough_AndALevelThatNeverVariesHasNoLimits()
    {
        Assert.Equal("baseline.few", Baseline.Reckon(WatchedSpec.Of(Watched.Override), Grain.Day, Days(Enumerable.Repeat((1L, 20L), 19))).Fault!.Code);
        Assert.Contains("12 of 20 days", Baseline.Reckon(WatchedSpec.Of(Watched.Override), Grain.Day, Days([.. Enumerable.Repeat((1L, 20L), 12), .. Enumerable.Repeat((0L, 0L), 9)])).Fault!.Message, StringComparison.Ordinal);
        Assert.Equal("baseline.flat", Baseline.Reckon(WatchedSpec.Of(Watched.Confidence), Grain.Day, Days(Enumerable.Repeat((900L, 1L), 25))).Fault!.Code);
    }

    [Fact]
    public void OnePointOfFewCases_IsSaid_AndNotOut()
    {
        var baseline = Make(Watched.Override, Days(Enumerable.Repeat((1L, 20L), 20)));
        var points = ControlChart.Of(WatchedSpec.Of(Watched.Override), [Day(20, 1, 1), Day(21, 2, 2), Day(22, 0, 0), Day(23, 8, 20), Day(24, 7, 20)], [baseline]);
        Assert.Equal([PointState.Few, PointState.Few, PointState.None, PointState.Out, PointState.Out], points.Select(p => p.State));   // 5 % twice is 1 of 400; 1 of 741 would be out
        Assert.Equal(Start.AddDays(23), ControlChart.OutSince(points)!.Of.Start);
        Assert.Null(ControlChart.OutSince(points.Take(3)));
    }

    [Fact]
    public void SlowDriftOfALevel_IsFound_ByTheWeightedMean()
    {
        var baseline = Make(Watched.Confidence, Days(Enumerable.Range(0, 20).Select(i => (900L * 10 + (i % 2 == 0 ? 100 : -100), 10L))));
        Assert.Equal(0.9, baseline.Centre, 9);
        var days = Enumerable.Range(20, 20).Select(d => Day(d, 10 * (900 - ((d - 19) * 2)), 10)).ToList();   // two thousandths a day
        var points = ControlChart.Of(WatchedSpec.Of(Watched.Confidence), days, [baseline]);
        Assert.Equal(PointState.In, points[0].State);
        Assert.Equal((PointState.Out, false), (points[^1].State, points[^1].Above));
        Assert.True(points[^1].Value > baseline.Centre - 5 * baseline.Sigma);
        // A window that begins later, and one that has the baseline itself, say the same where both are far enough from it.
        var whole = ControlChart.Of(WatchedSpec.Of(Watched.Confidence), [.. baseline.Points.Select(p => new ControlInput(p.Start, p.Start.AddDays(1), p.K, p.N)), .. days], [baseline]);
        Assert.Equal(whole[^1].Plotted!.Value, points[^1].Plotted!.Value, 9);
    }

    [Fact]
    public void BaselineThatEnded_JudgesNothingAfter_AndTheNextOneBegins()
    {
        var first = Make(Watched.Override, Days(Enumerable.Repeat((1L, 20L), 20)));
        first.End(Start.AddDays(22), "console", "the tier is contributor (it was executor)");
        var points = ControlChart.Of(WatchedSpec.Of(Watched.Override), [Day(21, 10, 20), Day(22, 10, 20)], [first]);
        Assert.Equal([PointState.Out, PointState.None], points.Select(p => p.State));
        Assert.Equal("the tier is contributor (it was executor)", Terms.Moved(Terms with { Tier = "contributor" })![..^0]);
        Assert.Null(Terms.Moved(Terms with { }));
        Assert.Contains("version 2", Terms.Moved(Terms with { MatrixVersion = 2 }), StringComparison.Ordinal);
    }

    [Fact]
    public void Limits_EncloseTheCentre_NarrowWithN_AndExclusionIsLikeNotBeingThere() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(200), Prop.ForAll<int[], int>((seed, more) =>
    {
        var counts = seed.Select(s => (long)(uint)s % 200 + 1).Concat(Enumerable.Range(1, 20).Select(i => (long)i * 7)).Select((n, i) => (K: n * (i % 5) / 20, N: n)).ToList();
        var days = Days(counts);
        var baseline = Make(Watched.Override, days);
        foreach (var n in (long[])[1, 10, 100, 1_000])
        {
            var (narrow, wide) = (PChart.Limits(baseline.Chart, n * 2)!.Value, PChart.Limits(baseline.Chart, n)!.Value);
            if (!(0 <= wide.Low && wide.Low <= narrow.Low && narrow.Low <= baseline.Centre && baseline.Centre <= narrow.High && narrow.High <= wide.High && wide.High <= 1)) return false;
        }
        List<BaselinePoint> disturbed = [.. days, new(Start.AddDays(days.Count), 50, 50, "a fault of the test system")];
        return Make(Watched.Override, disturbed).Centre == baseline.Centre && Make(Watched.Override, disturbed).SigmaZ == baseline.SigmaZ && (uint)more >= 0;
    }));

    [Fact]
    public void BinomialTails_AddUp_AndGrowWithP() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll<byte, ushort, byte>((p, n, k) =>
    {
        var (share, cases, at) = ((p + 1) / 258.0, (n % 500) + 1L, k % ((n % 500) + 2L));
        var (most, least) = (Binomial.AtMost(at - 1, cases, share), Binomial.AtLeast(at, cases, share));
        return Math.Abs(most + least - 1) < 1e-9 && least is >= 0 and <= 1 && Binomial.AtLeast(at, cases, Math.Min(1, share * 1.1)) >= least - 1e-12;
    }));

    [Fact]
    public void BinomialTails_AreThoseOfTheTable()
    {
        Assert.Equal(0.0547, Binomial.AtMost(2, 10, 0.5), 4);
        Assert.Equal(0.0115, Binomial.AtLeast(5, 10, 0.15) + 0.0014, 2);
        Assert.Equal(1 - Math.Pow(0.95, 20), Binomial.AtLeast(1, 20, 0.05), 12);
        Assert.Equal((1.0, 0.0), (Binomial.AtMost(5, 5, 1), Binomial.AtMost(4, 5, 1)));
    }

    [Fact]
    public void BurnRules_PageOnlyWhereBothWindowsExceed_AndThereAreEnough()
    {
        BurnVerdict First(long longBad, long longN, long shortBad, long shortN) => ErrorBudget.Judge(w => w == TimeSpan.FromHours(1) ? new Proportion(longBad, longN) : w == TimeSpan.FromMinutes(5) ? new Proportion(shortBad, shortN) : new Proportion(0, 0), 0.95)[0].Verdict;
        Assert.Equal(BurnVerdict.Fires, First(30, 40, 8, 10));
        Assert.Equal(BurnVerdict.Quiet, First(30, 40, 0, 10));
        Assert.Equal(BurnVerdict.Quiet, First(10, 40, 10, 10));
        Assert.Equal(BurnVerdict.NotEnoughData, First(29, 29, 10, 10));
        Assert.Equal((0.95, null, null), (ErrorBudget.Objective(0.05)!.Value, ErrorBudget.Objective(0), ErrorBudget.Objective(1)));
    }
}
