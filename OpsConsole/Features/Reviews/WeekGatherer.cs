using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Incidents;
using OpsConsole.Core.Reliability;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Worksheets;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Reliability;

namespace OpsConsole.Features.Reviews;

/// <summary>Gathers what a week's review rests on, in bounded queries and outside the writer.</summary>
internal sealed class WeekGatherer(DurableWriter writer, IDbContextFactory<OpsDbContext> factory, ReliabilityReader figures)
{
    private const int MostSampled = 10_000;
    /// <summary>What the charts mark, and what else was changed.</summary>
    private static readonly string[] Changing = [.. ChangeMarks.Changing, "agent.registered", "agent.retired", "caps.set", "rollout.changed", "rollout.paused", "rollout.resumed", "agent.paused", "agent.resumed", "everything.paused", "everything.resumed"];
    private static readonly Fault Counting = new(FaultKind.Unavailable, "figures.counting", "The figures of this week are still being counted. Try again in a moment.");

    /// <summary>Faults: not found, <c>figures.counting</c> while the log of the week is not counted to its end.</summary>
    public async Task<Result<WeekEvidence>> OfAsync(string rolloutId, DateOnly week, CancellationToken ct)
    {
        var (state, now) = (writer.State, writer.Now);
        if (!state.Rollouts.TryGetValue(rolloutId, out var rollout)) return Fault.NotFound("rollout");
        var start = Periods.DayStart(week, rollout.Zone);
        var end = Periods.EndOf(Grain.Week, start, rollout.Zone);
        await using var db = await factory.CreateDbContextAsync(ct);
        // Counted to its end, before, and nothing stored in between: all of it is read as of one moment.
        var turn = await db.RollupPlaces.AsNoTracking().Select(p => p.Turn).SingleAsync(ct);
        if (!await ReliabilityReader.CountedAsync(db, rollout, end, ct)) return Counting;
        var found = await figures.OfAsync(rollout, new ReliabilityQuery(Grain.Week, WeekEvidence.WeeksBefore + 1, start), ct);
        if (found.Fault is { } fault) return fault;
        var actions = await ActionsAsync(rollout, start, ct);
        if (turn != await db.RollupPlaces.AsNoTracking().Select(p => p.Turn).SingleAsync(ct)) return Counting;
        var (first, next) = (await LogClock.FirstSeqAtAsync(db, start, null, ct), await LogClock.FirstSeqAtAsync(db, end, null, ct));
        var own = await db.Rollouts.AsNoTracking().Where(r => r.Id == rolloutId).Select(r => new { r.Thresholds, r.PublishedVersion }).SingleAsync(ct);
        var canvas = Worksheet.Of("canvas", (await db.Patches.AsNoTracking().Where(p => p.RolloutId == rolloutId && !p.Replaced).ToListAsync(ct)).Where(p => p.Field.Sheet == "canvas").GroupBy(p => p.Field).ToDictionary(g => g.Key, Register.Of));
        var (period, before) = (found.Value.Periods[^1], found.Value.Periods.SkipLast(1).ToList());
        var (expired, alerts, changes) = (await ExpiredAsync(db, rolloutId, first, next, state, ct), await AlertsAsync(db, rolloutId, first, next, state, ct), await ChangesAsync(db, rolloutId, first, state, ct));
        return new WeekEvidence(period, before, actions, [.. Judge(own.Thresholds, period).Select(WeekJudged.Of)], canvas.Text("output"), canvas.Text("target"), await IncidentsAsync(db, rolloutId, start, end, ct),
            await OverridesAsync(db, rolloutId, week, first, next, state, ct), period.Expired.Count, expired, alerts.Count, alerts.Lines, changes.Count, changes.Lines, await OpenAsync(db, rolloutId, rollout.Zone, state, now, ct), own.PublishedVersion, rollout.Zone.Id);
    }

    /// <summary>A week's figures against the rollout's thresholds.</summary>
    internal static IEnumerable<Judged> Judge(string? own, PeriodView p) => Thresholds.Of(own).Select(t => t.Name switch
    {
        Thresholds.OverrideRate => Thresholds.Judge(t, p.Override.Rate, p.Override.Of),
        Thresholds.Incidents => Thresholds.Judge(t, p.Incidents?.Rate, p.Incidents?.Of ?? 0),
        Thresholds.ApprovalP90 => Thresholds.Judge(t, p.Approval.P90 / 60, p.Approval.N),
        Thresholds.ExpiredRate => Thresholds.Judge(t, p.Expired.Rate, p.Expired.Of),
        _ => Thresholds.Judge(t, p.ToRestore?.P90 / 60, p.ToRestore?.N ?? 0),
    });

