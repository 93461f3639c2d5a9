using System.Data;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Rollouts;
using OpsConsole.Data;

namespace OpsConsole.Features.Audit;

/// <summary>How many rows were held against the entries they belong to.</summary>
/// <param name="Signed">Weekly reviews and scale memos.</param>
public sealed record RowCounts(long Decisions, long Approvals, long Outcomes, long Matrices, long Signed);

/// <summary>
/// Holds the rows that people read against the log (<see cref="RowRules"/>): a stretch of numbers at a time, each in a snapshot of its own, so that a console
/// which writes meanwhile is no difference; payloads are looked at one by one and not kept.
/// </summary>
internal sealed class RowVerifier(IDbContextFactory<OpsDbContext> factory)
{
    private const int Stretch = 2_048;
    private const string Published = "matrix.published";
    private static readonly string[] FrozenOrSigned = ["review.opened", "review.signed", "memo.submitted", "memo.signed"];
    private long _decisions, _approvals, _outcomes, _matrices, _signed;

    /// <param name="last">The last entry to look at; rows beyond it are not the log's yet.</param>
    public async Task<RowCounts> VerifyAsync(long last, Action<BrokenEntry> broken, Action<long> reached, CancellationToken ct)
    {
        await MatricesAsync(last, broken, ct);
        await SignedAsync(last, broken, ct);
        var next = ReadAsync(1, ct);
        for (var from = 1L; from <= last; from += Stretch)
        {
            var rows = await next;
            next = from + Stretch <= last ? ReadAsync(from + Stretch, ct) : next;
            Check(rows, last, broken);
            reached(Math.Min(last, from + Stretch - 1));
        }
        return new RowCounts(_decisions, _approvals, _outcomes, _matrices, _signed);
    }

    private sealed record Rows(Dictionary<long, LogEvent> Asked, ILookup<long, LogEvent> After, Dictionary<long, DecisionRecord> Decisions, Dictionary<long, ApprovalRequest> Approvals, Dictionary<long, OutcomeRecord> Outcomes);

    private async Task<Rows> ReadAsync(long from, CancellationToken ct)
    {
        var to = from + Stretch - 1;
        await using var db = await factory.CreateDbContextAsync(ct).ConfigureAwait(false);
        await using var snapshot = await db.Database.BeginTransactionAsync(IsolationLevel.RepeatableRead, ct).ConfigureAwait(false);
        var decisions = await db.Decisions.AsNoTracking().Where(d => d.Seq >= from && d.Seq <= to).ToDictionaryAsync(d => d.Seq, ct).ConfigureAwait(false);
        var approvals = await db.Approvals.AsNoTracking().Where(a => a.Seq >= from && a.Seq <= to).ToDictionaryAsync(a => a.Seq, ct).ConfigureAwait(false);
        var outcomes = await db.Outcomes.AsNoTracking().Where(o => o.DecisionSeq >= from && o.DecisionSeq <= to).ToDictionaryAsync(o => o.DecisionSeq, ct).ConfigureAwait(false);
        var asks = await db.Audit.AsNoTracking().Where(a => a.Seq >= from && a.Seq <= to && a.Event == RowRules.AskedEvent).Select(a => new { a.Seq, a.Leaf }).ToListAsync(ct).ConfigureAwait(false);
        var after = await db.Audit.AsNoTracking().Where(a => a.DecisionSeq >= from && a.DecisionSeq <= to).OrderBy(a => a.Seq).Select(a => new { a.Seq, a.Leaf, Decision = a.DecisionSeq!.Value }).ToListAsync(ct).ConfigureAwait(false);
        Dictionary<long, PayloadFacts> facts = [];
        await ReadFactsAsync(db.Payloads.Where(p => p.Seq >= from && p.Seq <= to), facts, ct).ConfigureAwait(false);
        foreach (var seqs in after.Select(a => a.Seq).Where(seq => seq > to).Chunk(Stretch)) await ReadFactsAsync(db.Payloads.Where(p => seqs.Contains(p.Seq)), facts, ct).ConfigureAwait(false);
        return new Rows(
            asks.Select(a => LogEvent.Of(a.Seq, a.Leaf, facts.GetValueOrDefault(a.Seq))).OfType<LogEvent>().ToDictionary(e => e.Seq),
            after.Select(a => (a.Decision, Entry: LogEvent.Of(a.Seq, a.Leaf, facts.GetValueOrDefault(a.Seq)))).Where(a => a.Entry is not null).ToLookup(a => a.Decision, a => a.Entry!),
            decisions, approvals, outcomes);
    }

