using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Reliability;
using OpsConsole.Data;

namespace OpsConsole.Features.Reliability;

/// <summary>
/// Counts the bad ones of the windows of the burn rules, per capability. Overrides count when a person decided: these rows are few and have an index. Reports count when they came in the windows up to an hour, by the log's index; in
/// those of six hours and three days where the decision was asked, as roll-ups count: whole hours of these, and the decisions since.
/// </summary>
internal sealed class BurnReader
{
    private static readonly TimeSpan[] Windows = [.. ErrorBudget.Rules.SelectMany(r => (TimeSpan[])[r.Long, r.Short]).Distinct().Order()];
    private readonly Dictionary<Capability, (long Bad, long N)[]> _counts = [];

    public IEnumerable<Capability> Capabilities => _counts.Keys;

    public Proportion Of(Capability of, TimeSpan window) => _counts.TryGetValue(of, out var counts) ? new(counts[Array.IndexOf(Windows, window)].Bad, counts[Array.IndexOf(Windows, window)].N) : new(0, 0);

    public static async Task<BurnReader> OverridesAsync(OpsDbContext db, string rolloutId, DateTimeOffset now, CancellationToken ct)
    {
        var burns = new BurnReader();
        foreach (var row in await Decided(db, rolloutId, now).ToListAsync(ct)) burns.Add(row, 0, 1, 2, 3, 4);
        return burns;
    }

    public static async Task<BurnReader> FailuresAsync(OpsDbContext db, string rolloutId, TimeZoneInfo zone, DateTimeOffset now, CancellationToken ct)
    {
        var burns = new BurnReader();
        var last = await db.Audit.AsNoTracking().OrderByDescending(a => a.Seq).Select(a => a.Seq).FirstOrDefaultAsync(ct);
        var from = new long[3];
        for (var i = 0; i < from.Length; i++) from[i] = await LogClock.FirstSeqAtAsync(db, now - Windows[i], last, ct);
        foreach (var row in await Reported(db, rolloutId, from).ToListAsync(ct)) burns.Add(row, 0, 1, 2);
        // By whole hours up to the one in which the last hour began, then by rows.
        var hour = Periods.StartOf(Grain.Hour, now - TimeSpan.FromHours(1), zone);
        var since = await LogClock.FirstSeqAtAsync(db, hour, last, ct);
        foreach (var row in await Asked(db, rolloutId, since).ToListAsync(ct)) burns.Add(new Row { AgentId = row.AgentId, Action = row.Action, N3 = row.N0, Bad3 = row.Bad0, N4 = row.N0, Bad4 = row.Bad0 }, 3, 4);
        var (six, three) = (Periods.StartOf(Grain.Hour, now - Windows[3], zone), Periods.StartOf(Grain.Hour, now - Windows[4], zone));
        foreach (var r in await ReliabilityReader.Rows(db, rolloutId, Grain.Hour, three, hour).ToListAsync(ct))
        {
            var (bad, n) = (r.Counts.Failed, r.Counts.Executed);
            burns.Add(new Row { AgentId = r.AgentId, Action = r.Action, N3 = r.Start >= six ? n : 0, Bad3 = r.Start >= six ? bad : 0, N4 = n, Bad4 = bad }, 3, 4);
        }
        return burns;
    }

    private void Add(Row row, params ReadOnlySpan<int> windows)
    {
        foreach (var of in (Capability[])[new(row.AgentId, ""), new(row.AgentId, row.Action)])
        {
            if (!_counts.TryGetValue(of, out var counts)) _counts[of] = counts = new (long, long)[Windows.Length];
            foreach (var w in windows)
            {
                var (bad, n) = row.At(w);
                counts[w] = (counts[w].Bad + bad, counts[w].N + n);
            }
        }
    }

