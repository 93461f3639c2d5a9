using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Core.Access;
using OpsConsole.Core.Execution;
using OpsConsole.Features.Decisions;
using OpsConsole.Features.Undo;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Http;

public sealed class SqliteWindowTests() : WindowTests(postgres: false)
{
    [Fact]
    public async Task Silence_DuringARestart_IsSeenToAfterIt()
    {
        var decision = await ActAsync("crm.set", Write("a", 1, 2));
        await Host.StopAsync();
        Time.Skip(TimeSpan.FromHours(5));
        await Host.InitializeAsync();
        await StandsAsync(decision, "undone");
        Assert.Equal(1, await ReadAsync(db => db.UndoPlans.CountAsync()));
    }

    [Fact]
    public async Task Queries_WalkTheirIndexes()
    {
        foreach (var rollout in (string?[])[null, "rol"])
            foreach (var part in (WindowState[])[WindowState.Open, WindowState.Escalated])
                foreach (var required in (bool[])[false, true])
                {
                    var plan = await ReadAsync(db => QueryPlan.OfAsync(db, WindowDesk.Waiting(db, rollout, part, required, new WindowPlace(part, DateTimeOffset.UnixEpoch, 5), DateTimeOffset.UnixEpoch).Take(3)));
                    QueryPlan.AssertOrdered(plan);
                    Assert.Contains("ix_reversible_windows", plan);
                    Assert.Contains("until>", plan);
                }
        Assert.Contains("ix_reversible_windows_required", await ReadAsync(db => QueryPlan.OfAsync(db, WindowClock.Unconfirmed(db).Take(3))));
    }
}

public sealed class PostgresWindowTests() : WindowTests(postgres: true);

/// <summary>What an agent wrote is provisional for its window: vetoed and undone, confirmed, or neither.</summary>
public abstract class WindowTests(bool postgres) : UndoFixture(postgres)
{
    /// <summary>crm.update may stay by silence; crm.set must be confirmed or is undone, crm.send must be confirmed or more people are told, crm.wipe cannot be undone at all.</summary>
    protected override string Rules => """
    { "default": "deny", "rules": [
        { "id": "R-1", "action": "crm.update", "outcome": "allow", "consequence": "low", "reversible": true, "window": "PT1H" },
        { "id": "R-2", "action": "crm.set", "outcome": "allow", "consequence": "low", "reversible": true, "window": "PT1H", "confirm": "required", "approvers": ["group:leads"] },
        { "id": "R-3", "action": "crm.send", "outcome": "allow", "consequence": "low", "reversible": true, "window": "PT1H", "confirm": "required", "on_expiry": "escalate", "approvers": ["group:leads"] },
        { "id": "R-4", "action": "crm.wipe", "outcome": "approve", "consequence": "low", "reversible": false, "window": "PT1H", "confirm": "required", "approvers": ["group:leads"] } ] }
    """;

    [Fact]
    public async Task Veto_InsideTheWindow_UndoesTheDecision()
    {
        var decision = await ActAsync("crm.update", Write("a", 1, 2));
        var window = Assert.Single(await WindowsAsync());
        Assert.Equal((decision, "open", false), (Word(window, "decision_id"), Word(window, "state"), window.GetProperty("required").GetBoolean()));
        Assert.Equal("field.invalid", Code(await PostAsync(Host.Admin, $"/api/v1/decisions/{decision}/veto", new { }, 400)));
        var vetoed = await PostAsync(Host.Admin, $"/api/v1/decisions/{decision}/veto", new { words = "The wrong customer" });
        Assert.Equal("vetoed", Word(vetoed, "state"));
        var given = Assert.Single(await TakeAsync());
        await SayAsync(Id(given), "undone");
        Assert.Equal("done", Word(await GetAsync(Host.Admin, "/api/v1/undo/plans/" + Word(vetoed, "plan_id")), "state"));
        Assert.Empty(await WindowsAsync());
        Assert.Equal("window.ended", Code(await PostAsync(Host.Admin, $"/api/v1/decisions/{decision}/veto", new { words = "Again" }, 409)));
        Assert.Equal(1, await ReadAsync(db => db.UndoPlans.CountAsync()));
    }

