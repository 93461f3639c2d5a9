using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Http;

/// <summary>Comparing, restoring, publishing by two people and the answers under a version, over HTTP.</summary>
public sealed class VersionTests : IAsyncLifetime
{
    private const string First = """{"rules":[{"id":"R-1","action":"order.get","effect":"read","consequence":"low","outcome":"allow"}]}""";
    private ConsoleHost _host = default!;

    public async Task InitializeAsync() => _host = await StartAsync();

    public Task DisposeAsync() => _host.DisposeAsync();

    private async Task<string> MatrixPathAsync() => $"/api/v1/rollouts/{Text(await PostAsync(_host.Admin, "/api/v1/rollouts", new { name = "Refunds" }, 201), "id")}/matrix";

    [Fact]
    public async Task Diff_OfAnyTwo_IsInWordsAndInRows()
    {
        var path = await MatrixPathAsync();
        await PutAsync(path, First);
        Assert.Equal("nothing", Text(await GetAsync(_host.Admin, path + "/diff"), "from"));
        await PublishAsync(path);
        Assert.Equal("No difference.", Text(await GetAsync(_host.Admin, path + "/diff"), "summary"));
        await PutAsync(path, """{"rules":[{"id":"R-0","action":"order.*","when":[{"field":"arguments.amount","op":">","value":5}],"outcome":"deny"},{"id":"R-1","action":"order.get","effect":"read","consequence":"low","outcome":"allow","note":"ok"}]}""");
        var diff = await GetAsync(_host.Admin, path + "/diff?from=1&to=draft");
        Assert.Equal(("1", "draft", "2 changes: 1 gives agents less, 1 changes which row applies, or how."), (Text(diff, "from"), Text(diff, "to"), Text(diff, "summary")));
        var (added, changed) = (diff.GetProperty("changes")[0], diff.GetProperty("changes")[1]);
        Assert.Equal(("added", "R-0", "tightens", "New row R-0 before all others: Anything below order, where amount is over 5: denied."), (Text(added, "kind"), Text(added, "rule"), Text(added, "direction"), Text(added, "words")));
        Assert.Equal("""[{"field":"note","old":null,"new":"ok"}]""", changed.GetProperty("fields").GetRawText());
        Assert.Equal("loosens", Text((await GetAsync(_host.Admin, path + "/diff?from=draft&to=in-force")).GetProperty("changes")[0], "direction"));
        await GetAsync(_host.Admin, path + "/diff?from=2", 404);
        Assert.Equal("from", Text(await GetAsync(_host.Admin, path + "/diff?from=yesterday", 400), "field"));
        var (_, nan) = await _host.PersonAsync("nan@example.com", "member");
        await GetAsync(nan, path + "/diff", 404);
        await GetAsync(nan, path + "/versions/1/approvals", 404);
        await SendAsync(nan, HttpMethod.Delete, path + "/proposal", null, 404);
    }

    [Fact]
    public async Task Restore_PutsAVersionIntoTheDraftOnly_AndSaysSoInTheLog()
    {
        var path = await MatrixPathAsync();
        await PutAsync(path, First);
        await PublishAsync(path);
        await PutAsync(path, """{"rules":[]}""");
        await PublishAsync(path);
        await PostAsync(_host.Admin, path + "/restore", new { version = 1 }, 428);
        Assert.Equal("matrix.stale", Text(await RestoreAsync(path, 1, "\"v1\"", 412), "code"));
        await RestoreAsync(path, 3, "*", 404);
        Assert.Equal("version", Text(await RestoreAsync(path, 0, "*", 400), "field"));
        Assert.Equal("R-1", Text((await RestoreAsync(path, 1, "\"v3\"", 200)).GetProperty("rules")[0], "id"));
        Assert.Equal("No difference.", Text(await GetAsync(_host.Admin, path + "/diff?from=1&to=draft"), "summary"));
        Assert.Equal("2", Text(await GetAsync(_host.Admin, path + "/diff?from=in-force&to=draft"), "from"));
        await RestoreAsync(path, 1, "\"v4\"", 200);   // the same again is no change
        Assert.Single(await EntriesAsync("matrix.restored"));
    }

