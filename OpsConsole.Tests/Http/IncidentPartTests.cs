using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Core.Access;
using OpsConsole.Core.Notices;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Incidents;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Http;

/// <summary>Who sees an incident and takes part in it, what is told of it, and what becomes of its review.</summary>
public sealed class IncidentPartTests : IncidentFixture
{
    [Fact]
    public async Task Queries_WalkTheirIndexes()
    {
        foreach (var (plan, index) in await ReadAsync(async db => ((string, string)[])
        [
            (await QueryPlan.OfAsync(db, IncidentReader.Listed(db, "rol", 5).Take(3)), "ix_incidents_rollout (rollout_id=? AND seq<?)"),
            (await QueryPlan.OfAsync(db, IncidentReader.Listed(db, null, 5).Take(3)), "INTEGER PRIMARY KEY (rowid<?)"),
            (await QueryPlan.OfAsync(db, IncidentReader.Lines(db, "inc")), "ix_incident_entries_incident (incident_id=?)"),
            (await QueryPlan.OfAsync(db, IncidentReader.Links(db, "inc")), "sqlite_autoindex_incident_links_1 (incident_id=?)"),
            (await QueryPlan.OfAsync(db, IncidentReader.Responses(db, "inc")), "ix_incident_responses_incident (incident_id=?)"),
            (await QueryPlan.OfAsync(db, IncidentIntake.Caused(db, "rol", "loop:agt").Take(5)), "ix_incidents_cause (rollout_id=? AND cause=?)"),
            (await QueryPlan.OfAsync(db, AlertFeed.New(db, 5).Take(3)), "INTEGER PRIMARY KEY (rowid>?)"),
        ]))
        {
            QueryPlan.AssertOrdered(plan);
            Assert.Contains(index, plan);
        }
        // Through what an index holds of the few that are under way, and nothing else.
        Assert.Contains("ix_incidents_open", await ReadAsync(db => QueryPlan.OfAsync(db, IncidentClock.Open(db))));
    }

    [Fact]
    public async Task WhoHasARole_OrHasIt_TakesPartWithoutSeeingTheRollout()
    {
        var id = await OpenAsync();
        await GetAsync(Xeno, "/api/v1/incidents/" + id, 404);
        await CorrectAsync(id, new { roles = new { lead = "xeno@example.com" } });
        Assert.Equal(id, Word(Assert.Single(await ListAsync(Xeno)), "id"));
        Assert.Equal(id, Word(Assert.Single(await ListAsync(Xeno, "?status=open")), "id"));
        await MoveAsync(id, "mitigated", who: Xeno);
        await CorrectAsync(id, new { roles = new { lead = "" } });
        await GetAsync(Xeno, "/api/v1/incidents/" + id, 404);
        Assert.Empty(await ListAsync(Xeno));

        // Who stood in and took it has it, also when the other is back.
        var away = await PostAsync(Spine.Dana, "/api/v1/me/absences", new { from = Time.GetUtcNow().AddHours(-1), until = Time.GetUtcNow().AddHours(5), @delegate = "xeno@example.com", note = "holidays" }, 201);
        var other = await OpenAsync(title: "Another");
        Assert.Contains(other, (await ListAsync(Xeno)).Select(i => Word(i, "id")));
        await DoAsync(other, "acknowledge", who: Xeno);
        Assert.True((await Spine.Dana.DeleteAsync("/api/v1/me/absences/" + Word(away, "id"))).IsSuccessStatusCode);
        await MoveAsync(other, "mitigated", who: Xeno);
        await DoAsync(other, "let_go", who: Xeno);
        await DoAsync(other, "acknowledge", expect: 404, who: Xeno);
    }

    [Fact]
    public async Task OwnerOfAnAction_SeesWhatItIsAbout_AndTicksIt()
    {
        var id = await OpenAsync();
        var action = (await DoAsync(id, "review/actions", new { text = "Check the account first", owner = "xeno@example.com", due_on = "2036-01-02" })).GetProperty("actions")[0];
        Assert.NotEqual(JsonValueKind.Null, (await DoAsync(id, $"review/actions/{Word(action, "id")}/done", who: Xeno)).GetProperty("actions")[0].GetProperty("done_at").ValueKind);
        Assert.False((await GetAsync(Xeno, "/api/v1/incidents/" + id)).GetProperty("may_take_part").GetBoolean());
        await MoveAsync(id, "mitigated", 404, Xeno);
    }

    [Fact]
    public async Task Review_BegunBefore_OrRaisedAfterwards_IsDue_AndStaysAsItWasPublished()
    {
        var id = await OpenAsync("sev1");
        await WriteAsync(id, "well", "Seen at once");
        await DoAsync(id, "acknowledge");
        await MoveAsync(id, "resolved");
        Assert.NotEqual(JsonValueKind.Null, (await ReviewAsync(id)).GetProperty("due_on").ValueKind);
        Assert.Equal("incident.review", Code(await MoveAsync(id, "closed", 422)));

        var raised = await OpenAsync("sev3");
        await MoveAsync(raised, "resolved");
        Assert.Equal(JsonValueKind.Null, (await ReviewAsync(raised)).GetProperty("due_on").ValueKind);
        await CorrectAsync(raised, new { severity = "sev2" });
        var due = (await ReviewAsync(raised)).GetProperty("due_on").GetString();
        Assert.NotNull(due);
        await CorrectAsync(raised, new { severity = "sev1" });
        Assert.True(string.CompareOrdinal((await ReviewAsync(raised)).GetProperty("due_on").GetString(), due) < 0);
        Assert.Equal("incident.review", Code(await MoveAsync(raised, "closed", 422)));

        foreach (var key in new[] { "factors", "badly" }) await WriteAsync(id, key, "Said together");
        await DoAsync(id, "review/publish");
        Assert.Equal("review.published", Code(await WriteAsync(id, "badly", "Nothing at all", 409)));
        await WriteAsync(id, "badly", "Said together");   // says the same
        await MoveAsync(id, "closed");
    }

