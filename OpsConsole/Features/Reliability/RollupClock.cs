using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Reliability;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Realtime;

namespace OpsConsole.Features.Reliability;

/// <summary>
/// Keeps the roll-ups behind the log. Entries since its place only say which hours they touch; these are counted anew out of the rows, and stored with their days and weeks. The place moves when all of them are stored: a restart counts some
/// hours twice, which makes no difference, and two instances never store over each other (<see cref="RollupPlace.Turn"/>). What comes late changes the hour in which it was asked. It rests twice as long as it works.
/// </summary>
internal sealed partial class RollupClock(IDbContextFactory<OpsDbContext> factory, DurableWriter writer, Signals signals, TimeProvider time, ILogger<RollupClock> log) : BackgroundService
{
    /// <summary>Entries that one turn looks at, and hours that one change stores: decisions wait for it, some hundred rows of a busy hour and of its day and week.</summary>
    internal const int EntriesAtOnce = 500_000, HoursAtOnce = 2;
    /// <summary>So many of these changes a turn makes where a rollout is counted anew by another zone.</summary>
    private const int ZoneSteps = 12;
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(30), AfterWork = TimeSpan.FromSeconds(2), AfterFailure = TimeSpan.FromSeconds(5);
    private readonly SemaphoreSlim _turn = new(1, 1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var changed = new Wakeup();
        using var onHealth = signals.Subscribe(["health"], changed.SetAsync);
        try
        {
            await writer.Ready.WaitAsync(stoppingToken);
            while (!stoppingToken.IsCancellationRequested)
            {
                var wait = AfterFailure;
                try
                {
                    var began = Stopwatch.GetTimestamp();
                    var counted = await TurnAsync(stoppingToken);
                    var took = Stopwatch.GetElapsedTime(began);
                    wait = !counted ? LookAgain : took * 2 > AfterWork ? took * 2 : AfterWork;
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

    /// <summary>Counts what is new, as much as one turn takes; false: there was nothing. Throws where it cannot be stored.</summary>
    internal async Task<bool> TurnAsync(CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            await using var db = await factory.CreateDbContextAsync(ct);
            var steps = 0;
            while (steps < ZoneSteps && await ZonesAsync(db, ct)) steps++;
            return steps > 0 || await LogAsync(db, ct);
        }
        finally { _turn.Release(); }
    }

    private async Task<bool> LogAsync(OpsDbContext db, CancellationToken ct)
    {
        var state = writer.State;
        var (place, turn) = await PlaceAsync(db, ct);
        var head = await db.Audit.AsNoTracking().OrderByDescending(e => e.Seq).Select(e => e.Seq).FirstOrDefaultAsync(ct);
        if (head <= place) return false;
        var last = Math.Min(head, place + EntriesAtOnce);
        HashSet<(string Rollout, DateTimeOffset Start)> touched = [];
        foreach (var decisions in (IQueryable<AskedAt>[])[Asked(db, place, last), About(db, place, last), Handed(db, place, last)])
        {
            await foreach (var d in decisions.AsAsyncEnumerable().WithCancellation(ct))
                if (state.Rollouts.TryGetValue(d.RolloutId, out var known)) touched.Add((d.RolloutId, Periods.StartOf(Grain.Hour, d.At, known.Zone)));
        }
        var slices = touched.OrderBy(t => t.Rollout, StringComparer.Ordinal).ThenBy(t => t.Start).Chunk(HoursAtOnce).ToList();
        if (slices.Count == 0) slices.Add([]);   // nothing to count, and still further
        foreach (var (i, slice) in slices.Index())
        {
            var rows = new List<(Rollup Row, EntityState What)>();
            foreach (var hours in slice.GroupBy(s => s.Rollout)) rows.AddRange(await ChangesAsync(db, state, hours.Key, [.. hours.Select(h => h.Start)], ct));
            var zones = slice.Select(s => s.Rollout).Distinct().ToDictionary(r => r, r => state.Rollouts[r].Zone.Id, StringComparer.Ordinal);
            if (!await StoreAsync(turn + i, zones, rows, here => { if (i == slices.Count - 1) here.Seq = last; }, ct)) return true;   // another instance was quicker, or a zone is another now: looked at anew
        }
        return true;
    }

    internal sealed record AskedAt(string RolloutId, DateTimeOffset At);

    /// <summary>When the decisions of this part of the log were asked.</summary>
    internal static IQueryable<AskedAt> Asked(OpsDbContext db, long after, long last) => db.Decisions.AsNoTracking().Where(d => d.Seq > after && d.Seq <= last).Select(d => new AskedAt(d.RolloutId, d.At));

    /// <summary>When those were asked that its other entries are about.</summary>
    internal static IQueryable<AskedAt> About(OpsDbContext db, long after, long last)
        => from e in db.Audit.AsNoTracking() where e.Seq > after && e.Seq <= last && e.DecisionSeq != null join d in db.Decisions.AsNoTracking() on e.DecisionSeq equals d.Seq select new AskedAt(d.RolloutId, d.At);

    /// <summary>Where the runs began that went to people in it, for they are counted there. That only decisions with a run are looked at keeps 'or both have none' out of the query, which would walk the whole rollout for each.</summary>
    internal static IQueryable<AskedAt> Handed(OpsDbContext db, long after, long last) => db.Approvals.AsNoTracking().Where(a => a.Seq > after && a.Seq <= last && a.RunId != null)
        .Select(a => new AskedAt(a.RolloutId, db.Decisions.Where(d => d.RunId != null && d.RunId == a.RunId && d.RolloutId == a.RolloutId && d.Mode == AskMode.Live).OrderBy(d => d.Seq).Select(d => d.At).First()));

    private static async Task<(long Seq, long Turn)> PlaceAsync(OpsDbContext db, CancellationToken ct)
    {
        var here = await db.RollupPlaces.AsNoTracking().SingleAsync(ct);
        return (here.Seq, here.Turn);
    }

    /// <summary>Agents in a sandbox: their decisions count nowhere, unless the whole rollout is a demo.</summary>
    internal static IReadOnlySet<string> Simulated(ConsoleState state) => state.Agents.Values.Where(a => a is { Simulated: true, Rollout.Simulated: false }).Select(a => a.Id).ToHashSet(StringComparer.Ordinal);

    /// <summary>A rollout's figures follow its zone: where that is another now, they are counted anew, some hours a turn. True: something was done.</summary>
    private async Task<bool> ZonesAsync(OpsDbContext db, CancellationToken ct)
    {
        var state = writer.State;
        var known = await db.RollupZones.AsNoTracking().ToDictionaryAsync(z => z.RolloutId, StringComparer.Ordinal, ct);
        if (state.Rollouts.Values.FirstOrDefault(r => known.GetValueOrDefault(r.Id)?.Zone != r.Zone.Id) is { } moved)
        {
            var claimed = await writer.ChangeAsync<Done>(async (scope, inner) =>
            {
                if (!scope.State.Rollouts.TryGetValue(moved.Id, out var now)) return Done.Value;
                var zone = await scope.Db.RollupZones.SingleOrDefaultAsync(z => z.RolloutId == now.Id, inner);
                if (zone?.Zone == now.Zone.Id) return Done.Value;
                if (zone is null) scope.Db.RollupZones.Add(new RollupZone { RolloutId = now.Id, Zone = now.Zone.Id });
                else (zone.Zone, zone.RebuildFrom) = (now.Zone.Id, 0);
                await scope.Db.Rollups.Where(r => r.RolloutId == now.Id).ExecuteDeleteAsync(inner);
                (await scope.Db.RollupPlaces.SingleAsync(inner)).Turn++;   // whoever counts by the old clocks stores nothing
                return Done.Value;
            });
            return claimed.Ok ? true : throw new InvalidOperationException(claimed.Fault!.Message);
        }
        if (known.Values.FirstOrDefault(z => z.RebuildFrom is not null && state.Rollouts.ContainsKey(z.RolloutId)) is not { RebuildFrom: { } from } rebuilt) return false;
        var (rollout, turn) = (state.Rollouts[rebuilt.RolloutId], (await PlaceAsync(db, ct)).Turn);
        List<DateTimeOffset> hours = [];
        var next = (long?)from;
        while (hours.Count < HoursAtOnce)
        {
            if (await db.Decisions.AsNoTracking().Where(d => d.RolloutId == rollout.Id && d.Seq >= next).OrderBy(d => d.Seq).Select(d => (DateTimeOffset?)d.At).FirstOrDefaultAsync(ct) is not { } at)
            {
                next = null;
                break;
            }
            hours.Add(Periods.StartOf(Grain.Hour, at, rollout.Zone));
            next = await LogClock.FirstSeqAtAsync(db, Periods.EndOf(Grain.Hour, hours[^1], rollout.Zone), null, ct);
        }
        var rows = await ChangesAsync(db, state, rollout.Id, hours, ct);
        await StoreAsync(turn, new Dictionary<string, string> { [rollout.Id] = rollout.Zone.Id }, rows, _ => { }, ct, zone => zone.RebuildFrom = next);
        return true;
    }

    /// <summary>What has to be written so that these hours, their days and their weeks say what the rows say.</summary>
    private static async Task<List<(Rollup Row, EntityState What)>> ChangesAsync(OpsDbContext db, ConsoleState state, string rollout, IReadOnlyList<DateTimeOffset> hours, CancellationToken ct)
    {
        List<(Rollup, EntityState)> changes = [];
        var zone = state.Rollouts[rollout].Zone;
        Dictionary<(DateTimeOffset Start, RollupKey Key), RollupCounts> parts = [];
        foreach (var start in hours)
            foreach (var (key, counts) in await Recount.OfAsync(db, rollout, start, Periods.EndOf(Grain.Hour, start, zone), Simulated(state), ct)) parts[(start, key)] = counts;
        var starts = hours.ToHashSet();
        foreach (var grain in (Grain[])[Grain.Hour, Grain.Day, Grain.Week])
        {
            if (grain != Grain.Hour)
            {
                // The parts that did not change stand in the database; those that did are at hand.
                var under = grain == Grain.Day ? Grain.Hour : Grain.Day;
                Dictionary<(DateTimeOffset, RollupKey), RollupCounts> sums = [];
                HashSet<DateTimeOffset> wholes = [.. starts.Select(s => Periods.StartOf(grain, s, zone))];
                foreach (var whole in wholes)
                {
                    var end = Periods.EndOf(grain, whole, zone);
                    var kept = (await db.Rollups.AsNoTracking().Where(r => r.RolloutId == rollout && r.Grain == under && r.Start >= whole && r.Start < end).ToListAsync(ct)).Where(r => !starts.Contains(r.Start)).Select(r => (r.Key, r.Counts));
                    foreach (var of in kept.Concat(parts.Where(p => p.Key.Start >= whole && p.Key.Start < end).Select(p => (p.Key.Key, Counts: p.Value))).GroupBy(p => p.Key, p => p.Counts)) sums[(whole, of.Key)] = RollupCounts.Sum(of);
                }
                (parts, starts) = (sums, wholes);
            }
            var stored = new Dictionary<(DateTimeOffset, RollupKey), RollupCounts>();
            foreach (var start in starts)
                foreach (var row in await db.Rollups.AsNoTracking().Where(r => r.RolloutId == rollout && r.Grain == grain && r.Start == start).ToListAsync(ct)) stored[(row.Start, row.Key)] = row.Counts;
            changes.AddRange(parts.Where(p => stored.GetValueOrDefault(p.Key) != p.Value).Select(p => (new Rollup(rollout, grain, p.Key.Start, p.Key.Key, p.Value), stored.ContainsKey(p.Key) ? EntityState.Modified : EntityState.Added)));
            changes.AddRange(stored.Where(s => !parts.ContainsKey(s.Key)).Select(s => (new Rollup(rollout, grain, s.Key.Item1, s.Key.Item2, s.Value), EntityState.Deleted)));
        }
        return changes;
    }

    /// <summary>Writes them, unless somebody stored something since they were reckoned, or a zone is another: then false, and nothing is written.</summary>
    private async Task<bool> StoreAsync(long turn, IReadOnlyDictionary<string, string> zones, IReadOnlyList<(Rollup Row, EntityState What)> rows, Action<RollupPlace> move, CancellationToken ct, Action<RollupZone>? rebuilt = null)
    {
        ct.ThrowIfCancellationRequested();
        var stored = await writer.ChangeAsync<bool>(async (scope, inner) =>
        {
            var here = await scope.Db.RollupPlaces.SingleAsync(inner);
            var ids = zones.Keys.ToList();
            var known = await scope.Db.RollupZones.Where(z => ids.Contains(z.RolloutId)).ToListAsync(inner);
            if (here.Turn != turn || known.Count != zones.Count || known.Any(z => z.Zone != zones[z.RolloutId])) return false;
            here.Turn++;
            move(here);
            if (rebuilt is not null) rebuilt(known[0]);
            foreach (var (row, what) in rows) scope.Db.Entry(row).State = what;
            await scope.Db.SaveChangesAsync(inner);
            foreach (var entry in scope.Db.ChangeTracker.Entries<Rollup>().ToList()) entry.State = EntityState.Detached;   // the same keys may come again in this batch
            foreach (var rollout in zones.Keys) scope.Signal(ReliabilityReader.Topic(rollout));
            return true;
        });
        return stored.Ok ? stored.Value : throw new InvalidOperationException(stored.Fault!.Message);
    }

    public override void Dispose()
    {
        _turn.Dispose();
        base.Dispose();
    }

    [LoggerMessage(2251, LogLevel.Error, "Counting for the figures failed; it is tried again in some seconds. Decisions are not affected")]
    private partial void LogFailed(Exception e);
}
