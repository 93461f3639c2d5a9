using System.Globalization;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Authority;

/// <summary>
/// Who approved what under a version of a matrix, newest request first. Versions follow one another, so those requests stand between two places of the log; the decision says
/// exactly which version decided. Before them come the few that were asked earlier and decided anew by this version because somebody edited them.
/// </summary>
internal sealed class VersionAnswers(DurableWriter writer, IDbContextFactory<OpsDbContext> factory)
{
    private const int Chunk = 200, Deepest = 5_000, MostCounted = 2_000, MostLatest = 5;
    private static readonly Fault WrongAfter = Fault.Invalid("field.invalid", "after must be the 'next' of an earlier page.", "after");

    /// <summary>A place in the list: a request and one of its answers. Later answers of a request come first.</summary>
    private readonly record struct Place(long Seq, int Answer)
    {
        public bool Precedes(long seq, int answer) => seq < Seq || (seq == Seq && answer < Answer);
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Seq}-{Answer}");
    }

    public async Task<Result<Wire.Page<AnswerView>>> ListAsync(PersonCaller caller, string id, int version, PageQuery page, CancellationToken ct)
    {
        Place? after = null;
        if (page.After is { } text)
        {
            if (text.Split('-') is not [var seq, var answer] || !long.TryParse(seq, NumberStyles.None, CultureInfo.InvariantCulture, out var s) || !int.TryParse(answer, NumberStyles.None, CultureInfo.InvariantCulture, out var a)) return WrongAfter;
            after = new Place(s, a);
        }
        var read = await ReadAsync(caller, id, version, after, page.Limit, ct);
        if (read.Fault is { } fault) return fault;
        return new Wire.Page<AnswerView>([.. read.Value.Rows.Select(r => r.View)], read.Value.Next?.ToString());
    }

    /// <summary>The newest answers, by row and person.</summary>
    public async Task<Result<AnswersView>> SumAsync(PersonCaller caller, string id, int version, CancellationToken ct)
    {
        var read = await ReadAsync(caller, id, version, null, MostCounted, ct);
        if (read.Fault is { } fault) return fault;
        var groups = read.Value.Rows.Select(r => r.View).GroupBy(a => (a.Rule, a.Person)).OrderBy(g => g.Key.Rule, StringComparer.Ordinal).ThenBy(g => g.First().PersonName, StringComparer.OrdinalIgnoreCase)
            .Select(g => new AnswerGroup(g.Key.Rule, g.First().PersonName, g.Count(a => a.Verdict == "approved"), g.Count(a => a.Verdict == "edited"), g.Count(a => a.Verdict == "rejected"), [.. g.Take(MostLatest)]));
        return new AnswersView(version, [.. groups], read.Value.Rows.Count, read.Value.Next is not null);
    }

    private async Task<Result<(List<(Place At, AnswerView View)> Rows, Place? Next)>> ReadAsync(PersonCaller caller, string id, int version, Place? after, int most, CancellationToken ct)
    {
        var state = writer.State;
        if (Sight.Rollout(state, caller, id).Fault is { } hidden) return hidden;
        await using var db = await factory.CreateDbContextAsync(ct);
        var published = await db.MatrixVersions.AsNoTracking().Where(v => v.RolloutId == id && (v.Number == version || v.Number == version + 1)).ToDictionaryAsync(v => v.Number, v => v.PublishedAt, ct);
        if (!published.TryGetValue(version, out var start)) return Fault.NotFound("version of this matrix");
        var from = await LogClock.FirstSeqAtAsync(db, start, null, ct);
        // Asks of the same microsecond as the next publication may have come before it.
        var until = published.TryGetValue(version + 1, out var end) ? await LogClock.FirstSeqAtAsync(db, end.AddTicks(TimeSpan.TicksPerMicrosecond), null, ct) : long.MaxValue;

        List<(Place At, AnswerView View)> rows = [];
        var before = after is { } place ? Math.Min(until, place.Seq + 1) : until;
        for (var read = 0; before > from;)
        {
            var found = await Asked(db, id, version, from, before).Take(Chunk).ToListAsync(ct);
            foreach (var request in found) Add(request);
            if (rows.Count > most) break;
            if (found.Count < Chunk)
            {
                before = from;
                break;
            }
            (before, read) = (found[^1].Seq, read + found.Count);
            if (read >= Deepest) return (rows, new Place(before, 0));   // nobody answered so many: the next page looks on from here
        }
        if (rows.Count <= most && version > 1)
        {
            var seqs = await EditedLater(db, id, from, until).ToListAsync(ct);
            foreach (var seq in seqs.Distinct().OrderDescending().Chunk(Chunk))
            {
                foreach (var request in await Of(db, version, seq).ToListAsync(ct)) Add(request);
                if (rows.Count > most) break;
            }
        }
        return rows.Count > most ? (rows[..most], rows[most - 1].At) : (rows, null);

        void Add(ApprovalRequest request)
        {
            foreach (var (i, vote) in request.CurrentVotes.Index().Reverse())
            {
                if (after is { } last && !last.Precedes(request.Seq, i)) continue;
                rows.Add((new Place(request.Seq, i), new AnswerView(request.Terms.RuleId ?? "default", vote.PersonId, state.Directory.NameOf(vote.PersonId), Word(vote.Verdict), request.Id, request.DecisionId, request.Action, vote.At, vote.BreakGlass)));
            }
        }
    }

    /// <summary>The requests that were asked under a version, newest first.</summary>
    internal static IQueryable<ApprovalRequest> Asked(OpsDbContext db, string rollout, int version, long first, long before)
        => from a in db.Approvals.AsNoTracking().Where(a => a.RolloutId == rollout && a.Seq >= first && a.Seq < before)
           join d in db.Decisions on a.Seq equals d.Seq
           where d.MatrixVersion == version
           orderby a.Seq descending
           select a;

    /// <summary>What was asked before a version and edited while it was in force. With the index's own condition.</summary>
    internal static IQueryable<long> EditedLater(OpsDbContext db, string rollout, long from, long before)
        => db.Audit.AsNoTracking().Where(e => e.Event == "approval.edited" && e.Event != "decision.asked" && e.Seq >= from && e.Seq < before && e.RolloutId == rollout && e.DecisionSeq < from).Select(e => e.DecisionSeq!.Value);

    private static IQueryable<ApprovalRequest> Of(OpsDbContext db, int version, long[] seqs)
        => from a in db.Approvals.AsNoTracking().Where(a => seqs.Contains(a.Seq))
           join d in db.Decisions on a.Seq equals d.Seq
           where d.MatrixVersion == version
           orderby a.Seq descending
           select a;

    private static string Word(Verdict verdict) => verdict switch { Verdict.Approve => "approved", Verdict.Edit => "edited", _ => "rejected" };
}
