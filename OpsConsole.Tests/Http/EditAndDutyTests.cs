using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Core.Access;
using OpsConsole.Features.Decisions;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.Spine;

namespace OpsConsole.Http;

/// <summary>Edits take the terms of the rule they come under; an agent's owner does not get round the separation of duties; a retired agent leaves nothing open.</summary>
public sealed class EditAndDutyTests : IAsyncLifetime
{
    private const string Matrix = """
    { "rules": [
        { "id": "M", "action": "refund.create", "when": [ { "field": "arguments.amount", "op": ">=", "value": 1000 } ], "outcome": "approve", "approvers": ["user:admin@example.com"], "reversible": true },
        { "id": "H", "action": "refund.create", "when": [ { "field": "arguments.amount", "op": ">=", "value": 500 } ], "outcome": "approve", "approvers": ["user:dana@example.com", "user:lee@example.com"], "quorum": 2, "reversible": true },
        { "id": "L", "action": "refund.create", "when": [ { "field": "arguments.amount", "op": ">=", "value": 100 } ], "outcome": "approve", "approvers": ["user:lee@example.com"], "consequence": "low", "reversible": true },
        { "id": "O", "action": "refund.create", "when": [ { "field": "arguments.amount", "op": ">=", "value": 50 } ], "outcome": "approve", "quorum": 2, "consequence": "low", "reversible": true },
        { "id": "N", "action": "refund.create", "when": [ { "field": "arguments.amount", "op": ">=", "value": 40 } ], "outcome": "approve", "approvers": ["user:owner@example.com"], "reversible": true },
        { "id": "A", "action": "refund.create", "outcome": "allow", "consequence": "low", "reversible": true },
        { "id": "W", "action": "own.do", "outcome": "approve", "approvers": ["user:owner@example.com", "user:dana@example.com"], "reversible": true }
      ] }
    """;

    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync();
        _spine = await BuildAsync(_host, Matrix, "ABCD");
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    private Task<JsonElement> EditAsync(HttpClient person, JsonElement asked, int amount) => _spine.DecideAsync(person, asked, new { verdict = "edit", arguments = new { amount, order = "8812" } });

    private static string Text(JsonElement view, string name) => view.GetProperty(name).GetString()!;

    [Fact]
    public async Task Edit_IntoWhatIsAllowedAlone_KeepsTheCircleAndItsQuorum()
    {
        var asked = await _spine.RefundAsync(600, 202);
        var view = await EditAsync(_spine.Dana, asked, 10);
        Assert.Equal(("pending", 2, "low", "A"), (Text(view, "status"), view.GetProperty("quorum").GetInt32(), Text(view, "consequence"), Text(view, "rule")));
        Assert.Equal("pending", Text(await _spine.DecideAsync(_spine.Dana, asked, new { verdict = "approve" }), "status"));   // they said so already
        Assert.Equal("edited", Text(await _spine.DecideAsync(_spine.Lee, asked, new { verdict = "approve" }), "status"));
        Assert.Equal("allow", Outcome(await _spine.WaitAsync(asked)));
    }

    [Fact]
    public async Task Story_OfAnEdit_SaysAtEachStepOnlyWhatWasKnownThen()
    {
        var alone = await _spine.RefundAsync(200, 202);
        await EditAsync(_spine.Lee, alone, 150);
        var steps = await StoryAsync(alone);
        Assert.StartsWith("refund.create is approved by a person (rule L", steps["decided"].Summary, StringComparison.Ordinal);
        Assert.DoesNotContain("dropped", steps.Single(s => s.Key.StartsWith("edit-", StringComparison.Ordinal)).Value.Summary, StringComparison.Ordinal);
        var released = steps["released"];
        Assert.True(released.Until > released.At);
        Assert.DoesNotContain("window", steps.Keys);   // nothing was reported as written yet
        Assert.DoesNotContain("UTC", released.Summary, StringComparison.Ordinal);

        var two = await _spine.RefundAsync(600, 202);
        await _spine.DecideAsync(_spine.Lee, two, new { verdict = "approve" });
        await EditAsync(_spine.Dana, two, 700);
        Assert.Contains("earlier approvals were dropped", (await StoryAsync(two)).Single(s => s.Key.StartsWith("edit-", StringComparison.Ordinal)).Value.Summary, StringComparison.Ordinal);

        async Task<Dictionary<string, StoryStep>> StoryAsync(JsonElement asked)
        {
            var me = new PersonCaller(_host.Writer.State.Directory.ByEmail[ConsoleHost.AdminEmail], null, "session");
            return (await _host.Services.GetRequiredService<DecisionStory>().TellAsync(me, Id(asked), default)).Value.Steps.ToDictionary(s => s.Key);
        }
    }

