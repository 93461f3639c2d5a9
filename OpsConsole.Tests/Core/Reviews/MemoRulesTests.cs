using OpsConsole.Core.Reviews;

namespace OpsConsole.Tests.Core.Reviews;

/// <summary>What keeps a memo from being approved, with who can change it.</summary>
public sealed class MemoRulesTests
{
    private static readonly DateOnly Last = new(2026, 11, 9);   // 2026-W46

    private static ReviewCycle Cycle(params ReviewVerdict?[] newestFirst) => new(4, Last, [.. newestFirst.Select((v, i) => new ReviewFact(Last.AddDays(-7 * i), v, v is null ? null : "p", []))]);

    private static readonly ReviewCycle Whole = Cycle(ReviewVerdict.Keep, ReviewVerdict.Adjust, ReviewVerdict.Keep, ReviewVerdict.Keep);

    private static string[] Codes(IEnumerable<MemoBar> bars) => [.. bars.Select(b => b.Code)];

    [Fact]
    public void WholeCycleWithoutHolds_IsApproved_AndEachHoldStandsInTheWay()
    {
        Assert.Empty(MemoRules.Bars(Last, null, Whole, []));
        var bars = MemoRules.Bars(Last, null, Whole, ["Wrong refund", "Leaked name"]);
        Assert.Equal([MemoRules.Hold, MemoRules.Hold], Codes(bars));
        Assert.All(bars, b => Assert.Contains("verifies", b.Who, StringComparison.Ordinal));
    }

    [Fact]
    public void Weeks_AreJudgedAsFrozen_AndAsTheyAreNow()
    {
        Assert.Contains("2026-W45 is not signed", MemoRules.Bars(null, null, Cycle(ReviewVerdict.Keep, null, ReviewVerdict.Keep, ReviewVerdict.Keep), [])[0].Why, StringComparison.Ordinal);
        Assert.Contains("none was ever opened", MemoRules.Bars(null, null, null, [])[0].Why, StringComparison.Ordinal);
        Assert.Contains("withdraws", MemoRules.Bars(Last, "2026-W45 is not signed", Whole, [])[0].Who, StringComparison.Ordinal);   // signed since: what was frozen does not say so
        Assert.Equal([MemoRules.Past], Codes(MemoRules.Bars(Last.AddDays(-28), null, Whole, [])));
        Assert.Empty(MemoRules.Bars(Last.AddDays(-21), null, Whole, []));
    }
}