    [Fact]
    public async Task Publish_ByTwo_TakesTwoWhoMay_AndNamesBoth()
    {
        var path = await MatrixPathAsync();
        var rollout = path[..^"/matrix".Length];
        var (riskId, risk) = await _host.PersonAsync("risk@example.com", "member");
        var (_, engineer) = await _host.PersonAsync("eng@example.com", "member");
        await PostAsync(_host.Admin, rollout + "/members", new { email = "risk@example.com", roles = new[] { "risk_lead" } }, 201);
        await PostAsync(_host.Admin, rollout + "/members", new { email = "eng@example.com", roles = new[] { "engineering_owner" } }, 201);
        await SendAsync(risk, HttpMethod.Patch, rollout, new { second_publisher = true }, 403);
        Assert.True((await SendAsync(_host.Admin, HttpMethod.Patch, rollout, new { second_publisher = true }, 200)).GetProperty("second_publisher").GetBoolean());

        Assert.Equal(422, (int)(await SendPublishAsync(_host.Admin, path, """{"rules":[{"id":"R-1","action":"a","outcome":"approve"}]}""")).StatusCode);
        await PutAsync(path, First);
        var proposed = await PostAsync(_host.Admin, path + "/publish", new { reason = "first" }, 202);
        Assert.Equal(("proposed", "a second person who may publish", 3), (Text(proposed, "status"), Text(proposed, "needs"), proposed.GetProperty("draft").GetInt32()));
        Assert.Equal("matrix.second_person", Text(await PostAsync(_host.Admin, path + "/publish", new { reason = "again" }, 409), "code"));
        await PostAsync(engineer, path + "/publish", new { reason = "me" }, 403);
        await SendAsync(engineer, HttpMethod.Delete, path + "/proposal", null, 403);
        Assert.Equal("rollout.second_publisher", Text(await SendAsync(_host.Admin, HttpMethod.Patch, rollout, new { second_publisher = false }, 403), "code"));
        Assert.Equal(0, (await GetAsync(_host.Admin, path + "/versions")).GetProperty("items").GetArrayLength());

        await PutAsync(path, First.Replace("R-1", "R-2", StringComparison.Ordinal));   // another draft: nobody has seen it
        Assert.Equal("proposed", Text(await PostAsync(risk, path + "/publish", new { reason = "mine" }, 202), "status"));
        await SendAsync(risk, HttpMethod.Delete, path + "/proposal", new { reason = "too early" }, 204);
        await SendAsync(risk, HttpMethod.Delete, path + "/proposal", null, 404);
        await PostAsync(risk, path + "/publish", new { reason = "now" }, 202);
        Assert.Equal("if_match.required", Text(await PostAsync(_host.Admin, path + "/publish", new { reason = "whatever stands there" }, 428), "code"));
        using var confirm = new HttpRequestMessage(HttpMethod.Post, path + "/publish") { Content = JsonContent.Create(new { reason = "looked at it" }) };
        confirm.Headers.IfMatch.Add((await _host.Admin.GetAsync(path)).Headers.ETag!);
        using var answer = await _host.Admin.SendAsync(confirm);
        var published = JsonElement.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal((1, "published"), (published.GetProperty("version").GetInt32(), Text(published, "status")));
        var version = await GetAsync(_host.Admin, path + "/versions/1");
        Assert.Equal((riskId, "risk", "now – confirmed: looked at it"), (Text(version, "proposed_by"), Text(version, "proposed_by_name"), Text(version, "reason")));
        var entry = Assert.Single(await EntriesAsync("matrix.published")).GetRawText();
        Assert.Contains(riskId, entry);
        Assert.Equal(3, (await EntriesAsync("matrix.proposed")).Count);
        Assert.Single(await EntriesAsync("matrix.withdrawn"));

        await SendAsync(_host.Admin, HttpMethod.Patch, rollout, new { second_publisher = false }, 200);
        await PutAsync(path, First);
        Assert.Equal(2, (await PostAsync(_host.Admin, path + "/publish", new { reason = "alone again" })).GetProperty("version").GetInt32());
    }

