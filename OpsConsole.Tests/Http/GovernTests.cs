using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Core.Access;
using OpsConsole.Core.Agents;
using OpsConsole.Core.Trust;
using OpsConsole.Features.Agents;
using OpsConsole.Features.Authority;
using OpsConsole.Features.Rollouts;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Http;

/// <summary>Rollouts, gates, the matrix, agents and the pause switches over HTTP.</summary>
public sealed class GovernTests : IClassFixture<ConsoleHost>
{
    private readonly ConsoleHost _host;

    public GovernTests(ConsoleHost host) => _host = host;

    private async Task<string> RolloutAsync(object? more = null) => Id(await PostAsync(_host.Admin, "/api/v1/rollouts", more ?? new { name = "Refunds", purpose = "Small refunds", time_zone = "Europe/Berlin" }, 201));

    private async Task<string> AgentAsync(string rollout, string name = "Support agent") => Id(await PostAsync(_host.Admin, "/api/v1/agents", new { name, rollout_id = rollout, kind = "autonomous", owner = AdminEmail }, 201));

    [Fact]
    public async Task Rollout_OwnersAndDeputies_ComeBackAsTheyWereSet()
    {
        var email = $"dana-{Guid.NewGuid():N}@example.com";
        await _host.PersonAsync(email, "member");
        var id = await RolloutAsync();
        await SendAsync(_host.Admin, HttpMethod.Patch, "/api/v1/rollouts/" + id, new { owners = new { workflow_owner = email }, deputies = new { rollout_owner = email }, min_confidence = 0.7, confidence = "required", cycle_weeks = 6, thresholds = new { override_rate = 0.05 } }, 200);
        var rollout = await GetAsync(_host.Admin, "/api/v1/rollouts/" + id);
        Assert.Equal(AdminEmail, rollout.GetProperty("owners").GetProperty("rollout_owner").GetString());
        Assert.Equal(email, rollout.GetProperty("owners").GetProperty("workflow_owner").GetString());
        Assert.Equal(email, rollout.GetProperty("deputies").GetProperty("rollout_owner").GetString());
        Assert.Equal((0.7, "required", 6), (rollout.GetProperty("min_confidence").GetDouble(), rollout.GetProperty("confidence").GetString(), rollout.GetProperty("cycle_weeks").GetInt32()));
    }

    [Theory]
    [InlineData("""{"owners":{"rollout_owner":null}}""", 422)]
    [InlineData("""{"owners":{"rollout_owner":"nobody@example.com"}}""", 422)]
    [InlineData("""{"owners":{"king":"admin@example.com"}}""", 400)]
    [InlineData("""{"time_zone":"Europe/Atlantis"}""", 400)]
    [InlineData("""{"min_confidence":1.5}""", 400)]
    [InlineData("""{"confidence":"maybe"}""", 400)]
    [InlineData("""{"audience":[{"field":"bogus","op":"=","value":1}]}""", 400)]
    [InlineData("""{"thresholds":{"a":"1"}}""", 400)]
    [InlineData("""{"nme":"x"}""", 400)]
    public async Task Patch_WhatIsWrong_IsRefusedAndChangesNothing(string body, int status)
    {
        var id = await RolloutAsync();
        var before = (await GetAsync(_host.Admin, "/api/v1/rollouts/" + id)).GetRawText();
        await SendAsync(_host.Admin, HttpMethod.Patch, "/api/v1/rollouts/" + id, JsonElement.Parse(body), status);
        Assert.Equal(before, (await GetAsync(_host.Admin, "/api/v1/rollouts/" + id)).GetRawText());
    }

