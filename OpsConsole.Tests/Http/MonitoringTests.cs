using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpsConsole.Core.Incidents;
using OpsConsole.Core.Reliability;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Features.Reliability;
using OpsConsole.Features.Reviews;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Http;

public sealed class SqliteMonitoringTests() : MonitoringTests(postgres: false)
{
    [Fact]
    public async Task Queries_WalkTheirIndexes()
    {
        Assert.Contains("ix_approvals_decided (rollout_id=? AND decided_at>?)", await ReadAsync(db => QueryPlan.OfAsync(db, BurnReader.Decided(db, "rol", DateTimeOffset.UnixEpoch.AddDays(9)))));
        Assert.Contains("ix_audit_event (event=? AND seq>?)", await ReadAsync(db => QueryPlan.OfAsync(db, BurnReader.Reported(db, "rol", [3, 2, 1]))));
        Assert.Contains("ix_decisions_rollout (rollout_id=? AND seq>?)", await ReadAsync(db => QueryPlan.OfAsync(db, BurnReader.Asked(db, "rol", 3))));
    }
}

public sealed class PostgresMonitoringTests() : MonitoringTests(postgres: true);

/// <summary>Figures are judged by baselines that somebody fixed, error budgets by objectives that somebody agreed on; each point and each window raises one alert.</summary>
public abstract class MonitoringTests(bool postgres) : IAsyncLifetime
{
    private readonly SkipTime _time = new();
    private ConsoleHost _host = default!;
    private Spine _spine = default!;
    private int _asked;