    [Fact]
    public async Task Publish_WhatIsInForce_MakesNoVersion_NorAProposal()
    {
        var path = await MatrixPathAsync();
        await PostAsync(_host.Admin, path + "/publish", new { reason = "nothing stands in it, and nothing is in force: that is a beginning" });
        await PutAsync(path, First);
        await PublishAsync(path);
        var refused = await PostAsync(_host.Admin, path + "/publish", new { reason = "again" }, 409);
        Assert.Equal(("matrix.unchanged", 2), (Text(refused, "code"), refused.GetProperty("version").GetInt32()));
        Assert.Contains("Nothing changed since version 2", Text(refused, "detail"));
        await PutAsync(path, First.Replace("R-1", "R-2", StringComparison.Ordinal));
        await PutAsync(path, First);   // there and back is no change either
        await SendAsync(_host.Admin, HttpMethod.Put, path[..^"/matrix".Length] + "/actions", JsonElement.Parse("""[{"action":"order.get","effect":"read","consequence":"low"}]"""), 200);   // the register decides nothing
        await PostAsync(_host.Admin, path + "/publish", new { reason = "again" }, 409);
        await SendAsync(_host.Admin, HttpMethod.Patch, path[..^"/matrix".Length], new { second_publisher = true }, 200);
        Assert.Equal("matrix.unchanged", Text(await PostAsync(_host.Admin, path + "/publish", new { reason = "again" }, 409), "code"));
        Assert.Equal(2, (await GetAsync(_host.Admin, path + "/versions")).GetProperty("items").GetArrayLength());
        Assert.Empty(await EntriesAsync("matrix.proposed"));
    }

    [Fact]
    public async Task Answers_StandUnderTheVersionThatDecided_EachOnce()
    {
        var spine = await Spine.BuildAsync(_host);
        var path = $"/api/v1/rollouts/{spine.Rollout}/matrix";
        var (approved, rejected, crossing) = (await spine.RefundAsync(420, 202), await spine.RefundAsync(430, 202), await spine.RefundAsync(440, 202));
        await spine.DecideAsync(spine.Dana, approved, new { verdict = "approve" });
        await spine.DecideAsync(spine.Lee, rejected, new { verdict = "reject", reason = "no" });
        await Spine.PublishAsync(_host, spine.Rollout, Spine.Matrix.Replace("\"value\": 200", "\"value\": 210", StringComparison.Ordinal));
        await spine.DecideAsync(spine.Dana, crossing, new { verdict = "edit", arguments = new { amount = 300, order = "8812" } });   // evaluated again, by version 2
        var second = await spine.RefundAsync(450, 202);
        await spine.DecideAsync(spine.Lee, second, new { verdict = "approve" });

        Assert.Equal([("R-3", "rejected", "lee", Spine.Id(rejected)), ("R-3", "approved", "dana", Spine.Id(approved))], await AnswersAsync(path, 1));
        Assert.Equal([("R-3", "approved", "lee", Spine.Id(second)), ("R-3", "edited", "dana", Spine.Id(crossing))], await AnswersAsync(path, 2));
        await GetAsync(_host.Admin, path + "/versions/3/approvals", 404);
        Assert.Equal("after", Text(await GetAsync(_host.Admin, path + "/versions/1/approvals?after=x", 400), "field"));
    }

    // Page by page, one answer each: what is shown twice or left out would be seen.
    private async Task<List<(string?, string?, string?, string?)>> AnswersAsync(string path, int version)
    {
        List<(string?, string?, string?, string?)> found = [];
        for (string? after = null; ;)
        {
            var page = await GetAsync(_host.Admin, $"{path}/versions/{version}/approvals?limit=1{(after is null ? "" : "&after=" + after)}");
            found.AddRange(page.GetProperty("items").EnumerateArray().Select(a => (Text(a, "rule"), Text(a, "verdict"), Text(a, "person_name"), Text(a, "decision_id"))));
            after = Text(page, "next");
            if (after is null) return found;
        }
    }

    private Task PublishAsync(string path) => PostAsync(_host.Admin, path + "/publish", new { reason = "test" });

    private async Task<HttpResponseMessage> SendPublishAsync(HttpClient person, string path, string matrix)
    {
        await PutAsync(path, matrix);
        return await person.PostAsync(path + "/publish", new StringContent("""{"reason":"x"}""", Encoding.UTF8, "application/json"));
    }

    private async Task PutAsync(string path, string matrix)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, path) { Content = new StringContent(matrix, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("If-Match", "*");
        using var response = await _host.Admin.SendAsync(request);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    private async Task<JsonElement> RestoreAsync(string path, int version, string etag, int expect)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path + "/restore") { Content = new StringContent($$"""{"version":{{version}}}""", Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("If-Match", etag);
        using var response = await _host.Admin.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == expect, text);
        return JsonElement.Parse(text);
    }

    private async Task<List<JsonElement>> EntriesAsync(string name) => [.. (await GetAsync(_host.Admin, "/api/v1/audit/entries?event=" + name)).GetProperty("items").EnumerateArray()];

    private static string? Text(JsonElement view, string name) => view.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
