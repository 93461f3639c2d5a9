using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpsConsole.Features.Reliability;
using OpsConsole.Features.Reviews;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Http;

/// <summary>A rollout that is used week by week, whose reviews are signed: owner (its owner), dana (approver), sam (its sponsor), ron (risk lead), xeno (in no rollout).</summary>
internal sealed class MemoFixture
{
    public const string Ask = "Let it answer the whole of Austria from the first of next month.";
    private readonly SkipTime _time;

    public required ConsoleHost Host { get; init; }
    public required Spine Spine { get; init; }
    public HttpClient Admin { get; private set; } = default!;
    public HttpClient Owner { get; private set; } = default!;
    public HttpClient Sam { get; private set; } = default!;
    public HttpClient Ron { get; private set; } = default!;
    public HttpClient Xeno { get; private set; } = default!;
    private HttpClient _dana = default!;

    public string Path => "/api/v1/rollouts/" + Spine.Rollout;
    public string Memos => Path + "/memos";

    /// <param name="start">When it begins; null: on a Wednesday soon.</param>
    public static async Task<MemoFixture> BuildAsync(bool postgres = false, bool realPort = false, DateTimeOffset? start = null, IReadOnlyDictionary<string, string?>? more = null)
    {
        var time = new SkipTime();
        if (start is { } at) time.Skip(at - time.GetUtcNow()); else time.Midweek();
        var host = await ConsoleHost.StartAsync(new HostSettings { Postgres = postgres, RealPort = realPort, Time = time, More = more ?? new Dictionary<string, string?>() });
        var spine = await Spine.BuildAsync(host);
        foreach (var name in (string[])["sam", "ron", "xeno"]) await host.PersonAsync(name + "@example.com", "member");
        var fixture = new MemoFixture(time) { Host = host, Spine = spine };
        await SendAsync(host.Admin, HttpMethod.Patch, fixture.Path, new { owners = new { rollout_owner = "owner@example.com", exec_sponsor = "sam@example.com", risk_lead = "ron@example.com" } }, 200);
        await fixture.TokensAsync();
        return fixture;
    }

    private MemoFixture(SkipTime time) => _time = time;

    private async Task<HttpClient> AsAsync(string email)
    {
        var token = await PostAsync(Host.Nobody, "/api/v1/tokens", new { email, password = email == AdminEmail ? AdminPassword : Host.PasswordOf(email), scopes = new[] { "*" }, expires_in_days = 366 }, 201);
        return Host.As(token.GetProperty("token").GetString()!);
    }

    // Those of test people last a day; these as long as it takes.
    private async Task TokensAsync() => (Admin, Owner, Sam, Ron, Xeno, _dana) = (await AsAsync(AdminEmail), await AsAsync("owner@example.com"), await AsAsync("sam@example.com"), await AsAsync("ron@example.com"), await AsAsync("xeno@example.com"), await AsAsync("dana@example.com"));

    public void Skip(TimeSpan by) => _time.Skip(by);

    /// <summary>A week of it: three refunds alone, of which all went well, and two that people decided.</summary>
    public async Task UseAsync(string verdict = "approve")
    {
        for (var i = 0; i < 3; i++) await PostAsync(Spine.Agent, $"/api/v1/decisions/{Spine.Id(await Spine.RefundAsync(20 + i))}/outcome", new { status = "succeeded", cost = new { usd = "0.02" } });
        for (var i = 0; i < 2; i++) await Spine.DecideAsync(_dana, await Spine.RefundAsync(420, 202), verdict == "approve" ? new { verdict } : (object)new { verdict, reason = "Not due" });
    }

    /// <summary>Counts what happened, and opens the review that is due.</summary>
    public async Task TurnAsync()
    {
        var hosted = Host.Services.GetServices<IHostedService>().ToList();
        while (await hosted.OfType<RollupClock>().Single().TurnAsync(default)) { }
        Assert.True(await hosted.OfType<ReviewClock>().Single().TurnAsync(default));
    }

    /// <summary>So many weeks, each used and signed; ends on a Monday just after the last one was signed.</summary>
    public async Task WeeksAsync(int count, Func<int, Task>? each = null, bool signLast = true)
    {
        for (var i = 0; i < count; i++)
        {
            await UseAsync();
            if (each is not null) await each(i);
            Skip(i == 0 && _time.GetUtcNow().DayOfWeek == DayOfWeek.Wednesday ? TimeSpan.FromDays(5) : TimeSpan.FromDays(7));
            await TurnAsync();
            if (i < count - 1 || signLast) await SignWeekAsync();
        }
    }

