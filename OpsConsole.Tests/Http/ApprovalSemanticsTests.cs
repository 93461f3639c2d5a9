using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Core.Access;
using OpsConsole.Core.Authority;
using OpsConsole.Features.Decisions;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.Spine;

namespace OpsConsole.Http;

/// <summary>The corners of section N over HTTP: who can decide when nobody can, saying the same and the opposite, claiming after authority was tightened, what an edit was judged by.</summary>
public sealed class ApprovalSemanticsTests : IAsyncLifetime
{
    private const string Two = """
    { "boundaries": [ { "action": "payment.*", "when": [ { "field": "arguments.amount", "op": ">", "value": 5 } ], "reason": "small ones only" } ],
      "rules": [
        { "id": "S", "action": "mail.send", "outcome": "approve", "approvers": ["user:dana@example.com", "user:lee@example.com"], "quorum": 2, "order": "sequence" },
        { "id": "G", "action": "refund.create", "when": [ { "field": "arguments.amount", "op": "<=", "value": 200 } ], "outcome": "approve", "approvers": ["user:lee@example.com"], "reversible": true },
        { "id": "H", "action": "refund.create", "outcome": "approve", "approvers": ["group:leads"], "quorum": 2, "reversible": true },
        { "id": "A", "action": "note.add", "outcome": "allow", "consequence": "low", "reversible": true, "claim": true },
        { "id": "B", "action": "note.drop", "outcome": "allow", "consequence": "high", "approvers": ["user:dana@example.com"], "reversible": true, "claim": true },
        { "id": "R", "action": "note.read", "effect": "read", "consequence": "low", "outcome": "allow", "claim": true },
        { "id": "P", "action": "note.ask", "outcome": "approve", "approvers": ["user:dana@example.com"], "reversible": true, "claim": true }
      ] }
    """;

    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync();
        _spine = await BuildAsync(_host, Two, "ABCD");
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    private Task<JsonElement> MailAsync() => _spine.AskAsync(new { action = "mail.send", arguments = new { to = "x@example.com" } }, 202);

    private async Task DisableAsync(string email)
    {
        var people = await ConsoleHost.GetAsync(_host.Admin, "/api/v1/people");
        var id = people.GetProperty("items").EnumerateArray().Single(p => p.GetProperty("email").GetString() == email).GetProperty("id").GetString();
        await ConsoleHost.SendAsync(_host.Admin, HttpMethod.Patch, "/api/v1/people/" + id, new { disabled = true }, 200);
    }

    private static bool SaysNobody(JsonElement answer) => answer.GetProperty("reasons").EnumerateArray().Any(r => r.GetProperty("code").GetString() == "approval.nobody_eligible");

