using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Core.Execution;
using OpsConsole.Data;
using OpsConsole.Features.Undo;
using OpsConsole.Features.Webhooks;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Http;

public sealed class SqliteUndoTests() : UndoTests(postgres: false)
{
    [Fact]
    public async Task Queries_WalkTheirIndexes()
    {
        foreach (var (plan, index) in await ReadAsync(async db => ((string, string)[])
        [
            (await QueryPlan.OfAsync(db, UndoPlanDesk.Listed(db, "rol", null, 5).Take(3)), "ix_undo_plans_rollout (rollout_id=? AND seq<?)"),
            (await QueryPlan.OfAsync(db, UndoPlanDesk.Listed(db, null, "inc", 5).Take(3)), "ix_undo_plans_incident (incident_id=? AND seq<?)"),
            (await QueryPlan.OfAsync(db, UndoPlanDesk.OfPlan(db.UndoSteps, "udp")), "ix_undo_steps_plan (plan_id=?)"),
            (await QueryPlan.OfAsync(db, UndoStepDesk.ForAgent(db.UndoSteps, "agt")), "ix_undo_steps_agent (agent_id=?)"),
            (await QueryPlan.OfAsync(db, UndoClock.DueBy(db, UndoRunner.Agent).Where(s => s.DueAt <= DateTimeOffset.UnixEpoch)), "ix_undo_steps_due (runner=? AND due_at<?)"),
            (await QueryPlan.OfAsync(db, WriteReader.To(db, new WriteTarget("crm", "a"), 5).Take(3)), "ix_written_records_target (system=? AND record=? AND audit_seq>?)"),
            (await QueryPlan.OfAsync(db, WriteReader.InScope(db, "rol", new UndoScope(UndoScopeKind.Agent, AgentId: "agt"), 5).Take(3)), "ix_written_records_agent (agent_id=? AND audit_seq>?)"),
        ]))
        {
            QueryPlan.AssertOrdered(plan);
            Assert.Contains(index, plan);
        }
        // These go through what an index holds of the few that are open, and nothing else.
        Assert.Contains("ix_undo_steps_endpoint", await ReadAsync(db => QueryPlan.OfAsync(db, UndoClock.ToEndpoint(db))));
        Assert.Contains("ix_undo_steps_agent", await ReadAsync(db => QueryPlan.OfAsync(db, UndoClock.OpenAgents(db))));
        Assert.Contains("ix_undo_steps_write", await ReadAsync(db => QueryPlan.OfAsync(db, UndoPlanDesk.OfDecisions(db, new List<long> { 1, 2 }))));
        Assert.Contains("ix_decisions_run", await ReadAsync(db => QueryPlan.OfAsync(db, WriteReader.InScope(db, "rol", new UndoScope(UndoScopeKind.Run, RunId: "run"), 0).Take(3))));
    }

    [Fact]
    public async Task Restart_InTheMiddle_GoesOnUnderTheSameIds()
    {
        var plan = await StartPlanAsync(new { decision_id = await ActAsync(Write("a", 1, 2), Write("b", 1, 2), Write("a", 2, 3)) });
        var given = await TakeAsync();
        await SayAsync(Id(given[0]), "undone");
        await Host.StopAsync();
        Time.Skip(UndoRules.Lease);
        await Host.InitializeAsync();
        var again = await TakeAsync();
        Assert.Equal([Word(given[1], "key"), Steps(plan)[2].GetProperty("id").GetString()], again.Select(t => Word(t, "key")).OrderBy(k => k == Word(given[1], "key") ? 0 : 1));
        foreach (var task in again) await SayAsync(Id(task), "undone");
        Assert.Equal("done", Word(await PlanAsync(plan), "state"));
        Assert.Equal(3, await ReadAsync(db => db.UndoSteps.CountAsync()));
    }
}

