using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Notices;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Webhooks;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Notices;

/// <summary>What a person is told where, and the log of what was mailed to them. Signals <c>notifications:&lt;person&gt;</c>.</summary>
internal sealed class NoticeDesk(DurableWriter writer, IDbContextFactory<OpsDbContext> factory, IMailer mailer, PublicAddress address)
{
    public static string Topic(string personId) => "notifications:" + personId;

    /// <summary>Why nothing can be mailed, and what to do; null when it can.</summary>
    public string? EmailOff => !mailer.On ? "No mail server is set. Whoever runs this console sets OpsConsole:Mail:Host and OpsConsole:Mail:From." : LinkOff("A mail");

    /// <summary>Why a message outside could not lead here; null when it could.</summary>
    public string? LinkOff(string what) => address.Origin is null ? $"{what} would have no link: whoever runs this console sets OpsConsole:PublicBaseUrl." : null;

    public async Task<NoticePreferences> PreferencesAsync(PersonCaller me, CancellationToken ct)
    {
        await using var db = await factory.CreateDbContextAsync(ct);
        return await db.NoticePreferences.AsNoTracking().Where(p => p.PersonId == me.Id).Select(p => p.Wishes).SingleOrDefaultAsync(ct) ?? NoticePreferences.Default;
    }

    /// <summary>The rollouts that the person belongs to, by name.</summary>
    public IReadOnlyList<(string Id, string Name)> RolloutsOf(PersonCaller me)
        => [.. writer.State.Rollouts.Values.Where(r => !r.Archived && r.Members.Any(m => m.PersonId == me.Id)).OrderBy(r => r.Name, StringComparer.OrdinalIgnoreCase).Take(NoticePreferences.MostRollouts).Select(r => (r.Id, r.Name))];

    /// <summary>Whether they chose anything yet.</summary>
    public async Task<bool> HasChosenAsync(PersonCaller me, CancellationToken ct)
    {
        await using var db = await factory.CreateDbContextAsync(ct);
        return await db.NoticePreferences.AsNoTracking().AnyAsync(p => p.PersonId == me.Id, ct);
    }

    /// <summary>Replaces them whole; they hold for what happens from then on.</summary>
    public Task<Result<Done>> SaveAsync(PersonCaller me, NoticePreferences wishes) => writer.ChangeAsync<Done>(async (scope, ct) =>
    {
        if (await scope.Db.NoticePreferences.SingleOrDefaultAsync(p => p.PersonId == me.Id, ct) is { } known) known.Set(wishes);
        else scope.Db.NoticePreferences.Add(new KeptPreferences(me.Id, wishes));
        scope.Audit(me.Actor, "person.notifications_set", me.Id, new { email = wishes.Email.Kinds.Select(k => k.Wire()), email_high_only = wishes.Email.HighOnly, follow = wishes.Follow.ToString().ToLowerInvariant(), quiet = wishes.Quiet is not null, digest = wishes.Digest.ToString().ToLowerInvariant() });
        scope.Signal(Topic(me.Id));
        return Done.Value;
    });

    /// <summary>Mails a test. Faults: <c>mail.off</c>, <c>mail.tested</c> (a minute ago).</summary>
    public Task<Result<SentView>> TestAsync(PersonCaller me) => writer.ChangeAsync<SentView>(async (scope, ct) =>
    {
        if (EmailOff is { } why) return Fault.Conflict("mail.off", why);
        if (await TestedAsync(Mails(scope.Db, me.Id), scope.Now, ct)) return Fault.Conflict("mail.tested", "A test was mailed less than a minute ago. Look at what became of it first.");
        var delivery = NoticeDelivery.ToPerson(NoticeRound.NewId(scope.Audit(me.Actor, "person.mail_tested", me.Id)), me.Id, NoticeDelivery.Test, [], scope.Now, scope.Now);
        scope.Db.NoticeDeliveries.Add(delivery);
        Signal(scope, me);
        return View(delivery);
    });

    /// <summary>What was mailed to them, the newest first.</summary>
    public async Task<Wire.Page<SentView>> MailsAsync(PersonCaller me, PageQuery page, CancellationToken ct)
    {
        await using var db = await factory.CreateDbContextAsync(ct);
        var rows = await After(Mails(db, me.Id), page.After).Take(page.Limit + 1).ToListAsync(ct);
        return Wire.PageOf(rows, page.Limit, d => d.Id, View);
    }

    /// <summary>Mails it again, from the beginning of the schedule. Faults: not found, <c>mail.off</c>, <c>delivery.waits</c>.</summary>
    public Task<Result<SentView>> ReplayAsync(PersonCaller me, string id) => writer.ChangeAsync<SentView>(async (scope, ct) =>
    {
        if (await scope.Db.NoticeDeliveries.SingleOrDefaultAsync(d => d.Id == id && d.PersonId == me.Id, ct) is not { } delivery) return Fault.NotFound("delivery");
        if (EmailOff is { } why) return Fault.Conflict("mail.off", why);
        if (delivery.UnderWay(scope.Now)) return UnderWay;
        delivery.Replay(scope.Now);
        scope.Audit(me.Actor, "person.mail_replayed", me.Id, new { delivery = id });
        Signal(scope, me);
        return View(delivery);
    });

    /// <summary>Whether a test is among what was sent there, the newest first, in the last minute; no more than what is sent in an hour is looked through.</summary>
    internal static async Task<bool> TestedAsync(IQueryable<NoticeDelivery> sent, DateTimeOffset now, CancellationToken ct)
        => (await sent.Select(d => new { d.Event, d.At }).Take(ChatChannel.MostAnHour).ToListAsync(ct)).Exists(d => d.Event == NoticeDelivery.Test && d.At > now - TimeSpan.FromMinutes(1));

    internal static readonly Fault UnderWay = Fault.Conflict("delivery.waits", "It is being sent at this moment.");

    internal static IQueryable<NoticeDelivery> Mails(OpsDbContext db, string personId) => db.NoticeDeliveries.AsNoTracking().Where(d => d.PersonId == personId).OrderByDescending(d => d.Id);

    internal static IQueryable<NoticeDelivery> After(IQueryable<NoticeDelivery> rows, string? after) => after is null ? rows : rows.Where(d => d.Id.CompareTo(after) < 0);

    internal static SentView View(NoticeDelivery d) => new(d.Id, d.Event, d.At, d.State, d.DueAt, d.Attempts, d.Status, d.Says, d.LastAt, d.SubjectId);

    private static void Signal(ChangeScope scope, PersonCaller me)
    {
        scope.Signal(Topic(me.Id));
        scope.Signal(NoticeSender.Due);
    }
}
