using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpsConsole.Core.Access;
using OpsConsole.Core.Reliability;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Features.Reliability;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Http;

public sealed class SqliteRollupTests() : RollupTests(postgres: false)
{
    [Fact]
    public async Task Rows_OfAReport_AreReadByTheirKey()
        => Assert.Contains("(rollout_id=? AND grain=? AND start>? AND start<?)", await ReadAsync(db => QueryPlan.OfAsync(db, ReliabilityReader.Rows(db, "rol", Grain.Week, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch))));
}

public sealed class PostgresRollupTests() : RollupTests(postgres: true);

/// <summary>Figures are counted as the log grows, change with what comes late, and are those of the rows.</summary>
public abstract class RollupTests(bool postgres) : IAsyncLifetime
{
    private readonly SkipTime _time = new();
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

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

    private async Task CountAsync()
    {
        var clock = _host.Services.GetServices<IHostedService>().OfType<RollupClock>().Single();
        while (await clock.TurnAsync(default)) { }
    }

    private async Task<ReliabilityView> ViewAsync(Grain grain = Grain.Week, int count = 2, string? action = null)
    {
        await CountAsync();
        var me = new PersonCaller(_host.Writer.State.Directory.ByEmail[AdminEmail], null, "session");
        return (await _host.Services.GetRequiredService<ReliabilityReader>().FindAsync(me, _spine.Rollout, new ReliabilityQuery(grain, count, Action: action), default)).Value;
    }

    private async Task<IReadOnlyList<RollupDifference>> DifferencesAsync()
        => (await ReliabilityReader.VerifyAsync(_host.Services.GetRequiredService<IDbContextFactory<OpsDbContext>>(), _host.Writer.State.Rollouts.ToDictionary(r => r.Key, r => r.Value.Zone), RollupClock.Simulated(_host.Writer.State), default)).Differences;

    private Task ReportAsync(JsonElement asked, string status = "succeeded", string? usd = null)
        => PostAsync(_spine.Agent, $"/api/v1/decisions/{Spine.Id(asked)}/outcome", usd is null ? new { status } : new { status, cost = new { usd } });

    private Task<JsonElement> AskAsync(double amount, string run, int expect = 200) => PostAsync(_host.As(_spine.AgentKey), "/api/v1/decisions", new { action = "refund.create", resource = new { type = "order", id = "o-" + amount.ToString(CultureInfo.InvariantCulture) }, arguments = new { amount }, run_id = run, confidence = 0.8 }, expect);

    [Fact]
    public async Task Recount_InPartsWithRests_SaysWhatItSaysAtOnce()
    {
        await AskAsync(20, "run-1");
        for (var i = 0; i < 520; i++) await _spine.AskAsync(new { action = "payment.send", resource = new { type = "order", id = $"o-{i}" } });
        await AskAsync(420, "run-1", 202);   // the run went to people, and began in another part
        var now = _time.GetUtcNow();
        var rests = 0;
        Task Rest() => Task.FromResult(++rests);
        Task<Dictionary<RollupKey, RollupCounts>> Of(Func<Task>? rest) => ReadAsync(db => Recount.OfAsync(db, _spine.Rollout, now.AddHours(-1), now.AddHours(1), new HashSet<string>(), default, rest));
        var (once, parts) = (await Of(null), await Of(Rest));
        Assert.Equal((522L, true), (once.Values.Sum(c => c.Asked), rests > 0));
        Assert.Equal((1L, 1L), (parts.Values.Sum(c => c.Runs), parts.Values.Sum(c => c.RunsHanded)));
        Assert.Equivalent(once, parts, strict: true);
        await CountAsync();
        Assert.Empty(await DifferencesAsync());
    }

