using OpsConsole.Core.Reviews;

namespace OpsConsole.Tests.Core.Reviews;

/// <summary>A full cycle of reviews: so many in a row, signed, inside, and not long ago.</summary>
public sealed class ReviewCycleTests
{
    private static readonly DateOnly Last = new(2026, 11, 9);   // 2026-W46

    private static ReviewFact Fact(int back, ReviewVerdict? verdict = ReviewVerdict.Keep, params string[] outside) => new(Last.AddDays(-7 * back), verdict, verdict is null ? null : "p", outside);

    private static string? Lacks(DateOnly lastOpen, params ReviewFact[] reviews) => new ReviewCycle(4, lastOpen, reviews).Lacks;

    [Fact]
    public void FourInARow_SignedAndInside_AreACycle() => Assert.Null(Lacks(Last, Fact(0), Fact(1, ReviewVerdict.Adjust), Fact(2), Fact(3)));

    [Fact]
    public void NewestMayStillBeUnderWay_AndNoLonger()
    {
        Assert.Null(Lacks(Last.AddDays(7), Fact(-1, null), Fact(0), Fact(1), Fact(2), Fact(3)));
        Assert.Equal("the last signed review is of 2026-W46", Lacks(Last.AddDays(14), Fact(-2, null), Fact(-1, null), Fact(0), Fact(1), Fact(2), Fact(3)));
    }

    [Fact]
    public void What_IsMissingIsSaid()
    {
        Assert.Equal("no weekly review is signed yet", Lacks(Last, Fact(0, null)));
        Assert.Equal("2026-W44 has no review; a cycle is 4 weeks", Lacks(Last, Fact(0), Fact(1), Fact(3)));
        Assert.Equal("2026-W45 is not signed", Lacks(Last, Fact(0), Fact(1, null), Fact(2), Fact(3)));
        Assert.Equal("nothing was asked in 2026-W44, so it proves nothing", Lacks(Last, Fact(0), Fact(1), Fact(2, ReviewVerdict.Keep, ReviewCycle.NothingAsked), Fact(3)));
        Assert.Equal("2026-W43 ended in stop", Lacks(Last, Fact(0), Fact(1), Fact(2), Fact(3, ReviewVerdict.Stop)));
        Assert.Equal("2026-W46 was outside its threshold: Override rate, Incidents", Lacks(Last, Fact(0, ReviewVerdict.Keep, "override_rate", "incidents_per_1000"), Fact(1), Fact(2), Fact(3)));
    }
}
