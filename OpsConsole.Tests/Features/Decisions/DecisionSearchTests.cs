using System.Collections.Frozen;
using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;
using OpsConsole.Tests.Support;

namespace OpsConsole.Features.Decisions;

public sealed class DecisionSearchTests
{
    /// <summary>Every combination of filters, within one rollout and over all.</summary>
    [Fact]
    public async Task Query_EveryCombination_WalksAnIndexWithoutSorting()
    {
        await using var data = await (await DataFixture.CreateAsync(Provider.Sqlite)).SeedAsync();
        await using var db = data.Database.CreateDbContext();
        for (var bits = 0; bits < 128; bits++)
        {
            foreach (var outcome in (string?[])[null, "allow", "deny"])
            {
                var filter = new DecisionFilter((bits & 1) > 0 ? "agt" : null, (bits & 2) > 0 ? "a.b" : null, outcome, Run: (bits & 4) > 0 ? "run" : null, Live: (bits & 32) > 0, High: (bits & 64) > 0 ? true : null);
                var plan = await QueryPlan.OfAsync(db, DecisionSearch.Query(db, filter, (bits & 8) > 0 ? "rol" : null, (bits & 16) > 0 ? 5 : 0, 1_000).Take(51));
                AssertWalks(plan, filter, (bits & 8) > 0);
            }
        }
    }