    [Fact]
    public async Task Silence_WhereNothingIsRequired_MakesItPermanent()
    {
        var decision = await ActAsync("crm.update", Write("a", 1, 2));
        Time.Skip(TimeSpan.FromHours(1));
        Assert.Empty(await WindowsAsync());
        Assert.Equal("window.closed", Code(await PostAsync(Host.Admin, $"/api/v1/decisions/{decision}/veto", new { words = "Late" }, 409)));
        Assert.Equal(0, await ReadAsync(db => db.UndoPlans.CountAsync()));
    }

    [Fact]
    public async Task Confirm_ByWhoeverTheRowAsks_MakesItPermanent()
    {
        var decision = await ActAsync("crm.set", Write("a", 1, 2));
        Assert.Equal("undone", Word(Assert.Single(await WindowsAsync()), "after_silence"));
        Assert.Equal("window.not_yours", Code(await PostAsync(Spine.Owner, $"/api/v1/decisions/{decision}/confirm", new { }, 403)));
        Assert.Equal("confirmed", Word(await PostAsync(Spine.Dana, $"/api/v1/decisions/{decision}/confirm", new { words = "Looked at it" }), "state"));
        Time.Skip(TimeSpan.FromHours(2));
        await StandsAsync(decision, "confirmed");
        Assert.Equal(0, await ReadAsync(db => db.UndoPlans.CountAsync()));
    }

    [Fact]
    public async Task Silence_WhereItMustBeConfirmed_Undoes()
    {
        var decision = await ActAsync("crm.set", Write("a", 1, 2));
        Time.Skip(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(40));
        await StandsAsync(decision, "undone");
        Assert.Equal("a", Word(Assert.Single(await TakeAsync()), "record"));
        Assert.Equal("window.ended", Code(await PostAsync(Spine.Dana, $"/api/v1/decisions/{decision}/confirm", new { }, 409)));
        Assert.Equal(1, await ReadAsync(db => db.UndoPlans.CountAsync()));
    }

    [Fact]
    public async Task Silence_WhereTheRowEscalates_OpensAnIncidentAndStaysToBeDecided()
    {
        var decision = await ActAsync("crm.send", Write("a", 1, 2));
        Time.Skip(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(40));
        await StandsAsync(decision, "escalated");
        await Until.True(async () => await ReadAsync(db => db.Incidents.AnyAsync(i => i.Cause == "unconfirmed:" + Spine.AgentId)), "an incident tells of it");
        Assert.Equal("escalated", Word(Assert.Single(await WindowsAsync()), "state"));
        Assert.Equal("vetoed", Word(await PostAsync(Spine.Dana, $"/api/v1/decisions/{decision}/veto", new { words = "No" }), "state"));
        Assert.Single(await TakeAsync());
    }

    [Fact]
    public async Task Silence_WhereNothingCanBeUndone_Escalates()
    {
        var answer = await PostAsync(Agent, "/api/v1/decisions", new { action = "crm.wipe", arguments = new { n = 1 }, confidence = 0.9 }, 202);
        var decision = Spine.Id(answer);
        await PostAsync(Spine.Dana, $"/api/v1/approvals/{answer.GetProperty("approval").GetProperty("id").GetString()}/decision", new { verdict = "approve" });
        await PostAsync(Agent, $"/api/v1/decisions/{decision}/outcome", new { status = "succeeded", writes = new[] { Write("a", 1, 2) } });
        Assert.True(Assert.Single(await WindowsAsync()).GetProperty("required").GetBoolean());
        Time.Skip(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(40));
        await StandsAsync(decision, "escalated");
        Assert.Equal("confirmed", Word(await PostAsync(Spine.Dana, $"/api/v1/decisions/{decision}/confirm", null), "state"));
    }

