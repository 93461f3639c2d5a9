using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Execution;
using OpsConsole.Core.Shared;
using OpsConsole.Data;

namespace OpsConsole.Features.Undo;

/// <summary>What a scope asks for.</summary>
/// <param name="Later">What was written to the same records beside it and stands.</param>
/// <param name="Through">How far the log was looked at.</param>
internal sealed record FoundWrites(IReadOnlyList<ReportedWrite> Writes, IReadOnlyList<ReportedWrite> Later, long Through);

/// <summary>What stands between some steps and their being given out.</summary>
/// <param name="Reports">The decisions whose reports are still there: they say how a step is done.</param>
/// <param name="Writes">What the steps undo, by decision and place.</param>
/// <param name="Later">What was written to the same records from then on and stands, oldest first.</param>
internal sealed record StepGround(HashSet<long> Reports, IReadOnlyDictionary<(long, int), ReportedWrite> Writes, IReadOnlyList<ReportedWrite> Later)
{
    /// <summary>Who wrote a step's record after it, where that stands and the step's plan does not undo it; null: nobody. What the agent itself reports on the record once it has begun to undo it is the undoing.</summary>
    /// <param name="steps">Of its plan, those of the same record at least.</param>
    public ReportedWrite? Overwritten(UndoStep step, IReadOnlyCollection<UndoStep> steps)
    {
        var write = Writes[(step.DecisionSeq, step.WriteIndex)];
        var begun = steps.Where(s => s.Target == step.Target).Min(s => s.SentAt);
        return Later.LastOrDefault(l => l.Target == step.Target && UndoPlanner.IsLater(l, write) && !steps.Any(s => s.DecisionSeq == l.DecisionSeq && s.WriteIndex == l.Index) && !(l.AgentId == step.AgentId && l.At >= begun));
    }
}

/// <summary>Finds writes by the reports that name them, and reads what the reports say.</summary>
internal static class WriteReader
{
    private const int ReportsAtOnce = 20;
    /// <summary>Records asked about in one query, and writes that it may find before each record is asked about by itself.</summary>
    private const int TargetsAtOnce = 250, MostLater = 5_000;

    /// <summary>The writes of a scope, without their contents unless they are asked for. Faults: <c>undo.too_many</c>.</summary>
    public static async Task<Result<FoundWrites>> FindAsync(OpsDbContext db, string rolloutId, UndoScope scope, CancellationToken ct, int most = UndoPlan.MostSteps, bool contents = false)
    {
        var through = await db.Audit.AsNoTracking().OrderByDescending(a => a.Seq).Select(a => a.Seq).FirstOrDefaultAsync(ct);
        var first = scope.Since is { } since ? await LogClock.FirstSeqAtAsync(db, since, through, ct) : 0;
        var rows = await InScope(db, rolloutId, scope, first).Take(most + 1).ToListAsync(ct);
        if (rows.Count > most) return Fault.Refused("undo.too_many", $"That is more than {Counted.Of(most, "write")}. Choose a later moment, a run or a record.", "scope");
        return new FoundWrites(await ReadAsync(db, rows, contents, ct), await LaterAsync(db, rows, rows.Select(w => (w.AuditSeq, w.WriteIndex)).ToHashSet(), ct), through);
    }

    internal static IQueryable<WrittenRecord> InScope(OpsDbContext db, string rolloutId, UndoScope scope, long first)
    {
        var all = db.WrittenRecords.AsNoTracking();
        switch (scope.Kind)
        {
            case UndoScopeKind.Run:
                all = from d in db.Decisions.AsNoTracking() where d.RunId == scope.RunId && d.RolloutId == rolloutId && d.ReportedAt != null
                      join o in db.Outcomes.AsNoTracking() on d.Seq equals o.DecisionSeq join w in all on o.AuditSeq equals w.AuditSeq select w;
                break;
            case UndoScopeKind.Record:
                all = all.Where(w => w.System == scope.System && w.Record == scope.Record && w.AuditSeq >= first && w.RolloutId == rolloutId);
                break;
            case UndoScopeKind.Agent:
                all = all.Where(w => w.AgentId == scope.AgentId && w.AuditSeq >= first && w.RolloutId == rolloutId);
                break;
            default:
                _ = Ids.TrySeq(scope.DecisionId, "dec", out var seq);
                all = from o in db.Outcomes.AsNoTracking() where o.DecisionSeq == seq join w in all on o.AuditSeq equals w.AuditSeq where w.RolloutId == rolloutId select w;
                if (scope.Write is { } index) all = all.Where(w => w.WriteIndex == index);
                break;
        }
        return all.OrderBy(w => w.AuditSeq);
    }