    [Fact]
    public async Task Unreported_Any_WalksItsIndex()
    {
        await using var data = await (await DataFixture.CreateAsync(Provider.Sqlite)).SeedAsync();
        await using var db = data.Database.CreateDbContext();
        var plan = await QueryPlan.OfAsync(db, DecisionSearch.Unreported(db, "rol", DateTimeOffset.UnixEpoch.AddDays(1), DateTimeOffset.UnixEpoch, 0).Take(51));
        QueryPlan.AssertOrdered(plan);
        Assert.Contains("USING INDEX ix_decisions_unreported", plan, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    internal async Task Search_PagesAndFilters_GivesEachOnceNewestFirst(Provider provider)
    {
        await using var data = await (await DataFixture.CreateAsync(provider)).SeedAsync();
        for (var i = 0; i < 5; i++) await data.DecideAsync(runId: i % 2 == 0 ? "even" : "odd");
        var search = new DecisionSearch(data.Database, data.Writer, data.Time);
        var me = Me(data, ConsoleRoles.Auditor);
        var first = (await search.SearchAsync(me, new DecisionFilter(), null, 3, "", default)).Value;
        var second = (await search.SearchAsync(me, new DecisionFilter(), first.Next, 3, "", default)).Value;
        Assert.Equal([6L, 5, 4, 3, 2], first.Items.Concat(second.Items).Select(d => d.Seq));
        Assert.Null(second.Next);
        Assert.Equal(3, (await search.SearchAsync(me, new DecisionFilter(Run: "even"), null, 50, "", default)).Value.Items.Count);
        Assert.Empty((await search.SearchAsync(me, new DecisionFilter(Outcome: "deny"), null, 50, "", default)).Value.Items);
        Assert.Empty((await search.SearchAsync(Me(data, ConsoleRoles.Member), new DecisionFilter(), null, 50, "", default)).Value.Items);
        Assert.Equal("after", (await search.SearchAsync(me, new DecisionFilter(), "x", 3, "", default)).Fault!.Field);
        data.Time.Advance(TimeSpan.FromHours(1));
        var asked = data.Time.GetUtcNow().AddHours(-1);
        foreach (var (filter, count) in (IEnumerable<(DecisionFilter, int)>)
        [
            (new(), 5), (new(Run: "even"), 3), (new(Agent: data.AgentId), 5), (new(Agent: "agt_other"), 0), (new(Rollout: data.RolloutId), 5), (new(Rollout: "rol_other"), 0), (new(Outcome: "allow"), 5), (new(Outcome: "deny"), 0), (new(Live: true), 5), (new(High: true), 0), (new(High: false), 5),
            (new(Action: "no.such"), 0), (new(From: asked.AddMinutes(-5)), 5), (new(From: asked.AddMinutes(5)), 0), (new(To: asked.AddMinutes(5)), 5), (new(To: asked.AddMinutes(-5)), 0),
        ]) Assert.Equal((filter, count), (filter, (await search.SearchAsync(me, filter with { Unreported = true }, null, 50, "", default)).Value.Items.Count));
    }

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    internal async Task Story_ExecutedDecision_TellsEveryStepOverTheVersionOfThen(Provider provider)
    {
        await using var data = await (await DataFixture.CreateAsync(provider)).SeedAsync();
        var decision = await data.DecideAsync(runId: "r");
        await data.ReportAsync(decision, payload: """{"status":"succeeded","writes":[{"system":"crm","record":"c/1","operation":"update","before":{"a":1},"after":{"a":2}}]}""", writes: [new("crm", "c/1")]);
        var story = (await new DecisionStory(data.Database, data.Writer, data.Time).TellAsync(Me(data, ConsoleRoles.Auditor), decision.Id, default)).Value;
        Assert.Equal(["asked", "decided", "reported", "window"], story.Steps.Select(s => s.Key));
        Assert.Equal("R", Assert.Single(Assert.Single(story.Judgements).Rules, r => r.Decides).Rule!.Id);
        Assert.Equal("""{"a":2}""", Assert.Single(story.Writes).After);
        Assert.Equal([decision.Seq, decision.Seq + 1], story.Proofs.Select(p => p.Seq));
        Assert.NotNull((await new DecisionStory(data.Database, data.Writer, data.Time).TellAsync(Me(data, ConsoleRoles.Member), decision.Id, default)).Fault);
    }

    [Fact]
    public async Task Events_ResumedAfterAnEvent_GoesOnWithTheNextAndOnlyWithOnesOwn()
    {
        await using var data = await (await DataFixture.CreateAsync(Provider.Sqlite)).SeedAsync();
        var decision = await data.DecideAsync();
        await data.ReportAsync(decision);
        var feed = new EventFeed(data.Database, data.Writer);
        var all = (await feed.AfterAsync(new AgentCaller(data.AgentId, "key1"), 0, default)).Events;
        Assert.Equal(["decision.asked", "decision.reported"], all.Select(e => e.Event));
        Assert.Equal(("allow", decision.Id), (all[0].Outcome, all[1].DecisionId));
        Assert.Equal(all[1], Assert.Single((await feed.AfterAsync(new AgentCaller(data.AgentId, "key1"), all[0].Seq, default)).Events));
        Assert.Empty((await feed.AfterAsync(new AgentCaller("agt_other", "k"), 0, default)).Events);
        Assert.Empty((await feed.AfterAsync(Me(data, ConsoleRoles.Member), 0, default)).Events);
    }

    internal static PersonCaller Me(DataFixture data, ConsoleRoles roles)
        => new(new PersonEntry("per_me", "me@example.com", "Me", roles, false, true, "", FrozenSet<string>.Empty), null, "session");

    // Every one of these queries is bounded by Seq, so 'SEARCH' alone would be said of a walk through everything too.
    private static void AssertWalks(string plan, DecisionFilter filter, bool oneRollout)
    {
        QueryPlan.AssertOrdered(plan);
        List<string> indexes = [];
        if (filter.Agent is not null) indexes.Add("ix_decisions_agent");
        if (filter.Run is not null) indexes.Add("ix_decisions_run");
        if (filter.Action is not null) indexes.Add("ix_decisions_action");
        if (oneRollout) indexes.Add("ix_decisions_rollout");
        if (filter.Outcome is not (null or "allow")) indexes.Add("ix_decisions_outcome");
        if (indexes.Count == 0) Assert.Contains("USING INTEGER PRIMARY KEY", plan, StringComparison.Ordinal);   // nothing to filter by but the place, or by what nearly all have
        else Assert.True(indexes.Any(i => plan.Contains("USING INDEX " + i + " (", StringComparison.Ordinal)), $"{filter}: none of {string.Join(", ", indexes)} in {plan}");
    }
}
