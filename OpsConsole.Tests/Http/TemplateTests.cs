using System.Text.Json;
using System.Text.Json.Nodes;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Http;

/// <summary>Tier templates over HTTP: written by few, read by all, applied as single grants, and what they become later is offered and nothing more.</summary>
public sealed class TemplateTests : IAsyncLifetime
{
    private const string Crm = """{"capability":"crm.*","tier":"contributor","reason":"Proposes changes","review_in":"P30D","advance":{"to":"executor","scenario_classes":["edge cases"],"each_at_least":3}}""", Reads = """{"capability":"*","tier":"observer","reason":"Reads"}""", Mail = """{"capability":"mail.*","tier":"contributor","reason":"Drafts","expires_in":"P180D"}""";
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await StartAsync();
        _spine = await Spine.BuildAsync(_host, tier: null);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    private string Agent => $"/api/v1/agents/{_spine.AgentId}/templates";

    [Fact]
    public async Task Template_IsWrittenByETag_AndCountsItsChanges()
    {
        var id = await CreateAsync("Support", Reads, Crm);
        var template = await GetAsync(_host.Admin, "/api/v1/templates/" + id);
        Assert.Equal((1, "crm.*"), (template.GetProperty("version").GetInt32(), template.GetProperty("lines")[1].GetProperty("capability").GetString()));
        Assert.Contains("73 runs", template.GetProperty("criteria")[1].GetString());
        Assert.Equal((428, null), await PutAsync(id, "Support", null, Reads, Crm));
        Assert.Equal((412, null), await PutAsync(id, "Support", "\"t7\"", Reads, Crm));
        Assert.Equal((400, null), await PutAsync(id, "Support", "\"t1\"", Reads, Reads));
        Assert.Equal((200, "\"t2\""), await PutAsync(id, "Support first", "\"t1\"", Crm, Reads));   // another name: who changes that, too, must have seen it
        Assert.Equal((200, "\"t3\""), await PutAsync(id, "Support first", "\"t2\"", Crm, Reads, Mail));
        Assert.Equal((412, null), await PutAsync(id, "Support first", "\"t2\"", Reads));
        // What is read can be sent back as it is.
        var lines = (await GetAsync(_host.Admin, "/api/v1/templates/" + id)).GetProperty("lines").EnumerateArray().Select(l => l.GetRawText()).ToArray();
        Assert.Equal((200, "\"t3\""), await PutAsync(id, "Support first", "\"t3\"", lines));
        await PostAsync(_host.Admin, "/api/v1/templates", Body("SUPPORT first", Reads), 409);
        Assert.Equal(412, await DeleteAsync(id, "\"t2\""));
        Assert.Equal(204, await DeleteAsync(id, "\"t3\""));
        Assert.Equal((409, null), await PutAsync(id, "Support first", "\"t3\"", Reads));
        await PostAsync(_host.Admin, Agent, new { template = id, reason = "x" }, 409);
        Assert.Equal(JsonValueKind.Null, (await PostAsync(_host.Admin, $"/api/v1/templates/{id}/restore", null)).GetProperty("archived_at").ValueKind);
        Assert.Single((await GetAsync(_host.Admin, "/api/v1/templates")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task History_SaysWhoChangedWhatWhen_PageByPage()
    {
        var id = await CreateAsync("Support", Reads, Crm);
        await PutAsync(id, "Support", "\"t1\"", Reads, Crm.Replace("contributor", "observer").Replace("P30D", "P10D"), Mail);
        await SendAsync(_host.Admin, HttpMethod.Delete, "/api/v1/templates/" + id, null, 204);
        await PostAsync(_host.Admin, $"/api/v1/templates/{id}/restore", null);
        var (_, facilitator) = await _host.PersonAsync("fay@example.com", "facilitator");
        await PutAsync(facilitator, id, "Answers", "\"t2\"", Mail);
        await CreateAsync("Other", Reads);
        List<string> said = [];
        for (string? after = null; ;)
        {
            var page = await GetAsync(_spine.Dana, $"/api/v1/templates/{id}/history?limit=2{(after is null ? "" : "&after=" + after)}");   // whoever reads templates
            said.AddRange(page.GetProperty("items").EnumerateArray().Select(c => $"{Text(c, "change")} {c.GetProperty("version").GetInt32()} {EmailOf(Text(c, "by"))}: {string.Join(" ", c.GetProperty("words").EnumerateArray().Select(w => w.GetString()))}".TrimEnd()));
            after = Text(page, "next");
            if (after is null) break;
        }
        Assert.Equal(
        [
            "changed 3 fay@example.com: Renamed from “Support” to “Answers”. No longer in it: * as observer. No longer in it: crm.* as observer.",
            "restored 2 admin@example.com:",
            "archived 2 admin@example.com:",
            "changed 2 admin@example.com: crm.*: lowered from contributor to observer; no end, review after 10 days (before: no end, review after 30 days). New: mail.* as contributor; ends after 180 days, review after 90 days.",
            "created 1 admin@example.com:",
        ], said);
        await GetAsync(_host.Admin, "/api/v1/templates/tpl_ghost/history", 404);
        await GetAsync(_host.Admin, $"/api/v1/templates/{id}/history?after=x", 400);
    }

    [Fact]
    public async Task Template_IsReadByAll_WrittenByFacilitators_AppliedByAdmins()
    {
        var (_, facilitator) = await _host.PersonAsync("fay@example.com", "facilitator");
        var id = (await PostAsync(facilitator, "/api/v1/templates", Body("Support", Crm), 201)).GetProperty("id").GetString();
        await GetAsync(_spine.Dana, "/api/v1/templates/" + id);
        await GetAsync(_host.Nobody, "/api/v1/templates", 401);
        await PostAsync(_spine.Dana, "/api/v1/templates", Body("Mine", Crm), 403);
        await SendAsync(_spine.Dana, HttpMethod.Delete, "/api/v1/templates/" + id, null, 403);
        await PostAsync(facilitator, Agent, new { template = id, reason = "x" }, 403);
        await PostAsync(_spine.Owner, Agent, new { template = id, reason = "x" }, 403);
        await GetAsync(_spine.Owner, Agent);
        await GetAsync(_spine.Dana, Agent, 200);   // an approver of the published matrix sees the agent
        var (_, stranger) = await _host.PersonAsync("sam@example.com", "member");
        await GetAsync(stranger, Agent, 404);
        await PostAsync(stranger, Agent, new { template = id, reason = "x" }, 404);
        await PostAsync(_host.Admin, $"{Agent}/{id}/accept", new { lines = new[] { "crm.*" } }, 404);   // it holds nothing from it
    }

    [Fact]
    public async Task Apply_MakesSingleGrants_EachWithItsReasonEndAndEntry_InPlaceOfWhatWas()
    {
        var byHand = (await PostAsync(_host.Admin, $"/api/v1/agents/{_spine.AgentId}/grants", new { capability = "crm.*", tier = "executor", reason = "by hand" }, 201)).GetProperty("id").GetString();
        var id = await CreateAsync("Support", Reads, Crm, Mail);
        await PostAsync(_host.Admin, Agent, new { template = id }, 400);
        await PostAsync(_host.Admin, Agent, new { template = "tpl_ghost", reason = "x" }, 422);
        await PostAsync(_host.Admin, Agent, new { template = id, reason = "x", lines = new[] { "order.*" } }, 422);
        await PostAsync(_host.Admin, Agent, new { template = id, reason = "x", version = 2 }, 409);
        await PostAsync(_host.Admin, Agent, new { template = id, reason = "x", terms = new[] { new { capability = "mail.*", expires_at = "2020-01-01T00:00:00Z" } } }, 400);
        Assert.Single(await GrantsAsync());

        var given = await PostAsync(_host.Admin, Agent, new { template = id, reason = "Pilot", version = 1, lines = new[] { "CRM.*", "mail.*" }, terms = new object[] { new { capability = "mail.*", reason = "Newsletters", no_expiry = true, review_by = "2099-01-01T00:00:00Z" } } }, 201);
        Assert.Equal(2, given.GetProperty("grants").GetArrayLength());
        var grants = await GrantsAsync();
        Assert.Equal(["crm.* contributor Proposes changes · Pilot", "mail.* contributor Newsletters · Pilot"], grants.Where(Live).Select(g => $"{Text(g, "capability")} {Text(g, "tier")} {Text(g, "reason")}").Order());
        Assert.All(grants.Where(Live), g => Assert.Equal((id, 1, true, "admin@example.com"), (Text(g.GetProperty("template"), "id"), g.GetProperty("template").GetProperty("version").GetInt32(), g.GetProperty("override").GetBoolean(), EmailOf(Text(g, "granted_by")))));
        var (crm, mail) = (grants.Single(g => Live(g) && Text(g, "capability") == "crm.*"), grants.Single(g => Live(g) && Text(g, "capability") == "mail.*"));
        Assert.Equal(TimeSpan.FromDays(30), crm.GetProperty("review_by").GetDateTimeOffset() - crm.GetProperty("created_at").GetDateTimeOffset());
        Assert.Equal((JsonValueKind.Null, 2099), (mail.GetProperty("expires_at").ValueKind, mail.GetProperty("review_by").GetDateTimeOffset().Year));
        Assert.Equal("replaced", Text(grants.Single(g => Text(g, "id") == byHand), "end_reason"));
        Assert.Equal(3, await EntriesAsync("grant.given"));
        Assert.Equal((1, 1), (await EntriesAsync("grant.ended"), await EntriesAsync("template.applied")));
        var applied = (await GetAsync(_host.Admin, Agent)).GetProperty("items")[0];
        Assert.Equal((id, 1, "add"), (Text(applied, "id"), applied.GetProperty("applied_version").GetInt32(), Text(applied.GetProperty("offer")[0], "kind")));   // the line that was left out
    }

    [Fact]
    public async Task ChangingATemplate_ChangesNoGrant_AndOffersTheChange()
    {
        var id = await CreateAsync("Support", Reads, Crm, Mail);
        await PostAsync(_host.Admin, Agent, new { template = id, reason = "Pilot" }, 201);
        var (grants, epoch, entries) = (Raw(await GrantsAsync()), _host.Writer.State.Epoch, await EntriesAsync("grant.given"));
        Assert.Equal((200, "\"t2\""), await PutAsync(id, "Support", "\"t1\"", Reads, Crm.Replace("contributor", "observer"), """{"capability":"order.*","tier":"executor","reason":"New","review_in":"P10D"}"""));
        Assert.Equal((200, "\"t3\""), await PutAsync(id, "Renamed", "\"t2\"", Reads, Crm.Replace("contributor", "observer"), """{"capability":"order.*","tier":"executor","reason":"New","review_in":"P10D"}"""));
        await SendAsync(_host.Admin, HttpMethod.Delete, "/api/v1/templates/" + id, null, 204);
        Assert.Empty(await OfferAsync());
        await PostAsync(_host.Admin, $"/api/v1/templates/{id}/restore", null);
        Assert.Equal((grants.Replace("\"Support\"", "\"Renamed\""), epoch, entries), (Raw(await GrantsAsync()), _host.Writer.State.Epoch, await EntriesAsync("grant.given")));

        Assert.Equal(["crm.* change_tier False", "mail.* end False", "order.* add True"], (await OfferAsync()).Select(o => $"{Text(o, "capability")} {Text(o, "kind")} {o.GetProperty("widens").GetBoolean()}"));
        await PostAsync(_host.Admin, $"{Agent}/{id}/accept", new { lines = new[] { "crm.*" }, version = 1 }, 409);
        await PostAsync(_host.Admin, $"{Agent}/{id}/accept", new { lines = new[] { "crm.*", "*" } }, 422);
        await PostAsync(_host.Admin, $"{Agent}/{id}/accept", new { lines = Array.Empty<string>() }, 400);
        await PostAsync(_spine.Owner, $"{Agent}/{id}/accept", new { lines = new[] { "crm.*" } }, 403);
        Assert.Equal(grants.Replace("\"Support\"", "\"Renamed\""), Raw(await GrantsAsync()));

        var done = await PostAsync(_host.Admin, $"{Agent}/{id}/accept", new { lines = new[] { "crm.*", "mail.*" }, version = 3 });
        Assert.Equal((1, 1), (done.GetProperty("grants").GetArrayLength(), done.GetProperty("ended").GetArrayLength()));
        Assert.Equal(["*", "crm.*"], (await GrantsAsync()).Where(Live).Select(g => Text(g, "capability")).Order());
        Assert.Equal(["order.*"], (await OfferAsync()).Select(o => Text(o, "capability")));
        await PostAsync(_host.Admin, $"{Agent}/{id}/accept", new { lines = new[] { "order.*" }, reason = "Now it may" });
        Assert.Empty(await OfferAsync());
        Assert.Contains("New · Now it may", Raw(await GrantsAsync()));
    }

    [Fact]
    public async Task AppliedTiers_DecideLikeTiersByHand()
    {
        var id = await CreateAsync("Refunds", Reads, """{"capability":"refund.*","tier":"executor","reason":"Small refunds can be undone"}""");
        Assert.Equal("deny", Spine.Outcome(await _spine.RefundAsync(20)));
        await PostAsync(_host.Admin, Agent, new { template = id, reason = "Pilot" }, 201);
        Assert.Equal("allow", Spine.Outcome(await _spine.RefundAsync(20)));
        await PutAsync(id, "Refunds", "\"t1\"", Reads);
        Assert.Equal("allow", Spine.Outcome(await _spine.RefundAsync(20)));
        await PostAsync(_host.Admin, $"{Agent}/{id}/accept", new { lines = new[] { "refund.*" } });
        Assert.Equal("deny", Spine.Outcome(await _spine.RefundAsync(20)));
        await PostAsync(_host.Admin, $"/api/v1/agents/{_spine.AgentId}/retire", new { });
        await PostAsync(_host.Admin, Agent, new { template = id, reason = "again" }, 409);
    }

    [Fact]
    public async Task Endpoints_AreDescribed()
    {
        var paths = (await GetAsync(_host.Nobody, "/openapi/v1.json")).GetProperty("paths");
        Assert.All<(string Path, string Method)>([("/api/v1/templates", "post"), ("/api/v1/templates/{id}", "put"), ("/api/v1/agents/{id}/templates", "post"), ("/api/v1/agents/{id}/templates/{template}/accept", "post")],
            e => Assert.True(paths.GetProperty(e.Path).GetProperty(e.Method).GetProperty("requestBody").GetProperty("content").TryGetProperty("application/json", out _)));
    }

    private static JsonNode Body(string name, params string[] lines) => JsonNode.Parse($$"""{"name":"{{name}}","description":"d","lines":[{{string.Join(',', lines)}}]}""")!;

    private async Task<string> CreateAsync(string name, params string[] lines) => (await PostAsync(_host.Admin, "/api/v1/templates", Body(name, lines), 201)).GetProperty("id").GetString()!;

    private Task<(int Status, string? ETag)> PutAsync(string id, string name, string? etag, params string[] lines) => PutAsync(_host.Admin, id, name, etag, lines);

    private async Task<int> DeleteAsync(string id, string etag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, "/api/v1/templates/" + id);
        request.Headers.TryAddWithoutValidation("If-Match", etag);
        using var response = await _host.Admin.SendAsync(request);
        return (int)response.StatusCode;
    }

    private static async Task<(int Status, string? ETag)> PutAsync(HttpClient by, string id, string name, string? etag, params string[] lines)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/api/v1/templates/" + id) { Content = new StringContent(Body(name, lines).ToJsonString(), System.Text.Encoding.UTF8, "application/json") };
        if (etag is not null) request.Headers.TryAddWithoutValidation("If-Match", etag);
        using var response = await by.SendAsync(request);
        return ((int)response.StatusCode, response.Headers.ETag?.Tag);
    }

    private async Task<List<JsonElement>> GrantsAsync() => [.. (await GetAsync(_host.Admin, $"/api/v1/agents/{_spine.AgentId}/grants")).GetProperty("items").EnumerateArray()];
    private async Task<List<JsonElement>> OfferAsync() => [.. (await GetAsync(_host.Admin, Agent)).GetProperty("items")[0].GetProperty("offer").EnumerateArray()];
    private async Task<int> EntriesAsync(string name) => (await GetAsync(_host.Admin, "/api/v1/audit/entries?event=" + name)).GetProperty("items").GetArrayLength();
    private string EmailOf(string? person) => _host.Writer.State.Directory.People[person!].Email;
    private static string Raw(IEnumerable<JsonElement> items) => string.Join('\n', items.Select(i => i.GetRawText()));
    private static bool Live(JsonElement grant) => grant.GetProperty("live").GetBoolean();
    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
