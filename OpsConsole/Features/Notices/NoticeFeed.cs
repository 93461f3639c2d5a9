using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Notices;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;

namespace OpsConsole.Features.Notices;

/// <summary>
/// Tells people what the log says. How far it came (<see cref="NoticePlace"/>) moves in the change that writes what is told, so a stop loses nothing, and of two instances one writes it. Who is told is
/// found out before that change, so the writer is held for the rows only; what was decided meanwhile comes next in the log. A stretch that concerns nobody moves the place only in memory.
/// </summary>
internal sealed class NoticeFeed(DurableWriter writer, IDbContextFactory<OpsDbContext> factory, NoticeRounds rounds)
{
    /// <summary>Entries looked at in one go; told in one change; and looked at before the place is kept all the same, so that a restart need not look again at a long quiet stretch.</summary>
    internal const int Stretch = 5_000, AtOnce = 50, KeepEvery = 100_000;
    private long _at = -1;

    /// <summary>Looks at what the log has more by now. True: there is more to look at, or something was written.</summary>
    public async Task<bool> StepAsync(CancellationToken ct)
    {
        NoticeRound round;
        long place, through;
        bool more;
        await using (var db = await factory.CreateDbContextAsync(ct))
        {
            var end = await db.Audit.AsNoTracking().OrderByDescending(a => a.Seq).Select(a => a.Seq).FirstOrDefaultAsync(ct);
            place = await db.NoticePlaces.AsNoTracking().Select(p => p.Seq).SingleAsync(ct);
            var from = Math.Max(place, _at);
            if (from >= end) return false;
            through = Math.Min(end, from + Stretch);
            more = through < end;
            var told = await ToldAsync(db, from, through, ct);
            if (told.Count > AtOnce)
            {
                var cut = told[AtOnce].SubjectId == told[AtOnce - 1].SubjectId ? AtOnce + 1 : AtOnce;   // what was escalated as it was asked is told once
                (through, more) = (told[cut - 1].Seq, true);
                told = [.. told.Take(cut)];
            }
            round = await rounds.MakeAsync(db, told, ct);
            if (round.Held is { } held) (through, more) = (held - 1, false);
        }
        if (!round.Empty || through - place >= KeepEvery)
        {
            var written = await writer.ChangeAsync<Done>((scope, inner) => KeepAsync(scope, round, through, inner));
            if (!written.Ok) throw new InvalidOperationException(written.Fault!.Message);
        }
        _at = through;
        return more || !round.Empty;
    }

    private static async Task<List<Telling>> ToldAsync(OpsDbContext db, long from, long through, CancellationToken ct)
    {
        var rows = await Entries(db, from, through).Select(a => new { a.Seq, a.Leaf }).ToListAsync(ct);
        var asked = await db.Approvals.AsNoTracking().Where(a => a.Seq > from && a.Seq <= through).OrderBy(a => a.Seq).Select(a => new { a.Seq, a.Id, a.RequestedAt }).Take(AtOnce + 1).ToListAsync(ct);
        var confirmed = await ToConfirm(db, from, through).Take(AtOnce + 1).ToListAsync(ct);
        // Of a plan's steps, which may end by the hundred, one is enough: what the plan needs is looked up.
        return [.. rows.Select(r => LogEvent.Of(r.Seq, r.Leaf, null)).OfType<LogEvent>().Select(Telling.Of).OfType<Telling>().OrderBy(t => t.Seq).DistinctBy(t => (t.SubjectId, t.By, t.Settles, t.Kind == NoticeKind.Undo ? 0 : t.Seq))
            .Concat(asked.Select(a => Telling.Waits(a.Seq, a.Id, a.RequestedAt))).Concat(confirmed.Select(c => Telling.Confirm(c.Seq, c.DecisionId, c.At))).OrderBy(t => t.Seq)];
    }

    /// <summary>The reports that opened a window which somebody has to confirm, oldest first.</summary>
    internal static IQueryable<OpenedWindow> ToConfirm(OpsDbContext db, long after, long through)
        => db.Audit.AsNoTracking().Where(a => a.Event != "decision.asked" && a.Event == "decision.reported" && a.Seq > after && a.Seq <= through).OrderBy(a => a.Seq)
            .Join(db.ReversibleWindows.AsNoTracking().Where(w => w.Required), a => a.DecisionSeq, w => w.DecisionSeq, (a, w) => new OpenedWindow { Seq = a.Seq, DecisionId = w.DecisionId, At = w.ReportedAt });

    // With the condition of its index, word for word: asks, which are nearly all of the log, are not gone through.
    internal static IQueryable<AuditEntry> Entries(OpsDbContext db, long from, long through)
        => db.Audit.AsNoTracking().Where(a => a.Event != "decision.asked" && Telling.Sources.Contains(a.Event) && a.Seq > from && a.Seq <= through);

    private static async Task<Result<Done>> KeepAsync(ChangeScope scope, NoticeRound round, long through, CancellationToken ct)
    {
        var place = await scope.Db.NoticePlaces.SingleAsync(ct);
        if (place.Seq >= through) return Done.Value;   // written by another instance
        await round.WriteAsync(scope, place.Seq, ct);
        place.Seq = through;
        return Done.Value;
    }
}

/// <summary>A report and its window.</summary>
internal sealed class OpenedWindow
{
    public long Seq { get; init; }
    public string DecisionId { get; init; } = "";
    public DateTimeOffset At { get; init; }
}