    // Of the week alone; the figures above are of all nine.
    private async Task<IReadOnlyList<ActionFigures>> ActionsAsync(RolloutAuthority rollout, DateTimeOffset start, CancellationToken ct)
        => await figures.OfAsync(rollout, new ReliabilityQuery(Grain.Week, 1, start), ct) is { Ok: true, Value: var one } ? [.. one.Actions.Take(WeekEvidence.MostListed)] : [];

    internal static async Task<IReadOnlyList<WeekIncident>> IncidentsAsync(OpsDbContext db, string rolloutId, DateTimeOffset start, DateTimeOffset end, CancellationToken ct)
        => [.. (await db.Incidents.AsNoTracking().Where(i => i.RolloutId == rolloutId && i.Status != IncidentStatus.Merged && i.Status != IncidentStatus.Cancelled).OrderByDescending(i => i.Seq).ToListAsync(ct))
            .Where(i => i.Times.Detected < end && (i.Times.Detected >= start || i.Times.Resolved is not { } over || over >= end)).Take(WeekEvidence.MostListed)
            .Select(i => new WeekIncident(i.Id, i.Title, SeveritySpec.Of(i.Severity).Title, i.Status.ToString().ToLowerInvariant(), i.Times.Detected, i.Times.Detected >= start && i.Times.Detected < end))];