    [Fact]
    public async Task OtherPeople_SeeNothingOfIt_AndMembersCannotNameThemselves()
    {
        var id = await RolloutAsync();
        var email = $"mel-{Guid.NewGuid():N}@example.com";
        var (person, mel) = await _host.PersonAsync(email, "member");
        await GetAsync(mel, "/api/v1/rollouts/" + id, 404);
        await GetAsync(mel, $"/api/v1/rollouts/{id}/matrix", 404);
        await PostAsync(mel, "/api/v1/rollouts", new { name = "Mine" }, 403);
        await PostAsync(_host.Admin, $"/api/v1/rollouts/{id}/members", new { email, roles = new[] { "engineering_owner" } }, 201);
        await GetAsync(mel, "/api/v1/rollouts/" + id);
        await SendAsync(mel, HttpMethod.Patch, "/api/v1/rollouts/" + id, new { purpose = "Still small refunds" }, 200);
        await SendAsync(mel, HttpMethod.Patch, "/api/v1/rollouts/" + id, new { owners = new { rollout_owner = email } }, 403);
        await SendAsync(mel, HttpMethod.Patch, "/api/v1/rollouts/" + id, new { separation_of_duties = false }, 403);
        await SendAsync(mel, HttpMethod.Patch, "/api/v1/rollouts/" + id, new { time_zone = "Pacific/Auckland" }, 403);
        await SendAsync(mel, HttpMethod.Patch, "/api/v1/rollouts/" + id, new { thresholds = new { override_rate = 0.9 } }, 403);
        await PostAsync(mel, $"/api/v1/rollouts/{id}/gates/A/pass", new { reason = "x", waive = new[] { "*" } }, 403);
        await PostAsync(mel, $"/api/v1/agents/{await AgentAsync(id)}/grants", new { capability = "*", tier = "executor", reason = "x" }, 403);
        await SendAsync(_host.Admin, HttpMethod.Delete, $"/api/v1/rollouts/{id}/members/{person}", null, 204);
        await GetAsync(mel, "/api/v1/rollouts/" + id, 404);
    }

    [Fact]
    public async Task Matrix_IsSavedByETagOnly_AndPublishedWithoutErrorsOnly()
    {
        var path = $"/api/v1/rollouts/{await RolloutAsync()}/matrix";
        Assert.Equal(428, await PutAsync(path, "{}", null));
        Assert.Equal(412, await PutAsync(path, "{}", "\"v7\""));
        Assert.Equal(200, await PutAsync(path, """{"rules":[{"id":"R-1","action":"refund.create","outcome":"allow"}]}""", "\"v1\""));
        var refused = await PostAsync(_host.Admin, path + "/publish", new { reason = "first" }, 422);
        Assert.Equal("matrix.errors", refused.GetProperty("code").GetString());
        Assert.Equal("rule.no_approver", refused.GetProperty("analysis").GetProperty("errors")[0].GetProperty("code").GetString());
        Assert.Equal(412, await PutAsync(path, "{}", "\"v1\""));
        Assert.Equal(200, await PutAsync(path, """{"rules":[{"id":"R-1","action":"refund.create","outcome":"allow","consequence":"low"}]}""", "\"v2\""));
        Assert.Equal(1, (await PostAsync(_host.Admin, path + "/publish", new { reason = "first" })).GetProperty("version").GetInt32());
        Assert.Equal("R-1", (await GetAsync(_host.Admin, path + "/versions/1")).GetProperty("matrix").GetProperty("rules")[0].GetProperty("id").GetString());
        await GetAsync(_host.Admin, path + "/versions/2", 404);
        await PostAsync(_host.Admin, path + "/publish", new { }, 400);
    }

