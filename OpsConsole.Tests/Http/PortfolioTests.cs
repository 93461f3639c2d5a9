using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpsConsole.Features.Reliability;
using OpsConsole.Features.Reviews;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Http;

public sealed class SqlitePortfolioTests() : PortfolioTests(postgres: false);
public sealed class PostgresPortfolioTests() : PortfolioTests(postgres: true);

/// <summary>All rollouts at a glance: the same figures as each rollout's own pages, for those who see it.</summary>
public abstract class PortfolioTests(bool postgres) : IAsyncLifetime
{
    private readonly SkipTime _time = new();
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _time.Midweek();
        _host = await StartAsync(new HostSettings { Postgres = postgres, Time = _time });
        _spine = await Spine.BuildAsync(_host);
        await SendAsync(_host.Admin, HttpMethod.Patch, "/api/v1/rollouts/" + _spine.Rollout, new { owners = new { rollout_owner = "owner@example.com" } }, 200);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Rows_SayWhatTheRolloutsOwnPagesSay_ToThoseWhoSeeThem()
    {
        await SendAsync(_host.Admin, HttpMethod.Put, $"/api/v1/agents/{_spine.AgentId}/caps", new { usd = new { day = "40.00" } }, 200);
        for (var i = 0; i < 4; i++) await PostAsync(_spine.Agent, $"/api/v1/decisions/{Spine.Id(await _spine.RefundAsync(20 + i))}/outcome", new { status = "succeeded", cost = new { usd = "0.02" } });
        await _spine.DecideAsync(_spine.Dana, await _spine.RefundAsync(420, 202), new { verdict = "reject", reason = "Not due" });
        var incident = Word(await PostAsync(_host.Admin, "/api/v1/incidents", new { rollout_id = _spine.Rollout, title = "A refund went to the wrong customer", severity = "sev2" }, 201), "id");
        await PostAsync(_host.Admin, $"/api/v1/incidents/{incident}/responses", new { response = "hold_scaling" });
        await PostAsync(_host.Admin, $"/api/v1/agents/{_spine.AgentId}/grants", new { capability = "refund.create", tier = "executor", reason = "test", review_by = _time.GetUtcNow().AddDays(20) }, 201);
        var other = Word(await PostAsync(_host.Admin, "/api/v1/rollouts", new { name = "Another", purpose = "Nothing yet" }, 201), "id");
        _time.Skip(TimeSpan.FromDays(5));
        var hosted = _host.Services.GetServices<IHostedService>().ToList();
        while (await hosted.OfType<RollupClock>().Single().TurnAsync(default)) { }
        Assert.True(await hosted.OfType<ReviewClock>().Single().TurnAsync(default));
        var (admin, owner, dana) = (await AsAsync(AdminEmail, AdminPassword), await AsAsync("owner@example.com", _host.PasswordOf("owner@example.com")), await AsAsync("dana@example.com", _host.PasswordOf("dana@example.com")));

        var all = (await GetAsync(admin, "/api/v1/portfolio")).GetProperty("rollouts").EnumerateArray().ToList();
        Assert.Equal(["Another", "Support"], all.Select(r => Word(r, "name")));
        var row = all[1];
        Assert.Equal((_spine.Rollout, "C", 2, 1), (Word(row, "rollout_id"), Word(row, "gate"), row.GetProperty("tiers").GetProperty("executor").GetInt32(), row.GetProperty("open_incidents").GetInt32()));
        var figures = await GetAsync(admin, $"/api/v1/rollouts/{_spine.Rollout}/reliability?count=12");
        Assert.Equal(40m, figures.GetProperty("cap_usd_per_day").GetDecimal());
        var own = figures.GetProperty("periods").EnumerateArray().ToList();
        Assert.Equal(own.Select(p => p.GetProperty("start").GetString()), row.GetProperty("weeks").EnumerateArray().Select(p => p.GetProperty("start").GetString()));
        foreach (var (mine, theirs) in row.GetProperty("weeks").EnumerateArray().Zip(own))
            foreach (var figure in (string[])["asked", "executed", "autonomy", "override", "expired", "approval", "incidents", "cost_usd"]) Assert.True(JsonElement.DeepEquals(mine.GetProperty(figure), theirs.GetProperty(figure)), $"{figure}: {mine.GetProperty(figure)} and {theirs.GetProperty(figure)}");
        Assert.Equal((5, 1), (own[^2].GetProperty("asked").GetInt32(), own[^2].GetProperty("override").GetProperty("count").GetInt32()));
        Assert.Equal("open", row.GetProperty("verdicts")[10].GetString());
        Assert.Equal(incident, Word(Assert.Single(row.GetProperty("holds").EnumerateArray()), "incident_id"));
        Assert.Equal([$"Review of {Word(row.GetProperty("review"), "week")} is due", "Tier of refund.create is looked at again"], row.GetProperty("next").EnumerateArray().Select(n => Word(n, "what")));
        Assert.True(row.GetProperty("needs_attention").GetBoolean());
        Assert.False(all[0].GetProperty("needs_attention").GetBoolean());
        Assert.All(all[0].GetProperty("verdicts").EnumerateArray(), v => Assert.Equal(JsonValueKind.Null, v.ValueKind));

        // Signed, and lifted by name: it is calm. Paused: it is not.
        var week = await GetAsync(owner, $"/api/v1/rollouts/{_spine.Rollout}/reviews/{Word(row.GetProperty("review"), "week")}");
        await SendAsync(owner, HttpMethod.Post, $"/api/v1/rollouts/{_spine.Rollout}/reviews/{Word(week, "week")}/verdict", new { verdict = "adjust", adjust = "matrix", words = "The rule is to be narrower.", evidence = new[] { "figure:override_rate" } }, 200, $"\"v{week.GetProperty("version").GetInt64()}\"");
        row = (await GetAsync(owner, "/api/v1/portfolio")).GetProperty("rollouts").EnumerateArray().Single();   // who sees one of them sees one
        Assert.Equal(("adjust", "adjust"), (Word(row.GetProperty("review"), "verdict"), row.GetProperty("verdicts")[10].GetString()));
        await PostAsync(admin, $"/api/v1/rollouts/{other}/pause", new { reason = "Not staffed" });
        Assert.Equal("Not staffed", Word((await GetAsync(admin, "/api/v1/portfolio")).GetProperty("rollouts")[0], "paused"));
        Assert.Single((await GetAsync(dana, "/api/v1/portfolio")).GetProperty("rollouts").EnumerateArray());   // she decides there
        var (_, stranger) = await _host.PersonAsync("xeno@example.com", "member");
        Assert.Empty((await GetAsync(stranger, "/api/v1/portfolio")).GetProperty("rollouts").EnumerateArray());
    }

    private async Task<HttpClient> AsAsync(string email, string password)
        => _host.As(Word(await PostAsync(_host.Nobody, "/api/v1/tokens", new { email, password, scopes = new[] { "*" }, expires_in_days = 1 }, 201), "token"));

    private static string Word(JsonElement of, string name) => of.GetProperty(name).GetString()!;
}