public sealed class PostgresUndoTests() : UndoTests(postgres: true)
{
    [Fact]
    public async Task TwoInstances_OnOneDatabase_SendEachStepOnce()
    {
        var settings = Host.Services.GetRequiredService<IConfiguration>();
        await using var second = await StartAsync(new HostSettings
        {
            SetUp = false, Time = Time, Services = s => s.AddSingleton<IOutbound>(Box),
            More = new Dictionary<string, string?> { ["OpsConsole:Data:Provider"] = "postgres", ["ConnectionStrings:Postgres"] = settings["ConnectionStrings:Postgres"], ["OpsConsole:Data:Directory"] = Host.Folder },
        });
        Box.Body = _ => """{"status":"undone"}""";
        await PostAsync(Host.Admin, $"/api/v1/rollouts/{Spine.Rollout}/webhooks", new { url = "https://hooks.example.com/undo", events = new[] { "undo.requested" } }, 201);
        var plan = await StartPlanAsync(new { decision_id = await ActAsync([.. Enumerable.Range(0, 20).Select(i => Write("r" + i % 5, i, i + 1))]) });
        await Until.True(async () => Word(await PlanAsync(plan), "state") == "done", "all is undone");
        Assert.Equal(Steps(plan).Select(Id).Order(), Box.Sent.Select(m => Postbox.Header(m, "webhook-id")).Order());
    }
}

/// <summary>Undo over the API: planned by people, carried out by the agent or by hand, whoever falls silent.</summary>
public abstract class UndoTests(bool postgres) : UndoFixture(postgres)
{
    [Fact]
    public async Task Rehearsal_ThatWentAllTheWay_IsEvidenceForGateC()
    {
        var plan = await PostAsync(Host.Admin, "/api/v1/undo/plans", new { scope = new { decision_id = await ActAsync(Write("a", 1, 2), Write("b", 1, 2)) }, rehearsal = true }, 201);
        Assert.True(plan.GetProperty("rehearsal").GetBoolean());
        var given = await TakeAsync();
        await SayAsync(Id(given[0]), "undone");
        Assert.DoesNotContain("rehearsal", await RollbackAsync());
        await SayAsync(Id(given[1]), "undone");
        Assert.Contains("2 writes undone in a rehearsal", await RollbackAsync());
        Assert.Contains("/undo/" + Id(plan), await RollbackAsync());
        // What was really wrong, and was undone, is no rehearsal.
        await StartPlanAsync(new { decision_id = await ActAsync(Write("c", 1, 2)) });
        await SayAsync(Id((await TakeAsync())[0]), "undone");
        Assert.Contains("2 writes undone in a rehearsal", await RollbackAsync());
    }

    private async Task<string> RollbackAsync() => (await GetAsync(Host.Admin, $"/api/v1/rollouts/{Spine.Rollout}/gates")).EnumerateArray().Single(g => Word(g, "gate") == "C").GetProperty("criteria").EnumerateArray().Single(c => Id(c) == "rollback").GetRawText();

    [Fact]
    public async Task TriggerRollback_UndoesWhatTheLinkedDecisionsAndRunsWrote()
    {
        var decision = await ActAsync("run-7", [Write("a", 1, 2)]);
        await ActAsync("run-8", [Write("b", 1, 2), Write("c", 1, 2)]);
        var incident = await PostAsync(Host.Admin, "/api/v1/incidents", new { rollout_id = Spine.Rollout, title = "Wrong", decisions = new[] { decision }, runs = new[] { "run-8" } }, 201);
        await PostAsync(Host.Admin, $"/api/v1/incidents/{Id(incident)}/responses", new { response = "trigger_rollback" });
        await PostAsync(Host.Admin, $"/api/v1/incidents/{Id(incident)}/responses", new { response = "trigger_rollback" });   // twice is once
        var plans = (await GetAsync(Host.Admin, $"/api/v1/undo/plans?incident={Id(incident)}")).GetProperty("items");
        Assert.Equal(2, plans.GetArrayLength());
        Assert.Equal(["a", "b", "c"], (await TakeAsync()).Select(t => Word(t, "record")).Order());
    }

