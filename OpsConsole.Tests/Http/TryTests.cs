using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Http;

/// <summary>Trying a call, and examples that must keep their answer, over HTTP.</summary>
public sealed class TryTests : IAsyncLifetime
{
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync();
        _spine = await Spine.BuildAsync(_host, gates: "AB");
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    private string Matrix => $"/api/v1/rollouts/{_spine.Rollout}/matrix";

    [Fact]
    public async Task Try_SaysWhichRowDecides_WhyNoneBefore_AndWhatTierAndGateDo()
    {
        var tried = await TryAsync("""{"call":{"action":"Refund.create","arguments":{"amount":"250"},"confidence":0.3}}""");
        Assert.Equal(("rule", "R-2", "deny", true), (Text(tried, "decides", "by"), Text(tried, "decides", "rule"), Text(tried, "decides", "outcome"), tried.GetProperty("decides").GetProperty("unknown").GetBoolean()));

        tried = await TryAsync("""{"call":{"action":"refund.create","arguments":{"amount":250},"confidence":0.3}}""");
        Assert.Equal(("R-3", "approve"), (Text(tried, "decides", "rule"), Text(tried, "decides", "outcome")));
        Assert.Contains("the group leads within 15 min", tried.GetProperty("words").GetString());
        var trace = tried.GetProperty("trace").EnumerateArray().ToList();
        Assert.Equal(["R-2", "R-3"], trace.Select(t => t.GetProperty("rule").GetString()));
        var condition = trace[0].GetProperty("conditions")[0];
        Assert.Equal(("arguments.amount > 1000", "amount is over 1000", "false", "it is 250"), (Text(condition, "text"), Text(condition, "sentence"), Text(condition, "truth"), Text(condition, "why")));
        Assert.Equal(["deny", "deny", "pending", "pending", "pending"], tried.GetProperty("table").EnumerateArray().Select(c => c.GetProperty("outcome").GetString()));
        Assert.Equal("confidence.low", tried.GetProperty("care")[0].GetProperty("code").GetString());
        Assert.Equal(JsonValueKind.Null, tried.GetProperty("answer").ValueKind);

        tried = await TryAsync("""{"call":{"action":"refund.create","arguments":{"amount":5}},"agent":"AGENT"}""".Replace("AGENT", _spine.AgentId));
        Assert.Equal(("pending", "B", "executor"), (Text(tried, "answer", "outcome"), Text(tried, "answer", "gate"), Text(tried, "answer", "tier")));
        Assert.Equal("authority.gate", tried.GetProperty("answer").GetProperty("reasons")[0].GetProperty("code").GetString());
        tried = await TryAsync("""{"call":{"action":"refund.create","arguments":{"amount":5}},"tier":"executor","gate":"D"}""");
        Assert.Equal(("allow", true), (Text(tried, "answer", "outcome"), tried.GetProperty("answer").GetProperty("provisional").GetBoolean()));
        tried = await TryAsync("""{"call":{"action":"payment.wire"}}""");
        Assert.Equal(("boundary", "deny"), (Text(tried, "decides", "by"), Text(tried, "decides", "outcome")));
        tried = await TryAsync("""{"call":{"action":"crm.update"},"matrix":{"default":"approve"}}""");
        Assert.Equal(("default", "approve"), (Text(tried, "decides", "by"), Text(tried, "decides", "outcome")));
    }

    [Fact]
    public async Task Try_AgreesWithTheDecision_AndRecordsNothing()
    {
        foreach (var amount in new[] { 5, 250, 5000 })
        {
            var decided = await _spine.RefundAsync(amount, amount == 5000 ? 200 : 202);
            var tried = await TryAsync($$"""{"call":{"action":"refund.create","resource":{"type":"order","id":"8812"},"arguments":{"amount":{{amount}},"order":"8812"},"confidence":0.9},"agent":"{{_spine.AgentId}}"}""");
            Assert.Equal((Spine.Outcome(decided), decided.GetProperty("authority").GetProperty("rule").GetString(), Spine.Code(decided)), (Text(tried, "answer", "outcome"), Text(tried, "decides", "rule"), tried.GetProperty("answer").GetProperty("reasons")[0].GetProperty("code").GetString()));
        }
        Assert.Equal(3, (await GetAsync(_host.Admin, "/api/v1/decisions?rollout=" + _spine.Rollout)).GetProperty("items").GetArrayLength());
    }