    [Fact]
    public async Task Report_ThatComesAfterTheTimeToConfirm_LeavesTimeAllTheSame()
    {
        var answer = await PostAsync(Agent, "/api/v1/decisions", new { action = "crm.set", arguments = new { n = Guid.NewGuid() }, confidence = 0.9 });
        Time.Skip(TimeSpan.FromHours(2));
        await PostAsync(Agent, $"/api/v1/decisions/{Spine.Id(answer)}/outcome", new { status = "succeeded", writes = new[] { Write("a", 1, 2) } });
        Assert.Equal("open", Word(Assert.Single(await WindowsAsync()), "state"));
        Assert.Equal("confirmed", Word(await PostAsync(Spine.Dana, $"/api/v1/decisions/{Spine.Id(answer)}/confirm", null), "state"));
    }

    [Fact]
    public async Task Silence_WhereOnlyPeopleCanUndo_EscalatesAndStartsNothing()
    {
        var decision = await ActAsync("crm.set", Write("a", 1, 2, action: null));
        Time.Skip(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(40));
        await StandsAsync(decision, "escalated");
        Assert.Equal(0, await ReadAsync(db => db.UndoPlans.CountAsync()));
    }

    [Fact]
    public async Task Admin_WhomTheRowDoesNotAsk_SaysWhy()
    {
        var decision = await ActAsync("crm.set", Write("a", 1, 2));
        Assert.Equal("field.required", Code(await PostAsync(Host.Admin, $"/api/v1/decisions/{decision}/confirm", new { }, 400)));
        Assert.Equal("confirmed", Word(await PostAsync(Host.Admin, $"/api/v1/decisions/{decision}/confirm", new { words = "Both leads are away" }), "state"));
    }

    [Fact]
    public async Task Veto_ByAnAdminWhoTakesNoPart_IsBreakGlass_AndByAMemberIsNot()
    {
        var (_, second) = await Host.PersonAsync("second@example.com", "admin");
        foreach (var (who, broken) in new[] { (second, true), (Spine.Owner, false), (Spine.Dana, false) })
        {
            var decision = await ActAsync("crm.set", Write("a", 1, 2));
            Assert.Equal(broken, (await GetAsync(who, $"/api/v1/decisions/{decision}/window")).GetProperty("veto_breaks_glass").GetBoolean());
            await PostAsync(who, $"/api/v1/decisions/{decision}/veto", new { words = "No" });
            Assert.Contains($"\"break_glass\":{(broken ? "true" : "false")}", await ReadAsync(db => db.Audit.AsNoTracking().Where(a => a.Event == "window.vetoed" && a.Object == decision).Select(a => a.Leaf).SingleAsync()));
            Assert.Contains(broken ? "Vetoed (break-glass)" : "Vetoed", await TitlesAsync(decision));
        }
    }

    [Fact]
    public async Task Veto_OfWhatNoReportNames_AsksSomebodyToLook()
    {
        var decision = await ActAsync("crm.set");
        var vetoed = await PostAsync(Spine.Dana, $"/api/v1/decisions/{decision}/veto", new { words = "It did something all the same" });
        Assert.Equal((JsonValueKind.Null, 0), (vetoed.GetProperty("plan_id").ValueKind, vetoed.GetProperty("writes").GetInt32()));
        var alert = await ReadAsync(db => db.Alerts.AsNoTracking().SingleAsync(a => a.Kind == "vetoed.unreported"));
        Assert.Equal((decision, Spine.AgentId), (alert.DecisionId, alert.AgentId));
        Assert.Contains("look into the system itself", alert.Text);
        // What was reported is undone, so nobody has to look.
        await PostAsync(Spine.Dana, $"/api/v1/decisions/{await ActAsync("crm.set", Write("a", 1, 2))}/veto", new { words = "No" });
        Assert.Equal(1, await ReadAsync(db => db.Alerts.CountAsync(a => a.Kind == "vetoed.unreported")));
    }

    [Fact]
    public async Task Story_SaysProvisional_OnlyOfWhatWasWritten()
    {
        var asked = Spine.Id(await PostAsync(Agent, "/api/v1/decisions", new { action = "crm.update", arguments = new { n = 0 }, confidence = 0.9 }));
        Assert.DoesNotContain("Provisional", await TitlesAsync(asked));
        Assert.DoesNotContain("Provisional", await TitlesAsync(await ActAsync("crm.update")));
        Assert.Contains("Provisional", await TitlesAsync(await ActAsync("crm.update", Write("a", 1, 2))));
    }