    [Fact]
    public async Task TriggerRollback_OfADecisionAndItsOwnRun_UndoesEachWriteOnce()
    {
        var decision = await ActAsync("run-9", [Write("a", 1, 2), Write("b", 1, 2)]);
        await ActAsync("run-9", [Write("c", 1, 2)]);
        var incident = await PostAsync(Host.Admin, "/api/v1/incidents", new { rollout_id = Spine.Rollout, title = "Wrong", decisions = new[] { decision }, runs = new[] { "run-9" } }, 201);
        await PostAsync(Host.Admin, $"/api/v1/incidents/{Id(incident)}/responses", new { response = "trigger_rollback" });
        Assert.Equal(["a", "b", "c"], (await TakeAsync()).Select(t => Word(t, "record")).Order());
    }

    [Fact]
    public async Task Quarantine_RevokesTheKeys_AndLeavesTheUndoingToPeople()
    {
        var decision = await ActAsync(Write("a", 1, 2));
        var incident = await PostAsync(Host.Admin, "/api/v1/incidents", new { rollout_id = Spine.Rollout, title = "Wrong", decisions = new[] { decision } }, 201);
        var plan = await StartPlanAsync(new { decision_id = decision }, incident: Id(incident));
        Assert.Equal(["a waiting agent"], Told(plan));
        await PostAsync(Host.Admin, $"/api/v1/incidents/{Id(incident)}/responses", new { response = "quarantine" });
        await PostAsync(Agent, "/api/v1/decisions", new { action = "crm.update", arguments = new { n = 1 }, confidence = 0.9 }, 401);
        Time.Skip(TimeSpan.FromSeconds(31));
        await Until.True(async () => Told(await PlanAsync(plan)) is ["a waiting person"], "the step is for people");
    }

    [Fact]
    public async Task Decision_IsUndoneInReverse_AndNeverTwice()
    {
        var decision = await ActAsync(Write("a", 1, 2), Write("b", 1, 2), Write("a", 2, 3));
        var preview = await PreviewAsync(new { decision_id = decision });
        Assert.Equal(("preview", JsonValueKind.Null), (Word(preview, "state"), preview.GetProperty("id").ValueKind));
        Assert.Equal(["a waiting agent", "b waiting agent", "a waiting agent"], Told(preview));
        Assert.All(Steps(preview), s => Assert.NotEqual(JsonValueKind.Null, s.GetProperty("until").ValueKind));
        Assert.Empty(await LogAsync());
        Assert.Empty(await TakeAsync());

        var plan = await StartPlanAsync(new { decision_id = decision });
        Assert.Equal([2, 1, 0], Steps(plan).Select(s => s.GetProperty("write").GetInt32()));
        var given = await TakeAsync();
        Assert.Equal(["a", "b"], given.Select(t => Word(t, "record")));   // the older write of a waits for the newer
        Assert.Equal(("crm.update", 2, 3, 2), (Word(given[0], "action"), given[0].GetProperty("before").GetProperty("v").GetInt32(), given[0].GetProperty("after").GetProperty("v").GetInt32(), given[0].GetProperty("arguments").GetProperty("v").GetInt32()));
        Assert.Equal((Id(given[0]), decision), (Word(given[0], "key"), Word(given[0], "decision_id")));
        Assert.Equal(given.Select(Id), (await TakeAsync()).Select(Id));   // the answer was lost: the same again

        await SayAsync(Id(given[0]), "failed", expect: 400);
        await SayAsync(Id(given[0]), "irreversible", "no", expect: 400);
        await SayAsync(Id(given[0]), "undone");
        await SayAsync(Id(given[0]), "undone");
        Assert.Equal("undo.already_reported", Code(await SayAsync(Id(given[0]), "failed", "after all", 409)));
        Assert.Equal("undo.not_begun", Code(await SayAsync(Id(Steps(plan)[2]), "undone", expect: 409)));
        Assert.Equal([Id(given[1]), Id(Steps(plan)[2])], (await TakeAsync()).Select(Id));
        await SayAsync(Id(given[1]), "undone");
        await SayAsync(Id(Steps(plan)[2]), "undone");
        var ended = await PlanAsync(plan);
        Assert.Equal(("done", 3), (Word(ended, "state"), ended.GetProperty("counts").GetProperty("undone").GetInt32()));
        Assert.Equal(["undo.planned", "undo.sent", "undo.sent", "undo.reported", "undo.sent", "undo.reported", "undo.reported"], await LogAsync());

        Assert.Equal("undo.nothing", Code(await StartPlanAsync(new { decision_id = decision }, expect: 422)));
        var known = await PreviewAsync(new { decision_id = decision });
        Assert.Equal((0, 3, 3), (Steps(known).Count, known.GetProperty("already").GetArrayLength(), known.GetProperty("left_out").GetInt32()));
        Assert.Equal(Id(plan), Id((await GetAsync(Host.Admin, "/api/v1/undo/plans?limit=1&rollout=" + Spine.Rollout)).GetProperty("items")[0]));
    }