    private static async Task<IReadOnlyList<WeekOverride>> OverridesAsync(OpsDbContext db, string rolloutId, DateOnly week, long first, long next, ConsoleState state, CancellationToken ct)
    {
        var simulated = Simulated(state);
        var overridden = from d in db.Decisions.AsNoTracking() where d.RolloutId == rolloutId && d.Seq >= first && d.Seq < next && d.Mode == AskMode.Live && !simulated.Contains(d.AgentId) join a in db.Approvals.AsNoTracking() on d.Seq equals a.Seq where a.Status == ApprovalStatus.Edited || a.Status == ApprovalStatus.Rejected select new { d.Seq, d.Confidence };
        var sure = await overridden.Where(o => o.Confidence != null).OrderByDescending(o => o.Confidence).ThenBy(o => o.Seq).Take(WeekEvidence.MostOverrides).Select(o => o.Seq).ToListAsync(ct);
        var drawn = (await overridden.OrderBy(o => o.Seq).Take(MostSampled).Select(o => o.Seq).ToListAsync(ct)).Where(seq => !sure.Contains(seq))
            .OrderBy(seq => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{rolloutId} {week:yyyy-MM-dd} {seq}")))), StringComparer.Ordinal).Take(WeekEvidence.MostOverrides).ToList();
        List<long> all = [.. sure, .. drawn];
        var rows = await (from d in db.Decisions.AsNoTracking() where all.Contains(d.Seq) join a in db.Approvals.AsNoTracking() on d.Seq equals a.Seq select new { Decision = d, Request = a }).ToDictionaryAsync(x => x.Decision.Seq, ct);
        return [.. all.Select(seq => rows[seq]).Select(x => new WeekOverride(x.Decision.Id, x.Decision.Action, NameOf(state, x.Decision.AgentId), x.Request.Status.ToString().ToLowerInvariant(), x.Decision.Confidence,
            x.Request.CurrentVotes.LastOrDefault(v => v.Reason is { Length: > 0 })?.Reason, sure.Contains(x.Decision.Seq) ? "sure" : "sample"))];
    }

    private static async Task<IReadOnlyList<WeekExpired>> ExpiredAsync(OpsDbContext db, string rolloutId, long first, long next, ConsoleState state, CancellationToken ct)
    {
        var simulated = Simulated(state);
        return await (from a in db.Approvals.AsNoTracking() where a.RolloutId == rolloutId && a.Seq >= first && a.Seq < next && a.Status == ApprovalStatus.Expired join d in db.Decisions.AsNoTracking() on a.Seq equals d.Seq where d.Mode == AskMode.Live && !simulated.Contains(d.AgentId) orderby a.Seq select new WeekExpired(a.Id, d.Action, a.RequestedAt)).Take(WeekEvidence.MostListed).ToListAsync(ct);
    }

    private static async Task<(long Count, IReadOnlyList<WeekAlert> Lines)> AlertsAsync(OpsDbContext db, string rolloutId, long first, long next, ConsoleState state, CancellationToken ct)
    {
        var simulated = Simulated(state);
        var hits = db.Alerts.AsNoTracking().Where(a => a.RolloutId == rolloutId && !simulated.Contains(a.AgentId) && a.Seq >= first && a.Seq < next && (a.Kind.StartsWith("cap.") || a.Kind == "loop"));
        return (await hits.LongCountAsync(ct), [.. (await hits.OrderBy(a => a.Seq).Take(WeekEvidence.MostListed).ToListAsync(ct)).Select(a => new WeekAlert(a.Seq, a.At, a.Kind, NameOf(state, a.AgentId), a.DecisionId, a.Text))]);
    }

    internal static async Task<(long Count, IReadOnlyList<WeekChange> Lines)> ChangesAsync(OpsDbContext db, string rolloutId, long first, ConsoleState state, CancellationToken ct)
    {
        // Until now: what was changed after the week, and before it is judged, belongs here too. What concerns everybody has no rollout.
        var entries = db.Audit.AsNoTracking().Where(a => a.Event != "decision.asked" && Changing.Contains(a.Event) && a.Seq >= first && (a.RolloutId == rolloutId || a.RolloutId == null));
        var rows = await entries.OrderBy(a => a.Seq).Take(WeekEvidence.MostListed).Select(a => new { a.Seq, a.At, a.Event, a.Object, a.Actor, a.Leaf }).ToListAsync(ct);
        return (await entries.LongCountAsync(ct), [.. rows.Select(r =>
        {
            var entry = LogEvent.Of(r.Seq, r.Leaf, null);
            var mark = entry is not null && ChangeMarks.Changing.Contains(r.Event) ? ChangeMarks.Mark(state, rolloutId, null, r.At, r.Event, entry) : null;
            return new WeekChange(r.At, r.Event, mark?.Text ?? Words(r.Event, r.Object, entry, state), r.Actor.Split(':', 2) is ["person", var by] ? state.Directory.NameOf(by) : "the console", mark?.Href ?? ((entry?.Word("agent") ?? r.Object) is var of && of.StartsWith("agt_", StringComparison.Ordinal) ? "/agents/" + of : "/rollouts/" + rolloutId));
        })]);
    }

    private static string Words(string evt, string obj, LogEvent? entry, ConsoleState state) => evt switch
    {
        "grant.ended" => $"{NameOf(state, entry?.Word("agent"))} lost {entry?.Word("capability")} as {entry?.Word("tier")}, for another tier",
        "agent.registered" => $"{NameOf(state, obj)} joined",
        "agent.retired" => $"{NameOf(state, obj)} was retired",
        "agent.changed" => $"{NameOf(state, obj)} was changed",
        "agent.paused" or "agent.resumed" => $"{NameOf(state, obj)} was {evt[6..]}",
        "caps.set" => $"The caps of {NameOf(state, obj)} were set",
        "rollout.paused" or "rollout.resumed" => $"The rollout was {evt[8..]}",
        "everything.paused" or "everything.resumed" => $"Every agent of every rollout was {evt[11..]}",
        "rollout.changed" when entry is not null && entry.Details.TryGetProperty("fields", out var fields) && fields.ValueKind == System.Text.Json.JsonValueKind.Array => $"Settings were changed: {string.Join(", ", fields.EnumerateArray().Select(f => f.GetString()?.Replace('_', ' ')))}",
        "rollout.changed" => "The rollout's settings were changed",
        _ => "Something was changed that cannot be read any more",
    };

    internal static async Task<IReadOnlyList<WeekAction>> OpenAsync(OpsDbContext db, string rolloutId, TimeZoneInfo zone, ConsoleState state, DateTimeOffset now, CancellationToken ct)
    {
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, zone).DateTime);
        return [.. (await db.IncidentActions.AsNoTracking().Where(a => a.RolloutId == rolloutId && a.DoneAt == null).OrderBy(a => a.DueOn).Take(WeekEvidence.MostListed).ToListAsync(ct)).Select(a => new WeekAction(a.Id, a.IncidentId, a.Text, state.Directory.NameOf(a.OwnerId), a.DueOn, a.DueOn < today))];
    }

    private static string[] Simulated(ConsoleState state) => [.. state.Agents.Values.Where(a => a is { Simulated: true, Rollout.Simulated: false }).Select(a => a.Id)];
    private static string NameOf(ConsoleState state, string? agentId) => agentId is not null && state.Agents.TryGetValue(agentId, out var agent) ? agent.Name : agentId ?? "an agent";
}
