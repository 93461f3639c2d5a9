using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Notices;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Http;

/// <summary>Each way in which an incident escalates, over restarts and clocks that are moved; and who is paged how often.</summary>
public sealed class IncidentClockTests : IncidentFixture
{
    private static readonly TimeSpan Quarter = TimeSpan.FromMinutes(15.5);

    [Fact]
    public async Task RestartInTheMiddle_TellsTheNextLevelOnce_AndGoesOnFromThere()
    {
        var id = await OpenAsync();
        await ToldAsync(id, 1);
        await RestartAsync(TimeSpan.FromHours(9));
        await ToldAsync(id, 2);
        Assert.InRange((await FindAsync(id)).GetProperty("next").GetProperty("at").GetDateTimeOffset() - Time.GetUtcNow(), TimeSpan.FromMinutes(14), TimeSpan.FromMinutes(15));
        await RestartAsync(TimeSpan.FromMinutes(1));
        await ToldAsync(id, 2);   // not due yet
        Time.Skip(Quarter);
        await ToldAsync(id, 3);
        Time.Skip(Quarter);
        await ToldAsync(id, 4);
        Assert.StartsWith("Told again", (await LinesAsync(id, "told"))[^1], StringComparison.Ordinal);
        await RestartAsync(Quarter);
        await ToldAsync(id, 5);   // the last ones again and again
        await DoAsync(id, "acknowledge");
        await RestartAsync(TimeSpan.FromMinutes(50));
        await ToldAsync(id, 5);
    }

    [Fact]
    public async Task ClockPutForward_TellsOneLevelAtATime()
    {
        var id = await OpenAsync();
        Time.Skip(TimeSpan.FromDays(2));
        await ToldAsync(id, 2);
    }

