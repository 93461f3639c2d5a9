using System.Globalization;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Reliability;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Realtime;

namespace OpsConsole.Features.Reliability;

/// <summary>
/// Watches: ends baselines whose tier, gate or matrix is another now, raises an alert about each day or week that is over and outside its limits, and about error budgets that burn too fast. What was raised stands in the database and is asked there
/// inside the change, so neither a restart nor another instance raises anything twice. Without a baseline, without an objective and with few events nothing is raised.
/// </summary>
internal sealed partial class MonitorClock(BaselineDesk desk, IDbContextFactory<OpsDbContext> factory, DurableWriter writer, Signals signals, TimeProvider time, ILogger<MonitorClock> log) : BackgroundService
{
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(1);
    /// <summary>So many points back are judged again, because what comes late changes the day it belongs to.</summary>
    internal const int Again = 14;
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(10);
    private readonly SemaphoreSlim _turn = new(1, 1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var changed = new Wakeup();
        using var onState = signals.Subscribe(["state"], changed.SetAsync);
        try
        {
            await writer.Ready.WaitAsync(stoppingToken);
            var next = time.GetUtcNow();
            while (!stoppingToken.IsCancellationRequested)
            {
                var wait = AfterFailure;
                try
                {
                    // Authority moved: baselines end at once. The rest once a minute.
                    if (time.GetUtcNow() < next) await SettleAsync(stoppingToken);
                    else
                    {
                        await TurnAsync(stoppingToken);
                        next = time.GetUtcNow() + Every;
                    }
                    wait = next - time.GetUtcNow();
                }
                catch (Exception e) when (!stoppingToken.IsCancellationRequested)
                {
                    LogFailed(e);
                }
                await changed.WaitAsync(wait, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    /// <summary>Looks once at everything. What goes wrong with one rollout keeps no other from being watched.</summary>
    internal async Task TurnAsync(CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            await SettleAsync(ct);
            foreach (var rollout in writer.State.Rollouts.Values.Where(r => !r.Archived))
            {
                try
                {
                    await LimitsAsync(rollout, ct);
                    await BurnsAsync(rollout, ct);
                }
                catch (Exception e) when (!ct.IsCancellationRequested)
                {
                    LogOneFailed(e, rollout.Id);
                }
            }
        }
        finally { _turn.Release(); }
    }

    private async Task SettleAsync(CancellationToken ct)
    {
        await using var db = await factory.CreateDbContextAsync(ct);
        var (state, now) = (writer.State, writer.Now);
        foreach (var live in await db.Baselines.AsNoTracking().Where(b => b.EndedAt == null).Select(b => new { b.Seq, b.RolloutId, b.AgentId, b.Action, b.Terms }).ToListAsync(ct))
        {
            if (BaselineDesk.Over(state, live.RolloutId, live.AgentId, live.Action, live.Terms, now) is null) continue;
            ct.ThrowIfCancellationRequested();
            Must(await desk.SettleAsync(live.Seq));
        }
    }

    private async Task LimitsAsync(RolloutAuthority rollout, CancellationToken ct)
    {
        var (state, now) = (writer.State, writer.Now);
        await using var db = await factory.CreateDbContextAsync(ct);
        var live = await db.Baselines.AsNoTracking().Where(b => b.RolloutId == rollout.Id && b.EndedAt == null).ToListAsync(ct);
        foreach (var grain in live.Select(b => b.Grain).Distinct())
        {
            // Half counted is half right: what is over is judged when all of it is counted.
            if (!await ReliabilityReader.CountedAsync(db, rollout, Periods.StartOf(grain, now, rollout.Zone), ct)) continue;
            var figures = await CapabilityFigures.OfAsync(db, rollout.Id, null, grain, Periods.Last(grain, now, ControlChart.Window, rollout.Zone), ct);
            foreach (var baseline in live.Where(b => b.Grain == grain))
            {
                if (!state.Agents.TryGetValue(baseline.AgentId, out var agent)) continue;
                var (spec, of) = (WatchedSpec.Of(baseline.Measure), new Capability(baseline.AgentId, baseline.Action));
                var judged = ControlChart.Of(spec, figures.Of(of, spec.Watched), [baseline]).Where(p => p.Of.End <= now && p.Of.Start >= baseline.To && p.Of.End > baseline.FixedAt).TakeLast(Again).ToList();
                foreach (var point in judged.Where(p => p.State == PointState.Out && spec.Alarms(p.Above) && !baseline.Raised.Contains(p.Of.Start)))
                {
                    ct.ThrowIfCancellationRequested();
                    var text = $"{Name(agent, of)}: {spec.Words.ToLowerInvariant()} {MonitoringWords.When(grain, point.Of.Start, rollout.Zone)} was {MonitoringWords.Point(spec, point)}. The decisions behind it are on the page Monitoring of the rollout.";
                    Must(await RaiseAsync(baseline.Seq, point.Of.Start, judged[0].Of.Start, agent.Id, spec.Alert, text));
                }
            }
        }
    }

    private Task<Result<Done>> RaiseAsync(long seq, DateTimeOffset point, DateTimeOffset since, string agentId, string kind, string text) => writer.ChangeAsync<Done>(async (scope, ct) =>
    {
        var baseline = await scope.Db.Baselines.SingleAsync(b => b.Seq == seq, ct);
        if (baseline.EndedAt is not null || baseline.Raised.Contains(point)) return Done.Value;
        baseline.Raise(point, since);
        Alert(scope, kind, baseline.RolloutId, agentId, text, new { kind, agent = agentId, baseline = baseline.Id, point });
        return Done.Value;
    });

    private async Task BurnsAsync(RolloutAuthority rollout, CancellationToken ct)
    {
        var (state, now) = (writer.State, writer.Now);
        await using var db = await factory.CreateDbContextAsync(ct);
        var agents = MonitoringReader.Watch(state, rollout.Id);
        if (agents.Count == 0) return;
        var (overrides, failures) = MonitoringReader.Objectives(await db.Rollouts.AsNoTracking().Where(r => r.Id == rollout.Id).Select(r => r.Thresholds).SingleAsync(ct));
        if (overrides.Agreed && ErrorBudget.Objective(overrides.AtMost) is { } ofPeople) await BurnsAsync(rollout, agents, "override", MonitoringReader.Overridden, ofPeople, await BurnReader.OverridesAsync(db, rollout.Id, now, ct), ct);
        if (failures is not null && ErrorBudget.Objective(failures.AtMost) is { } ofActions && await ReliabilityReader.CountedAsync(db, rollout, Periods.StartOf(Grain.Hour, now - TimeSpan.FromHours(1), rollout.Zone), ct))
            await BurnsAsync(rollout, agents, "failure", MonitoringReader.Failed, ofActions, await BurnReader.FailuresAsync(db, rollout.Id, rollout.Zone, now, ct), ct);
    }

    private async Task BurnsAsync(RolloutAuthority rollout, IReadOnlyList<AgentAuthority> agents, string measure, string words, double slo, BurnReader burns, CancellationToken ct)
    {
        foreach (var agent in agents)
        {
            // Of an agent and its actions what is most urgent; they are one cause.
            var fires = burns.Capabilities.Where(c => c.AgentId == agent.Id).SelectMany(of => ErrorBudget.Judge(w => burns.Of(of, w), slo).Where(r => r.Verdict == BurnVerdict.Fires).Select(r => (Of: of, Reading: r)))
                .OrderBy(f => f.Reading.Rule.Pages ? 0 : 1).ThenByDescending(f => f.Reading.LongBurn).ThenBy(f => f.Of.Action, StringComparer.Ordinal).ToList();
            if (fires.Count == 0) continue;
            var (of, reading) = fires[0];
            ct.ThrowIfCancellationRequested();
            var kind = $"burn.{measure}.{(reading.Rule.Pages ? "page" : "ticket")}";
            var text = $"{Name(agent, of)}: {MonitoringWords.Burn(words, reading.Rule, reading.Long, reading.Short, reading.LongBurn)} ({(1 - slo).ToString("0.##%", CultureInfo.InvariantCulture)} at most).";
            Must(await writer.ChangeAsync<Done>(async (scope, inner) =>
            {
                var from = await LogClock.FirstSeqAtAsync(scope.Db, scope.Now - reading.Rule.Long, null, inner);
                if (await scope.Db.Alerts.AnyAsync(a => a.AgentId == agent.Id && a.Seq >= from && a.Kind == kind, inner)) return Done.Value;   // it was said within this window
                Alert(scope, kind, rollout.Id, agent.Id, text, new { kind, agent = agent.Id, action = of.Action.Length == 0 ? null : of.Action, burn = reading.LongBurn!.Value.ToString("0.##", CultureInfo.InvariantCulture) });
                return Done.Value;
            }));
        }
    }

    private static void Alert(ChangeScope scope, string kind, string rolloutId, string agentId, string text, object details)
    {
        var seq = scope.Audit(Actor.System, "alert.raised", agentId, details, new { text }, rolloutId);
        scope.Db.Alerts.Add(new Alert { Seq = seq, At = scope.Now, Kind = kind, RolloutId = rolloutId, AgentId = agentId, Text = text });
        scope.Signal("alerts");
        scope.Signal(ReliabilityReader.Topic(rolloutId));
    }

    private static string Name(AgentAuthority agent, Capability of) => VisibleText.Flatten(agent.Name) + (of.Action.Length == 0 ? "" : ", " + VisibleText.Flatten(of.Action));

    private static void Must(Result<Done> done)
    {
        if (done.Fault is { } fault) throw new InvalidOperationException(fault.Message);
    }

    public override void Dispose()
    {
        _turn.Dispose();
        base.Dispose();
    }

    [LoggerMessage(2271, LogLevel.Error, "Watching figures failed; it is tried again in some seconds")]
    private partial void LogFailed(Exception e);
    [LoggerMessage(2272, LogLevel.Error, "Watching the figures of {Rollout} failed; it is tried again in a minute")]
    private partial void LogOneFailed(Exception e, string rollout);
}
