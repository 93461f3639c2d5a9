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
/// Keeps the roll-ups behind the log. Entries since its place only say which hours they touch; these are counted anew out of the rows, then their days and weeks are summed. The place moves when all of them are stored: a restart counts some
/// hours twice, which makes no difference, and two instances never store over each other (<see cref="RollupPlace.Turn"/>). What comes late changes the hour in which it was asked. It rests twice as long as it works, after each piece.
/// </summary>
internal sealed partial class RollupClock(IDbContextFactory<OpsDbContext> factory, DurableWriter writer, Signals signals, TimeProvider time, ILogger<RollupClock> log) : BackgroundService
{
    /// <summary>Entries that one turn looks at; where a rollout is counted anew by another zone, hours.</summary>
    private const int EntriesAtOnce = 50_000, HoursAtOnce = 24;
    /// <summary>Entries that are looked at between two rests.</summary>
    private const int EntriesPerPiece = 2_000;
    /// <summary>Rows that one change stores: decisions wait for it, a millisecond or two.</summary>
    private const int RowsAtOnce = 32;
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(30), AfterWork = TimeSpan.FromSeconds(2), AfterFailure = TimeSpan.FromSeconds(5);
    private readonly SemaphoreSlim _turn = new(1, 1);
    private long? _began;   // the piece of work that it does, within a turn; null: it does not rest

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
                    wait = await TurnAsync(stoppingToken, rests: true) ? AfterWork : LookAgain;
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
    internal async Task<bool> TurnAsync(CancellationToken ct, bool rests = false)
    {
        await _turn.WaitAsync(ct);
        try
        {
            _began = rests ? Stopwatch.GetTimestamp() : null;
            await using var db = await factory.CreateDbContextAsync(ct);
            return await ZonesAsync(db, ct) || await LogAsync(db, ct);
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
        for (var (after, to) = (place, 0L); after < last; after = to)
        {
            to = Math.Min(last, after + EntriesPerPiece);
            foreach (var decisions in (IQueryable<AskedAt>[])[Asked(db, after, to), About(db, after, to), Handed(db, after, to)])
            {
                await foreach (var d in decisions.AsAsyncEnumerable().WithCancellation(ct))
                    if (state.Rollouts.TryGetValue(d.RolloutId, out var known)) touched.Add((d.RolloutId, Periods.StartOf(Grain.Hour, d.At, known.Zone)));
            }
            await RestAsync(ct);
        }
        await CountAsync(db, state, touched, turn, [], here => here.Seq = last, null, ct);
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
        await CountAsync(db, state, hours.Select(h => (rollout.Id, h)), turn, [rollout.Id], _ => { }, zone => zone.RebuildFrom = next, ct);
        return true;
    }

    /// <summary>Counts these hours anew, and then sums the days and weeks in which they lie. Stored piece by piece; the place moves with the last. Where another instance was quicker, or a zone is another now, it ends there, and the next turn looks anew.</summary>
    /// <param name="also">Rollouts whose zone must hold although no hour of theirs is left.</param>
    private async Task CountAsync(OpsDbContext db, ConsoleState state, IEnumerable<(string Rollout, DateTimeOffset Start)> hours, long turn, string[] also, Action<RollupPlace> move, Action<RollupZone>? rebuilt, CancellationToken ct)
    {
        HashSet<(string Rollout, DateTimeOffset Start)> starts = [.. hours];
        var zones = starts.Select(s => s.Rollout).Concat(also).Distinct().ToDictionary(r => r, r => state.Rollouts[r].Zone.Id, StringComparer.Ordinal);
        var simulated = Simulated(state);
        List<(Rollup Row, EntityState What)> rows = [];
        foreach (var grain in (Grain[])[Grain.Hour, Grain.Day, Grain.Week])
        {
            if (grain != Grain.Hour) starts = [.. starts.Select(s => (s.Rollout, Periods.StartOf(grain, s.Start, state.Rollouts[s.Rollout].Zone)))];
            foreach (var (i, (rollout, start)) in starts.OrderBy(s => s.Rollout, StringComparer.Ordinal).ThenBy(s => s.Start).Index())
            {
                rows.AddRange(await ChangesAsync(db, rollout, grain, start, state.Rollouts[rollout].Zone, simulated, ct));
                await RestAsync(ct);
                if (rows.Count < RowsAtOnce && i < starts.Count - 1) continue;   // the next grain is summed out of what is stored
                foreach (var some in rows.Chunk(RowsAtOnce))
                {
                    if (!await StoreAsync(turn++, zones, some, _ => { }, ct)) return;
                    await RestAsync(ct);
                }
                rows.Clear();
            }
        }
        await StoreAsync(turn, zones, [], move, ct, rebuilt);
        await RestAsync(ct);
    }

    /// <summary>Rests twice as long as the work since the last rest took: by the real clock, as that work was.</summary>
    private async Task RestAsync(CancellationToken ct)
    {
        if (_began is not { } began || Stopwatch.GetElapsedTime(began) * 2 is var rest && rest < TimeSpan.FromMilliseconds(1)) return;   // too little to rest from: with the next piece
        await Task.Delay(rest, ct);
        _began = Stopwatch.GetTimestamp();
    }

    /// <summary>What has to be written so that this hour says what the rows say, this day what its hours say, or this week what its days say.</summary>
    private async Task<IEnumerable<(Rollup Row, EntityState What)>> ChangesAsync(OpsDbContext db, string rollout, Grain grain, DateTimeOffset start, TimeZoneInfo zone, IReadOnlySet<string> simulated, CancellationToken ct)
    {
        var end = Periods.EndOf(grain, start, zone);
        var counted = grain == Grain.Hour ? await Recount.OfAsync(db, rollout, start, end, simulated, ct, () => RestAsync(ct))
            : (await ReliabilityReader.Rows(db, rollout, grain == Grain.Day ? Grain.Hour : Grain.Day, start, end).ToListAsync(ct)).GroupBy(r => r.Key, r => r.Counts).ToDictionary(g => g.Key, g => RollupCounts.Sum(g));
        var stored = await ReliabilityReader.Rows(db, rollout, grain, start, end).ToDictionaryAsync(r => r.Key, r => r.Counts, ct);
        return counted.Where(c => stored.GetValueOrDefault(c.Key) != c.Value).Select(c => (new Rollup(rollout, grain, start, c.Key, c.Value), stored.ContainsKey(c.Key) ? EntityState.Modified : EntityState.Added))
            .Concat(stored.Where(s => !counted.ContainsKey(s.Key)).Select(s => (new Rollup(rollout, grain, start, s.Key, s.Value), EntityState.Deleted)));
    }

    /// <summary>Writes them, unless somebody stored something since they were reckoned, or a zone is another: then false, and nothing is written.</summary>
    private async Task<bool> StoreAsync(long turn, IReadOnlyDictionary<string, string> zones, (Rollup Row, EntityState What)[] rows, Action<RollupPlace> move, CancellationToken ct, Action<RollupZone>? rebuilt = null)
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
            foreach (var rollout in rows.Length == 0 ? zones.Keys : rows.Select(r => r.Row.RolloutId).Distinct()) scope.Signal(ReliabilityReader.Topic(rollout));
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
