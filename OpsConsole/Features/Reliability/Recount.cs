using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Reliability;
using OpsConsole.Data;

namespace OpsConsole.Features.Reliability;

/// <summary>Counts decisions out of the rows themselves: what the roll-ups are made from, and held against.</summary>
internal static class Recount
{
    /// <summary>What actions are counted as that came after a rollout had met so many others that it remembers no more of them (<c>SeenActions</c>): an agent that makes up names makes no rows without end.</summary>
    public const string OtherActions = "(other)";

    /// <summary>Decisions that are read in one go where somebody rests: some milliseconds of work.</summary>
    private const int RowsAtOnce = 500;

    /// <summary>The counts of what was asked from <paramref name="start"/> until before <paramref name="end"/>, by key. Rows are read one by one and not kept.</summary>
    /// <param name="simulated">Agents whose decisions count nowhere.</param>
    /// <param name="rest">Called between the parts in which the rows are read then, each as of its own moment; null: they are read at once, as of one moment.</param>
    public static async Task<Dictionary<RollupKey, RollupCounts>> OfAsync(OpsDbContext db, string rolloutId, DateTimeOffset start, DateTimeOffset end, IReadOnlySet<string> simulated, CancellationToken ct, Func<Task>? rest = null)
    {
        var (first, next) = (await LogClock.FirstSeqAtAsync(db, start, null, ct), await LogClock.FirstSeqAtAsync(db, end, null, ct));
        var known = await db.SeenActions.AsNoTracking().Where(s => s.RolloutId == rolloutId).Select(s => s.Action).ToListAsync(ct);
        HashSet<string>? full = known.Count < SeenAction.MostPerRollout ? null : new(known, StringComparer.OrdinalIgnoreCase);
        Dictionary<RollupKey, RollupTally> tallies = [];
        for (var (from, read) = (first, RowsAtOnce); from < next && read == RowsAtOnce;)
        {
            if (from > first) await rest!();
            read = 0;
            await foreach (var row in Rows(db, rolloutId, from, next, [.. simulated], rest is null ? null : RowsAtOnce).AsAsyncEnumerable().WithCancellation(ct))
            {
                (from, read) = (Math.Max(from, row.Seq + 1), read + 1);
                var key = new RollupKey(row.AgentId, full is null || full.Contains(row.Action) ? row.Action : OtherActions, row.RuleId ?? "", row.Write, row.HighConsequence);
                if (!tallies.TryGetValue(key, out var tally)) tallies[key] = tally = new RollupTally();
                tally.Add(new CountedDecision(row.Outcome, row.Approval, row.Approval is ApprovalStatus.Approved or ApprovalStatus.Edited or ApprovalStatus.Rejected ? row.DecidedAt - row.RequestedAt : null,
                    row.Report, row.CostUsd ?? 0, row.CostTokens ?? 0, row.Confidence, row.RunStarts, row.RunHanded));
            }
            if (rest is null) break;
        }
        return tallies.ToDictionary(t => t.Key, t => t.Value.Counts);
    }

    internal sealed record Row(long Seq, string AgentId, string Action, string? RuleId, bool Write, bool HighConsequence, Outcome Outcome, ReportStatus? Report, double? Confidence, ApprovalStatus? Approval, DateTimeOffset? RequestedAt, DateTimeOffset? DecidedAt,
        long? CostUsd, long? CostTokens, bool RunStarts, bool RunHanded);

    /// <param name="most">The first so many of them, in no order; null: all.</param>
    internal static IQueryable<Row> Rows(OpsDbContext db, string rolloutId, long first, long next, string[] simulated, int? most = null)
    {
        var live = db.Decisions.AsNoTracking().Where(d => d.RolloutId == rolloutId && d.Mode == AskMode.Live && !simulated.Contains(d.AgentId));
        var counted = live.Where(d => d.Seq >= first && d.Seq < next);
        if (most is { } some) counted = counted.OrderBy(d => d.Seq).Take(some);
        return from d in counted
               join a in db.Approvals.AsNoTracking() on d.Seq equals a.Seq into asked
               from a in asked.DefaultIfEmpty()
               join o in db.Outcomes.AsNoTracking() on d.Seq equals o.DecisionSeq into told
               from o in told.DefaultIfEmpty()
               select new Row(d.Seq, d.AgentId, d.Action, d.RuleId, d.Write, d.HighConsequence, d.Outcome, d.ReportStatus, d.Confidence, a == null ? null : a.Status, a == null ? null : a.RequestedAt, a == null ? null : a.DecidedAt,
                   o == null ? null : o.CostUsd, o == null ? null : o.CostTokens,
                   d.RunId != null && !live.Any(e => e.RunId == d.RunId && e.Seq < d.Seq),
                   d.RunId != null && !live.Any(e => e.RunId == d.RunId && e.Seq < d.Seq) && live.Any(e => e.RunId == d.RunId && db.Approvals.Any(p => p.Seq == e.Seq)));
    }
}
