using FsCheck;
using FsCheck.Fluent;
using OpsConsole.Core.Reliability;

namespace OpsConsole.Tests.Core.Reliability;

public sealed class EventRateTests
{
    [Theory]
    [InlineData(3, 1_000, 0.6187, 8.7673)]       // numbers.md
    [InlineData(0, 1_000, 0, 3.6889)]            // −ln .025
    [InlineData(1, 1_000, 0.0253, 5.5716)]       // Garwood 1936, table
    [InlineData(10, 1_000, 4.7954, 18.3904)]
    [InlineData(3, 2_000, 0.3093, 4.3836)]
    public void Garwood_KnownCounts(int events, int occasions, double low, double high)
    {
        var interval = new EventRate(events, occasions).Garwood()!.Value;
        Assert.Equal(low, interval.Low, 4);
        Assert.Equal(high, interval.High, 4);
    }

    [Fact]
    public void PerThousand_AndWhereThereIsNone()
    {
        Assert.Equal(3, new EventRate(3, 1_000).PerThousand);
        Assert.Equal(2_000, new EventRate(2, 1).PerThousand);
        Assert.Null(new EventRate(0, 0).PerThousand);
        Assert.Null(new EventRate(2, 0).Garwood());
        Assert.Throws<ArgumentException>(() => new EventRate(-1, 5));
        Assert.Throws<ArgumentException>(() => new EventRate(1, 5).Garwood(1));
    }

    /// <summary>What the interval means, reckoned without the gamma function: at its ends the Poisson tails that hold the count are 2.5 % each.</summary>
    [Fact]
    public void Garwood_AnyCount_LeavesTwoAndAHalfPerCentOnEitherSide() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(Gen.Choose(0, 400).ToArbitrary(), k =>
    {
        var (low, high) = new EventRate(k, 1_000).Garwood()!.Value;
        return Math.Abs(PoissonAtMost(k, high) - 0.025) < 1e-10 && (k == 0 ? low == 0 : Math.Abs(1 - PoissonAtMost(k - 1, low) - 0.025) < 1e-10);
    }));

    [Fact]
    public void Garwood_AnyRate_HasItInside_AndGrowsWithEvents() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(Gen.Choose(0, 100_000).SelectMany(k => Gen.Choose(1, 1_000_000).Select(n => (k, n))).ToArbitrary(), x =>
    {
        var (now, more, longer) = (new EventRate(x.k, x.n).Garwood()!.Value, new EventRate(x.k + 1, x.n).Garwood()!.Value, new EventRate(x.k, 2L * x.n).Garwood()!.Value);
        var rate = new EventRate(x.k, x.n).PerThousand;
        return now.Low >= 0 && now.Low <= rate && rate < now.High && double.IsFinite(now.High) && more.Low > now.Low && more.High > now.High && longer.High < now.High;
    }));

    [Theory]
    [InlineData(0.5, 0.95, 1.920729410347062)]       // half of χ²(.95; 1) = 3.841459
    [InlineData(1, 0.5, 0.693147180559945)]
    [InlineData(5, 0.95, 9.153519026637573)]         // half of χ²(.95; 10) = 18.307038
    [InlineData(50, 0.05, 38.964730)]                // half of χ²(.05; 100) = 77.929465
    public void Quantile_KnownOfChiSquare(double a, double p, double x) => Assert.Equal(x, IncompleteGamma.Quantile(a, p), 5);

    [Fact]
    public void Quantile_AnyShape_IsTheInverse() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(1_000), Prop.ForAll(Gen.OneOf(Gen.Choose(5, 200), Gen.Choose(5, 1_000_000)).SelectMany(a => Gen.Choose(1, 9_999).Select(p => (a: a / 10.0, p: p / 10_000.0))).ToArbitrary(),
        x => Math.Abs(IncompleteGamma.P(x.a, IncompleteGamma.Quantile(x.a, x.p)) - x.p) < 1e-9));

    [Fact]
    public void LogGamma_OfWholeNumbers_IsTheFactorials()
    {
        var factorial = 0.0;
        for (var n = 1; n < 100; n++)
        {
            Assert.Equal(factorial, IncompleteGamma.LogGamma(n), 10);
            factorial += Math.Log(n);
        }
        Assert.Equal(Math.Log(Math.PI) / 2, IncompleteGamma.LogGamma(0.5), 12);
    }

    [Fact]
    public void Gamma_OutsideOfWhereItIsComputed_IsSaid()
    {
        Assert.Throws<ArgumentException>(() => IncompleteGamma.LogGamma(0));
        Assert.Throws<ArgumentException>(() => IncompleteGamma.P(1, -1));
        Assert.Throws<ArgumentException>(() => IncompleteGamma.P(1, double.NaN));
        Assert.Throws<ArgumentException>(() => IncompleteGamma.Quantile(1, 0));
        Assert.Throws<ArgumentException>(() => IncompleteGamma.Quantile(1, 1));
        Assert.Equal(0, IncompleteGamma.P(3, 0));
    }

    private static double PoissonAtMost(int k, double mean)
    {
        double term = Math.Exp(-mean), sum = term;
        for (var i = 1; i <= k; i++) sum += term *= mean / i;
        return sum;
    }
}
