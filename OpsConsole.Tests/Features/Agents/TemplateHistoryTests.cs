using OpsConsole.Data;
using OpsConsole.Tests.Support;

namespace OpsConsole.Features.Agents;

public sealed class TemplateHistoryTests
{
    [Fact]
    public async Task Entries_AnyPage_WalkTheIndexOfTheLogWithoutSorting()
    {
        await using var data = await (await DataFixture.CreateAsync(Provider.Sqlite)).SeedAsync();
        await using var db = data.Database.CreateDbContext();
        var plan = await QueryPlan.OfAsync(db, TemplateHistory.Entries(db, "tpl", 1_000).Take(21));
        QueryPlan.AssertOrdered(plan);
        Assert.Contains("USING INDEX ix_audit_object (object=? AND seq<?)", plan, StringComparison.Ordinal);
    }
}
