using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Caps;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Execution;
using OpsConsole.Core.Incidents;
using OpsConsole.Core.Reliability;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Shadow;

namespace OpsConsole.Features.Reliability;

/// <summary>What to look at. <paramref name="Until"/>: the last stretch is the one in which it lies; null: now.</summary>
/// <param name="HighConsequence">Null: both.</param>
public sealed record ReliabilityQuery(Grain Grain = Grain.Week, int Count = 12, DateTimeOffset? Until = null, string? Agent = null, string? Action = null, bool? HighConsequence = null);

/// <summary>Reads a rollout's figures out of the roll-ups, for whoever sees the rollout. Signals come by <see cref="Topic"/>.</summary>
public sealed class ReliabilityReader(DurableWriter writer, IDbContextFactory<OpsDbContext> factory)
{
    public const int Most = 60;
    private const int MostActions = 100;
    private static readonly TimeSpan Late = TimeSpan.FromMinutes(2);
    private static readonly DateTimeOffset Earliest = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero), Latest = new(2200, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static string Topic(string rolloutId) => "reliability:" + rolloutId;

    /// <summary>Faults: not found, <c>field.invalid</c>.</summary>
    public async Task<Result<ReliabilityView>> FindAsync(PersonCaller me, string rolloutId, ReliabilityQuery query, CancellationToken ct)
    {
        var (state, now) = (writer.State, writer.Now);
        if (Sight.Rollout(state, me, rolloutId) is not { Ok: true, Value: var rollout }) return Fault.NotFound("rollout");
        var found = await OfAsync(rollout, query, ct);
        if (!found.Ok) return found;
        await using var db = await factory.CreateDbContextAsync(ct);
        var (view, agents) = (found.Value, MonitoringReader.Watch(state, rolloutId));
        // The figures of a rollout with one agent are that agent's.
        var agent = query.Agent is { } wanted ? agents.Find(a => a.Id == wanted) : agents.Count == 1 && view.Actions.All(a => a.AgentId == agents[0].Id) ? agents[0] : null;
        var charts = agent is null || query is not { Until: null, HighConsequence: null, Grain: Grain.Day or Grain.Week } ? [] : await MonitoringReader.ChartsAsync(db, state, rollout, agent, query.Action, WatchedSpec.All, query.Grain, now, query.Count, false, ct);
        return view with { Marks = await ChangeMarks.OfAsync(db, state, rolloutId, view.Periods[0].Start, agent?.Id, ct), Charts = charts, Agents = [.. agents.Select(a => new WatchedAgent(a.Id, a.Name))] };
    }

    /// <summary>The same for the console itself; the caller has asked whether anybody may see it. Faults: <c>field.invalid</c>.</summary>
    public async Task<Result<ReliabilityView>> OfAsync(RolloutAuthority rollout, ReliabilityQuery query, CancellationToken ct)
    {
        var (state, now, rolloutId) = (writer.State, writer.Now, rollout.Id);
        if (query.Count is < 1 or > Most) return Fault.Invalid("field.invalid", $"count must be from 1 to {Most}.", "count");
        if (query.Until is { } until && (until < Earliest || until > Latest)) return Fault.Invalid("field.invalid", "until must lie between 2000 and 2200.", "until");
        List<(DateTimeOffset Start, DateTimeOffset End)> periods = [.. Periods.Last(query.Grain, query.Until ?? now, query.Count, rollout.Zone)];
        var (from, to) = (periods[0].Start, periods[^1].End);

        await using var db = await factory.CreateDbContextAsync(ct);
        var (behind, late) = await BehindAsync(db, now, ct);
        var rows = await Rows(db, rolloutId, query.Grain, from, to).ToListAsync(ct);
        var narrowed = query.Agent is not null || query.Action is not null || query.HighConsequence is not null;
        rows.RemoveAll(r => (query.Agent is not null && r.AgentId != query.Agent) || (query.Action is not null && !string.Equals(r.Action, query.Action, StringComparison.OrdinalIgnoreCase)) || (query.HighConsequence is { } high && r.HighConsequence != high));
        var incidents = (await db.Incidents.AsNoTracking().Where(i => i.RolloutId == rolloutId && i.Status != IncidentStatus.Merged && i.Status != IncidentStatus.Cancelled).ToListAsync(ct)).Where(i => i.Times.Detected >= from && i.Times.Detected < to).ToList();
        var counting = late || !await db.RollupZones.AsNoTracking().AnyAsync(z => z.RolloutId == rolloutId && z.Zone == rollout.Zone.Id && z.RebuildFrom == null, ct);
        var undone = narrowed ? null : await UndoneAsync(db, rolloutId, from, to, ct);
        var shadow = query.HighConsequence is null ? await ShadowReader.PeriodsAsync(db, state, rolloutId, periods, query.Agent, query.Action, ct) : null;
        return new ReliabilityView(rolloutId, rollout.Name, query.Grain.ToString().ToLowerInvariant(), rollout.Zone.Id, behind, counting,
            [.. periods.Select(p => PeriodView.Of(p.Start, p.End, now, RollupCounts.Sum(rows.Where(r => r.Start == p.Start).Select(r => r.Counts)), narrowed ? null : [.. incidents.Where(i => i.Times.Detected >= p.Start && i.Times.Detected < p.End)]) with
            {
                Shadow = shadow?[periods.IndexOf(p)], Reversal = undone is null ? null : ShareView.Make(undone.Where(u => u.At >= p.Start && u.At < p.End).Sum(u => u.Undone), undone.Where(u => u.At >= p.Start && u.At < p.End).Sum(u => u.Tried)),
            })],
            [.. rows.GroupBy(r => (r.AgentId, r.Action, r.HighConsequence)).Select(g => Figures(g.Key, RollupCounts.Sum(g.Select(r => r.Counts), latency: false), state)).OrderByDescending(f => f.Asked).ThenBy(f => f.Action, StringComparer.Ordinal).Take(MostActions)])
        { CapUsdPerDay = query.Action is null && query.HighConsequence is null ? CapPerDay(state, rolloutId, query.Agent) : null };
    }

    private static decimal? CapPerDay(ConsoleState state, string rolloutId, string? agent)
    {
        var caps = state.Agents.Values.Where(a => a.Rollout.Id == rolloutId && !a.Retired && !a.Simulated && (agent is null || a.Id == agent)).Select(a => a.Caps.Limits.FirstOrDefault(l => l is { Unit: CapUnit.Usd, Span: CapSpan.Day })).ToList();
        return caps.Count == 0 || caps.Any(c => c is null) ? null : caps.Sum(c => c!.Limit) / 1_000_000m;
    }

    /// <summary>Counts every hour anew out of the rows and says where what is stored differs; waits for nothing, so hours that are not counted yet differ too.</summary>
    public static async Task<(long Hours, IReadOnlyList<RollupDifference> Differences)> VerifyAsync(IDbContextFactory<OpsDbContext> factory, IReadOnlyDictionary<string, TimeZoneInfo> zones, IReadOnlySet<string> simulated, CancellationToken ct)
    {
        await using var db = await factory.CreateDbContextAsync(ct);
        List<RollupDifference> differences = [];
        var hours = 0L;
        foreach (var (rollout, zone) in zones)
        {
            var stored = (await db.Rollups.AsNoTracking().Where(r => r.RolloutId == rollout).ToListAsync(ct)).ToLookup(r => (r.Grain, r.Start));
            HashSet<DateTimeOffset> seen = [];
            var next = 0L;
            while (await db.Decisions.AsNoTracking().Where(d => d.RolloutId == rollout && d.Seq >= next).OrderBy(d => d.Seq).Select(d => (DateTimeOffset?)d.At).FirstOrDefaultAsync(ct) is { } at)
            {
                var start = Periods.StartOf(Grain.Hour, at, zone);
                var end = Periods.EndOf(Grain.Hour, start, zone);
                var counts = await Recount.OfAsync(db, rollout, start, end, simulated, ct);
                var known = stored[(Grain.Hour, start)].ToDictionary(r => r.Key, r => r.Counts);
                foreach (var key in counts.Keys.Union(known.Keys))
                {
                    if (!Same(counts.GetValueOrDefault(key), known.GetValueOrDefault(key))) differences.Add(new(rollout, start, $"{key.Action} of {key.AgentId}: {(known.ContainsKey(key) ? "other counts are stored" : "nothing is stored")}"));
                }
                seen.Add(start);
                hours++;
                next = await LogClock.FirstSeqAtAsync(db, end, null, ct);
            }
            foreach (var extra in stored.Where(s => s.Key.Grain == Grain.Hour && !seen.Contains(s.Key.Start))) differences.Add(new(rollout, extra.Key.Start, "counts are stored, but there is no decision"));
            // Days are their hours, weeks their days.
            foreach (var (grain, parts) in ((Grain, Grain)[])[(Grain.Day, Grain.Hour), (Grain.Week, Grain.Day)])
            {
                var summed = stored.Where(s => s.Key.Grain == parts).SelectMany(s => s).GroupBy(r => (Start: Periods.StartOf(grain, r.Start, zone), r.Key)).ToDictionary(g => g.Key, g => RollupCounts.Sum(g.Select(r => r.Counts)));
                var kept = stored.Where(s => s.Key.Grain == grain).SelectMany(s => s).ToDictionary(r => (r.Start, r.Key), r => r.Counts);
                foreach (var key in summed.Keys.Union(kept.Keys)) if (!Same(summed.GetValueOrDefault(key), kept.GetValueOrDefault(key))) differences.Add(new(rollout, key.Start, $"the {grain.ToString().ToLowerInvariant()}'s {key.Key.Action} is not the sum of its parts"));
            }
        }
        return (hours, differences);
    }

    // Writes of plans that were started then and are no practice: what still waits, and what need not be undone, is neither.
    private static async Task<List<(DateTimeOffset At, long Undone, long Tried)>> UndoneAsync(OpsDbContext db, string rolloutId, DateTimeOffset from, DateTimeOffset to, CancellationToken ct)
    {
        var first = await LogClock.FirstSeqAtAsync(db, from, null, ct);
        var steps = from p in db.UndoPlans.AsNoTracking()
                    where p.RolloutId == rolloutId && p.Seq >= first && !p.Rehearsal
                    join s in db.UndoSteps.AsNoTracking() on p.Id equals s.PlanId
                    where s.State != UndoState.Waiting && s.State != UndoState.Sent && s.State != UndoState.Skipped
                    group s by new { p.Seq, p.At } into plan
                    select new { plan.Key.At, Tried = plan.LongCount(), Undone = plan.Sum(s => s.State == UndoState.Undone ? 1 : 0) };
        return [.. (await steps.ToListAsync(ct)).Where(p => p.At < to).Select(p => (p.At, (long)p.Undone, p.Tried))];
    }

    internal static IQueryable<Rollup> Rows(OpsDbContext db, string rolloutId, Grain grain, DateTimeOffset from, DateTimeOffset to)
        => db.Rollups.AsNoTracking().Where(r => r.RolloutId == rolloutId && r.Grain == grain && r.Start >= from && r.Start < to);

    /// <summary>How many entries of the log are not counted yet, and whether the oldest of them waits for longer than it should. Asked before counts are read: what is said of them is never too good.</summary>
    internal static async Task<(long Entries, bool Late)> BehindAsync(OpsDbContext db, DateTimeOffset now, CancellationToken ct)
    {
        var place = await db.RollupPlaces.AsNoTracking().Select(p => p.Seq).SingleAsync(ct);
        var head = await db.Audit.AsNoTracking().OrderByDescending(e => e.Seq).Select(e => e.Seq).FirstOrDefaultAsync(ct);
        var waits = await db.Audit.AsNoTracking().Where(e => e.Seq > place).OrderBy(e => e.Seq).Select(e => (DateTimeOffset?)e.At).FirstOrDefaultAsync(ct);
        return (Math.Max(0, head - place), now - waits > Late);
    }

    /// <summary>Whether everything that happened before this moment is counted, by the zone that holds. Whoever stores what the counts say asks before reading them (what is counted in between is not in what was read) and after (a new zone begins anew).</summary>
    internal static async Task<bool> CountedAsync(OpsDbContext db, RolloutAuthority rollout, DateTimeOffset until, CancellationToken ct)
        => await db.RollupPlaces.AsNoTracking().Select(p => p.Seq).SingleAsync(ct) >= await LogClock.FirstSeqAtAsync(db, until, null, ct) - 1
            && await db.RollupZones.AsNoTracking().AnyAsync(z => z.RolloutId == rollout.Id && z.Zone == rollout.Zone.Id && z.RebuildFrom == null, ct);

    private static bool Same(RollupCounts? a, RollupCounts? b) => (a ?? RollupCounts.Empty) == (b ?? RollupCounts.Empty);

    private static ActionFigures Figures((string AgentId, string Action, bool High) of, RollupCounts c, ConsoleState state) => new(of.AgentId, state.Agents.TryGetValue(of.AgentId, out var agent) ? agent.Name : of.AgentId, of.Action, of.High, c.Asked, c.Denied, c.Executed,
        ShareView.Make(c.ExecutedAlone, c.Executed), ShareView.Make(c.Overridden, c.DecidedByPeople), ShareView.Make(c.Succeeded, c.Executed));
}