    /// <summary>Signs the newest review.</summary>
    public async Task SignWeekAsync(string verdict = "keep")
    {
        var newest = (await GetAsync(Owner, Path + "/reviews")).GetProperty("reviews")[0];
        var review = await GetAsync(Owner, $"{Path}/reviews/{Word(newest, "week")}");
        await WithVersionAsync(Owner, HttpMethod.Post, $"{Path}/reviews/{Word(newest, "week")}/verdict", review, new { verdict, words = "The figures are as we agreed.", evidence = new[] { "figure:override_rate" } });
    }

    public static Task<JsonElement> WithVersionAsync(HttpClient who, HttpMethod method, string path, JsonElement seen, object? body, int expect = 200) => WithTagAsync(who, method, path, $"\"v{seen.GetProperty("version").GetInt64()}\"", body, expect);

    public static async Task<JsonElement> WithTagAsync(HttpClient who, HttpMethod method, string path, string? tag, object? body, int expect = 200)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = System.Net.Http.Json.JsonContent.Create(body);
        if (tag is not null) request.Headers.TryAddWithoutValidation("If-Match", tag);
        using var response = await who.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(expect == (int)response.StatusCode, $"{(int)response.StatusCode}: {text}");
        return JsonElement.Parse(text);
    }

    /// <summary>A memo with all that it needs; submitted, unless told otherwise.</summary>
    public async Task<JsonElement> MemoAsync(bool submit = true)
    {
        var memo = await PostAsync(Owner, Memos, null, 201);
        foreach (var (section, text) in ((string, string)[])[("ask", Ask), ("summary", "Four weeks without an incident; people agreed with every proposal."), ("guardrails", "The limit of 200 stays; Austria gets the same rows."), ("risks", "Refunds in another currency: the limit may be read wrongly."), ("costs", "2 cents an action, twelve Euro a month."), ("undo", "Gate D is revoked: the next decision asks a person again. Refunds are taken back within an hour."), ("conditions", "Weekly reviews go on; an override rate over 5 % stops it.")])
            memo = await WithVersionAsync(Owner, HttpMethod.Put, $"{Memos}/{Word(memo, "id")}/sections/{section}", memo, new { text });
        return submit ? await SubmitAsync(memo) : memo;
    }

    public Task<JsonElement> SubmitAsync(JsonElement memo, int expect = 200, HttpClient? who = null) => WithVersionAsync(who ?? Owner, HttpMethod.Post, $"{Memos}/{Word(memo, "id")}/submit", memo, null, expect);

    public Task<JsonElement> DecideAsync(HttpClient who, JsonElement memo, string verdict, int expect = 200, string words = "The cycle shows what we agreed on.", string[]? acknowledge = null)
        => WithVersionAsync(who, HttpMethod.Post, $"{Memos}/{Word(memo, "id")}/verdict", memo, new { verdict, words, acknowledge = acknowledge ?? [] }, expect);

    public Task<JsonElement> FindAsync(JsonElement memo, HttpClient? who = null) => GetAsync(who ?? Owner, $"{Memos}/{Word(memo, "id")}");

    /// <summary>Gate D as it stands.</summary>
    public async Task<JsonElement> GateAsync() => (await GetAsync(Owner, Path + "/gates")).EnumerateArray().Single(g => Word(g, "gate") == "D");

    public async Task<JsonElement> CriterionAsync() => (await GateAsync()).GetProperty("criteria").EnumerateArray().Single(c => Word(c, "id") == "memo");

    /// <summary>An incident that holds scaling.</summary>
    public async Task<string> HoldAsync()
    {
        var id = (await PostAsync(Admin, "/api/v1/incidents", new { rollout_id = Spine.Rollout, title = "A wrong refund reached a customer", severity = "sev2", decisions = Array.Empty<string>() }, 201)).GetProperty("id").GetString()!;
        await PostAsync(Admin, $"/api/v1/incidents/{id}/responses", new { response = "hold_scaling" });
        return id;
    }

    public static string Word(JsonElement of, string name) => of.GetProperty(name).GetString()!;
}
