using OpsConsole.Core.Access;
using OpsConsole.Features.Decisions;
using OpsConsole.Platform.Web;
using OpsConsole.Tests.Support;

namespace OpsConsole.Features.Authority;

public sealed class VersionAnswersTests
{
    [Fact]
    public async Task Queries_WalkAnIndex_InTheOrderOfTheAnswer()
    {
        await using var data = await (await DataFixture.CreateAsync(Provider.Sqlite)).SeedAsync();
        await using var db = data.Database.CreateDbContext();
        var asked = await QueryPlan.OfAsync(db, VersionAnswers.Asked(db, "rol", 1, 5, 1_000).Take(200));
        QueryPlan.AssertOrdered(asked);
        Assert.Contains("ix_approvals_rollout (rollout_id=? AND seq>? AND seq<?)", asked, StringComparison.Ordinal);
        Assert.Contains("INTEGER PRIMARY KEY (rowid=?)", asked, StringComparison.Ordinal);
        var edited = await QueryPlan.OfAsync(db, VersionAnswers.EditedLater(db, "rol", 5, 1_000));
        QueryPlan.AssertOrdered(edited);
        Assert.Contains("ix_audit_event (event=? AND seq>? AND seq<?)", edited, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    internal async Task Answers_OfAVersionNobodyAnsweredUnder_AreNone(Provider provider)
    {
        await using var data = await (await DataFixture.CreateAsync(provider)).SeedAsync("""{"rules":[{"id":"R","action":"*","reversible":true,"outcome":"approve","approvers":["user:dana@example.com"],"sla":"PT12H"}]}""");
        await data.DecideAsync();
        var answers = new VersionAnswers(data.Writer, data.Database);
        var me = DecisionSearchTests.Me(data, ConsoleRoles.Auditor);
        Assert.Equal((0, false), (await answers.SumAsync(data.Writer.State.Directory.People.TryGetValue(data.OwnerId, out var owner) ? new PersonCaller(owner, null, "session") : me, data.RolloutId, 1, default)).Value is var sum ? (sum.Counted, sum.More) : default);
        Assert.NotNull((await answers.ListAsync(me, data.RolloutId, 1, new PageQuery(null, 10), default)).Fault);   // nobody the console knows
    }
}
