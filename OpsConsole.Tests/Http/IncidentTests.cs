using System.Text.Json;
using OpsConsole.Support;
using OpsConsole.Tests.Support;

namespace OpsConsole.Http;

/// <summary>Incidents over the API: reported by people and agents, escalating by the clock, taken, moved on, merged.</summary>
public sealed class IncidentTests : IAsyncLifetime
{
    private readonly HandTime _time = new(DateTimeOffset.UtcNow);
    private ConsoleHost _host = default!;
    private Spine _spine = default!;
    private string _row = "";

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync(new HostSettings { Time = _time });
        _spine = await Spine.BuildAsync(_host);
        await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/worksheets/escalation/start", null);
        _row = (await ConsoleHost.GetAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/worksheets/escalation")).GetProperty("rows")[0].GetProperty("id").GetString()!;
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Log_IsNarrowedByDayAndSeverity()
    {
        var ids = new List<string>();
        foreach (var severity in (string[])["sev3", "sev1", "sev3"])
        {
            ids.Add(Word(await OpenAsync(new { rollout_id = _spine.Rollout, title = "Wrong refund", severity }), "id"));
            _time.Advance(TimeSpan.FromHours(5));
        }
        var today = TimeZoneInfo.ConvertTime(_time.GetUtcNow().AddHours(-15), TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"));   // the first one's day, where the rollout is
        Assert.Equal([ids[1]], await FoundAsync("severity=sev1"));
        Assert.Equal([ids[2], ids[0]], await FoundAsync("severity=sev3"));
        Assert.Equal([ids[2], ids[0]], await FoundAsync("severity=sev3&status=open"));
        var that = (await FoundAsync($"from={today:yyyy-MM-dd}&to={today:yyyy-MM-dd}")).Concat(await FoundAsync($"from={today.AddDays(1):yyyy-MM-dd}")).Order();
        Assert.Equal(ids.Order(), that);   // each on one side of midnight
        Assert.Contains(ids[0], await FoundAsync($"to={today:yyyy-MM-dd}"));
        Assert.Empty(await FoundAsync($"to={today.AddDays(-1):yyyy-MM-dd}"));
        foreach (var wrong in (string[])["from=yesterday", "severity=bad", $"from={today:yyyy-MM-dd}&to={today.AddDays(-1):yyyy-MM-dd}"]) await ConsoleHost.GetAsync(_host.Admin, "/api/v1/incidents?" + wrong, 400);

        async Task<List<string>> FoundAsync(string query) => [.. (await ConsoleHost.GetAsync(_host.Admin, $"/api/v1/incidents?rollout={_spine.Rollout}&{query}")).GetProperty("items").EnumerateArray().Select(i => Word(i, "id"))];
    }

    [Fact]
    public async Task Reported_IsTakenMovedOnAndClosed_AndAllOfItIsOnItsTimeline()
    {
        var decision = Spine.Id(await _spine.RefundAsync(20));
        var opened = await OpenAsync(new { rollout_id = _spine.Rollout, row = _row, title = "Wrong refund", severity = "sev2", customers = new[] { "Rossi" }, decisions = new[] { decision }, occurred_at = _time.GetUtcNow().AddMinutes(-20) });
        Assert.Equal(("triage", "sev2", 1), (Word(opened, "status"), Word(opened, "severity"), opened.GetProperty("affected").GetArrayLength()));
        var id = Word(opened, "id");
        _time.Advance(TimeSpan.FromMinutes(4));
        var taken = await PostAsync(id, "acknowledge");
        Assert.Equal(("active", JsonValueKind.Null), (Word(taken, "status"), taken.GetProperty("next").ValueKind));
        await PostAsync(id, "updates", new { text = "We call them", update = true });
        await PostAsync(id, "state", new { state = "closed" }, 409);
        await PostAsync(id, "state", new { state = "mitigated" });
        await PostAsync(id, "state", new { state = "resolved", words = "Money is back" });
        await PostAsync(id, "state", new { state = "closed" }, 422);   // nobody has written down what was learned
        await ReviewedAsync(id);
        await PostAsync(id, "state", new { state = "closed" });
        await PostAsync(id, "acknowledge", expect: 409);
        var story = await ConsoleHost.GetAsync(_host.Admin, "/api/v1/incidents/" + id);
        Assert.Equal(["opened", "told", "acknowledged", "update", "state", "state", "action", "action", "review", "state"], story.GetProperty("timeline").EnumerateArray().Select(l => Word(l, "kind")).Where(k => k != "response"));
        Assert.Equal(decision, Word(story.GetProperty("links")[0], "id"));
        Assert.Empty((await ConsoleHost.GetAsync(_host.Admin, "/api/v1/incidents?status=open")).GetProperty("items").EnumerateArray());
        Assert.Single((await ConsoleHost.GetAsync(_host.Admin, "/api/v1/incidents?rollout=" + _spine.Rollout)).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task NobodyTakesIt_EscalatesByTheClock()
    {
        var opened = await OpenAsync(new { rollout_id = _spine.Rollout, row = _row, title = "Wrong refund" });
        var id = Word(opened, "id");
        for (var level = 1; level < 4; level++)
        {
            var before = (await LinesAsync(id)).Count(l => l == "told");
            var next = (await ConsoleHost.GetAsync(_host.Admin, "/api/v1/incidents/" + id)).GetProperty("incident").GetProperty("next").GetProperty("at").GetDateTimeOffset();
            _time.Advance(next - _time.GetUtcNow());
            await Until.True(async () =>
            {
                _time.Advance(TimeSpan.FromMilliseconds(50));
                return (await LinesAsync(id)).Count(l => l == "told") > before;
            }, "the next level");
        }
        await PostAsync(id, "acknowledge");
        var told = (await LinesAsync(id)).Count;
        _time.Advance(TimeSpan.FromMinutes(40));
        Assert.Equal(told, (await LinesAsync(id)).Count);
    }

    [Fact]
    public async Task Responses_OfTheRow_AreCarriedOutAtOnce_AndTakenBackByWhoMay()
    {
        var decision = Spine.Id(await _spine.RefundAsync(20));
        var id = Word(await OpenAsync(new { rollout_id = _spine.Rollout, row = _row, title = "Wrong refund", decisions = new[] { decision } }), "id");
        Assert.Equal(("deny", "paused"), (Spine.Outcome(await _spine.RefundAsync(20)), Spine.Code(await _spine.RefundAsync(20))));
        var responses = (await StoryAsync(id)).GetProperty("responses").EnumerateArray().ToList();
        Assert.Equal([("pause_agent", true), ("route_to_review", true), ("notify_sponsor", false)], responses.Select(r => (Word(r, "response"), r.GetProperty("may_be_taken_back").GetBoolean())));
        Assert.Equal("contributor", Word(Assert.Single((await ConsoleHost.GetAsync(_host.Admin, $"/api/v1/agents/{_spine.AgentId}/grants")).GetProperty("items").EnumerateArray(), g => g.GetProperty("live").GetBoolean()), "tier"));

        // Whoever was told may fire one; what it takes to put it back is asked of whoever does.
        await ConsoleHost.PostAsync(_spine.Lee, $"/api/v1/incidents/{id}/responses/{responses[0].GetProperty("id").GetInt64()}/take_back", null, 403);   // sees the rollout, and has no part in the incident
        for (var again = 0; again < 2; again++)
            foreach (var response in responses.Take(2)) await PostAsync(id, $"responses/{response.GetProperty("id").GetInt64()}/take_back", expect: again == 0 ? 200 : 409);
        Assert.Equal("allow", Spine.Outcome(await _spine.RefundAsync(20)));

        await PostAsync(id, "responses", new { response = "pause_rollout" });
        Assert.Equal("paused", Spine.Code(await _spine.RefundAsync(20)));
        await PostAsync(id, "responses", new { response = "explode" }, 400);
        await PostAsync(id, "state", new { state = "cancelled" });
        await PostAsync(id, "responses", new { response = "pause_agent" }, 409);
    }

    [Fact]
    public async Task Hold_LastsUntilSomebodyElseVerifiesByName()
    {
        var id = Word(await OpenAsync(new { rollout_id = _spine.Rollout, title = "Against the rule" }), "id");
        await PostAsync(id, "responses", new { response = "hold_scaling" });
        await PostAsync(id, "acknowledge");
        await PostAsync(id, "state", new { state = "resolved" });
        await PostAsync(id, "state", new { state = "closed" }, 422);
        await PostAsync(id, "verify", new { words = "I looked" }, 403);   // whoever has it
        var (_, ada) = await _host.PersonAsync("ada@example.com", "admin");
        var gate = (await ConsoleHost.GetAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/gates")).GetRawText();
        Assert.Contains("Against the rule", gate, StringComparison.Ordinal);
        Assert.False((await ConsoleHost.PostAsync(ada, $"/api/v1/incidents/{id}/verify", new { words = "Tried it again" })).GetProperty("holds_scaling").GetBoolean());
        await PostAsync(id, "state", new { state = "closed" });
    }

    [Fact]
    public async Task WhoIsTold_HasANotice_UntilSomebodyHasIt()
    {
        await ConsoleHost.SendAsync(_host.Admin, HttpMethod.Patch, "/api/v1/rollouts/" + _spine.Rollout, new { owners = new { incident_owner = "dana@example.com", exec_sponsor = "lee@example.com" } }, 200);
        var id = Word(await OpenAsync(new { rollout_id = _spine.Rollout, row = _row, title = "Wrong refund" }), "id");
        JsonElement notice = default;
        await Until.True(async () => (notice = (await NoticesAsync(_spine.Dana)).FirstOrDefault()).ValueKind != JsonValueKind.Undefined, "Dana is told");
        Assert.Equal(("incident", id, "Wrong refund", "high"), (Word(notice, "kind"), Word(notice, "incident_id"), Word(notice, "title"), Word(notice, "consequence")));
        await Until.True(async () => (await NoticesAsync(_spine.Lee)).Any(n => Word(n, "kind") == "news"), "the sponsor is told");
        await ConsoleHost.PostAsync(_spine.Dana, $"/api/v1/incidents/{id}/acknowledge", null);
        await Until.True(async () => (await NoticesAsync(_spine.Dana)).All(n => Word(n, "kind") != "incident"), "taken, so read");
        await ConsoleHost.PostAsync(_spine.Dana, $"/api/v1/incidents/{id}/updates", new { text = "We call them", update = true });
        await Until.True(async () => (await NoticesAsync(_spine.Lee)).Any(n => Word(n, "kind") == "news"), "the update");
    }

    [Fact]
    public async Task Alert_OpensAnIncident_FeedsIt_AndPagesNobodyTwice()
    {
        async Task ActAsync()
        {
            _time.Advance(TimeSpan.FromMinutes(2));   // alerts of a kind are a minute apart
            var denied = await _spine.AskAsync(new { action = "payment.send" });
            await ConsoleHost.PostAsync(_spine.Agent, $"/api/v1/decisions/{Spine.Id(denied)}/outcome", new { status = "succeeded" }, 409);
        }
        async Task<List<JsonElement>> IncidentsAsync() => [.. (await ConsoleHost.GetAsync(_host.Admin, "/api/v1/incidents")).GetProperty("items").EnumerateArray()];
        await ActAsync();
        JsonElement incident = default;
        await Until.True(async () => (incident = (await IncidentsAsync()).FirstOrDefault()).ValueKind != JsonValueKind.Undefined, "the alert is an incident");
        Assert.Equal(("Agent acted without permission", "sev1", "alert"), (Word(incident, "title"), Word(incident, "severity"), Word(incident, "source")));
        var id = Word(incident, "id");
        await ActAsync();
        await Until.True(async () => (await LinesAsync(id)).Contains("alert"), "the second feeds it");
        await PostAsync(id, "acknowledge");
        await PostAsync(id, "state", new { state = "resolved" });
        await ActAsync();
        await Until.True(async () => (await LinesAsync(id)).Count(l => l == "alert") == 2, "soon after its end nobody is paged again");
        Assert.Single(await IncidentsAsync());
        Assert.Equal(3, (await StoryAsync(id)).GetProperty("links").EnumerateArray().Count(l => Word(l, "kind") == "decision"));
        _time.Advance(TimeSpan.FromMinutes(31));
        await ActAsync();
        await Until.True(async () => (await IncidentsAsync()).Count == 2, "later it is a new one");
    }

    [Fact]
    public async Task Agent_ReportsInItsOwnRollout_AndOnlyItsOwnDecisions()
    {
        var decision = Spine.Id(await _spine.RefundAsync(20));
        var opened = await ConsoleHost.PostAsync(_spine.Agent, "/api/v1/incidents", new { title = "I sent it twice", decisions = new[] { decision } }, 201);
        Assert.Equal(("agent", _spine.Rollout), (Word(opened, "source"), Word(opened, "rollout_id")));
        await ConsoleHost.PostAsync(_spine.Agent, "/api/v1/incidents", new { title = "x", decisions = new[] { "dec_00000000000010000000000000" } }, 422);
        await ConsoleHost.PostAsync(_spine.Agent, "/api/v1/incidents", new { title = " " }, 400);
    }

    [Fact]
    public async Task Correcting_NeedsTheVersion_AndKeepsTheTimesInOrder()
    {
        var opened = await OpenAsync(new { rollout_id = _spine.Rollout, title = "Wrong refund" });
        var id = Word(opened, "id");
        await ConsoleHost.SendAsync(_host.Admin, HttpMethod.Patch, "/api/v1/incidents/" + id, new { severity = "sev1" }, 428);
        Assert.Equal("sev1", Word(await PatchAsync(id, opened.GetProperty("version").GetInt64(), new { severity = "sev1", roles = new { scribe = "dana@example.com" }, times = new { occurred = _time.GetUtcNow().AddHours(-1) } }), "severity"));
        await PatchAsync(id, opened.GetProperty("version").GetInt64(), new { severity = "sev2" }, 412);
        var now = (await ConsoleHost.GetAsync(_host.Admin, "/api/v1/incidents/" + id)).GetProperty("incident").GetProperty("version").GetInt64();
        await PatchAsync(id, now, new { times = new { mitigated = _time.GetUtcNow().AddHours(-2) } }, 422);
        await PatchAsync(id, now, new { times = new { detected = (string?)null } }, 400);
        Assert.Equal(["opened", "told", "role", "severity", "times"], await LinesAsync(id));
    }

    [Fact]
    public async Task Merged_EndsInTheOther()
    {
        var one = Word(await OpenAsync(new { rollout_id = _spine.Rollout, title = "One", customers = new[] { "Rossi" } }), "id");
        var other = Word(await OpenAsync(new { rollout_id = _spine.Rollout, title = "Other" }), "id");
        await PostAsync(one, "merge", new { into = one }, 422);
        Assert.Equal(("merged", other), (Word(await PostAsync(one, "merge", new { into = other }), "status"), Word((await ConsoleHost.GetAsync(_host.Admin, "/api/v1/incidents/" + one)).GetProperty("incident"), "merged_into")));
        Assert.Equal(1, (await ConsoleHost.GetAsync(_host.Admin, "/api/v1/incidents/" + other)).GetProperty("incident").GetProperty("affected").GetArrayLength());
    }

    private Task<JsonElement> OpenAsync(object body) => ConsoleHost.PostAsync(_host.Admin, "/api/v1/incidents", body, 201);
    private Task<JsonElement> PostAsync(string id, string what, object? body = null, int expect = 200) => ConsoleHost.PostAsync(_host.Admin, $"/api/v1/incidents/{id}/{what}", body, expect);
    private static string Word(JsonElement of, string name) => of.GetProperty(name).GetString()!;

    private async Task ReviewedAsync(string id)
    {
        var path = $"/api/v1/incidents/{id}/review";
        var review = await ConsoleHost.GetAsync(_host.Admin, path);
        Assert.Equal((1, false), (review.GetProperty("version").GetInt64(), review.GetProperty("overdue").GetBoolean()));
        Assert.Contains("Harm stopped after", Section("impact").GetProperty("text").GetString(), StringComparison.Ordinal);
        await ConsoleHost.PostAsync(_host.Admin, path + "/publish", null, 422);
        foreach (var key in new[] { "factors", "well", "badly" })
        {
            using var put = new HttpRequestMessage(HttpMethod.Put, $"{path}/{key}") { Content = System.Net.Http.Json.JsonContent.Create(new { text = "Said together" }) };
            put.Headers.TryAddWithoutValidation("If-Match", $"\"v{review.GetProperty("version").GetInt64()}\"");
            using var answer = await _host.Admin.SendAsync(put);
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
            review = await ConsoleHost.GetAsync(_host.Admin, path);
        }
        await ConsoleHost.SendAsync(_host.Admin, HttpMethod.Put, path + "/well", new { text = "x" }, 428);
        await ConsoleHost.PostAsync(_host.Admin, path + "/actions", new { text = "Check the account first", owner = "lee@example.com", due_on = "someday" }, 400);
        var action = (await ConsoleHost.PostAsync(_host.Admin, path + "/actions", new { text = "Check the account first", owner = "lee@example.com", due_on = "2020-01-02" })).GetProperty("actions")[0];
        Assert.True(action.GetProperty("overdue").GetBoolean());
        Assert.NotEqual(JsonValueKind.Null, (await ConsoleHost.PostAsync(_host.Admin, $"{path}/actions/{Word(action, "id")}/done", null)).GetProperty("actions")[0].GetProperty("done_at").ValueKind);
        Assert.NotEqual(JsonValueKind.Null, (await ConsoleHost.PostAsync(_host.Admin, path + "/publish", null)).GetProperty("published_at").ValueKind);

        JsonElement Section(string key) => review.GetProperty("sections").EnumerateArray().Single(s => Word(s, "key") == key);
    }

    private Task<JsonElement> StoryAsync(string id) => ConsoleHost.GetAsync(_host.Admin, "/api/v1/incidents/" + id);
    private async Task<List<JsonElement>> NoticesAsync(HttpClient who)
    {
        _time.Advance(TimeSpan.FromMilliseconds(200));
        return [.. (await ConsoleHost.GetAsync(who, "/api/v1/me/notices?unread=true")).GetProperty("items").EnumerateArray()];
    }

    private async Task<List<string>> LinesAsync(string id) => [.. (await ConsoleHost.GetAsync(_host.Admin, "/api/v1/incidents/" + id)).GetProperty("timeline").EnumerateArray().Select(l => Word(l, "kind"))];

    private async Task<JsonElement> PatchAsync(string id, long version, object body, int expect = 200)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, "/api/v1/incidents/" + id) { Content = System.Net.Http.Json.JsonContent.Create(body) };
        request.Headers.TryAddWithoutValidation("If-Match", $"\"v{version}\"");
        using var response = await _host.Admin.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == expect, text);
        return JsonElement.Parse(text);
    }
}