    internal static IQueryable<Row> Decided(OpsDbContext db, string rolloutId, DateTimeOffset now)
    {
        DateTimeOffset w0 = now - Windows[0], w1 = now - Windows[1], w2 = now - Windows[2], w3 = now - Windows[3], w4 = now - Windows[4];
        return db.Approvals.AsNoTracking().Where(a => a.RolloutId == rolloutId && a.DecidedAt != null && a.DecidedAt >= w4 && (a.Status == ApprovalStatus.Approved || a.Status == ApprovalStatus.Edited || a.Status == ApprovalStatus.Rejected))
            .GroupBy(a => new { a.AgentId, a.Action }).Select(g => new Row
            {
                AgentId = g.Key.AgentId, Action = g.Key.Action, N4 = g.Count(), Bad4 = g.Sum(a => a.Status == ApprovalStatus.Approved ? 0 : 1),
                N0 = g.Sum(a => a.DecidedAt >= w0 ? 1 : 0), Bad0 = g.Sum(a => a.DecidedAt >= w0 && a.Status != ApprovalStatus.Approved ? 1 : 0), N1 = g.Sum(a => a.DecidedAt >= w1 ? 1 : 0), Bad1 = g.Sum(a => a.DecidedAt >= w1 && a.Status != ApprovalStatus.Approved ? 1 : 0),
                N2 = g.Sum(a => a.DecidedAt >= w2 ? 1 : 0), Bad2 = g.Sum(a => a.DecidedAt >= w2 && a.Status != ApprovalStatus.Approved ? 1 : 0), N3 = g.Sum(a => a.DecidedAt >= w3 ? 1 : 0), Bad3 = g.Sum(a => a.DecidedAt >= w3 && a.Status != ApprovalStatus.Approved ? 1 : 0),
            });
    }

    /// <param name="from">Where the windows begin in the log, the shortest first.</param>
    internal static IQueryable<Row> Reported(OpsDbContext db, string rolloutId, long[] from)
    {
        long f0 = from[0], f1 = from[1], f2 = from[2];
        var reports = from e in db.Audit.AsNoTracking()
                      where e.Event != "decision.asked" && e.Event == "decision.reported" && e.Seq >= f2
                      join d in db.Decisions.AsNoTracking() on e.DecisionSeq equals d.Seq
                      where d.RolloutId == rolloutId && d.Mode == AskMode.Live && (d.ReportStatus == ReportStatus.Succeeded || d.ReportStatus == ReportStatus.Failed)
                      select new { e.Seq, d.AgentId, d.Action, Bad = d.ReportStatus == ReportStatus.Failed };
        return reports.GroupBy(r => new { r.AgentId, r.Action }).Select(g => new Row
        {
            AgentId = g.Key.AgentId, Action = g.Key.Action, N2 = g.Count(), Bad2 = g.Sum(r => r.Bad ? 1 : 0), N0 = g.Sum(r => r.Seq >= f0 ? 1 : 0), Bad0 = g.Sum(r => r.Seq >= f0 && r.Bad ? 1 : 0), N1 = g.Sum(r => r.Seq >= f1 ? 1 : 0), Bad1 = g.Sum(r => r.Seq >= f1 && r.Bad ? 1 : 0),
        });
    }

    internal static IQueryable<Row> Asked(OpsDbContext db, string rolloutId, long since)
        => db.Decisions.AsNoTracking().Where(d => d.RolloutId == rolloutId && d.Seq >= since && d.Mode == AskMode.Live && (d.ReportStatus == ReportStatus.Succeeded || d.ReportStatus == ReportStatus.Failed))
            .GroupBy(d => new { d.AgentId, d.Action }).Select(g => new Row { AgentId = g.Key.AgentId, Action = g.Key.Action, N0 = g.Count(), Bad0 = g.Sum(d => d.ReportStatus == ReportStatus.Failed ? 1 : 0) });

    internal sealed class Row
    {
        public string AgentId { get; init; } = "";
        public string Action { get; init; } = "";
        public long N0 { get; init; }
        public long Bad0 { get; init; }
        public long N1 { get; init; }
        public long Bad1 { get; init; }
        public long N2 { get; init; }
        public long Bad2 { get; init; }
        public long N3 { get; init; }
        public long Bad3 { get; init; }
        public long N4 { get; init; }
        public long Bad4 { get; init; }

        public (long Bad, long N) At(int window) => window switch { 0 => (Bad0, N0), 1 => (Bad1, N1), 2 => (Bad2, N2), 3 => (Bad3, N3), _ => (Bad4, N4) };
    }
}