    [Theory]
    [InlineData("""{}""", 400, "call")]
    [InlineData("""{"call":{"action":"refund.*"}}""", 400, "call.action")]
    [InlineData("""{"call":{"action":"a","mode":"live"}}""", 400, "call.mode")]
    [InlineData("""{"call":{"action":"a"},"matrix":{"rules":[{"id":"R"}]}}""", 400, "matrix.rules[0].action")]
    [InlineData("""{"call":{"action":"a"},"tier":"king"}""", 400, "tier")]
    [InlineData("""{"call":{"action":"a"},"gate":"E"}""", 400, "gate")]
    [InlineData("""{"call":{"action":"a"},"agent":"agt_none"}""", 404, null)]
    [InlineData("""{"call":{"action":"a"},"what":1}""", 400, "what")]
    public async Task Try_WhatIsWrong_IsNamed(string body, int status, string? field)
    {
        var refused = await PostAsync(_host.Admin, Matrix + "/try", JsonElement.Parse(body), status);
        Assert.Equal(field, refused.TryGetProperty("field", out var named) ? named.GetString() : null);
    }

    [Fact]
    public async Task Try_ArgumentsThatDoNotFitTheRegister_AreHintsOnly()
    {
        await SendAsync(_host.Admin, HttpMethod.Put, $"/api/v1/rollouts/{_spine.Rollout}/actions", new[] { new { action = "refund.create", arguments_schema = new { type = "object", required = new[] { "order" }, properties = new { amount = new { type = "number" } } } } }, 200);
        Assert.Equal(["Arguments: It needs order.", "Arguments: amount should be a number."], Hints(await TryAsync("""{"call":{"action":"refund.create","arguments":{"amount":"5"}}}""")));
        Assert.Contains("does not list mail.send", Assert.Single(Hints(await TryAsync("""{"call":{"action":"mail.send"}}"""))));
        var other = (await PostAsync(_host.Admin, "/api/v1/rollouts", new { name = "Other", time_zone = "UTC" }, 201)).GetProperty("id").GetString();
        var copilot = (await PostAsync(_host.Admin, "/api/v1/agents", new { name = "Copilot", rollout_id = _spine.Rollout, kind = "copilot", owner = "owner@example.com" }, 201)).GetProperty("id").GetString();
        Assert.Contains("is a copilot", Assert.Single(Hints(await TryAsync($$"""{"call":{"action":"refund.create","arguments":{"order":"1"} },"agent":"{{copilot}}"}"""))));
        Assert.Equal("agent.elsewhere", (await PostAsync(_host.Admin, $"/api/v1/rollouts/{other}/matrix/try", new { call = new { action = "a" }, agent = copilot }, 422)).GetProperty("code").GetString());

        static IEnumerable<string?> Hints(JsonElement tried) => tried.GetProperty("hints").EnumerateArray().Select(h => h.GetString());
    }

    [Fact]
    public async Task Examples_AreReplacedWhole_ByWhoSawThem_AndEditorsOnly()
    {
        Assert.Equal((200, "\"e1\""), await ExamplesAsync(_host.Admin, HttpMethod.Get, null));
        const string two = """[{"id":"E-1","name":"small","call":{"action":"refund.create","arguments":{"amount":5}},"expect":"allow"},{"id":"E-2","name":"large","call":{"action":"refund.create","arguments":{"amount":5000}},"expect":"deny","note":"never"}]""";
        Assert.Equal((200, "\"e2\""), await ExamplesAsync(_host.Admin, HttpMethod.Put, two, "\"e1\""));
        Assert.Equal((200, "\"e2\""), await ExamplesAsync(_host.Admin, HttpMethod.Put, two, "\"e2\""));   // the same again is no change
        Assert.Equal(428, (await ExamplesAsync(_host.Admin, HttpMethod.Put, "[]", "")).Status);
        Assert.Equal(412, (await ExamplesAsync(_host.Admin, HttpMethod.Put, "[]", "\"e1\"")).Status);
        Assert.Equal(400, (await ExamplesAsync(_host.Admin, HttpMethod.Put, """[{"id":"E-1"}]""")).Status);
        var page = await GetAsync(_host.Admin, Matrix + "/examples?limit=1");
        Assert.Equal(("E-1", "E-1"), (page.GetProperty("items")[0].GetProperty("id").GetString(), page.GetProperty("next").GetString()));
        var rest = (await GetAsync(_host.Admin, Matrix + "/examples?after=E-1")).GetProperty("items")[0];
        Assert.Equal(("E-2", "deny", "never", 5000), (Text(rest, "id"), Text(rest, "expect"), Text(rest, "note"), rest.GetProperty("call").GetProperty("arguments").GetProperty("amount").GetInt32()));
        Assert.Equal(JsonElement.Parse(two).GetRawText(), JsonElement.Parse(await SavedAsync("examples.saved")).GetProperty("examples").GetRawText());
        var (_, outside) = await _host.PersonAsync("nan@example.com", "member");
        Assert.Equal(404, (await ExamplesAsync(outside, HttpMethod.Put, "[]")).Status);
        await PostAsync(outside, Matrix + "/try", new { call = new { action = "a" } }, 404);
        Assert.Equal(200, (await ExamplesAsync(_spine.Dana, HttpMethod.Get, null)).Status);   // an approver reads and tries
        Assert.Equal(403, (await ExamplesAsync(_spine.Dana, HttpMethod.Put, "[]")).Status);
        await PostAsync(_spine.Dana, Matrix + "/try", new { call = new { action = "refund.create" } });
    }

