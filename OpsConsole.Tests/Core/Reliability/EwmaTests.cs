using FsCheck;
using FsCheck.Fluent;
using OpsConsole.Core.Reliability;

namespace OpsConsole.Tests.Core.Reliability;

public sealed class EwmaTests
{
    [Fact]
    public void Of_TheTestOfQcc_GivesItsValues_AndItsLimitsFromPointToPoint()
    {
        var points = Ewma.Of([11, 13, 12], 10, 2, 0.5, 2);
        Assert.Equal([10.5, 11.75, 11.875], points.Select(p => p.Value));
        // 2 · 2 · √(1/3 · (1 − ¼ⁱ)): 2, 2.2361, 2.2913, towards 2.3094.
        Assert.Equal([12, 12.2361, 12.2913], points.Select(p => Math.Round(p.Limits.High, 4)));
        Assert.Equal([8, 7.7639, 7.7087], points.Select(p => Math.Round(p.Limits.Low, 4)));
        Assert.All(points, p => Assert.False(p.Out));
        Assert.Empty(Ewma.Of([], 10, 2));
    }

    [Fact]
    public void Of_ASmallLastingShift_IsFound_ThoughNoValueIsFarOff()
    {
        var points = Ewma.Of(Enumerable.Repeat(11.5, 20), 10, 1);
        Assert.False(points[0].Out);
        Assert.True(points[^1].Out);
        Assert.True(Ewma.Of([13.1], 10, 1, lambda: 1)[0].Out);      // λ = 1: a plain chart at three standard deviations
        Assert.False(Ewma.Of([12.9], 10, 1, lambda: 1)[0].Out);
    }

    [Fact]
    public void Of_ASteadyLevel_AnyWeight_IsNeverOut_AndLimitsOnlyWiden() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(
        Gen.ArrayOf(Gen.Choose(-290, 290), 30).SelectMany(x => Gen.Choose(1, 100).Select(l => (x, lambda: l / 100.0))).ToArbitrary(), x =>
        {
            var steady = Ewma.Of(Enumerable.Repeat(7.0, 30), 7, 0.5, x.lambda);
            var points = Ewma.Of(x.x.Select(v => v / 100.0), 0, 1, x.lambda);
            return steady.All(p => !p.Out) && points.Zip(points.Skip(1)).All(p => p.Second.Limits.High >= p.First.Limits.High)
                && points.All(p => p.Value is >= -2.9 - 1e-9 and <= 2.9 + 1e-9 && Math.Abs(p.Limits.High + p.Limits.Low) < 1e-12);
        }));

    [Fact]
    public void Of_WhatIsNoChart_IsSaid()
    {
        Assert.Throws<ArgumentException>(() => Ewma.Of([1], 0, 0));
        Assert.Throws<ArgumentException>(() => Ewma.Of([1], double.NaN, 1));
        Assert.Throws<ArgumentException>(() => Ewma.Of([1], 0, 1, lambda: 0));
        Assert.Throws<ArgumentException>(() => Ewma.Of([1], 0, 1, lambda: 1.1));
        Assert.Throws<ArgumentException>(() => Ewma.Of([1], 0, 1, width: 0));
        Assert.Throws<ArgumentException>(() => Ewma.Of([double.PositiveInfinity], 0, 1));
    }
}
