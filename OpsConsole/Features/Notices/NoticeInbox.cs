using System.Globalization;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Notices;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Notices;

/// <summary>A person's own notices. What is decided is read by itself. Signals <c>notices:&lt;person&gt;</c>.</summary>
public sealed class NoticeInbox(DurableWriter writer, IDbContextFactory<OpsDbContext> factory, TimeProvider time)
{
    /// <summary>So many are told by the browser one by one.</summary>
    public const int Shown = 3;

    public static string Topic(string personId) => "notices:" + personId;

    /// <summary>Those not read, at most <see cref="Notice.MostUnread"/>, and the newest of them all.</summary>
    public async Task<(int Count, long Newest)> UnreadAsync(PersonCaller me, CancellationToken ct)
    {
        await using var db = await factory.CreateDbContextAsync(ct);
        var seqs = await Unread(db, me.Id).OrderByDescending(n => n.Seq).Select(n => n.Seq).Take(Notice.MostUnread).ToListAsync(ct);
        return (seqs.Count, seqs.Count == 0 ? 0 : seqs[0]);
    }

    /// <summary>The newest first. Fault: <c>field.invalid</c>.</summary>
    public async Task<Result<Wire.Page<NoticeView>>> ListAsync(PersonCaller me, bool unreadOnly, PageQuery page, CancellationToken ct)
    {
        var before = long.MaxValue;
        if (page.After is { } after && !long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out before)) return Fault.Invalid("field.invalid", "after must be the 'next' of the page before.", "after");
        await using var db = await factory.CreateDbContextAsync(ct);
        var rows = await List(db, me.Id, unreadOnly, before).Take(page.Limit + 1).ToListAsync(ct);
        return new Wire.Page<NoticeView>(await ViewsAsync(db, me, [.. rows.Take(page.Limit)], ct), rows.Count > page.Limit ? Key(rows[page.Limit - 1]) : null);
    }

    /// <summary>What came behind an entry of the log, up to another, and is to be told by the browser's notification now: how many, and where they are at most <see cref="Shown"/> each of them, the oldest first.</summary>
    public async Task<(int Count, IReadOnlyList<NoticeView> Each)> NotifyAsync(PersonCaller me, long after, long through, CancellationToken ct)
    {
        await using var db = await factory.CreateDbContextAsync(ct);
        var rows = await Unread(db, me.Id).Where(n => n.Seq > after && n.Seq <= through).OrderBy(n => n.Seq).Take(2 * Notice.MostUnread).ToListAsync(ct);
        if (rows.Count == 0) return (0, []);
        var wishes = await db.NoticePreferences.AsNoTracking().Where(p => p.PersonId == me.Id).Select(p => p.Wishes).SingleOrDefaultAsync(ct) ?? NoticePreferences.Default;
        rows.RemoveAll(n => !wishes.Notifies(n.Kind, n.RolloutId, n.High, time.GetUtcNow(), me.Person.Hours));
        return (rows.Count, rows.Count > Shown ? [] : await ViewsAsync(db, me, rows, ct));
    }

    /// <summary>Marks one as read, again too. Fault: not found.</summary>
    public Task<Result<Done>> ReadAsync(PersonCaller me, string id) => writer.ChangeAsync<Done>(async (scope, ct) =>
    {
        if (!long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var seq) || await scope.Db.Notices.SingleOrDefaultAsync(n => n.PersonId == me.Id && n.Seq == seq, ct) is not { } notice) return Fault.NotFound("notice");
        notice.Read(scope.Now);
        scope.Signal(Topic(me.Id));
        return Done.Value;
    });

    /// <summary>Marks as read what they were told of something that they have before them now.</summary>
    public async Task SeenAsync(PersonCaller me, string subjectId)
    {
        await using (var db = await factory.CreateDbContextAsync())
        {
            if (!await db.Notices.AnyAsync(n => n.SubjectId == subjectId && n.PersonId == me.Id && n.ReadAt == null)) return;   // nearly always: then nothing is written
        }
        await writer.ChangeAsync<Done>(async (scope, ct) =>
        {
            await scope.Db.Notices.Where(n => n.SubjectId == subjectId && n.PersonId == me.Id && n.ReadAt == null).ExecuteUpdateAsync(u => u.SetProperty(n => n.ReadAt, scope.Now), ct);
            scope.Signal(Topic(me.Id));
            return Done.Value;
        });
    }

    /// <summary>Marks all as read.</summary>
    public Task<Result<Done>> ReadAllAsync(PersonCaller me) => writer.ChangeAsync<Done>(async (scope, ct) =>
    {
        await scope.Db.Notices.Where(n => n.PersonId == me.Id && n.ReadAt == null).ExecuteUpdateAsync(u => u.SetProperty(n => n.ReadAt, scope.Now), ct);
        scope.Signal(Topic(me.Id));
        return Done.Value;
    });

    // With the condition of its index, word for word.
    internal static IQueryable<Notice> Unread(OpsDbContext db, string personId) => db.Notices.AsNoTracking().Where(n => n.PersonId == personId && n.ReadAt == null);

    internal static IQueryable<Notice> List(OpsDbContext db, string personId, bool unreadOnly, long before)
        => (unreadOnly ? Unread(db, personId) : db.Notices.AsNoTracking().Where(n => n.PersonId == personId)).Where(n => n.Seq < before).OrderByDescending(n => n.Seq);

    private async Task<IReadOnlyList<NoticeView>> ViewsAsync(OpsDbContext db, PersonCaller me, List<Notice> notices, CancellationToken ct)
    {
        var state = writer.State;
        var subjects = await NoticeSubject.LoadAsync(db, notices.Select(n => n.SubjectId), state, ct);
        return notices.ConvertAll(n =>
        {
            var subject = subjects.TryGetValue(n.SubjectId, out var found) && found.MaySee(me.Person, state, time.GetUtcNow()) ? found : null;
            var view = new NoticeView(Key(n), n.Kind.Wire(), n.Asked, NoticeSubject.Of(n.SubjectId, "apr"), n.RolloutId, subject?.Rollout.Name, null, null, null, null, n.High ? "high" : "low", null, null, null, null, n.At, n.ReadAt) 
            {
                IncidentId = NoticeSubject.Of(n.SubjectId, "inc"), DecisionId = NoticeSubject.Of(n.SubjectId, "dec"), PlanId = NoticeSubject.Of(n.SubjectId, "udp"), ReviewId = NoticeSubject.Of(n.SubjectId, "wkr"), MemoId = NoticeSubject.Of(n.SubjectId, "mem"),
            };
            return subject?.Fill(view, state) ?? view;
        });
    }

    private static string Key(Notice notice) => notice.Seq.ToString(CultureInfo.InvariantCulture);
}