    [Fact]
    public async Task Catalogue_IsReplacedWhole_PagedByName_AndAsksTheAnalysis()
    {
        var id = await RolloutAsync();
        var path = $"/api/v1/rollouts/{id}/actions";
        Assert.Equal(0, (await GetAsync(_host.Admin, path)).GetProperty("items").GetArrayLength());
        Assert.Equal(200, await PutAsync(path, """[{"action":"refund.create","classes":["revenue"],"reversible":true,"arguments_schema":{"type":"object"}},{"action":"mail.send","owner":"group:leads"},{"action":"order.get","effect":"read","consequence":"low"}]""", null));
        var page = await GetAsync(_host.Admin, path + "?limit=2");
        Assert.Equal(["mail.send", "order.get"], page.GetProperty("items").EnumerateArray().Select(a => a.GetProperty("action").GetString()));
        var rest = (await GetAsync(_host.Admin, path + "?limit=2&after=" + page.GetProperty("next").GetString())).GetProperty("items")[0];
        Assert.Equal(("refund.create", "write", "high", "revenue", true, """{"type":"object"}"""), (rest.GetProperty("action").GetString(), rest.GetProperty("effect").GetString(), rest.GetProperty("consequence").GetString(), rest.GetProperty("classes")[0].GetString(), rest.GetProperty("reversible").GetBoolean(), rest.GetProperty("arguments_schema").GetRawText()));
        Assert.Equal(412, await PutAsync(path, "[]", "\"c1\""));
        Assert.Equal(200, await PutAsync(path, "[" + rest.GetRawText() + "]", "\"c2\""));
        Assert.Equal(400, await PutAsync(path, """[{"action":"refund.*"}]""", null));
        var warnings = (await GetAsync(_host.Admin, $"/api/v1/rollouts/{id}/matrix/analysis")).GetProperty("warnings").EnumerateArray().Select(w => w.GetProperty("code").GetString());
        Assert.Contains("catalogue.no_rule", warnings);
    }

    [Fact]
    public async Task Catalogue_ShowsWhatAgentsAskedForAndNobodyListed_ToMembersOnly()
    {
        var rollout = await RolloutAsync();
        var path = $"/api/v1/rollouts/{rollout}/actions";
        var key = (await PostAsync(_host.Admin, $"/api/v1/agents/{await AgentAsync(rollout)}/keys", new { }, 201)).GetProperty("key").GetString()!;
        var asked = await PostAsync(_host.As(key), "/api/v1/decisions", new { action = "Refund.create" });
        await PostAsync(_host.As(key), "/api/v1/decisions", new { action = "order.get" });
        await PutAsync(path, """[{"action":"ORDER.get","effect":"read"}]""", null);
        var unlisted = Assert.Single((await GetAsync(_host.Admin, path + "/unlisted")).GetProperty("items").EnumerateArray());
        Assert.Equal(("refund.create", Id(asked)), (unlisted.GetProperty("action").GetString(), unlisted.GetProperty("first_decision").GetString()));
        var email = $"nan-{Guid.NewGuid():N}@example.com";
        var (_, nan) = await _host.PersonAsync(email, "member");
        await GetAsync(nan, path, 404);
        await GetAsync(nan, path + "/unlisted", 404);
        await SendAsync(nan, HttpMethod.Put, path, Array.Empty<object>(), 404);
        await PostAsync(_host.Admin, $"/api/v1/rollouts/{rollout}/members", new { email, roles = new[] { "approver" } }, 201);
        await GetAsync(nan, path);
        await SendAsync(nan, HttpMethod.Put, path, Array.Empty<object>(), 403);
    }

    [Fact]
    public async Task Gates_AdminWhoIsNotNamed_OverridesForEver()
    {
        var id = await RolloutAsync();
        await PostAsync(_host.Admin, $"/api/v1/rollouts/{id}/gates/D/pass", new { reason = "trial" }, 422);
        var passed = await PostAsync(_host.Admin, $"/api/v1/rollouts/{id}/gates/D/pass", new { reason = "trial", waive = new[] { "*" } });
        Assert.True(passed.GetProperty("override").GetBoolean());
        await PostAsync(_host.Admin, $"/api/v1/rollouts/{id}/gates/D/revoke", new { reason = "enough" });
        var gates = await GetAsync(_host.Admin, $"/api/v1/rollouts/{id}/gates");
        Assert.Equal(["A", "B", "C", "D"], gates.EnumerateArray().Select(g => g.GetProperty("gate").GetString()));
        Assert.True(gates[3].GetProperty("override").GetBoolean());
        Assert.False(gates[3].GetProperty("passed").GetBoolean());
        await PostAsync(_host.Admin, $"/api/v1/rollouts/{id}/gates/E/pass", new { reason = "x" }, 404);
    }

