using FsCheck;
using FsCheck.Fluent;
using OpsConsole.Core.Reliability;

namespace OpsConsole.Tests.Core.Reliability;

public sealed class ErrorBudgetTests
{
    private static BurnRule Fast => ErrorBudget.Rules[0];

    [Fact]
    public void Burn_OfNumbersMd()
    {
        Assert.Equal([0.02, 0.05, 0.10], ErrorBudget.Rules.Select(r => Math.Round(ErrorBudget.SpentBy(r, TimeSpan.FromDays(30)), 4)));
        Assert.Equal(15, ErrorBudget.Burn(new(75, 100), 0.95)!.Value, 4);
        Assert.Equal([(1.0, 5.0 / 60, true), (6, 0.5, true), (72, 6, false)], ErrorBudget.Rules.Select(r => (r.Long.TotalHours, r.Short.TotalHours, r.Pages)));
    }

    [Theory]
    [InlineData(75, 100, 8, 10, BurnVerdict.Fires)]
    [InlineData(75, 100, 0, 10, BurnVerdict.Quiet)]          // it was, but is over
    [InlineData(10, 100, 10, 10, BurnVerdict.Quiet)]         // it is, but not for long
    [InlineData(75, 100, 0, 0, BurnVerdict.Quiet)]
    [InlineData(72, 100, 72, 100, BurnVerdict.Quiet)]        // 14.4 exactly
    [InlineData(73, 100, 73, 100, BurnVerdict.Fires)]
    [InlineData(29, 29, 10, 10, BurnVerdict.NotEnoughData)]
    [InlineData(30, 30, 10, 10, BurnVerdict.Fires)]
    [InlineData(0, 0, 0, 0, BurnVerdict.NotEnoughData)]
    public void Judge_OnlyWhenBothWindowsExceed(int badLong, int allLong, int badShort, int allShort, BurnVerdict expected)
    {
        var reading = ErrorBudget.Judge(Fast, new(badLong, allLong), new(badShort, allShort), 0.95);
        Assert.Equal(expected, reading.Verdict);
        Assert.Equal((new Proportion(badLong, allLong), new Proportion(badShort, allShort)), (reading.Long, reading.Short));      // the counts are always there
        Assert.Equal((allLong == 0, allShort == 0), (reading.LongBurn is null, reading.ShortBurn is null));
    }

    [Fact]
    public void CanFire_NothingBurnsFasterThanEverythingFailing()
    {
        Assert.Equal([true, true, true], ErrorBudget.Rules.Select(r => ErrorBudget.CanFire(r, 0.95)));
        Assert.Equal([false, true, true], ErrorBudget.Rules.Select(r => ErrorBudget.CanFire(r, 0.90)));
        Assert.Equal(BurnVerdict.Quiet, ErrorBudget.Judge(Fast, new(100, 100), new(100, 100), 0.90).Verdict);
    }

    [Fact]
    public void Left_IsWhatTheBudgetStillHas()
    {
        Assert.Equal(1, ErrorBudget.Left(new(0, 1_000), 0.99));
        Assert.Equal(0.7, ErrorBudget.Left(new(3, 1_000), 0.99)!.Value, 9);
        Assert.Equal(-1, ErrorBudget.Left(new(20, 1_000), 0.99)!.Value, 9);
        Assert.Null(ErrorBudget.Left(new(0, 0), 0.99));
        Assert.Throws<ArgumentException>(() => ErrorBudget.Burn(new(0, 1), 1));
        Assert.Throws<ArgumentException>(() => ErrorBudget.Burn(new(0, 1), 0));
        Assert.Throws<ArgumentException>(() => ErrorBudget.SpentBy(Fast, TimeSpan.Zero));
    }

    [Fact]
    public void Judge_MoreBadOnes_NeverCalmIt() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(1_000), Prop.ForAll(
        Gen.Choose(0, 300).Four().SelectMany(c => Gen.Elements(0.9, 0.95, 0.99, 0.999).Select(slo => (c, slo))).ToArbitrary(), x =>
        {
            var (inLong, inShort) = (new Proportion(Math.Min(x.c.Item1, x.c.Item2), Math.Max(x.c.Item1, x.c.Item2)), new Proportion(Math.Min(x.c.Item3, x.c.Item4), Math.Max(x.c.Item3, x.c.Item4)));
            Proportion Worse(Proportion p) => new(Math.Min(p.K + 1, p.N), p.N);
            return ErrorBudget.Rules.All(rule =>
            {
                var (now, worse) = (ErrorBudget.Judge(rule, inLong, inShort, x.slo).Verdict, ErrorBudget.Judge(rule, Worse(inLong), Worse(inShort), x.slo).Verdict);
                return (now == BurnVerdict.NotEnoughData) == (inLong.N < 30) && (now != BurnVerdict.Fires || (worse == BurnVerdict.Fires && ErrorBudget.CanFire(rule, x.slo)));
            });
        }));
}
