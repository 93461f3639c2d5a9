using System.Diagnostics;
using System.Text.Json;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Http;

/// <summary>What gates ask for, who passes them, and that they fall by themselves, over HTTP.</summary>
public sealed class GateTests : IAsyncLifetime
{
    private ConsoleHost _host = default!;
    private Team _team = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync();
        _team = await Team.BuildAsync(_host);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    private async Task<JsonElement> GateAsync(string gate) => (await GetAsync(_team["mia"], _team.Path + "/gates")).EnumerateArray().Single(g => g.GetProperty("gate").GetString() == gate);

    private static JsonElement Criterion(JsonElement gate, string id) => gate.GetProperty("criteria").EnumerateArray().Single(c => c.GetProperty("id").GetString() == id);

    private static IEnumerable<string?> Unmet(JsonElement gate) => gate.GetProperty("criteria").EnumerateArray().Where(c => !c.GetProperty("met").GetBoolean()).Select(c => c.GetProperty("id").GetString());

    private Task<JsonElement> PassAsync(string who, string gate, int expect = 200, params string[] waive) => PostAsync(_team[who], $"{_team.Path}/gates/{gate}/pass", new { reason = "We looked at every line", waive }, expect);

    private async Task<JsonElement> UntilFallenAsync(string gate)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            var now = await GateAsync(gate);
            if (!now.GetProperty("passed").GetBoolean()) return now;
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"Gate {gate} never fell");
        }
    }

    [Fact]
    public async Task AllFour_MetByThePeopleWhoCanMeetThem_ArePassedWithoutAWaiver()
    {
        await _team.FillAsync("canvas");
        Assert.Equal(["boundary"], Unmet(await GateAsync("A")));
        Assert.Equal("gate.unmet", (await PassAsync("rita", "A", 422)).GetProperty("code").GetString());
        foreach (var owner in (string[])["rita", "will", "ines"]) await _team.ConfirmAsync(owner, "boundary", link: null);
        await PassAsync("rita", "A");

        Assert.Equal(["actions", "approvers", "escalation", "drill"], Unmet(await GateAsync("B")));
        await _team.ListActionsAsync();
        await _team.FillAsync("escalation");
        await _team.DrillAsync();
        Assert.False((await PassAsync("ron", "B")).GetProperty("override").GetBoolean());

        Assert.Equal(["tests", "evals", "caps", "audience", "rollback", "checklist", "shadow"], Unmet(await GateAsync("C")));
        await _team.FillAsync("tests");
        await _team.FillAsync("checklist");
        await SendAsync(_host.Admin, HttpMethod.Put, $"/api/v1/agents/{_team.Spine.AgentId}/caps", new { decisions = new { minute = 600 } }, 200);
        await SendAsync(_host.Admin, HttpMethod.Patch, _team.Path, new { audience = new[] { new { field = "arguments.land", op = "=", value = "AT" } } }, 200);
        foreach (var (who, subject) in ((string, string)[])[("eve", "evals"), ("ines", "rollback"), ("will", "shadow")]) await _team.ConfirmAsync(who, subject);
        await PassAsync("eve", "C");

        var d = await GateAsync("D");
        Assert.Equal(["weekly-reviews", "scale-holds", "memo"], Unmet(d));
        Assert.Equal("no evidence yet", Criterion(d, "weekly-reviews").GetProperty("evidence").GetString());
        foreach (var (who, subject) in ((string, string)[])[("rita", "weekly-reviews"), ("ron", "scale-holds"), ("sam", "memo")]) await _team.ConfirmAsync(who, subject);
        await PassAsync("rita", "D", 403);
        Assert.True((await PassAsync("sam", "D")).GetProperty("in_force").GetBoolean());
        Assert.Equal("D", (await GetAsync(_host.Admin, _team.Path)).GetProperty("gate").GetString());

        // Taken back by a person: what was confirmed for it is asked for anew.
        await PostAsync(_team["sam"], _team.Path + "/gates/D/revoke", new { reason = "A wrong refund reached a customer" }, 200);
        Assert.Equal(["weekly-reviews", "scale-holds", "memo"], Unmet(await GateAsync("D")));
        Assert.Equal("gate.unmet", (await PassAsync("sam", "D", 422)).GetProperty("code").GetString());

        // Another version of the agent than the evals and the shadow run were about.
        await SendAsync(_host.Admin, HttpMethod.Patch, "/api/v1/agents/" + _team.Spine.AgentId, new { version = "next" }, 200);
        Assert.Contains("eve confirmed it for an earlier version", (await UntilFallenAsync("C")).GetProperty("reason").GetString());
        Assert.Equal("B", (await GetAsync(_host.Admin, _team.Path)).GetProperty("gate").GetString());
    }

    [Fact]
    public async Task Confirmation_IsOfWhatWasShown_AndByTheOwnersThemselves()
    {
        await _team.FillAsync("canvas");
        var shown = Criterion(await GateAsync("A"), "boundary");
        Assert.Contains("Deleting anything", shown.GetProperty("about").EnumerateArray().Select(a => a.GetString()));
        var ground = shown.GetProperty("ground").GetString();
        await _team.WriteAsync("canvas/out_of_bounds", "Nothing at all");   // while she reads
        var moved = await SendAsync(_team["rita"], HttpMethod.Put, _team.Path + "/confirmations/boundary", new { words = "It never deletes anything.", ground }, 409);
        Assert.Equal("confirmation.moved", moved.GetProperty("code").GetString());
        await SendAsync(_team["rita"], HttpMethod.Put, _team.Path + "/confirmations/boundary", new { words = "It may do nothing at all.", ground = Criterion(await GateAsync("A"), "boundary").GetProperty("ground").GetString() }, 200);
        await _team.ConfirmAsync("eve", "boundary", 403);   // the incident owner's deputy
    }

    [Fact]
    public async Task Criterion_SaysWhereItIsMended_WhoCan_AndWhoConfirmed()
    {
        await _team.FillAsync("canvas", ("output", ""));
        await _team.ConfirmAsync("ines", "boundary");
        var gate = await GateAsync("A");
        var canvas = Criterion(gate, "canvas");
        Assert.Equal(($"/rollouts/{_team.Spine.Rollout}/worksheets/canvas#f-canvas-output", "rollout_owner"), (canvas.GetProperty("link").GetString(), canvas.GetProperty("who")[0].GetString()));
        var boundary = Criterion(gate, "boundary");
        Assert.Equal(["rollout_owner", "workflow_owner"], boundary.GetProperty("who").EnumerateArray().Select(w => w.GetString()));
        Assert.Equal(("ines", true), (boundary.GetProperty("confirmations")[0].GetProperty("name").GetString(), boundary.GetProperty("confirmations")[0].GetProperty("current").GetBoolean()));

        // Another boundary than the one that was confirmed.
        await _team.WriteAsync("canvas/out_of_bounds", "Nothing at all");
        boundary = Criterion(await GateAsync("A"), "boundary");
        Assert.False(boundary.GetProperty("confirmations")[0].GetProperty("current").GetBoolean());
        Assert.Contains("confirmed an older text: incident owner (ines)", boundary.GetProperty("evidence").GetString());
    }

    [Fact]
    public async Task OwnerLeaves_TheGateFallsByItself_AndTheVeryNextDecisionsAreCapped()
    {
        await _team.FillAsync("canvas");
        await PassAsync("rita", "A", 200, "boundary");
        foreach (var gate in (string[])["B", "C"]) await PassAsync("rita", gate, 200, "*");
        Assert.Equal("allow", Spine.Outcome(await _team.Spine.RefundAsync(20)));

        // Somebody is just rewriting a sheet: that is shown, and nothing falls.
        await _team.WriteAsync("canvas/output", "");
        var canvas = Criterion(await GateAsync("A"), "canvas");
        Assert.Equal((false, true), (canvas.GetProperty("met").GetBoolean(), canvas.GetProperty("changed_since").GetBoolean()));

        await SendAsync(_host.Admin, HttpMethod.Patch, "/api/v1/people/" + _team.People["will"].Id, new { disabled = true }, 200);
        var fallen = await UntilFallenAsync("A");
        Assert.StartsWith("fell: Rollout owner, workflow owner and incident owner are named", fallen.GetProperty("reason").GetString());
        Assert.Equal(("fell", "console"), (fallen.GetProperty("history")[0].GetProperty("event").GetString(), fallen.GetProperty("history")[0].GetProperty("by").GetString()));
        var passed = fallen.GetProperty("history")[1];
        Assert.Equal(("passed", "boundary", "rita"), (passed.GetProperty("event").GetString(), passed.GetProperty("waived")[0].GetString(), passed.GetProperty("by_name").GetString()));
        var capped = await _team.Spine.RefundAsync(20);
        Assert.Equal(("deny", "authority.no_gate"), (Spine.Outcome(capped), Spine.Code(capped)));
        var entry = Assert.Single((await GetAsync(_host.Admin, "/api/v1/audit/entries?event=gate.fell")).GetProperty("items").EnumerateArray());
        Assert.Contains("owners", entry.GetRawText());

        // The others rested on it: they stay passed, and count again as soon as it is passed anew.
        await SendAsync(_host.Admin, HttpMethod.Patch, _team.Path, new { owners = new { workflow_owner = "mia@example.com" } }, 200);
        await PassAsync("rita", "A", 200, "*");
        Assert.Equal("allow", Spine.Outcome(await _team.Spine.RefundAsync(20)));
    }

    [Fact]
    public async Task HighConsequenceActionThatRunsAlone_MakesGateBFall_AndWhatWasWaivedNever()
    {
        await _team.FillAsync("canvas");
        await PassAsync("rita", "A", 200, "*");
        await _team.ListActionsAsync();
        await PassAsync("rita", "B", 200, "escalation", "drill");
        await Spine.PublishAsync(_host, _team.Spine.Rollout, Spine.Matrix.Replace("\"rules\": [", """ "rules": [ { "id": "R-0", "action": "ticket.close", "outcome": "allow", "consequence": "low", "reversible": true },""", StringComparison.Ordinal));
        Assert.True((await GateAsync("B")).GetProperty("passed").GetBoolean());
        await _team.ListActionsAsync(""", {"action":"ticket.close"}""");   // the register takes it for more than the matrix does
        Assert.Contains("ticket.close: of high consequence, but a row lets it run alone", (await UntilFallenAsync("B")).GetProperty("reason").GetString());

        await PassAsync("rita", "B", 200, "*");
        await _team.ListActionsAsync(""", {"action":"ticket.close"}, {"action":"ticket.reopen"}""");
        Assert.True((await GateAsync("B")).GetProperty("passed").GetBoolean());
    }

    [Fact]
    public async Task Confirmation_TakenBack_MakesTheGateFall()
    {
        await _team.FillAsync("canvas");
        foreach (var owner in (string[])["rita", "will", "ines"]) await _team.ConfirmAsync(owner, "boundary");
        await PassAsync("rita", "A");
        await SendAsync(_team["will"], HttpMethod.Delete, _team.Path + "/confirmations/boundary", null, 204);
        Assert.Contains("not yet: workflow owner (will)", (await UntilFallenAsync("A")).GetProperty("reason").GetString());
    }
}