    [Fact]
    public async Task Agent_KeysRotate_GrantsReplace_NameIsFoundAgain()
    {
        var rollout = await RolloutAsync();
        var id = await AgentAsync(rollout);
        Assert.Equal(id, Id(await PostAsync(_host.Admin, "/api/v1/agents", new { name = "Support agent", rollout_id = rollout })));
        var first = await PostAsync(_host.Admin, $"/api/v1/agents/{id}/keys", new { }, 201);
        await PostAsync(_host.Admin, $"/api/v1/agents/{id}/keys", null, 201);
        Assert.Equal("keys.too_many", (await PostAsync(_host.Admin, $"/api/v1/agents/{id}/keys", new { }, 409)).GetProperty("code").GetString());
        var agent = _host.As(first.GetProperty("key").GetString()!);
        await PostAsync(agent, "/api/v1/decisions", new { action = "order.read" });
        await SendAsync(_host.Admin, HttpMethod.Delete, $"/api/v1/agents/{id}/keys/{Id(first)}", null, 204);
        await PostAsync(agent, "/api/v1/decisions", new { action = "order.read" }, 401);
        Assert.DoesNotContain("ops_", (await GetAsync(_host.Admin, $"/api/v1/agents/{id}/keys")).GetRawText());

        await PostAsync(_host.Admin, $"/api/v1/agents/{id}/grants", new { capability = "Refund.*", tier = "observer", reason = "start" }, 201);
        var grant = await PostAsync(_host.Admin, $"/api/v1/agents/{id}/grants", new { capability = "refund.*", tier = "executor", reason = "proven" }, 201);
        Assert.True(grant.GetProperty("override").GetBoolean());
        Assert.Single((await GetAsync(_host.Admin, $"/api/v1/agents/{id}/grants")).GetProperty("items").EnumerateArray(), g => g.GetProperty("live").GetBoolean());
        await SendAsync(_host.Admin, HttpMethod.Delete, $"/api/v1/agents/{id}/grants/{Id(grant)}", null, 204);
        await PostAsync(_host.Admin, $"/api/v1/agents/{id}/grants", new { capability = "re fund", tier = "executor", reason = "x" }, 400);
        await PostAsync(_host.Admin, $"/api/v1/agents/{id}/grants", new { capability = "*", tier = "executor", reason = "x", expires_at = "2020-01-01T00:00:00Z" }, 400);

        await SendAsync(_host.Admin, HttpMethod.Put, $"/api/v1/agents/{id}/caps", new { usd = new { day = "-1" } }, 400);
        var caps = await SendAsync(_host.Admin, HttpMethod.Put, $"/api/v1/agents/{id}/caps", new { usd = new { day = "40.00" } }, 200);
        Assert.Equal("40.00", caps.GetProperty("usd").GetProperty("day").GetString());
        Assert.Equal("retired", (await PostAsync(_host.Admin, $"/api/v1/agents/{id}/retire", new { })).GetProperty("status").GetString());
        await PostAsync(_host.Admin, $"/api/v1/agents/{id}/keys", new { }, 409);
    }