    [Fact]
    public async Task Scopes_TakeOneWrite_ARun_ARecord_AndAllSinceAMoment()
    {
        var first = await ActAsync("run-a", [Write("a", 1, 2), Write("b", 1, 2)]);
        Time.Skip(TimeSpan.FromMinutes(2));
        var since = Time.GetUtcNow();
        await ActAsync("run-b", [Write("c", 1, 2)]);
        await ActAsync("run-a", [Write("d", 1, 2)]);
        Assert.Equal(["b waiting agent"], Told(await PreviewAsync(new { decision_id = first, write = 1 })));
        Assert.Equal(["d waiting agent", "b waiting agent", "a waiting agent"], Told(await PreviewAsync(new { run_id = "run-a" }, inRollout: true)));
        Assert.Equal(["d waiting agent", "c waiting agent"], Told(await PreviewAsync(new { agent_id = Spine.AgentId, since })));
        Assert.Equal(["c waiting agent"], Told(await PreviewAsync(new { system = "crm", record = "c" }, inRollout: true)));
        Assert.Empty(Told(await PreviewAsync(new { system = "crm", record = "c", since = Time.GetUtcNow() }, inRollout: true)));
        await StartPlanAsync(new { agent_id = Spine.AgentId, since });
        Assert.Equal(["b waiting agent", "a waiting agent"], Told(await StartPlanAsync(new { run_id = "run-a" }, inRollout: true)));   // d has its step
    }

    [Fact]
    public async Task LaterWrite_ThatThePlanDoesNotUndo_IsAConflict_UntilItIsUndone()
    {
        var older = await ActAsync(Write("a", 1, 2));
        var newer = await ActAsync(Write("a", 2, 3));
        var plan = await StartPlanAsync(new { decision_id = older });
        Assert.Equal(["a conflict person"], Told(plan));
        var step = Id(Steps(plan)[0]);
        Assert.Equal("needs_somebody", Word(plan, "state"));
        Assert.Empty(await TakeAsync());
        Assert.Equal("undo.conflict", Code(await RetryAsync(step, 409)));
        await StartPlanAsync(new { decision_id = newer });
        await SayAsync(Id((await TakeAsync()).Single()), "undone");
        await RetryAsync(step);
        Assert.Equal([step], (await TakeAsync()).Select(Id));
        await SayAsync(step, "undone");
        Assert.Equal("done", Word(await PlanAsync(plan), "state"));
    }

    [Fact]
    public async Task SomebodyWritesAfterThePlan_IsAConflictWhenItsTurnComes_ButNotTheUndoingItself()
    {
        var plan = await StartPlanAsync(new { decision_id = await ActAsync(Write("a", 1, 2), Write("b", 1, 2), Write("b", 2, 3)) });
        await ActAsync(Write("a", 2, 9));
        var given = (await TakeAsync()).Single();
        Assert.Equal("b", Word(given, "record"));
        await ActAsync(Write("b", 3, 2));   // the agent reports its undoing as a decision of its own
        await SayAsync(Id(given), "undone");
        Assert.Equal(["b"], (await TakeAsync()).Select(t => Word(t, "record")));
        Assert.Equal(["b undone agent", "b sent agent", "a conflict agent"], Told(await PlanAsync(plan)));
    }

