using System.Globalization;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Incidents;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Audit;

namespace OpsConsole.Features.Incidents;

/// <summary>
/// Notices what no single decision shows: people override an agent far more often than before, its actions fail far more often, its requests run out unseen, it has gone silent, or the log does not fit its own chain.
/// Raises alerts, which become incidents; each is raised once for its time, whatever restarts, because the database is asked before.
/// </summary>
internal sealed partial class AlertWatch(IDbContextFactory<OpsDbContext> factory, DurableWriter writer, AuditVerifier verifier, TimeProvider time, ILogger<AlertWatch> log) : BackgroundService
{
    /// <summary>How often it looks; the log is checked once a day, first <see cref="FirstCheck"/> after the start.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(5), FirstCheck = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1), Hour = TimeSpan.FromHours(1), OverridesBefore = TimeSpan.FromDays(28), ErrorsBefore = TimeSpan.FromDays(7), AskedBefore = TimeSpan.FromDays(15);   // so that every weekend before counts
    private const int MostAsked = 20_000;

    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, (long Last, TimeSpan? Silence)> _usual = [];
    private DateTimeOffset _checkAt = time.GetUtcNow() + FirstCheck;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await writer.Ready.WaitAsync(stoppingToken);
            while (!stoppingToken.IsCancellationRequested)
            {
                await Task.Delay(Every, time, stoppingToken);
                try
                {
                    await LookAsync(stoppingToken);
                }
                catch (Exception e) when (!stoppingToken.IsCancellationRequested)
                {
                    LogFailed(e);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    /// <summary>Looks once. What goes wrong with one question keeps none of the others.</summary>
    internal async Task LookAsync(CancellationToken ct)
    {
        var (state, now) = (writer.State, writer.Now);
        foreach (var rollout in state.Rollouts.Keys)
        {
            await AskAsync(db => OverridesAsync(db, rollout, state, now, ct), ct);
            await AskAsync(db => UnseenAsync(db, rollout, state, now, ct), ct);
        }
        await AskAsync(db => ErrorsAsync(db, state, now, ct), ct);
        foreach (var agent in state.Agents.Values.Where(a => a is { Retired: false, Paused: null } && a.Rollout.Paused is null && state.Paused is null))
            await AskAsync(async db => await SilentAsync(db, agent, now, ct) is { } silent ? [silent] : [], ct);
        if (now < _checkAt) return;
        await AskAsync(async _ =>
        {
            var broken = await CheckLogAsync(state, now, ct);
            _checkAt = now + Day;   // where the check itself fails it is tried again
            return broken is null ? [] : [broken];
        }, ct);
    }

    private async Task AskAsync(Func<OpsDbContext, Task<List<Noticed>>> ask, CancellationToken ct)
    {
        try
        {
            List<Noticed> noticed;
            await using (var db = await factory.CreateDbContextAsync(ct)) noticed = await ask(db);
            foreach (var one in noticed) await RaiseAsync(one, ct);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            LogFailed(e);
        }
    }

    /// <param name="Since">Not raised again where it was raised after this.</param>
    private sealed record Noticed(string Kind, string RolloutId, string AgentId, string Text, DateTimeOffset Since);

    private static async Task<List<Noticed>> OverridesAsync(OpsDbContext db, string rollout, ConsoleState state, DateTimeOffset now, CancellationToken ct)
    {
        List<Noticed> noticed = [];
        foreach (var lately in await Reviewed(db, rollout, now - Day, now).ToListAsync(ct))
        {
            if (lately.N < Spikes.FewestNow || lately.Bad < Spikes.FewestBad || !state.Agents.TryGetValue(lately.AgentId, out var agent)) continue;
            if (await Reviewed(db, rollout, now - OverridesBefore, now - Day).SingleOrDefaultAsync(r => r.AgentId == lately.AgentId, ct) is not { } before || !Spikes.Is(lately.Bad, lately.N, before.Bad, before.N)) continue;
            noticed.Add(new Noticed("override.spike", rollout, agent.Id, $"{VisibleText.Flatten(agent.Name)}: people edited or rejected {Share(lately)} of its requests in the last 24 hours; in the weeks before it was {Share(before)}.", now - Day));
        }
        return noticed;
    }

    internal static IQueryable<Rate> Reviewed(OpsDbContext db, string rollout, DateTimeOffset from, DateTimeOffset to)
        => db.Approvals.AsNoTracking().Where(a => a.RolloutId == rollout && a.DecidedAt != null && a.DecidedAt >= from && a.DecidedAt < to && (a.Status == ApprovalStatus.Approved || a.Status == ApprovalStatus.Edited || a.Status == ApprovalStatus.Rejected))
            .GroupBy(a => a.AgentId).Select(g => new Rate { AgentId = g.Key, N = g.Count(), Bad = g.Sum(a => a.Status == ApprovalStatus.Approved ? 0 : 1) });

    private static async Task<List<Noticed>> ErrorsAsync(OpsDbContext db, ConsoleState state, DateTimeOffset now, CancellationToken ct)
    {
        List<Noticed> noticed = [];
        var hour = await LogClock.FirstSeqAtAsync(db, now - Hour, null, ct);
        long? past = null;
        foreach (var lately in await Reported(db.Decisions.AsNoTracking().Where(d => d.Seq >= hour)).ToListAsync(ct))
        {
            if (lately.N < Spikes.FewestNow || lately.Bad < Spikes.FewestBad || !state.Agents.TryGetValue(lately.AgentId, out var agent)) continue;
            var from = past ??= await LogClock.FirstSeqAtAsync(db, now - ErrorsBefore, null, ct);
            if (await Reported(db.Decisions.AsNoTracking().Where(d => d.AgentId == lately.AgentId && d.Seq >= from && d.Seq < hour)).SingleOrDefaultAsync(ct) is not { } before || !Spikes.Is(lately.Bad, lately.N, before.Bad, before.N)) continue;
            noticed.Add(new Noticed("error.spike", agent.Rollout.Id, agent.Id, $"{VisibleText.Flatten(agent.Name)}: {Share(lately)} of what it reported for the last hour's decisions failed or is unknown; in the week before it was {Share(before)}.", now - Hour));
        }
        return noticed;
    }

    private static IQueryable<Rate> Reported(IQueryable<DecisionRecord> decisions)
        => decisions.Where(d => d.ReportStatus != null && d.ReportStatus != ReportStatus.Skipped).GroupBy(d => d.AgentId)
            .Select(g => new Rate { AgentId = g.Key, N = g.Count(), Bad = g.Sum(d => d.ReportStatus == ReportStatus.Succeeded ? 0 : 1) });

    internal sealed class Rate
    {
        public string AgentId { get; init; } = "";
        public int N { get; init; }
        public int Bad { get; init; }
    }

    private static async Task<List<Noticed>> UnseenAsync(OpsDbContext db, string rollout, ConsoleState state, DateTimeOffset now, CancellationToken ct)
    {
        var since = now - Hour;
        var over = await db.Approvals.AsNoTracking().Where(a => a.RolloutId == rollout && a.DecidedAt != null && a.DecidedAt >= since && a.Status == ApprovalStatus.Expired).ToListAsync(ct);
        if (over.Count == 0) return [];
        var seqs = over.Select(a => a.Seq).ToList();
        var touched = (await db.Audit.AsNoTracking().Where(e => e.DecisionSeq != null && seqs.Contains(e.DecisionSeq.Value) && e.Event.StartsWith("approval.") && e.Actor.StartsWith("person:")).Select(e => e.DecisionSeq!.Value).ToListAsync(ct)).ToHashSet();
        return [.. over.Where(a => !touched.Contains(a.Seq)).GroupBy(a => a.AgentId).Where(g => state.Agents.ContainsKey(g.Key)).Select(g => new Noticed("expired.unseen", rollout, g.Key,
            $"{Counted.Of(g.Count(), "request")} of {VisibleText.Flatten(state.Agents[g.Key].Name)} ran out in the last hour, and nobody had touched {(g.Count() == 1 ? "it" : "them")}: no vote, no claim, no question. Whoever the rule names may be too few, or not told.", since))];
    }

    private async Task<Noticed?> SilentAsync(OpsDbContext db, AgentAuthority agent, DateTimeOffset now, CancellationToken ct)
    {
        if (await db.Decisions.AsNoTracking().Where(d => d.AgentId == agent.Id).OrderByDescending(d => d.Seq).Select(d => new { d.Seq, d.At }).FirstOrDefaultAsync(ct) is not { } last || now - last.At < Spikes.ShortestSilence) return null;
        if (!_usual.TryGetValue(agent.Id, out var usual) || usual.Last != last.Seq)
        {
            var from = await LogClock.FirstSeqAtAsync(db, last.At - AskedBefore, null, ct);
            var asked = await db.Decisions.AsNoTracking().Where(d => d.AgentId == agent.Id && d.Seq >= from).OrderByDescending(d => d.Seq).Take(MostAsked).Select(d => d.At).ToListAsync(ct);
            asked.Reverse();
            _usual[agent.Id] = usual = (last.Seq, Spikes.Silence(asked, asked.Count == MostAsked));
        }
        if (usual.Silence is not { } longest || now - last.At < longest) return null;
        return new Noticed("silent", agent.Rollout.Id, agent.Id, $"{VisibleText.Flatten(agent.Name)} has asked nothing for {DurationWords.Of(Whole(now - last.At))}. In the two weeks before, it was never silent for longer than {DurationWords.Of(Whole(longest / 2))}.", last.At);
    }

    private async Task<Noticed?> CheckLogAsync(ConsoleState state, DateTimeOffset now, CancellationToken ct)
    {
        var report = await verifier.VerifyAsync(null, ct);
        if (report.Intact) return null;
        var seq = report.Broken[0].Seq;
        await using var db = await factory.CreateDbContextAsync(ct);
        var about = await db.Audit.AsNoTracking().Where(a => a.Seq == seq).Select(a => a.RolloutId).SingleOrDefaultAsync(ct);
        var rollout = about is not null && state.Rollouts.ContainsKey(about) ? about : state.Rollouts.Keys.Order(StringComparer.Ordinal).FirstOrDefault();
        return rollout is null ? null : new Noticed("audit.broken", rollout, "", $"The audit log does not fit its own chain: entry {seq.ToString(CultureInfo.InvariantCulture)}, {report.Broken[0].Why}. {(report.MoreBroken || report.Broken.Count > 1 ? "There are more. " : "")}Verify it on the audit page, and keep the database as it is.", now - Day);
    }

    private Task<Result<Done>> RaiseAsync(Noticed one, CancellationToken stop) => writer.ChangeAsync<Done>(async (scope, ct) =>
    {
        var from = await LogClock.FirstSeqAtAsync(scope.Db, one.Since, null, ct);
        if (await scope.Db.Alerts.AnyAsync(a => a.Seq >= from && a.Kind == one.Kind && a.AgentId == one.AgentId && a.RolloutId == one.RolloutId, ct)) return Done.Value;
        stop.ThrowIfCancellationRequested();
        var seq = scope.Audit(Actor.System, "alert.raised", one.AgentId.Length > 0 ? one.AgentId : one.RolloutId, new { kind = one.Kind, agent = one.AgentId.Length > 0 ? one.AgentId : null }, new { text = one.Text }, one.RolloutId);
        scope.Db.Alerts.Add(new Alert { Seq = seq, At = scope.Now, Kind = one.Kind, RolloutId = one.RolloutId, AgentId = one.AgentId, Text = one.Text });
        scope.Signal("alerts");
        return Done.Value;
    });

    private static string Share(Rate rate) => string.Create(CultureInfo.InvariantCulture, $"{rate.Bad} of {rate.N} ({100.0 * rate.Bad / rate.N:0.#} %)");
    private static TimeSpan Whole(TimeSpan time) => TimeSpan.FromMinutes(Math.Round(time.TotalMinutes));

    [LoggerMessage(2233, LogLevel.Error, "Watching for alerts failed; it is tried again in some minutes")]
    private partial void LogFailed(Exception e);
}