    [Fact]
    public async Task Pause_HoldsTheNextDecision_AndTwiceIsOnce()
    {
        var id = await AgentAsync(await RolloutAsync());
        var agent = _host.As((await PostAsync(_host.Admin, $"/api/v1/agents/{id}/keys", new { }, 201)).GetProperty("key").GetString()!);
        foreach (var path in new[] { $"/api/v1/agents/{id}", $"/api/v1/rollouts/{(await GetAsync(_host.Admin, "/api/v1/agents/" + id)).GetProperty("rollout_id").GetString()}" })
        {
            Assert.True((await PostAsync(_host.Admin, path + "/pause", new { reason = "looks odd" })).GetProperty("paused").GetBoolean());
            Assert.Equal("looks odd", (await PostAsync(_host.Admin, path + "/pause", new { reason = "again" })).GetProperty("reason").GetString());
            Assert.Equal("paused", (await PostAsync(agent, "/api/v1/decisions", new { action = "order.read" })).GetProperty("reasons")[0].GetProperty("code").GetString());
            Assert.False((await PostAsync(_host.Admin, path + "/resume", null)).GetProperty("paused").GetBoolean());
            Assert.NotEqual("paused", (await PostAsync(agent, "/api/v1/decisions", new { action = "order.read" })).GetProperty("reasons")[0].GetProperty("code").GetString());
        }
    }

    [Fact]
    public async Task Services_WhatAPageMakes_IsCheckedLikeABody()
    {
        var me = new PersonCaller(_host.Writer.State.Directory.ByEmail[AdminEmail], null, "session");
        var (rollout, tooLong) = (await RolloutAsync(), new string('x', 2_001));
        var agent = await AgentAsync(rollout);
        var (agents, credentials, editor) = (Service<AgentRegistry>(), Service<AgentCredentials>(), Service<RolloutEditor>());
        Assert.Equal("name", (await agents.RegisterAsync(me, new RegisterAgentRequest(" ", rollout, AgentKind.Autonomous, null, null, null, null))).Fault?.Field);
        Assert.Equal("purpose", (await agents.RegisterAsync(me, new RegisterAgentRequest("A", rollout, AgentKind.Autonomous, null, null, null, tooLong))).Fault?.Field);
        Assert.Equal("name", (await agents.ChangeAsync(me, agent, new AgentPatch("", null, null, null, null))).Fault?.Field);
        Assert.Equal("reason", (await agents.RetireAsync(me, agent, new EndRequest(tooLong))).Fault?.Field);
        Assert.Equal("capability", (await credentials.GrantAsync(me, agent, new GrantRequest(null!, Tier.Executor, "x", null, null))).Fault?.Field);
        Assert.Equal("reason", (await credentials.GrantAsync(me, agent, new GrantRequest("*", Tier.Executor, " ", null, null))).Fault?.Field);
        Assert.Equal("reason", (await Service<MatrixDesk>().PublishAsync(me, rollout, new PublishRequest(""), default)).Fault?.Field);
        Assert.Equal("reason", (await Service<GateKeeper>().PassAsync(me, rollout, "A", new PassGateRequest("", ["*"]))).Fault?.Field);
        Assert.Equal("waive", (await Service<GateKeeper>().PassAsync(me, rollout, "A", new PassGateRequest("x", [tooLong]))).Fault?.Field);
        Assert.Equal("reason", (await Service<GateKeeper>().RevokeAsync(me, rollout, "A", new ReasonRequest(tooLong))).Fault?.Field);
        Assert.Equal("name", (await editor.CreateAsync(me, new CreateRolloutRequest("", null, null))).Fault?.Field);
        Assert.Equal("cycle_weeks", (await editor.ChangeAsync(me, rollout, new RolloutPatch(CycleWeeks: 53))).Fault?.Field);
        Assert.Equal("roles", (await editor.AddMemberAsync(me, rollout, new AddMemberRequest(AdminEmail, ["king"]))).Fault?.Field);
    }

    private T Service<T>() where T : notnull => _host.Services.GetRequiredService<T>();

    private static string Id(JsonElement view) => view.GetProperty("id").GetString()!;

    private async Task<int> PutAsync(string path, string body, string? etag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (etag is not null) request.Headers.IfMatch.Add(new EntityTagHeaderValue(etag));
        using var response = await _host.Admin.SendAsync(request);
        if (response.IsSuccessStatusCode) Assert.NotNull(response.Headers.ETag);
        return (int)response.StatusCode;
    }
}