    [Fact]
    public async Task Conflict_StopsWhatIsOlder_AndPeopleDecide()
    {
        var plan = await StartPlanAsync(new { decision_id = await ActAsync(Write("a", 1, 2), Write("a", 2, 3)) });
        var (newer, older) = (Id(Steps(plan)[0]), Id(Steps(plan)[1]));
        await TakeAsync();
        await SayAsync(newer, "conflict", "Ida changed it by hand");
        Assert.Equal(["a conflict agent", "a conflict agent"], Told(await PlanAsync(plan)));
        await TickAsync(newer, "irreversible", "It stays", who: Spine.Owner);
        await TickAsync(newer, "irreversible", "It stays", who: Spine.Owner);
        await TickAsync(newer, "undone", expect: 409);
        await TickAsync(older, "skipped", "Because the newer one stays");
        Assert.Equal("done", Word(await PlanAsync(plan), "state"));
        Assert.Equal(["undo.planned", "undo.sent", "undo.reported", "undo.reported", "undo.reported", "undo.reported"], await LogAsync());
    }

    [Fact]
    public async Task LaterWrite_OfAnotherRollout_IsAConflict_ThatDoesNotNameItsDecision()
    {
        var decision = await ActAsync(Write("a", 1, 2));
        var plan = await StartPlanAsync(new { decision_id = await ActAsync(Write("b", 1, 2)) });
        var rollout = Id(await PostAsync(Host.Admin, "/api/v1/rollouts", new { name = "Sales", purpose = "Sell", time_zone = "Europe/Berlin" }, 201));
        await Spine.PublishAsync(Host, rollout, """{ "default": "deny", "rules": [ { "id": "R-1", "action": "crm.update", "outcome": "allow", "consequence": "low", "reversible": true } ] }""");
        foreach (var gate in "ABC") await PostAsync(Host.Admin, $"/api/v1/rollouts/{rollout}/gates/{gate}/pass", new { reason = "test", waive = new[] { "*" } });
        var agent = Id(await PostAsync(Host.Admin, "/api/v1/agents", new { name = "Seller", rollout_id = rollout, kind = "autonomous", owner = "owner@example.com" }, 201));
        await PostAsync(Host.Admin, $"/api/v1/agents/{agent}/grants", new { capability = "*", tier = "executor", reason = "test" }, 201);
        var later = await ActAsync("run-2", [Write("a", 2, 3), Write("b", 2, 3)], Host.As(Word(await PostAsync(Host.Admin, $"/api/v1/agents/{agent}/keys", new { }, 201), "key")));
        await TakeAsync();   // its turn comes, and it is looked at again
        foreach (var step in (JsonElement[])[Steps(await PreviewAsync(new { decision_id = decision }))[0], Steps(await PlanAsync(plan))[0]])
        {
            Assert.Equal("conflict", Word(step, "state"));
            Assert.Contains("An agent of another rollout wrote it again later", Word(step, "says"));
            Assert.DoesNotContain(later, step.GetRawText());
        }
    }

    [Fact]
    public async Task Silence_EndsWithAPerson_AndTryingAgainKeepsTheKey()
    {
        var plan = await StartPlanAsync(new { decision_id = await ActAsync(Write("a", 1, 2)) });
        var step = Id((await TakeAsync()).Single());
        for (var attempt = 2; attempt <= UndoRules.MostAttempts; attempt++)
        {
            Time.Skip(UndoRules.Lease);
            await UntilStepAsync(plan, step, s => s.GetProperty("attempts").GetInt32() == attempt, $"attempt {attempt}");
            Assert.Equal(step, Word((await TakeAsync()).Single(), "key"));
        }
        Time.Skip(UndoRules.Lease);
        await UntilStepAsync(plan, step, s => Word(s, "state") == "failed", "it is given up");
        Assert.Empty(await TakeAsync());
        Assert.Equal("needs_somebody", Word(await PlanAsync(plan), "state"));
        await RetryAsync(step);
        await RetryAsync(step, 409);
        Assert.Equal(step, Word((await TakeAsync()).Single(), "key"));
        await SayAsync(step, "partly", "Half of it");
        await RetryAsync(step);
        await TakeAsync();
        await SayAsync(step, "undone");
        Assert.Equal("done", Word(await PlanAsync(plan), "state"));
        Assert.Equal(1, await ReadAsync(db => db.UndoSteps.CountAsync()));
    }