    private static async Task ReadFactsAsync(IQueryable<AuditPayload> payloads, Dictionary<long, PayloadFacts> into, CancellationToken ct)
    {
        await foreach (var payload in payloads.AsNoTracking().Select(p => new { p.Seq, p.Body }).AsAsyncEnumerable().WithCancellation(ct).ConfigureAwait(false))
        {
            if (PayloadFacts.Of(payload.Body) is { } facts) into[payload.Seq] = facts;
        }
    }

    private void Check(Rows rows, long last, Action<BrokenEntry> broken)
    {
        foreach (var seq in rows.Asked.Keys.Concat(rows.Decisions.Keys).Concat(rows.Approvals.Keys).Concat(rows.Outcomes.Keys).Distinct().Where(seq => seq <= last).Order())
        {
            var (asked, decision, approval, outcome) = (rows.Asked.GetValueOrDefault(seq), rows.Decisions.GetValueOrDefault(seq), rows.Approvals.GetValueOrDefault(seq), rows.Outcomes.GetValueOrDefault(seq));
            if (decision is not null) _decisions++;
            if (approval is not null) _approvals++;
            if (outcome is not null) _outcomes++;
            if (Compare(asked, decision, approval, outcome, [.. rows.After[seq]]) is { } why) broken(new BrokenEntry(seq, why));
        }
    }

    private static string? Compare(LogEvent? asked, DecisionRecord? decision, ApprovalRequest? approval, OutcomeRecord? outcome, List<LogEvent> after)
    {
        if (asked is null) return $"there is {(decision is not null ? "a decision" : approval is not null ? "an approval" : "an outcome")} with this number, but no such question was recorded";
        if (decision is null) return "its decision is missing";
        if (RowRules.Decision(decision, asked, after) is { } changed) return changed;
        var pending = RowRules.WasPending(asked);
        if (pending && approval is null) return "its approval is missing";
        if (!pending && approval is not null) return "it has an approval, but nobody was asked to approve it";
        if (approval is not null && RowRules.Approval(approval, decision, asked, after) is { } differs) return differs;
        var reported = after.Find(e => e.Event == RowRules.ReportedEvent);
        if (reported is null) return outcome is null ? null : "it has an outcome that was never reported";
        return outcome is null ? "its outcome is missing" : RowRules.Outcome(outcome, reported);
    }

    /// <summary>Every published matrix is the one that was published, and none is gone.</summary>
    private async Task MatricesAsync(long last, Action<BrokenEntry> broken, CancellationToken ct)
    {
        await using var db = await factory.CreateDbContextAsync(ct);
        await using var snapshot = await db.Database.BeginTransactionAsync(IsolationLevel.RepeatableRead, ct);
        var entries = await db.Audit.AsNoTracking().Where(a => a.Event == Published).OrderBy(a => a.Seq).Select(a => new { a.Seq, a.Leaf }).ToListAsync(ct);
        Dictionary<(string Rollout, long Version), LogEvent> published = [];
        foreach (var entry in entries.Select(e => LogEvent.Of(e.Seq, e.Leaf, null)).OfType<LogEvent>()) published[(entry.Object, entry.Number("version") ?? 0)] = entry;
        await foreach (var version in db.MatrixVersions.AsNoTracking().AsAsyncEnumerable().WithCancellation(ct))
        {
            _matrices++;
            if (!published.Remove((version.RolloutId, version.Number), out var entry)) broken(new BrokenEntry(last, $"version {version.Number} of the matrix of {version.RolloutId} is stored, but its publication was never recorded"));
            else if (Differs(version, entry)) broken(new BrokenEntry(entry.Seq, $"version {version.Number} of the matrix of {version.RolloutId} is not the one that was published"));
        }
        foreach (var ((rollout, number), entry) in published) broken(new BrokenEntry(entry.Seq, $"version {number} of the matrix of {rollout} is missing"));
    }