    [Fact]
    public async Task ClockPutBack_NobodyWaitsForItToCatchUp()
    {
        var id = await OpenAsync("sev1");
        await ToldAsync(id, 1);
        Time.Skip(TimeSpan.FromHours(-3));
        await DoAsync(id, "updates", new { text = "wakes the clock" });
        await ToldAsync(id, 2);
        Assert.StartsWith("Told again", (await LinesAsync(id, "told"))[^1], StringComparison.Ordinal);
        Time.Skip(Quarter);
        await ToldAsync(id, 3);

        await DoAsync(id, "acknowledge");
        await DoAsync(id, "updates", new { text = "wakes the clock" });
        await Until.True(async () => await ReadAsync(db => db.Incidents.AsNoTracking().Select(i => i.UpdateDueAt).SingleAsync()) < Time.GetUtcNow().AddHours(1), "the rhythm begins anew");
        Time.Skip(TimeSpan.FromMinutes(62));   // what was to be heard of in half an hour was not
        await ComesAsync(async () => (await LinesAsync(id, "let_go")).Count == 1, "it is let go");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Silence_OfWhoeverHasIt_LetsItGo_AlsoAfterItWasOpenedAgain(bool restart)
    {
        var id = await OpenAsync("sev1");
        await DoAsync(id, "acknowledge");
        await MoveAsync(id, "resolved");
        await MoveAsync(id, "active");
        if (restart) await RestartAsync(TimeSpan.FromMinutes(59));
        else Time.Skip(TimeSpan.FromMinutes(59));
        await ToldAsync(id, 1);
        Time.Skip(TimeSpan.FromMinutes(2));
        await ToldAsync(id, 2);
        Assert.Contains("Nothing was heard of", Assert.Single(await LinesAsync(id, "let_go")), StringComparison.Ordinal);
        Assert.Equal(System.Text.Json.JsonValueKind.Null, (await FindAsync(id)).GetProperty("owner").ValueKind);
    }

    [Fact]
    public async Task LetGoByHand_TellsTheNextAtOnce_AndAnUpdateKeepsIt()
    {
        var id = await OpenAsync("sev1");
        await DoAsync(id, "acknowledge");
        Time.Skip(TimeSpan.FromMinutes(50));
        await DoAsync(id, "updates", new { text = "We call them", update = true });
        Time.Skip(TimeSpan.FromMinutes(50));
        await ToldAsync(id, 1);
        await DoAsync(id, "let_go", new { reason = "My shift ends" });
        await ToldAsync(id, 2);
        await DoAsync(id, "acknowledge");
        await DoAsync(id, "let_go");
        await ToldAsync(id, 3);
    }

    [Theory]
    [InlineData("resolved")]
    [InlineData("cancelled")]
    [InlineData("merged")]
    public async Task Ended_EscalatesNoMore_UntilItIsOpenedAgain(string how)
    {
        var (id, other) = (await OpenAsync(), await OpenAsync(title: "Another"));
        if (how == "merged") await DoAsync(id, "merge", new { into = other });
        else await MoveAsync(id, how);
        Time.Skip(TimeSpan.FromHours(2));
        await ToldAsync(other, 2);   // the clock looked
        await ToldAsync(id, 1);
        if (how != "resolved") return;
        await MoveAsync(id, "active");   // and nobody has it
        await ToldAsync(id, 2);
    }

    [Fact]
    public async Task Alerts_OfOneCause_PageNobodyTwice()
    {
        await ActAsync();
        await Until.True(async () => (await ListAsync()).Count == 1, "the alert is an incident");
        var id = Word((await ListAsync())[0], "id");
        await PagedAsync(1);
        await ActAsync();
        await RestartAsync(TimeSpan.Zero);
        await ActAsync();
        await Until.True(async () => (await LinesAsync(id, "alert")).Count == 2, "both feed it");
        await PagedAsync(1);

        // It is the same thing as another one: what comes of it goes there, also when this one has long ended.
        var into = await OpenAsync("sev1", title: "The same");
        await PagedAsync(2);
        await DoAsync(into, "acknowledge");
        await DoAsync(id, "merge", new { into });
        for (var i = 0; i < 2; i++)
        {
            Time.Skip(TimeSpan.FromMinutes(28));
            await DoAsync(into, "updates", new { text = "Still at it", update = true });
        }
        await ActAsync();
        await Until.True(async () => (await LinesAsync(into, "alert")).Count == 1, "the one that is open is fed");
        Assert.Equal(2, (await ListAsync()).Count);
        await PagedAsync(2);

        async Task PagedAsync(int times)
        {
            await Until.True(async () => await CountAsync() >= times, $"paged {times} times");
            await Task.Delay(50);
            Assert.Equal(times, await CountAsync());
        }
        Task<int> CountAsync() => ReadAsync(db => db.Notices.CountAsync(n => n.PersonId == DanaId && n.Kind == NoticeKind.Incident));
    }

    [Fact]
    public async Task AgentsReports_OfOneScenario_FeedOneIncident_AndActOnTheAgentAlone()
    {
        var other = Word(await PostAsync(Host.Admin, "/api/v1/agents", new { name = "Other", rollout_id = Spine.Rollout, kind = "autonomous", owner = "owner@example.com" }, 201), "id");
        var report = new { title = "I sent it twice", row = Rows[0], runs = new[] { "run-of-others" }, severity = "sev3" };
        var id = Word(await PostAsync(Spine.Agent, "/api/v1/incidents", report, 201), "id");
        Assert.Contains(("agent", Spine.AgentId), (await StoryAsync(id)).GetProperty("links").EnumerateArray().Select(l => (Word(l, "kind"), Word(l, "id"))));
        Assert.True(Host.Writer.State.Agents[Spine.AgentId].Paused is not null && Host.Writer.State.Agents[other].Paused is null);

        Assert.Equal("incident.again", Code(await PostAsync(Spine.Agent, "/api/v1/incidents", report, 429)));
        Time.Skip(TimeSpan.FromMinutes(2));
        Assert.Equal((id, "sev1"), Both(await PostAsync(Spine.Agent, "/api/v1/incidents", new { title = "And a third time", row = Rows[0], severity = "sev1", customers = new[] { "Rossi" } }, 201)));
        Assert.Equal("Reported again: And a third time", Assert.Single(await LinesAsync(id, "report")));
        await ToldAsync(id, 1);

        // Another scenario is another incident; what its row does to the rollout waits for a person.
        var held = Word(await PostAsync(Spine.Agent, "/api/v1/incidents", new { title = "Against the rule", row = Rows[2] }, 201), "id");
        Assert.False((await FindAsync(held)).GetProperty("holds_scaling").GetBoolean());
        Assert.Contains("does not set off", Assert.Single(await LinesAsync(held, "note")), StringComparison.Ordinal);

        await MoveAsync(id, "resolved");
        Time.Skip(TimeSpan.FromMinutes(20));
        Assert.Equal((id, "sev1"), Both(await PostAsync(Spine.Agent, "/api/v1/incidents", report, 201)));
        Time.Skip(TimeSpan.FromMinutes(20));
        Assert.NotEqual(id, Word(await PostAsync(Spine.Agent, "/api/v1/incidents", report, 201), "id"));

        static (string, string) Both(System.Text.Json.JsonElement incident) => (Word(incident, "id"), Word(incident, "severity"));
    }
}
