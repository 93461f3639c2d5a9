using System.Text.Json;
using OpsConsole.Support;
using OpsConsole.Tests.Support;

namespace OpsConsole.Http;

/// <summary><c>GET /api/v1/agent</c>: what an agent reads about itself, on both databases.</summary>
public abstract class AgentSelfTests(bool postgres) : IAsyncLifetime
{
    // Noon in the rollout's zone, so that no cap's day or hour ends under the test.
    private readonly HandTime _time = new(new(2026, 11, 3, 11, 0, 0, TimeSpan.Zero));
    private ConsoleHost _host = default!;

    public async Task InitializeAsync() => _host = await ConsoleHost.StartAsync(new HostSettings { Postgres = postgres, Time = _time });
    public Task DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Agent_ReadsWhoItIs_WhatItIsFor_AndWhatItMustNotDo()
    {
        var spine = await Spine.BuildAsync(_host);
        await ConsoleHost.SendAsync(_host.Admin, HttpMethod.Patch, "/api/v1/rollouts/" + spine.Rollout, new { min_confidence = 0.7, confidence = "required", thresholds = new { override_rate = 0.1 } }, 200);
        var self = await SelfAsync(spine.Agent);
        Assert.Equal((spine.AgentId, "Agent", "autonomous"), (Text(self, "id"), Text(self, "name"), Text(self, "kind")));
        var rollout = self.GetProperty("rollout");
        Assert.Equal((spine.Rollout, "Support", "C", 1), (Text(rollout, "id"), Text(rollout, "name"), Text(rollout, "gate"), rollout.GetProperty("matrix_version").GetInt32()));
        Assert.Equal("owner@example.com", Text(self.GetProperty("owner"), "email"));
        Assert.Equal("Refund what is due", Text(self, "objective"));   // the rollout's purpose, until the agent has one of its own
        Assert.Equal("Never payment.*: out of bounds in v1", Assert.Single(self.GetProperty("constraints").EnumerateArray()).GetString());
        Assert.Equal(0.1, self.GetProperty("performance_criteria").GetProperty("override_rate").GetDouble());
        Assert.Equal((0.7, true, "deny"), (self.GetProperty("min_confidence").GetDouble(), self.GetProperty("confidence_required").GetBoolean(), Text(self, "default")));
        Assert.Equal((20, "PT1M"), (self.GetProperty("loop").GetProperty("same_call").GetInt32(), Text(self.GetProperty("loop"), "window")));
        Assert.Equal(JsonValueKind.Null, Kind(self, "paused"));
        Assert.Empty(self.GetProperty("caps").EnumerateArray());

        await ConsoleHost.SendAsync(_host.Admin, HttpMethod.Patch, "/api/v1/agents/" + spine.AgentId, new { purpose = "Answer within the hour" }, 200);
        Assert.Equal("Answer within the hour", Text(await SelfAsync(spine.Agent), "objective"));
    }

    [Theory]
    [InlineData("executor", "ABC", "allow deny pending allow pending pending pending")]
    [InlineData("contributor", "ABC", "allow deny pending pending pending pending pending")]
    [InlineData("observer", "ABC", "allow deny deny deny deny deny deny")]
    [InlineData(null, "ABC", "deny deny deny deny deny deny deny")]
    [InlineData("executor", "A", "allow deny deny deny deny deny deny")]
    [InlineData("executor", "", "deny deny deny deny deny deny deny")]
    public async Task Authority_SaysWhatEachRuleComesTo_AsDecisionsAreAnswered(string? tier, string gates, string comesTo)
    {
        var spine = await Spine.BuildAsync(_host, gates: gates, tier: tier);
        var authority = (await SelfAsync(spine.Agent)).GetProperty("authority").EnumerateArray().ToList();
        Assert.Equal(["R-1", "R-2", "R-3", "R-4", "R-5", "R-6", "R-7"], authority.Select(r => Text(r, "rule")));
        Assert.Equal(comesTo.Split(' '), authority.Select(r => Text(r, "comes_to")));
        Assert.All(authority, r => Assert.Equal(tier, r.TryGetProperty("tier", out var t) && t.ValueKind == JsonValueKind.String ? t.GetString() : null));
        var (refund, mail) = (authority[2], authority[4]);
        Assert.Equal(("refund.create", "write", "high", "approve"), (Text(refund, "action"), Text(refund, "effect"), Text(refund, "consequence"), Text(refund, "says")));
        Assert.Contains("200", Assert.Single(refund.GetProperty("when").EnumerateArray()).GetString());
        Assert.True(mail.GetProperty("claim_required").GetBoolean());
        Assert.Equal(Text(authority[3], "comes_to") != "deny", authority[3].GetProperty("provisional").GetBoolean());   // reversible, also when a person lets it go

        // What it was told is what it gets.
        Assert.Equal(Text(authority[3], "comes_to"), Spine.Outcome(await AskAsync(spine, new { action = "refund.create", arguments = new { amount = 5 }, confidence = 0.9 })));
        Assert.Equal(Text(authority[0], "comes_to"), Spine.Outcome(await AskAsync(spine, new { action = "order.get", confidence = 0.9 })));
        Assert.Equal(Text(authority[2], "comes_to"), Spine.Outcome(await AskAsync(spine, new { action = "refund.create", arguments = new { amount = 420 }, confidence = 0.9 })));
    }