    private async Task<IReadOnlyList<string>> TitlesAsync(string decision)
    {
        var admin = new PersonCaller(Host.Writer.State.Directory.ByEmail[AdminEmail], null, "session");
        return [.. (await Host.Services.GetRequiredService<DecisionStory>().TellAsync(admin, decision, default)).Value.Steps.Select(s => s.Title)];
    }

    [Fact]
    public async Task Windows_OfOthers_AreNotSeen()
    {
        var decision = await ActAsync("crm.update", Write("a", 1, 2));
        var (_, stranger) = await Host.PersonAsync("stranger@example.com", "member");
        Assert.Empty((await GetAsync(stranger, "/api/v1/undo/windows")).GetProperty("items").EnumerateArray());
        await PostAsync(stranger, $"/api/v1/decisions/{decision}/veto", new { words = "Mine now" }, 404);
        await GetAsync(stranger, $"/api/v1/decisions/{decision}/window", 404);
    }

    [Fact]
    public async Task StandIn_WhoDoesNotSeeTheRollout_SeesWhatTheyHaveToConfirm()
    {
        var (_, mia) = await Host.PersonAsync("mia@example.com", "member");
        var now = Time.GetUtcNow();
        await PostAsync(Spine.Dana, "/api/v1/me/absences", new { from = now.AddHours(-1), until = now.AddHours(5), @delegate = "mia@example.com" }, 201);
        await ActAsync("crm.update", Write("a", 1, 2));
        var asked = await ActAsync("crm.set", Write("b", 1, 2));
        Assert.Equal([asked], (await GetAsync(mia, "/api/v1/undo/windows")).GetProperty("items").EnumerateArray().Select(w => Word(w, "decision_id")));
        Assert.Equal("confirmed", Word(await PostAsync(mia, $"/api/v1/decisions/{asked}/confirm", new { }), "state"));
    }

    [Fact]
    public async Task List_Pages_TheEscalatedFirst()
    {
        var lost = await ActAsync("crm.send", Write("z", 1, 2));
        Time.Skip(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(40));
        await StandsAsync(lost, "escalated");
        List<string> made = [lost];
        for (var i = 0; i < 4; i++)
        {
            made.Add(await ActAsync(i % 2 == 0 ? "crm.update" : "crm.set", Write("r" + i, 1, 2)));
            Time.Skip(TimeSpan.FromSeconds(1));
        }
        List<string> seen = [];
        for (string? after = ""; after is not null;)
        {
            var page = await GetAsync(Host.Admin, $"/api/v1/undo/windows?limit=2{(after.Length > 0 ? "&after=" + after : "")}");
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(w => Word(w, "decision_id")));
            after = page.GetProperty("next").GetString();
        }
        Assert.Equal(made, seen);
        Assert.Equal([lost, made[2], made[4]], (await GetAsync(Host.Admin, "/api/v1/undo/windows?required=true")).GetProperty("items").EnumerateArray().Select(w => Word(w, "decision_id")));
        await GetAsync(Host.Admin, "/api/v1/undo/windows?after=x", 400);
    }

    private protected async Task<string> ActAsync(string action, params object[] writes)
    {
        var answer = await PostAsync(Agent, "/api/v1/decisions", new { action, arguments = new { n = Guid.NewGuid() }, run_id = "run-w", confidence = 0.9 });
        await PostAsync(Agent, $"/api/v1/decisions/{Spine.Id(answer)}/outcome", new { status = "succeeded", writes });
        return Spine.Id(answer);
    }

    private async Task<IReadOnlyList<JsonElement>> WindowsAsync() => [.. (await GetAsync(Host.Admin, "/api/v1/undo/windows")).GetProperty("items").EnumerateArray()];

    private protected Task StandsAsync(string decision, string state) => Until.True(async () => Word(await GetAsync(Host.Admin, $"/api/v1/decisions/{decision}/window"), "state") == state, $"the window is {state}");
}