    /// <summary>Escalation follows the change of authority by itself; it is looked for until it is there.</summary>
    private async Task<JsonElement> EscalatedAsync(JsonElement asked)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            var told = await _spine.GetAsync(asked);
            if (SaysNobody(told)) return told;
            limit.Token.ThrowIfCancellationRequested();
        }
    }

    [Fact]
    public async Task Sequence_FirstStepDisabledWhileOpen_IsEscalatedAndCanStillBeDecided()
    {
        var asked = await MailAsync();
        Assert.False(SaysNobody(asked));
        await DisableAsync("dana@example.com");
        var told = await EscalatedAsync(asked);
        Assert.Equal(("pending", "pending"), (Outcome(told), told.GetProperty("approval").GetProperty("status").GetString()));
        // The rollout's owner stands in, Lee is still asked, and both have to say yes.
        Assert.Equal("pending", (await _spine.DecideAsync(_spine.Lee, asked, new { verdict = "approve" })).GetProperty("status").GetString());
        var view = await _spine.DecideAsync(_host.Admin, asked, new { verdict = "approve" });
        Assert.Equal(("approved", false), (view.GetProperty("status").GetString(), view.GetProperty("votes")[1].GetProperty("break_glass").GetBoolean()));
        Assert.Equal("allow", Outcome(await _spine.WaitAsync(asked)));
        // The next one is escalated before the answer is given.
        Assert.True(SaysNobody(await MailAsync()));
    }

    [Fact]
    public async Task Sequence_SecondStepIsNobody_IsEscalatedByTheFirstYes()
    {
        await DisableAsync("lee@example.com");
        var asked = await MailAsync();
        Assert.False(SaysNobody(asked));
        var view = await _spine.DecideAsync(_spine.Dana, asked, new { verdict = "approve" });
        Assert.True(SaysNobody(view));
        Assert.True(view.GetProperty("escalated").GetBoolean());
        Assert.Equal("approved", (await _spine.DecideAsync(_host.Admin, asked, new { verdict = "approve" })).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Group_EmptiedWhileOpen_IsEscalated()
    {
        var asked = await _spine.RefundAsync(300, 202);
        await ConsoleHost.PostAsync(_host.Admin, "/api/v1/groups", new { name = "leads", members = Array.Empty<string>() });
        Assert.True(SaysNobody(await EscalatedAsync(asked)));
        Assert.Contains("user:admin@example.com", (await ConsoleHost.GetAsync(_host.Admin, "/api/v1/approvals/" + asked.GetProperty("approval").GetProperty("id").GetString())).GetProperty("approvers").EnumerateArray().Select(a => a.GetString()));
    }

    [Fact]
    public async Task Verdicts_SameIsSuccess_ContradictingIs409WithWhatWasSaid()
    {
        var asked = await _spine.RefundAsync(300, 202);
        await _spine.DecideAsync(_spine.Dana, asked, new { verdict = "approve" });
        await _spine.DecideAsync(_spine.Dana, asked, new { verdict = "approve" });
        var contradicted = await _spine.DecideAsync(_spine.Dana, asked, new { verdict = "reject", reason = "after all not" }, 409);
        Assert.Equal(("approval.decided", "approve", "dana"), (contradicted.GetProperty("code").GetString(), contradicted.GetProperty("decision").GetProperty("verdict").GetString(), contradicted.GetProperty("decision").GetProperty("by").GetString()));
        Assert.Equal("pending", Outcome(await _spine.GetAsync(asked)));

        var edit = new { verdict = "edit", arguments = new { amount = 150, order = "8812" } };
        Assert.Equal("pending", (await _spine.DecideAsync(_spine.Dana, asked, edit)).GetProperty("status").GetString());   // rule G asks Lee alone
        Assert.Equal("edited", (await _spine.DecideAsync(_spine.Lee, asked, edit)).GetProperty("status").GetString());
        Assert.Equal("edited", (await _spine.DecideAsync(_spine.Lee, asked, edit)).GetProperty("status").GetString());
        await _spine.DecideAsync(_spine.Lee, asked, new { verdict = "edit", arguments = new { amount = 151 } }, 409);
    }

    [Theory]
    [InlineData("note.add", "D", null)]            // still low and reversible at gate C
    [InlineData("note.drop", "D", "gate C")]       // high consequence waits for a person at gate C
    [InlineData("note.add", "C", "gate B")]
    [InlineData("note.read", "B", null)]           // reads run at gate A
    [InlineData("note.add", "B", "denied now")]
    public async Task Claim_AfterAGateFell_IsWhatTheTableSaysToday(string action, string revoked, string? why)
    {
        var asked = await _spine.AskAsync(new { action });
        Assert.Equal("allow", Outcome(asked));
        foreach (var gate in "DCB".TakeWhile(g => g >= revoked[0])) await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/gates/{gate}/revoke", new { reason = "drill" });
        await ClaimAsync(asked, why);
    }

    [Fact]
    public async Task Claim_AfterTheTierWasLowered_IsRefused_ButNotWhatAPersonApproved()
    {
        var (free, approved) = (await _spine.AskAsync(new { action = "note.add" }), await _spine.AskAsync(new { action = "note.ask" }, 202));
        await _spine.DecideAsync(_spine.Dana, approved, new { verdict = "approve" });
        await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/agents/{_spine.AgentId}/grants", new { capability = "*", tier = "contributor", reason = "drill" }, 201);
        await ClaimAsync(free, "contributor");
        await ClaimAsync(approved, null);
    }

    [Fact]
    public async Task Claim_WhilePaused_IsRefusedAndWorksAfterwards()
    {
        var asked = await _spine.AskAsync(new { action = "note.add" });
        await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/pause", new { reason = "drill" });
        Assert.Equal("paused", (await ConsoleHost.PostAsync(_spine.Agent, $"/api/v1/decisions/{Id(asked)}/claim", new { }, 409)).GetProperty("code").GetString());
        await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/resume", new { reason = "over" });
        await ClaimAsync(asked, null);
    }

    private async Task ClaimAsync(JsonElement asked, string? refusedFor)
    {
        var answer = await ConsoleHost.PostAsync(_spine.Agent, $"/api/v1/decisions/{Id(asked)}/claim", new { }, refusedFor is null ? 200 : 409);
        if (refusedFor is null) return;
        Assert.Equal("authority.changed", answer.GetProperty("code").GetString());
        Assert.Contains(refusedFor, answer.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"action":"note.add","arguments":{"amount":1e-400}}""", "arguments.amount")]
    [InlineData("""{"action":"note.add","arguments":{"list":[0,-1E-999]}}""", "arguments.list[1]")]
    [InlineData("""{"action":"note.add","expected_cost":{"usd":"1e-30"}}""", "expected_cost.usd")]
    [InlineData("""{"action":"note.add","expected_cost":{"usd":1e-30}}""", "expected_cost.usd")]
    [InlineData("""{"action":"note.add","undo":{"kind":"pray"}}""", "undo.kind")]
    [InlineData("""{"action":"note.add","undo":{"kind":"manual","surprise":1}}""", "undo.surprise")]
    public async Task Ask_TooSmallForANumberOrAWrongUndo_Is400WithTheField(string body, string field)
        => Assert.Equal(field, (await _spine.AskAsync(JsonElement.Parse(body), 400)).GetProperty("field").GetString());

    [Fact]
    public async Task Report_WrongUndoOfAWrite_Is400WithTheField()
    {
        var asked = await _spine.AskAsync(new { action = "note.read" });
        var fault = await ConsoleHost.PostAsync(_spine.Agent, $"/api/v1/decisions/{Id(asked)}/outcome", new { status = "succeeded", writes = new[] { new { system = "crm", record = "1", operation = "update", undo = new { kind = "pray" } } } }, 400);
        Assert.Equal("writes[0].undo.kind", fault.GetProperty("field").GetString());
    }

    [Fact]
    public async Task Ask_BoundaryThatCannotBeRead_SaysSo()
    {
        var answer = await _spine.AskAsync(new { action = "payment.send", arguments = new { amount = "3" } });
        Assert.Equal(["boundary", "condition.unknown"], answer.GetProperty("reasons").EnumerateArray().Select(r => r.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task Agent_CriteriaOfTheRollout_AreAnObjectAlsoWithoutAny()
    {
        Assert.Equal("{}", (await ConsoleHost.GetAsync(_spine.Agent, "/api/v1/agent")).GetProperty("performance_criteria").GetRawText());
        await ConsoleHost.SendAsync(_host.Admin, HttpMethod.Patch, "/api/v1/rollouts/" + _spine.Rollout, new { thresholds = new { override_rate = 0.05 } }, 200);
        Assert.Equal(0.05, (await ConsoleHost.GetAsync(_spine.Agent, "/api/v1/agent")).GetProperty("performance_criteria").GetProperty("override_rate").GetDouble());
    }

    [Fact]
    public async Task Draft_OnTheWire_IsReadable()
    {
        using var response = await _host.Admin.GetAsync($"/api/v1/rollouts/{_spine.Rollout}/matrix");
        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
        Assert.Contains("\"op\":\">\"", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Story_EditedDecision_ShowsHowTheEditWasJudged_UnderTheVersionOfItsMoment()
    {
        var asked = await _spine.RefundAsync(300, 202);
        await PublishAsync(_host, _spine.Rollout, Two.Replace("\"value\": 200", "\"value\": 250", StringComparison.Ordinal));
        await _spine.DecideAsync(_spine.Lee, asked, new { verdict = "edit", arguments = new { amount = 240, order = "8812" } });
        var state = _host.Writer.State;
        var me = new PersonCaller(state.Directory.ByEmail[ConsoleHost.AdminEmail], null, "session");
        var story = (await _host.Services.GetRequiredService<DecisionStory>().TellAsync(me, Id(asked), default)).Value;
        Assert.Equal([("H", 1), ("G", 2)], story.Judgements.Select(j => (Assert.Single(j.Rules, r => r.Decides).Rule!.Id, j.Version!.Number)));
        Assert.Equal("decided", story.Judgements[0].StepKey);
        Assert.Contains(story.Steps, s => s.Key == story.Judgements[1].StepKey && s.Summary.Contains("rule G of matrix version 2", StringComparison.Ordinal));
        var amount = Assert.Single(story.Judgements[1].Rules[^1].Conditions);
        Assert.Equal((Truth.True, "it is 240"), (amount.Truth, amount.Why));
    }
}
