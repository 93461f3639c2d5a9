using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Http;

/// <summary>The log of incidents and an incident's review on paper: what they say, who may have them, and how they look. Printed by the real browser.</summary>
public sealed class IncidentPaperTests : IAsyncLifetime
{
    private readonly SkipTime _time = new();
    private ConsoleHost _host = default!;
    private Spine _spine = default!;
    private HttpClient _xeno = default!;
    private string _xenoId = "";

    public async Task InitializeAsync()
    {
        _time.Skip(new DateTimeOffset(2040, 1, 16, 9, 30, 0, TimeSpan.Zero) - DateTimeOffset.UtcNow);   // so that dates have the same width each time
        _host = await ConsoleHost.StartAsync(new HostSettings { Time = _time });
        _spine = await Spine.BuildAsync(_host);
        (_xenoId, _xeno) = await _host.PersonAsync("xeno@example.com", "member");
        await SendAsync(_host.Admin, HttpMethod.Patch, "/api/v1/rollouts/" + _spine.Rollout, new { owners = new { incident_owner = "dana@example.com", exec_sponsor = "lee@example.com" } }, 200);
        await PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/members", new { email = "owner@example.com", roles = new[] { "member" } }, 201);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    private string Log(string query = "") => $"/api/v1/rollouts/{_spine.Rollout}/toolkit.pdf?documents=incidents&{query}";

    private async Task<string> HtmlAsync(string query) => WebUtility.HtmlDecode(await (await _host.Admin.GetAsync($"/api/v1/rollouts/{_spine.Rollout}/toolkit.html?{query}")).Content.ReadAsStringAsync());

    private static string Id(JsonElement of) => of.GetProperty("id").GetString()!;

    private static string Squeezed(string text) => Regex.Replace(text, "[\\s\u202A-\u202E\u2066-\u2069\u200E\u200F]", "");

    private static string Lasting(string html) => Regex.Replace(html, "<p class=\"export\">.*?</p>", "");

    private async Task<string> OpenAsync(string title, string severity = "sev3", string? text = null, object? more = null, string? row = null)
        => Id(await PostAsync(_host.Admin, "/api/v1/incidents", more ?? new { rollout_id = _spine.Rollout, title, severity, text, row }, 201));

    private async Task WriteAsync(string incident, string section, string text)
    {
        var version = (await GetAsync(_host.Admin, $"/api/v1/incidents/{incident}/review")).GetProperty("version").GetInt64();
        using var put = new HttpRequestMessage(HttpMethod.Put, $"/api/v1/incidents/{incident}/review/{section}") { Content = JsonContent.Create(new { text }) };
        put.Headers.TryAddWithoutValidation("If-Match", $"\"v{version}\"");
        using var answer = await _host.Admin.SendAsync(put);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    // One that went all its way: reported, told, paused, taken, undone, repaired, reviewed.
    private async Task<string> WholeAsync()
    {
        await PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/worksheets/escalation/start", null);
        var row = Id((await GetAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/worksheets/escalation")).GetProperty("rows")[0]);
        var decision = Spine.Id(await _spine.RefundAsync(20));
        object Write(int n) => new { system = "billing", record = $"order/{n}", operation = "refund", before = new { paid = 0 }, after = new { paid = 20 }, undo = new { kind = "manual", description = "Take the money back" } };
        await PostAsync(_spine.Agent, $"/api/v1/decisions/{decision}/outcome", new { status = "succeeded", writes = new[] { Write(8812), Write(8813) } });
        var now = _time.GetUtcNow();
        var id = await OpenAsync("", more: new { rollout_id = _spine.Rollout, row, title = "Two customers were refunded twice", severity = "sev1", text = "The agent took a reminder for a new claim.", customers = new[] { "Rossi", "Meyer & Sons" }, records = new[] { "order 8812" }, decisions = new[] { decision }, occurred_at = now.AddMinutes(-25), detected_at = now.AddMinutes(-5) });
        _time.Skip(TimeSpan.FromMinutes(4));
        await PostAsync(_spine.Dana, $"/api/v1/incidents/{id}/acknowledge", null);
        await PostAsync(_host.Admin, $"/api/v1/incidents/{id}/updates", new { text = "Both are called; the refunds are stopped at the bank.", update = true });
        var plan = await PostAsync(_host.Admin, "/api/v1/undo/plans", new { scope = new { decision_id = decision }, incident_id = id, reason = "Refunded twice" }, 201);
        var steps = plan.GetProperty("steps").EnumerateArray().Select(Id).ToList();
        await PostAsync(_host.Admin, $"/api/v1/undo/steps/{steps[0]}/outcome", new { status = "undone", words = "The bank gave it back" });
        _time.Skip(TimeSpan.FromMinutes(31));
        foreach (var state in (string[])["mitigated", "resolved"]) await PostAsync(_host.Admin, $"/api/v1/incidents/{id}/state", new { state });
        var response = (await GetAsync(_host.Admin, "/api/v1/incidents/" + id)).GetProperty("responses").EnumerateArray().First(r => r.GetProperty("may_be_taken_back").GetBoolean());
        await PostAsync(_host.Admin, $"/api/v1/incidents/{id}/responses/{response.GetProperty("id").GetInt64()}/take_back", null);
        foreach (var (section, text) in ((string, string)[])[("factors", "A reminder and a claim look alike to the agent.\nNobody had written an example of one."), ("well", "It was in hand within four minutes."), ("badly", "The bank could only be reached by telephone.")]) await WriteAsync(id, section, text);
        foreach (var (text, due) in ((string, string)[])[("Write examples of reminders into the matrix", "2040-01-20"), ("Agree on a mail address with the bank", "2040-02-01")]) await PostAsync(_host.Admin, $"/api/v1/incidents/{id}/review/actions", new { text, owner = "dana@example.com", due_on = due });
        var action = Id((await GetAsync(_host.Admin, $"/api/v1/incidents/{id}/review")).GetProperty("actions")[0]);
        await PostAsync(_spine.Dana, $"/api/v1/incidents/{id}/review/actions/{action}/done", null);
        await PostAsync(_host.Admin, $"/api/v1/incidents/{id}/review/publish", null);
        return id;
    }

    [Fact]
    public async Task Review_SaysAllOfIt_InOrder_IsOnRecord_AndLooksAsSomebodyLookedAt()
    {
        var id = await WholeAsync();
        using var answer = await _spine.Dana.GetAsync($"/api/v1/incidents/{id}/review.pdf");
        using (var printed = await Printed.OfAsync(answer))
        {
            await printed.CheckAsync();
            Assert.Contains("Tagged:          yes", await printed.FactsAsync(), StringComparison.Ordinal);
            var structure = await printed.StructureAsync();
            foreach (var tag in (string[])["H1", "H2", "H3", "Table", "TH", "TD", "L "]) Assert.Contains(tag, structure, StringComparison.Ordinal);
            var text = Squeezed(await printed.ReadAsync());
            var at = ((string[])["Two customers were refunded twice", "SEV-1", "Resolved", "published by", "Exported by dana", "took a reminder for a new claim", "In numbers", "20 min after it occurred", "time to recover", "Customers affected: 2", "Meyer & Sons", "Timeline", "stopped at the bank", "Contributing factors", "an example of one", "What went well", "What did not go well", "by telephone", "Actions",
                "Write examples", "20 Jan 2040", "✓ done", "○ open", "Responses", "Pause the agent", "What was undone", "Refunded twice", "order/88", "undone", "The bank gave it back", "waiting"]).Select(w => text.IndexOf(Squeezed(w), StringComparison.Ordinal)).ToList();
            Assert.DoesNotContain(-1, at);
            Assert.Equal(at.Take(14), at.Take(14).Order());   // later words also stand on the timeline
            await PaperTests.CompareAsync(printed, "incident");
        }
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(await answer.Content.ReadAsByteArrayAsync()));
        var found = await GetAsync(_spine.Dana, "/api/v1/toolkit/exports/" + sha256);
        Assert.Equal(("dana", "review of " + id, 0), (found.GetProperty("by_name").GetString(), found.GetProperty("what").GetString(), found.GetProperty("matrix").GetInt32()));
        await GetAsync(_xeno, "/api/v1/toolkit/exports/" + sha256, 404);

        using var log = await Printed.OfAsync(await _spine.Dana.GetAsync(Log()));
        await log.CheckAsync();
        var said = Squeezed(await log.ReadAsync());
        foreach (var words in (string[])["All that was reported.", "1 incident, newest first: 1 SEV-1; still open: 0", "Two customers were refunded twice", "2 customers: Rossi, Meyer & Sons", "1 record: order 8812", "To recover", "look alike to the agent", "Agree on a mail address with the bank", "until 1 Feb 2040: ○ open", "Pause the agent, taken back", "dana", "resolved"]) Assert.Contains(Squeezed(words), said, StringComparison.Ordinal);
        await PaperTests.CompareAsync(log, "log");
    }

    [Fact]
    public async Task Papers_SayTheSameEachTime_ButForTheExportLine()
    {
        var id = await WholeAsync();
        var (log, review) = (await HtmlAsync(""), await ReviewHtmlAsync(id));
        Assert.Contains("Two customers were refunded twice", log, StringComparison.Ordinal);
        _time.Skip(TimeSpan.FromDays(40));   // what was due is overdue now, and paper does not say so
        Assert.Equal(Lasting(log), Lasting(await HtmlAsync("")));
        var again = await ReviewHtmlAsync(id);
        Assert.NotEqual(review, again);
        Assert.Equal(Lasting(review), Lasting(again));
        Assert.DoesNotContain("Two customers were refunded twice", await HtmlAsync("blank=true"), StringComparison.Ordinal);
    }

    private async Task<string> ReviewHtmlAsync(string id) => (await Microsoft.Extensions.DependencyInjection.ServiceProviderServiceExtensions.GetRequiredService<OpsConsole.Features.Toolkit.ToolkitDesk>(_host.Services)
        .PreviewReviewAsync(new OpsConsole.Core.Access.PersonCaller(_host.Writer.State.Directory.People.Values.First(p => p.Email == AdminEmail), null, "session"), id, OpsConsole.Core.Toolkit.Paper.A4, default)).Value;

    [Fact]
    public async Task Papers_AreForWhoSeesTheIncident_AndShowNothingOfOtherRollouts()
    {
        var other = Id(await PostAsync(_host.Admin, "/api/v1/rollouts", new { name = "Other", purpose = "" }, 201));
        var foreign = await OpenAsync("", more: new { rollout_id = other, title = "Somewhere else altogether", severity = "sev1" });
        var id = await OpenAsync("Only here");
        foreach (var client in (HttpClient[])[_xeno, _spine.Dana])
        {
            await GetAsync(client, $"/api/v1/incidents/{foreign}/review.pdf", 404);
            await GetAsync(client, $"/api/v1/rollouts/{other}/toolkit.pdf?documents=incidents", 404);
        }
        await GetAsync(_xeno, $"/api/v1/incidents/{id}/review.pdf", 404);
        await GetAsync(_host.Nobody, $"/api/v1/incidents/{id}/review.pdf", 401);
        await GetAsync(_spine.Agent, $"/api/v1/incidents/{id}/review.pdf", 403);
        await GetAsync(_host.Admin, $"/api/v1/incidents/{id}/review.pdf?paper=a5", 400);
        await GetAsync(_host.Admin, $"/api/v1/incidents/{id[..^1]}/review.pdf", 404);
        var log = await HtmlAsync("documents=incidents");
        Assert.Contains("Only here", log, StringComparison.Ordinal);
        Assert.DoesNotContain("Somewhere else", log, StringComparison.Ordinal);

        // Whoever has it sees the incident, and nothing else of the rollout.
        var members = $"/api/v1/rollouts/{_spine.Rollout}/members";
        await PostAsync(_host.Admin, members, new { email = "xeno@example.com", roles = new[] { "member" } }, 201);
        var told = await OpenAsync("Taken by somebody who left");
        await PostAsync(_xeno, $"/api/v1/incidents/{told}/acknowledge", null);
        await SendAsync(_host.Admin, HttpMethod.Delete, $"{members}/{_xenoId}", null, 204);
        using var printed = await Printed.OfAsync(await _xeno.GetAsync($"/api/v1/incidents/{told}/review.pdf?paper=letter"));
        Assert.Contains("Whoever sees the rollout sees its plans to undo.", await printed.TextAsync(), StringComparison.Ordinal);
        await GetAsync(_xeno, Log(), 404);
    }

    [Fact]
    public async Task Log_WithoutItsScope_IsRefusedByName_AndLeftOutOfAll()
    {
        await OpenAsync("Guarded by its scope");
        async Task<HttpClient> WithAsync(params string[] scopes) => _host.As((await PostAsync(_host.Nobody, "/api/v1/tokens", new { email = "dana@example.com", password = _host.PasswordOf("dana@example.com"), scopes, expires_in_days = 1 }, 201)).GetProperty("token").GetString()!);
        var (without, with) = (await WithAsync("toolkit", "rollouts"), await WithAsync("toolkit", "rollouts", "incidents"));
        var path = $"/api/v1/rollouts/{_spine.Rollout}/toolkit.html";
        await GetAsync(without, path + "?documents=canvas,incidents", 403);
        await GetAsync(without, path + "?documents=incidents&blank=true");
        Assert.DoesNotContain("Guarded by its scope", await without.GetStringAsync(path), StringComparison.Ordinal);
        Assert.Contains("Guarded by its scope", await with.GetStringAsync(path), StringComparison.Ordinal);
        await GetAsync(await WithAsync("toolkit"), "/api/v1/incidents/inc_unknown/review.pdf", 403);
        await GetAsync(await WithAsync("incidents"), "/api/v1/incidents/inc_unknown/review.pdf", 403);
        await GetAsync(with, "/api/v1/incidents/inc_unknown/review.pdf", 404);
    }

    [Fact]
    public async Task Log_OfSomeDaysOrOneSeverity_ShowsThose()
    {
        await OpenAsync("On the first day", "sev2");
        _time.Skip(new DateTimeOffset(2040, 1, 17, 22, 59, 0, TimeSpan.Zero) - _time.GetUtcNow());   // 23:59 in Berlin
        await OpenAsync("Late on the second day", "sev4");
        _time.Skip(TimeSpan.FromMinutes(2));
        await OpenAsync("Early on the third day", "sev2");
        foreach (var (query, shown) in ((string, string[])[])[("", ["first", "second", "third"]), ("from=2040-01-17&to=2040-01-17", ["second"]), ("from=2040-01-18", ["third"]), ("to=2040-01-17", ["first", "second"]), ("severity=sev2", ["first", "third"]), ("severity=sev1", [])])
        {
            var html = await HtmlAsync("documents=incidents&" + query);
            foreach (var day in (string[])["first", "second", "third"]) Assert.True(html.Contains($"the {day} day", StringComparison.Ordinal) == shown.Contains(day), $"{query}: {day}");
        }
        Assert.Contains("Reported from 17 Jan 2040 to 18 Jan 2040, SEV-2 only.", await HtmlAsync("documents=incidents&from=2040-01-17&to=2040-01-18&severity=sev2"), StringComparison.Ordinal);
        await GetAsync(_host.Admin, Log("from=2040-01-18&to=2040-01-17"), 400);
        await GetAsync(_host.Admin, Log("severity=worst"), 400);
    }

    [Fact]
    public async Task HostileIncidents_ThreeHundredOfThem_AreAllThere_AndCoverNothing()
    {
        const string Hebrew = "שלום עולם", Markup = "<img src=x onerror=alert(1)> </td></table>", Emoji = "🚀 ✅";
        for (var i = 0; i < 300; i++) await OpenAsync($"t-{i:000}. " + (i % 4) switch { 0 => new string('w', 190), 1 => Markup, 2 => $"{Hebrew} \u202Eevil", _ => Emoji }, i % 7 == 0 ? "sev1" : "sev4");
        var id = await OpenAsync("", more: new { rollout_id = _spine.Rollout, title = new string('m', 200), text = Markup + new string('x', 3_900), severity = "sev2", customers = Enumerable.Range(0, 200).Select(i => $"c-{i:000}. " + (i == 0 ? new string('c', 490) : Hebrew)) });
        await WriteAsync(id, "factors", new string('f', 10_000) + " " + Markup + " " + Hebrew);
        await WriteAsync(id, "well", string.Join('\n', Enumerable.Range(0, 400).Select(i => $"line-{i:000}.")));
        await PostAsync(_host.Admin, $"/api/v1/incidents/{id}/review/actions", new { text = new string('a', 500), owner = "dana@example.com", due_on = "2040-01-20" });

        using (var log = await Printed.OfAsync(await _host.Admin.GetAsync(Log("paper=letter"))))
        {
            await log.CheckAsync();
            await log.AssertNothingOverlapsAsync();
            var text = Squeezed(await log.ReadAsync());
            for (var i = 0; i < 300; i++) Assert.True(text.Contains($"t-{i:000}.", StringComparison.Ordinal), $"{i}");
            Assert.Contains("301incidents,newestfirst:43SEV-1,1SEV-2,257SEV-4;stillopen:301", text, StringComparison.Ordinal);
            foreach (var part in (string[])["<img", "U+202E⟩evil", "✅"]) Assert.True(Regex.Count(text, Regex.Escape(part)) >= 74, part);   // cells stand beside each other, so their lines come in turns
        }
        using var review = await Printed.OfAsync(await _host.Admin.GetAsync($"/api/v1/incidents/{id}/review.pdf"));
        await review.CheckAsync();
        await review.AssertNothingOverlapsAsync();
        var said = Squeezed(await review.ReadAsync());
        Assert.True(said.Count(c => c == 'f') >= 10_000 && said.Count(c => c == 'x') >= 3_900 && said.Count(c => c == 'c') >= 490, "words without end");
        for (var i = 0; i < 400; i++) Assert.True(said.Contains($"line-{i:000}.", StringComparison.Ordinal) && (i >= 200 || said.Contains($"c-{i:000}.", StringComparison.Ordinal)), $"{i}");
        Assert.Contains(Squeezed(Markup), said, StringComparison.Ordinal);
        foreach (var part in Hebrew.Split(' ')) Assert.Contains(part, said.Normalize(System.Text.NormalizationForm.FormKC), StringComparison.Ordinal);
    }

    [Fact]
    public async Task EmptyReview_IsPrintedAsSuch_AndPagesLeadToIt()
    {
        var id = await OpenAsync("x");
        using (var printed = await Printed.OfAsync(await _host.Admin.GetAsync($"/api/v1/incidents/{id}/review.pdf")))
        {
            await printed.AssertNothingOverlapsAsync();
            var text = await printed.TextAsync();
            foreach (var words in (string[])["Nobody has begun the review", "Nothing is written yet.", "None is written down.", "The console did nothing about it.", "No plan to undo belongs", "not yet", "Confidential", "1 of 2"]) Assert.Contains(words, text, StringComparison.Ordinal);
        }
        using var browser = new SignedIn(_host.NewClient());
        (await browser.SignInAsync(AdminEmail, _host.PasswordOf(AdminEmail))).Dispose();
        var me = browser.Client;
        using (var file = await me.GetAsync($"/incidents/{id}/review.pdf")) Assert.Equal(("application/pdf", $"{id}-review.pdf"), (file.Content.Headers.ContentType?.MediaType, file.Content.Headers.ContentDisposition?.FileName));
        using (var log = await me.GetAsync($"/incidents/log.pdf?rollout={_spine.Rollout}&severity=sev3")) Assert.Equal("application/pdf", log.Content.Headers.ContentType?.MediaType);
        Assert.Contains("Nobody has begun the review", await me.GetStringAsync($"/incidents/{id}/review/preview"), StringComparison.Ordinal);
        Assert.Contains("Log as PDF", await me.GetStringAsync($"/incidents?all=true&rollout={_spine.Rollout}"), StringComparison.Ordinal);
        Assert.DoesNotContain("Log as PDF", await me.GetStringAsync("/incidents?all=true"), StringComparison.Ordinal);   // a log is one rollout's
        using var crossing = new HttpRequestMessage(HttpMethod.Get, $"/incidents/{id}/review.pdf") { Headers = { { "Sec-Fetch-Site", "cross-site" } } };
        using var crossed = await me.SendAsync(crossing);
        Assert.NotEqual("application/pdf", crossed.Content.Headers.ContentType?.MediaType);   // an export is on record: no other site starts one
        foreach (var path in (string[])["/incidents/inc_unknown/review.pdf", "/incidents/log.pdf?rollout=rol_unknown", "/incidents/log.pdf"]) Assert.Equal(HttpStatusCode.NotFound, (await me.GetAsync(path)).StatusCode);
    }
}
