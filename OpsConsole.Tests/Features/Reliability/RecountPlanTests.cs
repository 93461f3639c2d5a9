using OpsConsole.Tests.Support;

namespace OpsConsole.Features.Reliability;

/// <summary>That counting asks for each run by its index. At ten million decisions a walk through the rollout for each request was never done.</summary>
public sealed class RecountPlanTests
{
    [Fact]
    public async Task Counting_WalksItsPartOfTheLog_AndEachRunByItsIndex()
    {
        await using var data = await (await DataFixture.CreateAsync(Provider.Sqlite)).SeedAsync();
        await using var db = data.Database.CreateDbContext();
        foreach (var query in new[] { RollupClock.Asked(db, 1, 2), RollupClock.About(db, 1, 2), RollupClock.Handed(db, 1, 2) }) AssertBounded(await QueryPlan.OfAsync(db, query));
        AssertBounded(await QueryPlan.OfAsync(db, Recount.Rows(db, "rol", 1, 2, ["a"])));
        var some = await QueryPlan.OfAsync(db, Recount.Rows(db, "rol", 1, 2, ["a"], 500));   // found by the index; those five hundred alone are walked and sorted after that
        Assert.Contains("(rollout_id=? AND seq>? AND seq<?)", some, StringComparison.Ordinal);
        Assert.DoesNotContain("(rollout_id=?)", some, StringComparison.Ordinal);
        Assert.Contains("ix_decisions_run", await QueryPlan.OfAsync(db, RollupClock.Handed(db, 1, 2)), StringComparison.Ordinal);
    }

    /// <summary>A rollout or the log is only ever walked between two places.</summary>
    private static void AssertBounded(string plan)
    {
        QueryPlan.AssertOrdered(plan);
        Assert.DoesNotContain("(rollout_id=?)", plan, StringComparison.Ordinal);
    }
}