    [Fact]
    public async Task Edit_IntoARuleThatNamesNobody_IsForTheOwnersAndItsOwnQuorum()
    {
        var asked = await _spine.RefundAsync(600, 202);
        var view = await EditAsync(_spine.Dana, asked, 60);
        Assert.Equal(("pending", 2, 0), (Text(view, "status"), view.GetProperty("quorum").GetInt32(), view.GetProperty("approvers").GetArrayLength()));
        await _spine.DecideAsync(_spine.Lee, asked, new { verdict = "approve" }, 403);
    }

    [Fact]
    public async Task Edit_IntoARuleThatNobodyMayDecide_IsEscalatedAtOnce()
    {
        var asked = await _spine.RefundAsync(600, 202);
        var view = await EditAsync(_spine.Dana, asked, 45);
        Assert.Equal(("pending", true), (Text(view, "status"), view.GetProperty("escalated").GetBoolean()));
        Assert.Contains("approval.nobody_eligible", view.GetProperty("reasons").EnumerateArray().Select(r => Text(r, "code")));
    }

    [Fact]
    public async Task Edit_ByANamedAdminIntoARuleThatDoesNotNameThem_IsBreakGlassOnRecord()
    {
        var asked = await _spine.RefundAsync(1_500, 202);
        var view = await EditAsync(_host.Admin, asked, 150);
        Assert.Equal(("edited", true), (Text(view, "status"), Assert.Single(view.GetProperty("votes").EnumerateArray()).GetProperty("break_glass").GetBoolean()));
        Assert.Contains("(break-glass)", (await _spine.WaitAsync(asked)).GetProperty("reasons")[0].GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Owner_HandingTheAgentAwayOrEndingSeparation_IsRefused()
    {
        var (agent, rollout) = ("/api/v1/agents/" + _spine.AgentId, "/api/v1/rollouts/" + _spine.Rollout);
        var asked = await _spine.AskAsync(new { action = "own.do" }, 202);
        Assert.Equal("agent.owner", Text(await ConsoleHost.SendAsync(_spine.Owner, HttpMethod.Patch, agent, new { owner = "lee@example.com" }, 403), "code"));
        await ConsoleHost.SendAsync(_spine.Owner, HttpMethod.Patch, agent, new { owner = "owner@example.com", purpose = "the same owner" }, 200);
        await ConsoleHost.SendAsync(_host.Admin, HttpMethod.Patch, rollout, new { deputies = new { rollout_owner = "owner@example.com" } }, 200);
        Assert.Equal("rollout.separation", Text(await ConsoleHost.SendAsync(_spine.Owner, HttpMethod.Patch, rollout, new { separation_of_duties = false }, 403), "code"));
        // Somebody else may; it acts on later requests.
        await ConsoleHost.SendAsync(_host.Admin, HttpMethod.Patch, rollout, new { separation_of_duties = false }, 200);
        await ConsoleHost.SendAsync(_host.Admin, HttpMethod.Patch, agent, new { owner = "lee@example.com" }, 200);
        Assert.Equal("approval.not_decider", Text(await _spine.DecideAsync(_spine.Owner, asked, new { verdict = "approve" }, 403), "code"));
        var later = await _spine.AskAsync(new { action = "own.do", arguments = new { n = 2 } }, 202);
        Assert.Equal("approved", Text(await _spine.DecideAsync(_spine.Owner, later, new { verdict = "approve" }), "status"));
    }

    [Fact]
    public async Task Retired_LeavesNothingOpenAndNothingReserved()
    {
        await ConsoleHost.SendAsync(_host.Admin, HttpMethod.Put, $"/api/v1/agents/{_spine.AgentId}/caps", new { usd = new { day = "10" } }, 200);
        var (open, held) = (await AskAsync(1), await AskAsync(2));
        await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/pause", new { reason = "drill" });
        await _spine.DecideAsync(_spine.Dana, held, new { verdict = "approve" });
        await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/agents/{_spine.AgentId}/retire", new { reason = "replaced" });
        foreach (var asked in (JsonElement[])[open, held])
        {
            var view = await ConsoleHost.GetAsync(_host.Admin, "/api/v1/approvals/" + asked.GetProperty("approval").GetProperty("id").GetString());
            Assert.Equal(("cancelled", "deny", "authority.changed"), (Text(view, "status"), Text(view, "outcome"), Text(view.GetProperty("reasons")[0], "code")));
        }

        Task<JsonElement> AskAsync(int n) => _spine.AskAsync(new { action = "own.do", arguments = new { n }, expected_cost = new { usd = "3.00" } }, 202);
    }
}