    [Fact]
    public async Task Publish_AgainstAnExample_IsRefusedWithItInTheAnalysis()
    {
        await ExamplesAsync(_host.Admin, HttpMethod.Put, """[{"id":"E-1","name":"VIP refund","call":{"action":"refund.create","arguments":{"amount":250}},"expect":"deny"}]""");
        var error = (await GetAsync(_host.Admin, Matrix + "/analysis")).GetProperty("errors")[0];
        Assert.Equal(("example.failed", "Example 'VIP refund' must be denied; now R-3 asks a person.", "R-3"), (Text(error, "code"), Text(error, "message"), Text(error, "rule")));
        var refused = await PostAsync(_host.Admin, Matrix + "/publish", new { reason = "try" }, 422);
        var found = refused.GetProperty("analysis").GetProperty("errors")[0];
        Assert.Equal(("matrix.errors", "example.failed", 250), (Text(refused, "code"), Text(found, "code"), found.GetProperty("example").GetProperty("arguments").GetProperty("amount").GetInt32()));
        await ExamplesAsync(_host.Admin, HttpMethod.Put, "[]");
        Assert.Empty((await GetAsync(_host.Admin, Matrix + "/analysis")).GetProperty("errors").EnumerateArray());
        Assert.Equal("matrix.unchanged", (await PostAsync(_host.Admin, Matrix + "/publish", new { reason = "again" }, 409)).GetProperty("code").GetString());   // the draft is what is in force
    }

    [Fact]
    public async Task Actions_MayBeReplacedUnseen_AndWhatStoodThereIsInTheLog()
    {
        var path = $"/api/v1/rollouts/{_spine.Rollout}/actions";
        var theirs = await SendAsync(_host.Admin, HttpMethod.Put, path, JsonElement.Parse("""[{"action":"mail.send","description":"theirs"}]"""), 200);
        var mine = await SendAsync(_host.Admin, HttpMethod.Put, path, JsonElement.Parse("""[{"action":"refund.create"}]"""), 200);   // without If-Match, as the protocol lets everybody
        Assert.Equal(1, mine.GetProperty("actions").GetInt32());
        var lost = JsonElement.Parse((await GetAsync(_host.Admin, $"/api/v1/audit/entries/{theirs.GetProperty("entry").GetInt64()}")).GetProperty("payload").GetString()!);
        Assert.Equal("theirs", Text(lost.GetProperty("actions")[0], "description"));
        await SendAsync(_host.Admin, HttpMethod.Put, path, lost.GetProperty("actions"), 200);   // and is put back as it was
        Assert.Equal("theirs", Text((await GetAsync(_host.Admin, path)).GetProperty("items")[0], "description"));
        Assert.Equal(JsonValueKind.Null, (await SendAsync(_host.Admin, HttpMethod.Put, path, lost.GetProperty("actions"), 200)).GetProperty("entry").ValueKind);
    }

    /// <summary>The payload of the newest entry of this kind about the rollout.</summary>
    private async Task<string> SavedAsync(string saved)
    {
        var entry = (await GetAsync(_host.Admin, $"/api/v1/audit/entries?event={saved}&object={_spine.Rollout}&limit=1")).GetProperty("items")[0].GetProperty("seq").GetInt64();
        return (await GetAsync(_host.Admin, $"/api/v1/audit/entries/{entry}")).GetProperty("payload").GetString()!;
    }

    private Task<JsonElement> TryAsync(string body) => PostAsync(_host.Admin, Matrix + "/try", JsonElement.Parse(body));

    private async Task<(int Status, string? ETag)> ExamplesAsync(HttpClient client, HttpMethod method, string? body, string? etag = null)
    {
        using var request = new HttpRequestMessage(method, Matrix + "/examples");
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        if (method == HttpMethod.Put && etag != "") request.Headers.IfMatch.Add(etag is null ? EntityTagHeaderValue.Any : new EntityTagHeaderValue(etag));
        using var response = await client.SendAsync(request);
        return ((int)response.StatusCode, response.Headers.ETag?.ToString());
    }

    private static string? Text(JsonElement element, params string[] path) => path.Aggregate(element, (e, name) => e.GetProperty(name)).GetString();
}