    /// <summary>The write that a step undoes, with its contents; null where its report was erased.</summary>
    public static async Task<ReportedWrite?> OfAsync(OpsDbContext db, UndoStep step, CancellationToken ct)
        => (await OfAsync(db, [step], ct)).GetValueOrDefault((step.DecisionSeq, step.WriteIndex));

    /// <summary>The writes that these steps undo, with their contents, by decision and place; those whose report was erased are left out.</summary>
    public static async Task<IReadOnlyDictionary<(long, int), ReportedWrite>> OfAsync(OpsDbContext db, IReadOnlyList<UndoStep> steps, CancellationToken ct)
    {
        var seqs = steps.Select(s => s.DecisionSeq).Distinct().ToList();
        var rows = await (from o in db.Outcomes.AsNoTracking() where seqs.Contains(o.DecisionSeq) join w in db.WrittenRecords.AsNoTracking() on o.AuditSeq equals w.AuditSeq select w).ToListAsync(ct);
        var wanted = steps.Select(s => (s.DecisionSeq, s.WriteIndex)).ToHashSet();
        return (await ReadAsync(db, [.. rows.Where(r => wanted.Contains((r.DecisionSeq, r.WriteIndex)))], contents: true, ct)).Where(w => w.Operation.Length > 0).ToDictionary(w => (w.DecisionSeq, w.Index));
    }

    /// <summary>What decides whether steps may be given out now, for all of them with four queries at most.</summary>
    public static async Task<StepGround> GroundAsync(OpsDbContext db, IReadOnlyCollection<UndoStep> steps, CancellationToken ct)
    {
        var seqs = steps.Select(s => s.DecisionSeq).Distinct().ToList();
        var wanted = steps.Select(s => (s.DecisionSeq, s.WriteIndex)).ToHashSet();
        var found = await (from o in db.Outcomes.AsNoTracking() where seqs.Contains(o.DecisionSeq) join w in db.WrittenRecords.AsNoTracking() on o.AuditSeq equals w.AuditSeq
                           select new { Row = w, There = db.Payloads.Any(p => p.Seq == w.AuditSeq) }).ToListAsync(ct);
        found.RemoveAll(f => !wanted.Contains((f.Row.DecisionSeq, f.Row.WriteIndex)));
        return new StepGround([.. found.Where(f => f.There).Select(f => f.Row.DecisionSeq)], found.ToDictionary(f => (f.Row.DecisionSeq, f.Row.WriteIndex), f => Blank(f.Row, "", false, null)), await LaterAsync(db, found.ConvertAll(f => f.Row), [], ct));
    }

    /// <summary>What was reported to have been written to these records since; for the change that relies on an earlier look.</summary>
    public static async Task<IReadOnlyList<ReportedWrite>> SinceAsync(OpsDbContext db, long through, IReadOnlyList<ReportedWrite> writes, CancellationToken ct)
    {
        var targets = writes.Select(w => w.Target).ToHashSet();
        var rows = await db.WrittenRecords.AsNoTracking().Where(w => w.AuditSeq > through).ToListAsync(ct);
        return await NamedAsync(db, [.. rows.Where(r => targets.Contains((r.System, r.Record)))], ct);
    }

    /// <summary>Of the same records' writes from the oldest of these on, those that stand; oldest first. With one query for hundreds of records, unless they were written to without end.</summary>
    /// <param name="except">Left out, by their places in the log.</param>
    private static async Task<IReadOnlyList<ReportedWrite>> LaterAsync(OpsDbContext db, IReadOnlyList<WrittenRecord> of, HashSet<(long, int)> except, CancellationToken ct)
    {
        List<WrittenRecord> later = [];
        foreach (var targets in of.GroupBy(w => new WriteTarget(w.System, w.Record)).Chunk(TargetsAtOnce))
        {
            var first = targets.ToDictionary(t => t.Key, t => t.Min(w => w.AuditSeq));
            var rows = await ToAny(db, first.Keys, first.Values.Min()).Take(MostLater + 1).ToListAsync(ct);
            if (rows.Count > MostLater)
            {
                rows.Clear();
                foreach (var (target, since) in first) rows.AddRange(await To(db, target, since).Take(UndoPlan.MostSteps + 1).ToListAsync(ct));
            }
            later.AddRange(rows.Where(w => first.TryGetValue(new WriteTarget(w.System, w.Record), out var since) && w.AuditSeq >= since && !except.Contains((w.AuditSeq, w.WriteIndex))));
        }
        if (later.Count == 0) return [];
        var seqs = later.Select(w => w.DecisionSeq).Distinct().ToList();
        var undone = (await db.UndoSteps.AsNoTracking().Where(s => seqs.Contains(s.DecisionSeq) && (s.State == UndoState.Undone || s.State == UndoState.Skipped)).Select(s => new { s.DecisionSeq, s.WriteIndex }).ToListAsync(ct)).ToHashSet();
        return await NamedAsync(db, [.. later.Where(w => !undone.Contains(new { w.DecisionSeq, w.WriteIndex })).OrderBy(w => w.AuditSeq).ThenBy(w => w.WriteIndex)], ct);
    }