    [Fact]
    public async Task Grants_ThatEndOrExpire_AreGoneFromTheList()
    {
        var spine = await Spine.BuildAsync(_host, tier: null);
        await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/agents/{spine.AgentId}/grants", new { capability = "refund.*", tier = "executor", reason = "test", expires_at = _time.GetUtcNow().AddHours(1) }, 201);
        async Task<string?> TierOfAsync(string rule) => (await SelfAsync(spine.Agent)).GetProperty("authority").EnumerateArray().Single(r => Text(r, "rule") == rule) is var r && r.TryGetProperty("tier", out var tier) ? tier.GetString() : null;
        Assert.Equal("executor", await TierOfAsync("R-4"));
        Assert.Null(await TierOfAsync("R-6"));
        _time.Advance(TimeSpan.FromHours(1.1));
        Assert.Null(await TierOfAsync("R-4"));
    }

    [Fact]
    public async Task Caps_SayWhatIsLeft_InTheirPresentWindow()
    {
        var spine = await Spine.BuildAsync(_host);
        await ConsoleHost.SendAsync(_host.Admin, HttpMethod.Put, $"/api/v1/agents/{spine.AgentId}/caps", new { usd = new { run = "5.00", day = "40.00", pause = true }, tokens = new { hour = 10_000 }, decisions = new { minute = 600 }, repeat = new { same_call = 5, window = "PT2M" } }, 200);
        var answer = await spine.AskAsync(new { action = "refund.create", arguments = new { amount = 5 }, run_id = "run-1", confidence = 0.9, expected_cost = new { usd = "0.25", tokens = 1_800 } });
        Assert.Equal("allow", Spine.Outcome(answer));
        var self = await SelfAsync(spine.Agent);
        var caps = self.GetProperty("caps").EnumerateArray().ToDictionary(c => Text(c, "unit") + "/" + Text(c, "per"));
        Assert.Equal(["decisions/minute", "tokens/hour", "usd/day", "usd/run"], caps.Keys.Order());
        Assert.Equal((40m, 0.25m, 39.75m), (Amount("usd/day", "limit"), Amount("usd/day", "used"), Amount("usd/day", "left")));
        Assert.Equal((10_000m, 1_800m, 8_200m), (Amount("tokens/hour", "limit"), Amount("tokens/hour", "used"), Amount("tokens/hour", "left")));
        Assert.Equal((600m, 1m, 599m), (Amount("decisions/minute", "limit"), Amount("decisions/minute", "used"), Amount("decisions/minute", "left")));
        Assert.Equal((5m, JsonValueKind.Null, JsonValueKind.Null), (Amount("usd/run", "limit"), Kind(caps["usd/run"], "used"), Kind(caps["usd/run"], "left")));   // what each run may use
        Assert.True(caps["usd/day"].GetProperty("pauses").GetBoolean());
        Assert.False(caps["decisions/minute"].GetProperty("pauses").GetBoolean());
        Assert.Equal((5, "PT2M"), (self.GetProperty("loop").GetProperty("same_call").GetInt32(), Text(self.GetProperty("loop"), "window")));

        // The report settles what the ask reserved; the next minute and hour begin empty.
        await ConsoleHost.PostAsync(spine.Agent, $"/api/v1/decisions/{Spine.Id(answer)}/outcome", new { status = "succeeded", cost = new { usd = "0.10", tokens = 1_000 } });
        caps = await CapsAsync(spine);
        Assert.Equal((0.10m, 39.90m, 1_000m), (Amount("usd/day", "used"), Amount("usd/day", "left"), Amount("tokens/hour", "used")));
        _time.Advance(TimeSpan.FromHours(1));
        caps = await CapsAsync(spine);
        Assert.Equal((0m, 600m, 10_000m, 0.10m), (Amount("decisions/minute", "used"), Amount("decisions/minute", "left"), Amount("tokens/hour", "left"), Amount("usd/day", "used")));
        _time.Advance(TimeSpan.FromHours(12));   // past midnight in Berlin
        caps = await CapsAsync(spine);
        Assert.Equal((0m, 40m), (Amount("usd/day", "used"), Amount("usd/day", "left")));

        decimal Amount(string cap, string name) => decimal.Parse(caps[cap].GetProperty(name).GetString()!, System.Globalization.CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task Paused_SaysSoAndWhy_WhoeverPaused()
    {
        var spine = await Spine.BuildAsync(_host);
        foreach (var path in (string[])["/api/v1", "/api/v1/rollouts/" + spine.Rollout, "/api/v1/agents/" + spine.AgentId])
        {
            await ConsoleHost.PostAsync(_host.Admin, path + "/pause", new { reason = "looking into it" });
            var paused = (await SelfAsync(spine.Agent)).GetProperty("paused");   // a paused agent may still ask who it is
            Assert.NotEqual("", Text(paused, "reason"));
            var denied = await spine.RefundAsync(5);
            Assert.Equal(("deny", Text(paused, "reason"), Text(paused, "message")), (Spine.Outcome(denied), Spine.Code(denied), Text(denied.GetProperty("reasons")[0], "message")));
            await ConsoleHost.PostAsync(_host.Admin, path + "/resume", new { reason = "fine" });
            Assert.Equal(JsonValueKind.Null, Kind(await SelfAsync(spine.Agent), "paused"));
        }
    }

    [Fact]
    public async Task OnlyAgents_AreAnswered()
    {
        await ConsoleHost.GetAsync(_host.Nobody, "/api/v1/agent", 401);
        await ConsoleHost.GetAsync(_host.Admin, "/api/v1/agent", 403);
        var spine = await Spine.BuildAsync(_host);
        await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/agents/{spine.AgentId}/retire", new { reason = "done" });
        await ConsoleHost.GetAsync(spine.Agent, "/api/v1/agent", 401);
    }

    private static Task<JsonElement> SelfAsync(HttpClient agent) => ConsoleHost.GetAsync(agent, "/api/v1/agent");
    private static async Task<Dictionary<string, JsonElement>> CapsAsync(Spine spine) => (await SelfAsync(spine.Agent)).GetProperty("caps").EnumerateArray().ToDictionary(c => Text(c, "unit") + "/" + Text(c, "per"));
    private static string? Text(JsonElement from, string name) => from.GetProperty(name).GetString();
    // A member that is null may be left out.
    private static JsonValueKind Kind(JsonElement from, string name) => from.TryGetProperty(name, out var value) ? value.ValueKind : JsonValueKind.Null;

    /// <summary>200 or 202, whichever it comes to.</summary>
    private static async Task<JsonElement> AskAsync(Spine spine, object body)
    {
        using var response = await spine.Agent.PostAsync("/api/v1/decisions", System.Net.Http.Json.JsonContent.Create(body, options: Platform.Web.Wire.Json));
        Assert.True(response.IsSuccessStatusCode);
        return JsonElement.Parse(await response.Content.ReadAsStringAsync());
    }
}

public sealed class AgentSelfSqliteTests() : AgentSelfTests(postgres: false);

public sealed class AgentSelfPostgresTests() : AgentSelfTests(postgres: true);