    [Fact]
    public async Task Section_WrittenByTwo_IsOverwrittenByNobodyUnseen()
    {
        var id = await OpenAsync();
        await WriteAsync(id, "well", "One");
        var desk = Host.Services.GetRequiredService<ReviewDesk>();
        var me = new PersonCaller(Host.Writer.State.Directory.ByEmail[AdminEmail], null, "test");
        Assert.Equal("review.stale", (await desk.WriteAsync(me, id, "well", "Two", null, "")).Fault!.Code);
        Assert.True((await desk.WriteAsync(me, id, "factors", "Another section", null, "")).Ok);
        Assert.True((await desk.WriteAsync(me, id, "well", "Two", null, "One")).Ok);
    }

    [Fact]
    public async Task Ended_IsNotCorrected_AndWhatItsStateSays_HasHappened()
    {
        var id = await OpenAsync();
        await MoveAsync(id, "resolved");
        Assert.Equal("incident.times", Code(await CorrectAsync(id, new { times = new { resolved = (string?)null } }, 422)));
        await CorrectAsync(id, new { title = "Wrong refund of 20" });
        await MoveAsync(id, "closed");
        Assert.Equal("incident.over", Code(await CorrectAsync(id, new { title = "Nothing happened" }, 409)));
    }

    [Fact]
    public async Task Merged_TakesItsLinksSeverityAndPeopleAlong_IntoOneThatIsOpen()
    {
        var decision = Spine.Id(await Spine.RefundAsync(20));
        var (one, other, over) = (await OpenAsync("sev1", decisions: [decision]), await OpenAsync(), await OpenAsync());
        await MoveAsync(over, "resolved");
        await CorrectAsync(one, new { roles = new { scribe = "xeno@example.com" } });
        Assert.Equal("incident.merge", Code(await DoAsync(one, "merge", new { into = over }, 422)));
        await DoAsync(one, "merge", new { into = other });
        Assert.Equal(decision, Word(Assert.Single((await StoryAsync(other)).GetProperty("links").EnumerateArray()), "id"));
        Assert.Equal("sev1", Word(await FindAsync(other), "severity"));
        await GetAsync(Xeno, "/api/v1/incidents/" + other);
    }

    [Fact]
    public async Task WhoeverHadIt_DoesNotVerify_AlsoWhereItEndedInAnother()
    {
        var (_, ada) = await Host.PersonAsync("ada@example.com", "admin");
        var (id, into) = (await OpenAsync(), await OpenAsync());
        await DoAsync(id, "responses", new { response = "hold_scaling" });
        await DoAsync(id, "acknowledge", who: ada);
        await DoAsync(id, "let_go", who: ada);
        await DoAsync(id, "verify", new { words = "I looked" }, 403, ada);
        await DoAsync(id, "merge", new { into });
        await DoAsync(into, "verify", new { words = "I looked" }, 403, ada);
        await DoAsync(into, "verify", new { words = "I looked" });
    }

    [Fact]
    public async Task RetiredAgent_AloneNamed_NobodyElseIsPaused()
    {
        var id = await OpenAsync(decisions: [Spine.Id(await Spine.RefundAsync(20))]);
        var other = Word(await PostAsync(Host.Admin, "/api/v1/agents", new { name = "Other", rollout_id = Spine.Rollout, kind = "autonomous", owner = "owner@example.com" }, 201), "id");
        await PostAsync(Host.Admin, $"/api/v1/agents/{Spine.AgentId}/retire", new { reason = "gone" });
        await DoAsync(id, "responses", new { response = "pause_agent" });
        Assert.Equal("There is no agent to pause.", Assert.Single(await LinesAsync(id, "response")));
        Assert.Null(Host.Writer.State.Agents[other].Paused);
    }

    [Fact]
    public async Task News_StayUnreadUntilTheyAreRead_AndManyOthersKeepNothingBack()
    {
        await Host.Writer.ChangeAsync<Done>((scope, _) =>
        {
            for (var i = 0; i < Notice.MostUnread; i++) scope.Db.Notices.Add(new Notice(DanaId, new Telling(1_000_000 + i, NoticeKind.Waits, "apr_x", Time.GetUtcNow(), true), Spine.Rollout, true, true));
            return Task.FromResult<Result<Done>>(Done.Value);
        });
        var id = await OpenAsync("sev1");
        await Until.True(() => CountAsync(NoticeKind.Incident, 1), "she is told all the same");
        await DoAsync(id, "acknowledge");
        await Until.True(() => CountAsync(NoticeKind.Incident, 0), "taken, so read");
        for (var i = 1; i <= 3; i++)
        {
            await DoAsync(id, "updates", new { text = $"We call them, {i}", update = true });
            await Until.True(() => CountAsync(NoticeKind.News, i), $"{i} updates");
        }
        await MoveAsync(id, "resolved");
        await Task.Delay(100);
        Assert.True(await CountAsync(NoticeKind.News, 3));

        Task<bool> CountAsync(NoticeKind kind, int count) => ReadAsync(async db => await db.Notices.CountAsync(n => n.PersonId == DanaId && n.SubjectId == id && n.Kind == kind && n.ReadAt == null) == count);
    }
}