    public async Task InitializeAsync()
    {
        _time.Midweek();
        _host = await StartAsync(new HostSettings { Postgres = postgres, Time = _time });
        _spine = await Spine.BuildAsync(_host);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    protected async Task<T> ReadAsync<T>(Func<OpsDbContext, Task<T>> read)
    {
        await using var db = await _host.Services.GetRequiredService<IDbContextFactory<OpsDbContext>>().CreateDbContextAsync();
        return await read(db);
    }

    private string Path(string rest) => $"/api/v1/rollouts/{_spine.Rollout}/{rest}";

    /// <summary>Counts what is new, then watches once.</summary>
    private async Task WatchAsync()
    {
        var hosted = _host.Services.GetServices<IHostedService>().ToList();
        while (await hosted.OfType<RollupClock>().Single().TurnAsync(default)) { }
        await hosted.OfType<MonitorClock>().Single().TurnAsync(default);
    }

    private Task<int> AlertsAsync(string kind) => ReadAsync(db => db.Alerts.CountAsync(a => a.Kind == kind));

    private async Task<JsonElement> MeasureAsync(string measure, string? action = null)
        => (await GetAsync(_host.Admin, Path("monitoring"))).GetProperty("capabilities").EnumerateArray().Single(c => (c.TryGetProperty("action", out var a) && a.ValueKind == JsonValueKind.String ? a.GetString() : null) == action).GetProperty("measures").EnumerateArray().Single(m => m.GetProperty("measure").GetString() == measure);

    private async Task<JsonElement> BurnAsync(string measure)
        => (await GetAsync(_host.Admin, Path("monitoring"))).GetProperty("capabilities")[0].GetProperty("burns").EnumerateArray().Single(m => m.GetProperty("measure").GetString() == measure);

    private async Task DayAsync(int rejected)
    {
        var token = await PostAsync(_host.Nobody, "/api/v1/tokens", new { email = "dana@example.com", password = _host.PasswordOf("dana@example.com"), scopes = new[] { "*" }, expires_in_days = 1 }, 201);
        using var dana = _host.As(token.GetProperty("token").GetString()!);
        for (var i = 0; i < 10; i++) await _spine.DecideAsync(dana, await AskAsync(420 + i, 202), i < rejected ? new { verdict = "reject", reason = "no" } : (object)new { verdict = "approve" });
    }

    private Task<JsonElement> AskAsync(double amount, int expect)
        => PostAsync(_host.As(_spine.AgentKey), "/api/v1/decisions", new { action = "refund.create", resource = new { type = "order", id = "o-" + _asked.ToString(CultureInfo.InvariantCulture) }, arguments = new { amount, n = _asked++ }, run_id = "run-" + _asked, confidence = 0.9 }, expect);

    private async Task DoAsync(int times, int failed)
    {
        for (var i = 0; i < times; i++) await PostAsync(_host.As(_spine.AgentKey), $"/api/v1/decisions/{Spine.Id(await AskAsync(20, 200))}/outcome", new { status = i < failed ? "failed" : "succeeded", error = i < failed ? "no connection" : null });
    }

    [Fact]
    public async Task DriftOverDays_IsOneIncident_WhateverRestarts_AndATierChangeEndsTheBaseline()
    {
        await SendAsync(_host.Admin, HttpMethod.Patch, "/api/v1/rollouts/" + _spine.Rollout, new { thresholds = new { override_rate = 0.05 } }, 200);
        _time.Skip(TimeSpan.FromDays(13));
        await MonitoringSeed.DaysAsync(_host, _spine, 12);
        await WatchAsync();
        var few = await MeasureAsync("override");
        Assert.Equal(("not_enough_data", 12, 20), (few.GetProperty("state").GetString(), few.GetProperty("have").GetInt32(), few.GetProperty("needed").GetInt32()));
        var fix = new { agent = _spine.AgentId, measure = "override", reason = "The first weeks at this tier" };
        Assert.Equal("baseline.few", (await PostAsync(_host.Admin, Path("baselines"), fix, 422)).GetProperty("code").GetString());

        _time.Skip(TimeSpan.FromDays(10));
        await MonitoringSeed.DaysAsync(_host, _spine, 22);
        await WatchAsync();
        Assert.Equal("no_baseline", (await MeasureAsync("override")).GetProperty("state").GetString());
        Assert.Equal(0, await AlertsAsync("limit.override"));
        // Who may, and what may not be.
        var (_, xeno) = await _host.PersonAsync("xeno@example.com", "member");
        await SendAsync(xeno, HttpMethod.Get, Path("monitoring"), null, 404);
        var (_, lea) = await _host.PersonAsync("lea@example.com", "sponsor");
        await PostAsync(lea, Path("baselines"), fix, 403);
        var day = ReliabilityDay(5);
        foreach (var (wrong, code) in ((object, int)[])[(new { agent = _spine.AgentId, measure = "mood", reason = "x" }, 400), (new { agent = "agt_none", measure = "override", reason = "x" }, 422), (new { agent = _spine.AgentId, measure = "override", from = "2001-01-01", reason = "x" }, 422),
            (new { agent = _spine.AgentId, measure = "override", exclude = new[] { new { day, reason = "" } }, reason = "x" }, 400), (new { agent = _spine.AgentId, measure = "override", to = ReliabilityDay(0), reason = "x" }, 422)]) await PostAsync(_host.Admin, Path("baselines"), wrong, code);
        foreach (var wrong in (string[])["measure=override", $"agent={_spine.AgentId}&measure=mood", $"agent={_spine.AgentId}&measure=override&grain=hour", $"agent={_spine.AgentId}&measure=override&count=0"]) await SendAsync(_host.Admin, HttpMethod.Get, Path("monitoring/chart?" + wrong), null, 400);

        var made = await PostAsync(_host.Admin, Path("baselines"), new { agent = _spine.AgentId, measure = "override", exclude = new[] { new { day, reason = "A test by the team" } }, reason = "The first weeks at this tier" }, 201);
        Assert.Equal((21, 0.1, 1), (made.GetProperty("counted").GetInt32(), Math.Round(made.GetProperty("centre").GetDouble(), 1), made.GetProperty("points").EnumerateArray().Count(p => p.TryGetProperty("excluded", out var why) && why.ValueKind == JsonValueKind.String)));
        Assert.Equal("baseline.live", (await PostAsync(_host.Admin, Path("baselines"), fix, 409)).GetProperty("code").GetString());
        await PostAsync(_host.Admin, Path("baselines"), new { agent = _spine.AgentId, action = "refund.create", measure = "confidence", reason = "The first weeks at this tier" }, 201);
        Assert.Equal(1, await ReadAsync(db => db.Audit.CountAsync(a => a.Event == "baseline.fixed" && a.Object == made.GetProperty("id").GetString())));

        await DayAsync(rejected: 8);
        await WatchAsync();
        Assert.Equal(0, await AlertsAsync("limit.override"));   // the day is not over
        _time.Skip(TimeSpan.FromDays(1));
        await WatchAsync();
        Assert.Equal(1, await AlertsAsync("limit.override"));
        if (!postgres)   // there the database goes with its host
        {
            await _host.StopAsync();
            await _host.InitializeAsync();
        }
        await WatchAsync();
        _time.Skip(TimeSpan.FromHours(3));
        await WatchAsync();
        Assert.Equal(1, await AlertsAsync("limit.override"));
        await Until.True(async () => await ReadAsync(db => db.Incidents.AnyAsync(i => i.Cause == "override.spike:" + _spine.AgentId)), "an incident");
        Assert.Contains("8 of 10), above its upper limit", (await ReadAsync(db => db.Incidents.AsNoTracking().SingleAsync(i => i.Cause == "override.spike:" + _spine.AgentId))).Text, StringComparison.Ordinal);
        // Another day of it feeds the same incident.
        await DayAsync(rejected: 9);
        _time.Skip(TimeSpan.FromDays(1));
        await WatchAsync();
        Assert.Equal(2, await AlertsAsync("limit.override"));
        await Until.True(async () => await ReadAsync(db => db.IncidentEntries.AnyAsync(e => e.Kind == "alert" && e.Text.Contains("9 of 10"))), "the incident heard of it");
        Assert.Equal(1, await ReadAsync(db => db.Incidents.CountAsync(i => i.Cause == "override.spike:" + _spine.AgentId)));
        var state = await MeasureAsync("override");
        Assert.Equal("out_of_control", state.GetProperty("state").GetString());
        var chart = await GetAsync(_host.Admin, Path($"monitoring/chart?agent={_spine.AgentId}&measure=override"));
        Assert.Equal(state.GetProperty("since").GetString(), chart.GetProperty("points").EnumerateArray().First(p => p.GetProperty("state").GetString() == "out").GetProperty("start").GetString());
        Assert.Contains(chart.GetProperty("marks").EnumerateArray(), m => m.GetProperty("kind").GetString() == "incident");
        Assert.Contains(chart.GetProperty("points").EnumerateArray(), p => p.TryGetProperty("excluded", out var why) && why.GetString() == "A test by the team");
        var page = await GetAsync(_host.Admin, Path("reliability?grain=day&count=14"));
        Assert.Contains(page.GetProperty("charts").EnumerateArray().Single(c => c.GetProperty("measure").GetString() == "override").GetProperty("points").EnumerateArray(), p => p.GetProperty("state").GetString() == "out");

        // Another tier: what people see is another, so nothing is judged by what was before.
        await PostAsync(_host.Admin, $"/api/v1/agents/{_spine.AgentId}/grants", new { capability = "*", tier = "contributor", reason = "test" }, 201);
        await Until.True(async () => await ReadAsync(db => db.Baselines.CountAsync(b => b.EndedAt == null)) == 0, "the baselines ended");
        var over = await MeasureAsync("override");
        Assert.Equal(("not_enough_data", 0), (over.GetProperty("state").GetString(), over.GetProperty("have").GetInt32()));
        Assert.Contains("tier", over.GetProperty("ended").GetString(), StringComparison.Ordinal);
        Assert.Contains("A new one is needed from", over.GetProperty("says").GetString(), StringComparison.Ordinal);
        Assert.Equal(2, await ReadAsync(db => db.Audit.CountAsync(a => a.Event == "baseline.ended" && a.Actor == "system:console")));
        var changes = (await ReadAsync(db => WeekGatherer.ChangesAsync(db, _spine.Rollout, 0, _host.Writer.State, default))).Lines;   // whoever signs the week reads that nobody watches it
        Assert.Contains(changes, c => c is { Event: "baseline.ended", By: "the console", Words: "The baseline of override rate of Agent was ended" } && c.Href!.Contains("/monitoring/", StringComparison.Ordinal));
        Assert.Contains(changes, c => c.Event == "grant.ended" && c.Words.EndsWith(", for another tier", StringComparison.Ordinal) && c.Href == "/agents/" + _spine.AgentId);
        await SendAsync(_host.Admin, HttpMethod.Delete, Path("baselines/" + made.GetProperty("id").GetString()), new { reason = "again" }, 409);
        Assert.Equal(0, await AlertsAsync("burn.override.page"));   // twenty in three days are too few
    }

    private string ReliabilityDay(int ago) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(_time.GetUtcNow(), TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin")).DateTime).AddDays(-ago).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    [Fact]
    public async Task BurnRates_PageOnlyWithAnObjective_EnoughEvents_AndBothWindows()
    {
        var agreed = new { thresholds = new { failure_rate = 0.01 } };
        await SendAsync(_host.Admin, HttpMethod.Patch, "/api/v1/rollouts/" + _spine.Rollout, agreed, 200);
        await DoAsync(20, failed: 20);
        await WatchAsync();
        Assert.Equal((0, 0, "not_enough_data"), (await AlertsAsync("burn.failure.page"), await AlertsAsync("burn.failure.ticket"), (await BurnAsync("failure")).GetProperty("state").GetString()));
        await SendAsync(_host.Admin, HttpMethod.Patch, "/api/v1/rollouts/" + _spine.Rollout, new { thresholds = new { override_rate = 0.05 } }, 200);
        await DoAsync(20, failed: 5);
        await WatchAsync();
        Assert.Equal((0, "no_objective"), (await AlertsAsync("burn.failure.page"), (await BurnAsync("failure")).GetProperty("state").GetString()));
        Assert.Equal("not_enough_data", (await BurnAsync("override")).GetProperty("state").GetString());

        _time.Skip(TimeSpan.FromMinutes(31));   // it has stopped: a ticket, and nobody is woken
        await SendAsync(_host.Admin, HttpMethod.Patch, "/api/v1/rollouts/" + _spine.Rollout, agreed, 200);
        await WatchAsync();
        await WatchAsync();
        Assert.Equal((0, 1), (await AlertsAsync("burn.failure.page"), await AlertsAsync("burn.failure.ticket")));
        var burn = await BurnAsync("failure");
        Assert.Equal("burning_ticket", burn.GetProperty("state").GetString());
        Assert.Equal((25, 40, 0, "quiet"), (burn.GetProperty("rules")[0].GetProperty("long_bad").GetInt32(), burn.GetProperty("rules")[0].GetProperty("long_of").GetInt32(), burn.GetProperty("rules")[0].GetProperty("short_of").GetInt32(), burn.GetProperty("rules")[0].GetProperty("verdict").GetString()));

        await DoAsync(10, failed: 5);   // it goes on
        await WatchAsync();
        await WatchAsync();
        Assert.Equal(1, await AlertsAsync("burn.failure.page"));
        await Until.True(async () => await ReadAsync(db => db.Incidents.CountAsync(i => i.Cause!.StartsWith("burn.failure"))) == 2, "incidents");
        Assert.Equal([Severity.Sev2, Severity.Sev4], await ReadAsync(db => db.Incidents.Where(i => i.Cause!.StartsWith("burn.failure")).OrderBy(i => i.Severity).Select(i => i.Severity).ToListAsync()));
    }
}

/// <summary>Days of figures as they would have been counted.</summary>
internal static class MonitoringSeed
{
    /// <summary>The last so many days before today get counts, where they have none: 2 of 20 overridden, 20 of 38 done alone, 1 or 2 failed, confidence around 0.9.</summary>
    /// <param name="worse">Of the last day or two: how many of the 20 are overridden.</param>
    public static async Task DaysAsync(ConsoleHost host, Spine spine, int days, params int[] worse)
    {
        var clock = host.Services.GetServices<IHostedService>().OfType<RollupClock>().Single();
        while (await clock.TurnAsync(default)) { }   // its first turn begins a rollout's figures, from nothing
        var zone = host.Writer.State.Rollouts[spine.Rollout].Zone;
        var done = await host.Writer.ChangeAsync<Done>(async (scope, ct) =>
        {
            var periods = Periods.Last(Grain.Day, scope.Now, days + 1, zone).SkipLast(1).ToList();
            var known = await scope.Db.Rollups.AsNoTracking().Where(r => r.RolloutId == spine.Rollout && r.Grain == Grain.Day && r.Action == "refund.create").Select(r => r.Start).ToListAsync(ct);
            foreach (var (i, (start, _)) in periods.Index().Where(p => !known.Contains(p.Item.Start)))
            {
                var overridden = i >= periods.Count - worse.Length ? worse[i - (periods.Count - worse.Length)] : start.Day % 2 == 0 ? 1 : 3;
                scope.Db.Rollups.Add(new Rollup(spine.Rollout, Grain.Day, start, new RollupKey(spine.AgentId, "refund.create", "R-3", true, false), new RollupCounts
                {
                    Asked = 40, Allowed = 20, Referred = 20, Approved = 20 - overridden, Rejected = overridden, Executed = 40 - overridden, ExecutedAlone = 20, Failed = 1 + (start.Day % 2), Succeeded = 39 - overridden - (start.Day % 2), ConfidenceSaid = 40, ConfidenceSum = 40 * (890 + (start.Day % 3 * 10)),
                }));
            }
            return Done.Value;
        });
        Assert.True(done.Ok);
    }
}