    [Fact]
    public async Task Figures_AreThoseOfWhatHappened_AndALateOutcomeChangesTheWeekItBelongsTo()
    {
        var alone = await AskAsync(20, "run-1");
        await ReportAsync(alone, usd: "0.25");
        var late = await AskAsync(21, "run-2");
        foreach (var (amount, verdict, run) in ((double, object, string)[])[(420, new { verdict = "approve" }, "run-1"), (421, new { verdict = "edit", arguments = new { amount = 300 } }, "run-3"), (422, new { verdict = "reject" }, "run-3")])
        {
            var asked = await AskAsync(amount, run, 202);
            _time.Skip(TimeSpan.FromSeconds(60));
            await _spine.DecideAsync(_spine.Dana, asked, verdict);
            if (amount < 422) await ReportAsync(await _spine.GetAsync(asked), amount > 420 ? "failed" : "succeeded");
        }
        await _spine.AskAsync(new { action = "payment.send" });
        await AskAsync(423, "run-2", 202);   // nobody looks at it
        _time.Skip(TimeSpan.FromMinutes(16));
        await Until.True(async () => await ReadAsync(db => db.Approvals.CountAsync(a => a.Status == Core.Approvals.ApprovalStatus.Expired)) == 1, "expired");

        var week = (await ViewAsync()).Periods[^1];
        Assert.Equal((7, 2, 1, 4, 3), (week.Asked, week.Allowed, week.Denied, week.Referred, week.Executed));
        Assert.Equal((1L, 3L), (week.Autonomy.Count, week.Autonomy.Of));
        Assert.Equal((2L, 3L), (week.Override.Count, week.Override.Of));
        Assert.Equal((1L, 4L), (week.Expired.Count, week.Expired.Of));
        Assert.Equal((2L, 3L), (week.Success.Count, week.Success.Of));
        Assert.Equal((3L, 3L), (week.Escalation!.Count, week.Escalation.Of));   // all three runs had something for people
        Assert.Equal((0.25m, 3L), (week.CostUsd, week.Approval.N));
        Assert.InRange(week.Approval.P90!.Value, 59, 63);
        Assert.Equal(0.8, week.Confidence!.Value, 3);
        Assert.Empty(await DifferencesAsync());

        _time.Skip(TimeSpan.FromDays(7));
        await PostAsync(_spine.Agent, $"/api/v1/decisions/{Spine.Id(late)}/outcome", new { status = "succeeded" }, 200);
        await AskAsync(22, "run-9");
        var weeks = (await ViewAsync()).Periods;
        Assert.Equal((4L, 2L, 1L), (weeks[0].Executed, weeks[0].Autonomy.Count, weeks[1].Asked));
        Assert.Equal((1L, 0L), (weeks[1].Escalation!.Of, weeks[1].Escalation!.Count));
        Assert.Empty(await DifferencesAsync());
        // The other grains and a narrower view say the same.
        Assert.Equal(8, (await ViewAsync(Grain.Day, 14)).Periods.Sum(p => p.Asked));
        var narrowed = await ViewAsync(Grain.Week, 2, "Refund.Create");
        Assert.Equal((7, true), ((int)narrowed.Periods.Sum(p => p.Asked), narrowed.Periods.All(p => p.Incidents is null && p.Escalation is null)));   // incidents and runs are not of one action
        Assert.Equal(["refund.create", "payment.send"], (await ViewAsync()).Actions.GroupBy(a => a.Action).Select(g => g.Key));
    }

    [Fact]
    public async Task AnotherZone_WhereNothingWasAsked_IsDoneAtOnce()
    {
        await CountAsync();
        await SendAsync(_host.Admin, HttpMethod.Patch, "/api/v1/rollouts/" + _spine.Rollout, new { time_zone = "Asia/Kathmandu" }, 200);
        await CountAsync();
        Assert.Equal(["Asia/Kathmandu"], await ReadAsync(db => db.RollupZones.Where(z => z.RolloutId == _spine.Rollout && z.RebuildFrom == null).Select(z => z.Zone).ToListAsync()));
    }

    [Fact]
    public async Task Restart_AndAnotherZone_CountNothingTwice_AndWhatIsTamperedWithIsFound()
    {
        for (var i = 0; i < 5; i++) await AskAsync(20 + i, "run-" + i);
        await CountAsync();
        if (!postgres)   // there the database goes with its host
        {
            await _host.StopAsync();
            await _host.InitializeAsync();
        }
        for (var i = 5; i < 8; i++) await AskAsync(20 + i, "run-" + i);
        Assert.Equal(8, (await ViewAsync(count: 1)).Periods[0].Asked);
        Assert.Empty(await DifferencesAsync());

        await SendAsync(_host.Admin, HttpMethod.Patch, "/api/v1/rollouts/" + _spine.Rollout, new { time_zone = "Asia/Kathmandu" }, 200);
        var there = await ViewAsync(Grain.Hour, 1);
        Assert.Equal(("Asia/Kathmandu", 8, 15), (there.Zone, (int)there.Periods[0].Asked, there.Periods[0].Start.Minute));   // 5:45 from UTC
        Assert.Empty(await DifferencesAsync());
        Assert.Equal(3, await ReadAsync(db => db.Rollups.Where(r => r.RolloutId == _spine.Rollout).Select(r => r.Grain).Distinct().CountAsync()));

        await _host.Writer.ChangeAsync<Done>(async (scope, ct) =>
        {
            await scope.Db.Rollups.Where(r => r.Grain == Grain.Hour).ExecuteDeleteAsync(ct);
            return Done.Value;
        });
        Assert.NotEmpty(await DifferencesAsync());
    }

    [Fact]
    public async Task Api_GivesFigures_ToWhoeverSeesTheRollout()
    {
        await AskAsync(20, "run-1");
        await CountAsync();
        var path = $"/api/v1/rollouts/{_spine.Rollout}/reliability";
        var view = await GetAsync(_host.Admin, path + "?grain=day&count=3");
        Assert.Equal((3, 1), (view.GetProperty("periods").GetArrayLength(), view.GetProperty("periods")[2].GetProperty("asked").GetInt32()));
        Assert.Equal(JsonValueKind.Null, view.GetProperty("periods")[2].GetProperty("override").TryGetProperty("rate", out var rate) ? rate.ValueKind : JsonValueKind.Null);   // of nothing there is no rate
        foreach (var wrong in (string[])["grain=month", "count=0", "count=61", "consequence=some", "until=0001-01-01T00:00:00Z"]) await SendAsync(_host.Admin, HttpMethod.Get, $"{path}?{wrong}", null, 400);
        var (_, xeno) = await _host.PersonAsync("xeno@example.com", "member");
        await SendAsync(xeno, HttpMethod.Get, path, null, 404);
    }
}