    /// <summary>The writes of these records, in no order; and of what is called the same in another of their systems.</summary>
    internal static IQueryable<WrittenRecord> ToAny(OpsDbContext db, IEnumerable<WriteTarget> targets, long first)
    {
        var (systems, records) = (targets.Select(t => t.System).Distinct().ToList(), targets.Select(t => t.Record).Distinct().ToList());
        return db.WrittenRecords.AsNoTracking().Where(w => systems.Contains(w.System) && records.Contains(w.Record) && w.AuditSeq >= first);
    }

    /// <summary>A record's writes, newest first.</summary>
    internal static IQueryable<WrittenRecord> To(OpsDbContext db, WriteTarget target, long first)
        => db.WrittenRecords.AsNoTracking().Where(w => w.System == target.System && w.Record == target.Record && w.AuditSeq >= first).OrderByDescending(w => w.AuditSeq);

    private static async Task<IReadOnlyList<ReportedWrite>> NamedAsync(OpsDbContext db, IReadOnlyList<WrittenRecord> rows, CancellationToken ct)
    {
        var seqs = rows.Select(r => r.DecisionSeq).Distinct().ToList();
        var ids = await db.Decisions.AsNoTracking().Where(d => seqs.Contains(d.Seq)).ToDictionaryAsync(d => d.Seq, d => d.Id, ct);
        return [.. rows.Select(r => Blank(r, ids[r.DecisionSeq], false, null))];
    }

    private static async Task<List<ReportedWrite>> ReadAsync(OpsDbContext db, IReadOnlyList<WrittenRecord> rows, bool contents, CancellationToken ct)
    {
        var seqs = rows.Select(r => r.DecisionSeq).Distinct().ToList();
        var decisions = await db.Decisions.AsNoTracking().Where(d => seqs.Contains(d.Seq)).Select(d => new { d.Seq, d.Id, d.RolloutId, d.MatrixVersion, d.RuleId, d.ReversibleUntil }).ToDictionaryAsync(d => d.Seq, ct);
        HashSet<(string, int, string)> reversible = [];
        foreach (var (rollout, version) in decisions.Values.Select(d => (d.RolloutId, d.MatrixVersion)).Distinct())
        {
            if (await db.MatrixVersions.AsNoTracking().Where(v => v.RolloutId == rollout && v.Number == version).Select(v => v.Document).SingleOrDefaultAsync(ct) is not { } document) continue;
            if (MatrixJson.Parse(JsonElement.Parse(document)) is not { Ok: true, Value: var matrix }) continue;   // what cannot be read makes nothing reversible
            foreach (var rule in matrix.Rules.Where(r => r.Reversible)) reversible.Add((rollout, version, rule.Id));
        }
        List<ReportedWrite> writes = [];
        foreach (var reports in rows.GroupBy(r => r.AuditSeq).Chunk(ReportsAtOnce))
        {
            var at = reports.Select(r => r.Key).ToList();
            var bodies = await db.Payloads.AsNoTracking().Where(p => at.Contains(p.Seq)).ToDictionaryAsync(p => p.Seq, p => p.Body, ct);
            foreach (var report in reports)
            {
                var d = decisions[report.First().DecisionSeq];
                var of = Blank(report.First(), d.Id, d.RuleId is { } rule && reversible.Contains((d.RolloutId, d.MatrixVersion, rule)), d.ReversibleUntil);
                var said = bodies.TryGetValue(report.Key, out var body) ? ReportedWrite.Read(JsonElement.Parse(body), of) : [];
                foreach (var row in report)
                {
                    var write = row.WriteIndex < said.Count ? said[row.WriteIndex] : of with { Index = row.WriteIndex, System = row.System, Record = row.Record };   // erased: only people can undo it
                    writes.Add(contents ? write : write with { Before = null, After = null, Arguments = null });
                }
            }
        }
        return writes;
    }

    private static ReportedWrite Blank(WrittenRecord r, string decisionId, bool reversible, DateTimeOffset? until)
        => new(r.DecisionSeq, r.WriteIndex, decisionId, r.AgentId, r.RolloutId, r.At, reversible, until, r.System, r.Record, "", null, null, UndoKind.None, null, null, null);
}