    [Fact]
    public async Task HandedOver_IsThatPersons_AndTheAgentsNoMore()
    {
        var plan = await StartPlanAsync(new { decision_id = await ActAsync(Write("a", 1, 2)) });
        var step = Id((await TakeAsync()).Single());
        await HandOverAsync(step, "dana@example.com", expect: 422);
        var handed = await HandOverAsync(step, "owner@example.com", "Please look");
        Assert.Equal(("person", "owner"), (Word(handed, "runner"), Word(handed.GetProperty("person"), "name")));
        Assert.Equal("It was given out before and may have been undone: look at the record first. Please look", Word(handed, "says"));
        Assert.Empty(await TakeAsync());
        Assert.Equal("undo.not_begun", Code(await SayAsync(step, "undone", expect: 409)));
        Assert.Equal("undo.not_yours", Code(await TickAsync(step, "undone", expect: 403)));
        await TickAsync(step, "undone", who: Spine.Owner);
        Assert.Equal(("done", "owner"), (Word(await PlanAsync(plan), "state"), Word(Steps(await PlanAsync(plan))[0], "ended_by")));
        await HandOverAsync(step, expect: 409);
        Assert.Equal(["undo.planned", "undo.sent", "undo.handed_over", "undo.reported"], await LogAsync());
    }

    [Fact]
    public async Task WhatOnlyPeopleCanUndo_WaitsForThem()
    {
        var asked = await Spine.AskAsync(new { action = "crm.delete", arguments = new { record = "x" }, confidence = 0.9 }, 202);
        await Spine.DecideAsync(Spine.Dana, asked, new { verdict = "approve", reason = "ok" });
        await PostAsync(Agent, $"/api/v1/decisions/{Spine.Id(asked)}/outcome", new { status = "succeeded", writes = new[] { Write("x", 1, 0) } });
        Assert.Equal(["x waiting person"], Told(await PreviewAsync(new { decision_id = Spine.Id(asked) })));
        Assert.Equal(["y waiting person"], Told(await PreviewAsync(new { decision_id = await ActAsync(Write("y", 1, 2, action: null)) })));
        var late = await ActAsync(Write("z", 1, 2));
        Time.Skip(TimeSpan.FromHours(25));
        Assert.Equal(["z waiting person"], Told(await PreviewAsync(new { decision_id = late })));
        var plan = await StartPlanAsync(new { decision_id = late });
        Assert.Equal("undo.state", Code(await RetryAsync(Id(Steps(plan)[0]), 409)));
        await TickAsync(Id(Steps(plan)[0]), "failed", "The system is down");
        Assert.Equal("undo.by_hand", Code(await RetryAsync(Id(Steps(plan)[0]), 409)));
    }

    [Fact]
    public async Task Strangers_SeeAndDoNothing()
    {
        var decision = await ActAsync(Write("a", 1, 2));
        var (_, stranger) = await Host.PersonAsync("xeno@example.com", "member");
        await PostAsync(stranger, "/api/v1/undo/plans", new { scope = new { decision_id = decision } }, 404);
        await PostAsync(Spine.Dana, "/api/v1/undo/plans", new { scope = new { decision_id = decision } }, 403);   // she decides there, and is no member
        await PostAsync(Agent, "/api/v1/undo/plans", new { scope = new { decision_id = decision } }, 403);
        var plan = await StartPlanAsync(new { decision_id = decision });
        var step = Id(Steps(plan)[0]);
        await GetAsync(stranger, "/api/v1/undo/plans/" + Id(plan), 404);
        await TickAsync(step, "undone", expect: 404, who: stranger);
        await TickAsync(step, "undone", expect: 403, who: Spine.Dana);
        Assert.Empty((await GetAsync(stranger, "/api/v1/undo/plans")).GetProperty("items").EnumerateArray());
        var other = await OtherAgentAsync();
        Assert.Empty(await TakeAsync(other));
        await TakeAsync();
        await PostAsync(other, $"/api/v1/undo/{step}/outcome", new { status = "undone" }, 404);
        await GetAsync(Host.Admin, "/api/v1/undo", 403);
        await PostAsync(Host.Admin, "/api/v1/undo/plans", new { scope = new { decision_id = decision, run_id = "x" } }, 400);
        await PostAsync(Host.Admin, "/api/v1/undo/plans", new { scope = new { run_id = "x" } }, 400);
        await PostAsync(Host.Admin, "/api/v1/undo/plans", new { scope = new { agent_id = Spine.AgentId } }, 400);
    }