    /// <summary>Every weekly review and scale memo rests on the evidence that was frozen, and was signed as it says; none is gone.</summary>
    private async Task SignedAsync(long last, Action<BrokenEntry> broken, CancellationToken ct)
    {
        await using var db = await factory.CreateDbContextAsync(ct);
        await using var snapshot = await db.Database.BeginTransactionAsync(IsolationLevel.RepeatableRead, ct);
        var entries = await db.Audit.AsNoTracking().Where(a => a.Event != RowRules.AskedEvent && FrozenOrSigned.Contains(a.Event)).OrderBy(a => a.Seq).Select(a => new { a.Seq, a.Leaf }).ToListAsync(ct);
        Dictionary<(string Event, string Object), LogEvent> recorded = [];
        foreach (var entry in entries.Select(e => LogEvent.Of(e.Seq, e.Leaf, null)).OfType<LogEvent>()) recorded[(entry.Event, entry.Object)] = entry;
        await foreach (var r in db.WeeklyReviews.AsNoTracking().AsAsyncEnumerable().WithCancellation(ct))
            Hold("weekly review", r.Id, "review.opened", "review.signed", r.Evidence, r.Sha256, r.Signed is { } s ? (s.Verdict.ToString().ToLowerInvariant(), s.By, s.At) : null);
        await foreach (var m in db.ScaleMemos.AsNoTracking().AsAsyncEnumerable().WithCancellation(ct))
            Hold("scale memo", m.Id, "memo.submitted", "memo.signed", m.Evidence, m.Sha256, m.Signed is { } s ? (s.Verdict.ToString().ToLowerInvariant(), s.By, s.At) : null);
        foreach (var ((_, id), entry) in recorded) broken(new BrokenEntry(entry.Seq, $"what it froze or signed, {id}, is missing"));

        void Hold(string what, string id, string freezes, string signs, string? evidence, byte[]? sha256, (string Verdict, string By, DateTimeOffset At)? signed)
        {
            _signed++;
            recorded.Remove((freezes, id), out var frozen);
            recorded.Remove((signs, id), out var verdict);
            var sha = evidence is null ? null : SHA256.HashData(Encoding.UTF8.GetBytes(evidence));
            if (frozen is null ? sha is not null : sha is null || !sha.AsSpan().SequenceEqual(sha256) || Convert.ToHexStringLower(sha) != frozen.Word("sha256"))
                broken(new BrokenEntry(frozen?.Seq ?? last, $"the evidence of the {what} {id} is not what was frozen"));
            if (verdict is null ? signed is not null : signed is not { } s || s.Verdict != verdict.Word("verdict") || "person:" + s.By != verdict.Actor || s.At != verdict.At)
                broken(new BrokenEntry(verdict?.Seq ?? last, $"the verdict of the {what} {id} is not the one that was signed"));
        }
    }

    private static bool Differs(MatrixVersion version, LogEvent entry)
    {
        var sha = SHA256.HashData(Encoding.UTF8.GetBytes(version.Document));
        var by = entry.Word("by") is { } named ? "person:" + named : entry.Actor;   // the demo publishes in somebody's name
        return !sha.AsSpan().SequenceEqual(version.Sha256) || Convert.ToHexStringLower(sha) != entry.Word("sha256") || version.PublishedAt != entry.At || "person:" + version.PublishedBy != by || version.ProposedBy != entry.Word("proposed_by");
    }
}
