using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Decisions;
using OpsConsole.Data;

namespace OpsConsole.Features.Home;

/// <summary>Live asks of one quarter of an hour in one rollout.</summary>
/// <param name="Decisions">All of them.</param>
/// <param name="Alone">Allowed at once, without a person.</param>
/// <param name="Denied">Denied at once.</param>
/// <param name="CostUsd">Micro-dollars: what was reported, else what was reserved.</param>
internal readonly record struct AskCounts(int Decisions, int Alone, int Denied, long CostUsd)
{
    public static AskCounts operator +(AskCounts a, AskCounts b) => new(a.Decisions + b.Decisions, a.Alone + b.Alone, a.Denied + b.Denied, a.CostUsd + b.CostUsd);
}

/// <summary>What was counted since a moment.</summary>
/// <param name="FirstSeq">The first place in the log at or after that moment.</param>
/// <param name="Hours">Decisions of each hour that has begun.</param>
internal sealed record DayCounts(AskCounts Total, IReadOnlyList<int> Hours, long FirstSeq);

/// <summary>
/// Counts the asks of the last day in quarters of an hour, which every time zone's midnight falls on. Each ask is counted once, when somebody looks the first
/// time after it: a look costs one walk over the new part of the primary key, however long the history and however many people look.
/// </summary>
internal sealed class DayTally(IDbContextFactory<OpsDbContext> factory, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Quarter = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan Kept = TimeSpan.FromHours(26);   // the longest day has 25

    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly List<Slot> _slots = [];
    private long _next;

    /// <param name="visible">The rollouts to add up; null: all.</param>
    /// <param name="since">On a quarter of an hour, at most 25 hours ago.</param>
    public async Task<DayCounts> SinceAsync(DateTimeOffset since, IReadOnlyCollection<string>? visible, CancellationToken ct)
    {
        await _gate.WaitAsync(ct);
        try
        {
            await CatchUpAsync(ct);
            var hours = new int[Math.Max(1, (int)Math.Ceiling((time.GetUtcNow() - since).TotalHours))];
            var (total, first) = (default(AskCounts), _next);
            foreach (var slot in _slots.Where(s => s.Start >= since))
            {
                first = Math.Min(first, slot.FirstSeq);
                var sum = default(AskCounts);
                foreach (var (rollout, counts) in slot.ByRollout)
                {
                    if (visible is null || visible.Contains(rollout)) sum += counts;
                }
                total += sum;
                hours[Math.Clamp((int)(slot.Start - since).TotalHours, 0, hours.Length - 1)] += sum.Decisions;
            }
            return new DayCounts(total, hours, first);
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task CatchUpAsync(CancellationToken ct)
    {
        await using var db = await factory.CreateDbContextAsync(ct);
        var head = await db.Audit.AsNoTracking().OrderByDescending(a => a.Seq).Select(a => a.Seq).FirstOrDefaultAsync(ct);
        var floor = time.GetUtcNow() - Kept;
        var from = _next > 0 ? _next : await LogClock.FirstSeqAtAsync(db, floor, head, ct);
        if (head < from)
        {
            _next = from;
            return;
        }
        // Read everything before anything is kept: a failure in between must not count half of it.
        List<Slot> found = [];
        for (var at = from; at <= head;)
        {
            var start = Floor(await db.Audit.AsNoTracking().Where(a => a.Seq == at).Select(a => a.At).SingleAsync(ct));
            var end = await LogClock.FirstSeqAtAsync(db, start + Quarter, head, ct);
            found.Add(new Slot(start, at, await Count(db, at, end, head).ToDictionaryAsync(c => c.Rollout, c => new AskCounts(c.Decisions, c.Alone, c.Denied, c.CostUsd), ct)));
            at = end;
        }
        var corrections = _slots.Count == 0 ? [] : await Corrections(db, from, head, _slots[0].FirstSeq).ToListAsync(ct);

        foreach (var fix in corrections) _slots.Last(s => s.FirstSeq <= fix.DecisionSeq).Add(fix.Rollout, new AskCounts(0, 0, 0, fix.CostUsd));
        foreach (var slot in found)
        {
            if (_slots.Count > 0 && _slots[^1].Start == slot.Start)
            {
                foreach (var (rollout, counts) in slot.ByRollout) _slots[^1].Add(rollout, counts);
            }
            else _slots.Add(slot);
        }
        _slots.RemoveAll(s => s.Start + Quarter < floor);
        _next = head + 1;
    }

    /// <summary>The asks from <paramref name="from"/> up to and without <paramref name="end"/>, with what was reported of them up to <paramref name="head"/>.</summary>
    internal static IQueryable<Counted> Count(OpsDbContext db, long from, long end, long head)
        => db.Decisions.AsNoTracking().Where(d => d.Seq >= from && d.Seq < end && d.Mode == AskMode.Live)
            .GroupJoin(db.Outcomes.Where(o => o.AuditSeq <= head), d => d.Seq, o => o.DecisionSeq, (d, o) => new { d, o })
            .SelectMany(x => x.o.DefaultIfEmpty(), (x, o) => new
            {
                x.d.RolloutId, Alone = x.d.Outcome == Outcome.Allow && x.d.ResolvedAt == x.d.At ? 1 : 0, Denied = x.d.Outcome == Outcome.Deny && x.d.ResolvedAt == x.d.At ? 1 : 0,
                Cost = o!.CostUsd ?? (o != null && o.Status == ReportStatus.Skipped ? 0 : x.d.ReservedUsd),
            })
            .GroupBy(x => x.RolloutId).Select(g => new Counted(g.Key, g.Count(), g.Sum(x => x.Alone), g.Sum(x => x.Denied), g.Sum(x => x.Cost)));

    /// <summary>What reports from <paramref name="from"/> to <paramref name="head"/> change about asks that were counted before.</summary>
    internal static IQueryable<Correction> Corrections(OpsDbContext db, long from, long head, long oldest)
        => db.Audit.AsNoTracking().Where(a => a.Seq >= from && a.Seq <= head && a.Event == "decision.reported" && a.DecisionSeq < from && a.DecisionSeq >= oldest)
            .Join(db.Outcomes, a => a.DecisionSeq!.Value, o => o.DecisionSeq, (a, o) => new { Seq = o.DecisionSeq, o })
            .Join(db.Decisions.Where(d => d.Mode == AskMode.Live), x => x.Seq, d => d.Seq, (x, d) => new Correction(x.Seq, d.RolloutId, (x.o.CostUsd ?? (x.o.Status == ReportStatus.Skipped ? 0 : d.ReservedUsd)) - d.ReservedUsd));

    public void Dispose() => _gate.Dispose();

    private static DateTimeOffset Floor(DateTimeOffset at) => new(at.UtcTicks - at.UtcTicks % Quarter.Ticks, TimeSpan.Zero);

    internal sealed record Counted(string Rollout, int Decisions, int Alone, int Denied, long CostUsd);

    internal sealed record Correction(long DecisionSeq, string Rollout, long CostUsd);

    private sealed record Slot(DateTimeOffset Start, long FirstSeq, Dictionary<string, AskCounts> ByRollout)
    {
        public void Add(string rollout, AskCounts counts) => ByRollout[rollout] = ByRollout.GetValueOrDefault(rollout) + counts;
    }
}
