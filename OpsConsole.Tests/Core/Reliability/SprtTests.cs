using FsCheck;
using FsCheck.Fluent;
using OpsConsole.Core.Reliability;

namespace OpsConsole.Tests.Core.Reliability;

public sealed class SprtTests
{
    private static readonly Sprt Nist = new(0.01, 0.10, 0.05, 0.20), Usual = new(0.05, 0.10, 0.05, 0.20);

    private static readonly Gen<Sprt> Any = from p1 in Gen.Choose(1, 400)
                                            from more in Gen.Choose(1, 400)
                                            from alpha in Gen.Choose(1, 40)
                                            from beta in Gen.Choose(1, 40)
                                            select new Sprt(p1 / 1_000.0, (p1 + more) / 1_000.0, alpha / 100.0, beta / 100.0);

    [Fact]
    public void Boundaries_OfNumbersMd()
    {
        Assert.Equal(2.397895, Nist.K, 6);
        Assert.Equal(0.649797, Nist.H1, 6);
        Assert.Equal(1.156259, Nist.H2, 6);
        Assert.Equal(0.0397474, Nist.S, 7);
        Assert.Equal(-0.649797 + 0.0397474 * 24, Nist.AcceptAt(24), 4);
        Assert.Equal(1.156259 + 0.0397474 * 24, Nist.RejectAt(24), 4);
    }

    [Fact]
    public void At_TheLines_ItEnds()
    {
        // Without a failure −h1 + s·n reaches 0 at n = 16.35; two failures are too many up to n = 21.2.
        Assert.Equal([SprtVerdict.Continue, SprtVerdict.Accept], new[] { 16, 17 }.Select(n => Nist.At(new(0, n))));
        Assert.Equal([SprtVerdict.Reject, SprtVerdict.Continue], new[] { 21, 22 }.Select(n => Nist.At(new(2, n))));
        Assert.Equal((17, 0), (Nist.CleanRunsToAccept(new(0, 0)), Nist.CleanRunsToAccept(new(0, 17))));
        Assert.Equal(2, Nist.CleanRunsToAccept(new(1, 40)));         // 0.649797 + 1 over s: 41.5
        Assert.Null(Nist.CleanRunsToAccept(new(2, 21)));
    }

    [Fact]
    public void Of_WhatEndedStaysEnded()
    {
        var (verdict, failures) = Nist.Of([true, true, .. Enumerable.Repeat(false, 500)]);
        Assert.Equal((SprtVerdict.Reject, new Proportion(2, 2)), (verdict, failures));
        Assert.Equal(SprtVerdict.Accept, Nist.At(new(2, 502)));       // which is why the order counts
        Assert.Equal((SprtVerdict.Accept, new Proportion(0, 17)), Nist.Of([.. Enumerable.Repeat(false, 17), true, true, true]));
        Assert.Equal((SprtVerdict.Continue, new Proportion(0, 0)), Nist.Of([]));
    }

    [Fact]
    public void Sprt_OfWhatIsNoTest_IsSaid()
    {
        foreach (var (p1, p2, alpha, beta) in new[] { (0.1, 0.1, 0.05, 0.2), (0, 0.1, 0.05, 0.2), (0.1, 1, 0.05, 0.2), (0.01, 0.1, 0, 0.2), (0.01, 0.1, 0.5, 0.5), (double.NaN, 0.1, 0.05, 0.2) })
            Assert.Throws<ArgumentException>(() => new Sprt(p1, p2, alpha, beta));
    }

    [Fact]
    public void AnyTest_NeverSaysBoth_AndMoreFailuresNeverHelp() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(1_000), Prop.ForAll(Any.SelectMany(t => Gen.Choose(1, 500).SelectMany(n => Gen.Choose(0, n).Select(k => (t, n, k)))).ToArbitrary(), x =>
    {
        var (now, worse) = (x.t.At(new(x.k, x.n)), x.t.At(new(Math.Min(x.k + 1, x.n), x.n)));
        return x.t.AcceptAt(x.n) < x.t.RejectAt(x.n) && (now != SprtVerdict.Reject || worse == SprtVerdict.Reject) && (worse != SprtVerdict.Accept || now == SprtVerdict.Accept);
    }));

    [Fact]
    public void CleanRunsToAccept_AnyTest_IsTheFirstThatAccepts() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(1_000), Prop.ForAll(Any.SelectMany(t => Gen.Choose(0, 300).SelectMany(n => Gen.Choose(0, Math.Min(n, 20)).Select(k => (t, n, k)))).ToArbitrary(), x =>
    {
        if (x.t.CleanRunsToAccept(new(x.k, x.n)) is not { } more) return x.t.At(new(x.k, x.n)) == SprtVerdict.Reject;
        return x.t.At(new(x.k, x.n + more)) == SprtVerdict.Accept && (more == 0 || x.t.At(new(x.k, x.n + more - 1)) != SprtVerdict.Accept);
    }));

    /// <summary>Wald: accepting at p2 happens at most β/(1−α) of the time, rejecting at p1 at most α/(1−β). Reckoned exactly, path by path, not simulated.</summary>
    [Fact]
    public void Errors_AreWhatTheTestPromises()
    {
        foreach (var test in (Sprt[])[Nist, Usual, new(0.02, 0.05, 0.05, 0.10), new(0.2, 0.4, 0.1, 0.1)])
        {
            var (good, bad) = (Walk(test, test.P1), Walk(test, test.P2));
            Assert.InRange(good.Rejected, 0, test.Alpha / (1 - test.Beta));
            Assert.InRange(bad.Accepted, 0, test.Beta / (1 - test.Alpha));
            Assert.True(good.Accepted > 0.9 * (1 - test.Alpha) && bad.Rejected > 0.9 * (1 - test.Beta));
        }
    }

    /// <summary>The same through <see cref="Sprt.Of"/>, with the odds of a fixed seed.</summary>
    [Fact]
    public void Errors_OfManyAgents_AreWhatTheTestPromises()
    {
        var random = new Random(20261123);
        var accepted = Enumerable.Range(0, 2_000).Count(_ => Usual.Of(Enumerable.Range(0, 3_000).Select(_ => random.NextDouble() < Usual.P2)).Verdict == SprtVerdict.Accept);
        Assert.InRange(accepted / 2_000.0, 0.10, 0.21 + 0.03);
    }

    private static (double Accepted, double Rejected) Walk(Sprt test, double p)
    {
        var (at, accepted, rejected) = (new Dictionary<long, double> { [0] = 1 }, 0.0, 0.0);
        for (var n = 1; n <= 5_000 && at.Count > 0; n++)
        {
            var next = new Dictionary<long, double>();
            foreach (var (failures, chance) in at)
            {
                foreach (var (then, odds) in new[] { (failures, chance * (1 - p)), (failures + 1, chance * p) })
                {
                    var verdict = test.At(new(then, n));
                    if (verdict == SprtVerdict.Accept) accepted += odds;
                    else if (verdict == SprtVerdict.Reject) rejected += odds;
                    else next[then] = next.GetValueOrDefault(then) + odds;
                }
            }
            at = next;
        }
        return (accepted, rejected);
    }
}
