using FsCheck;
using FsCheck.Fluent;
using OpsConsole.Core.Reliability;

namespace OpsConsole.Tests.Core.Reliability;

public sealed class ProportionTests
{
    /// <summary>k of n, most of them small.</summary>
    private static readonly Gen<Proportion> Any = Gen.OneOf(Gen.Choose(1, 30), Gen.Choose(1, 3_000), Gen.Choose(1, 2_000_000_000)).SelectMany(n => Gen.Choose(0, n).Select(k => new Proportion(k, n)));

    [Theory]
    [InlineData(81, 263, 0.2553, 0.3662)]
    [InlineData(15, 148, 0.0624, 0.1605)]
    [InlineData(0, 20, 0.0000, 0.1611)]
    [InlineData(1, 29, 0.0061, 0.1718)]
    [InlineData(50, 50, 0.9287, 1.0)]
    [InlineData(48, 50, 0.8654, null)]
    [InlineData(95, 100, 0.8882, null)]
    [InlineData(198, 200, 0.9643, null)]
    [InlineData(20, 20, 0.8389, 1.0)]
    public void Wilson_OfNumbersMd(int k, int n, double low, double? high)
    {
        var interval = new Proportion(k, n).Wilson()!.Value;
        Assert.Equal(low, interval.Low, 4);
        if (high is { } end) Assert.Equal(end, interval.High, 4);
    }

    [Theory]
    [InlineData(0.80, 16)]
    [InlineData(0.90, 35)]
    [InlineData(0.95, 73)]
    [InlineData(0.98, 189)]
    [InlineData(0.99, 381)]
    [InlineData(0, 1)]
    public void FewestAllSuccess_OfNumbersMd(double bound, int trials) => Assert.Equal(trials, Proportion.FewestAllSuccess(bound));

    [Fact]
    public void OfNothing_ThereIsNoRate_NoInterval()
    {
        Assert.Null(new Proportion(0, 0).Rate);
        Assert.Null(new Proportion(0, 0).Wilson());
        Assert.Null(default(Proportion).Wilson());
        Assert.Null(Proportion.MostFailures(0, 0.5));
    }

    [Fact]
    public void WhatIsNoProportion_IsSaid()
    {
        Assert.Contains("3 of 2", Assert.Throws<ArgumentException>(() => new Proportion(3, 2)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new Proportion(-1, 2));
        Assert.Throws<ArgumentException>(() => new Proportion(0, -1));
        Assert.Throws<ArgumentException>(() => new Proportion(1, 2).Wilson(double.NaN));
        Assert.Throws<ArgumentException>(() => new Proportion(1, 2).Wilson(-1));
        Assert.Throws<ArgumentException>(() => new Proportion(1, 2).Wilson(double.MaxValue));
        Assert.Throws<ArgumentException>(() => Proportion.FewestAllSuccess(0.9, double.NaN));
        Assert.Throws<ArgumentException>(() => Proportion.FewestAllSuccess(1));
        Assert.Throws<ArgumentException>(() => Proportion.FewestAllSuccess(double.NaN));
    }

    [Fact]
    public void Wilson_AnyZ_IsTheRateItselfAtZero_AndWiderWithMore()
    {
        Assert.Equal(new(0.3, 0.3), new Proportion(3, 10).Wilson(0)!.Value);
        Assert.Equal(0.1078, new Proportion(3, 10).Wilson()!.Value.Low, 4);
        Assert.Equal(0.1269, new Proportion(3, 10).Wilson(1.644854)!.Value.Low, 4);
    }

    [Fact]
    public void Wilson_AnyProportion_LiesInZeroToOne_AroundTheRate_AndMirrors() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(2_000), Prop.ForAll(Any.ToArbitrary(), p =>
    {
        var (interval, mirrored) = (p.Wilson()!.Value, new Proportion(p.N - p.K, p.N).Wilson()!.Value);
        return interval.Low >= 0 && interval.High <= 1 && interval.Low <= p.Rate && p.Rate <= interval.High && interval.Low < interval.High
            && Math.Abs(interval.Low - (1 - mirrored.High)) < 1e-12 && Math.Abs(interval.High - (1 - mirrored.Low)) < 1e-12;
    }));

    [Fact]
    public void Wilson_OneMoreSuccess_NeverLowersIt_AndMoreOfTheSame_NarrowsIt() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(2_000), Prop.ForAll(Any.ToArbitrary(), p =>
    {
        var (now, more, twice) = (p.Wilson()!.Value, new Proportion(Math.Min(p.K + 1, p.N), p.N).Wilson()!.Value, new Proportion(2 * p.K, 2 * p.N).Wilson()!.Value);
        return more.Low >= now.Low && more.High >= now.High && twice.High - twice.Low < now.High - now.Low && twice.Low >= now.Low && twice.High <= now.High;
    }));

    [Fact]
    public void FewestAllSuccess_AnyBound_IsEnough_AndOneLessIsNot() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(1_000), Prop.ForAll(Gen.Choose(1, 9_990).Select(b => b / 10_000.0).ToArbitrary(), bound =>
    {
        var n = Proportion.FewestAllSuccess(bound);
        return new Proportion(n, n).Wilson()!.Value.Low >= bound && (n == 1 || new Proportion(n - 1, n - 1).Wilson()!.Value.Low < bound);
    }));

    [Fact]
    public void MostFailures_AnyNumber_IsTheLastThatReaches() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(1_000), Prop.ForAll(Gen.Choose(1, 3_000).SelectMany(n => Gen.Choose(1, 999).Select(b => (n, bound: b / 1_000.0))).ToArbitrary(), x =>
    {
        bool Reaches(long failures) => new Proportion(x.n - failures, x.n).Wilson()!.Value.Low >= x.bound;
        return Proportion.MostFailures(x.n, x.bound) is { } most ? Reaches(most) && (most == x.n || !Reaches(most + 1)) : !Reaches(0);
    }));
}