    [Fact]
    public async Task ManySteps_AreGivenOutAsManyAsAreAskedFor()
    {
        await StartPlanAsync(new { decision_id = await ActAsync([.. Enumerable.Range(0, 70).Select(i => Write("r" + i, 1, 2))]) });
        Assert.Equal(50, (await TakeAsync()).Count);
        Assert.Equal(50, await ReadAsync(db => db.UndoSteps.CountAsync(s => s.State == UndoState.Sent)));
        Assert.Equal(70, (await GetAsync(Agent, "/api/v1/undo?limit=200")).GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task Plan_TakesAThousandWrites_AndNoMore()
    {
        await ActAsync("long", [.. Enumerable.Range(0, UndoPlan.MostSteps).Select(i => Write("r" + i, 1, 2))]);
        var since = Time.GetUtcNow();
        Assert.Equal(UndoPlan.MostSteps, Steps(await PreviewAsync(new { run_id = "long" }, inRollout: true)).Count);
        await ActAsync("long", [Write("r5", 2, 3)]);
        Assert.Equal("undo.too_many", Code(await StartPlanAsync(new { run_id = "long" }, inRollout: true, expect: 422)));
        Assert.Equal(["r5 waiting agent"], Told(await StartPlanAsync(new { agent_id = Spine.AgentId, since })));
    }

    [Fact]
    public async Task RetiredAgent_LeavesItsStepsToPeople()
    {
        var plan = await StartPlanAsync(new { decision_id = await ActAsync(Write("a", 1, 2)) });
        await PostAsync(Host.Admin, $"/api/v1/agents/{Spine.AgentId}/retire", new { reason = "gone" });
        await UntilStepAsync(plan, Id(Steps(plan)[0]), s => Word(s, "runner") == "person", "it is handed over");
        Assert.Equal("needs_somebody", Word(await PlanAsync(plan), "state"));
    }

    [Fact]
    public async Task Incident_TellsHowItsUndoGoes()
    {
        var decision = await ActAsync(Write("a", 1, 2));
        await StartPlanAsync(new { decision_id = decision }, incident: "inc_00000000000010000000000000", expect: 422);
        var incident = Id(await PostAsync(Host.Admin, "/api/v1/incidents", new { rollout_id = Spine.Rollout, title = "Wrong update", decisions = new[] { decision } }, 201));
        await StartPlanAsync(new { decision_id = decision }, incident: incident);
        await SayAsync(Id((await TakeAsync()).Single()), "undone");
        var lines = (await GetAsync(Host.Admin, "/api/v1/incidents/" + incident)).GetProperty("timeline").EnumerateArray().Where(l => Word(l, "kind") == "undo").Select(l => Word(l, "text")).ToList();
        Assert.Equal(3, lines.Count);
        Assert.Contains("It was wrong", lines[0]);
        Assert.Contains("undone", lines[2]);
        Assert.Single((await GetAsync(Host.Admin, "/api/v1/undo/plans?incident=" + incident)).GetProperty("items").EnumerateArray());
    }

    private async Task<HttpClient> OtherAgentAsync()
    {
        var id = Id(await PostAsync(Host.Admin, "/api/v1/agents", new { name = "Other", rollout_id = Spine.Rollout, kind = "autonomous", owner = "owner@example.com" }, 201));
        return Host.As(Word(await PostAsync(Host.Admin, $"/api/v1/agents/{id}/keys", new { }, 201), "key"));
    }
}
