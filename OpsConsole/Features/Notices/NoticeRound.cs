using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Notices;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Webhooks;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Notices;

/// <summary>A mail that is to be: at once by itself, or gathered with others.</summary>
internal sealed record PlannedMail(Notice Notice, Sending Sending);

/// <summary>What one step of the feed writes: notices, mails and chat messages, and that notices of what is over are read.</summary>
/// <param name="Held">The entry that it ends before, because this instance has not heard of its agent yet; null: it goes to the end.</param>
internal sealed record NoticeRound(IReadOnlyList<Notice> Notices, IReadOnlyList<PlannedMail> Mails, IReadOnlyList<(ChatChannel Channel, Telling Told, Sending Sending)> Chats, IReadOnlyList<(long Seq, string SubjectId)> Over, long? Held = null)
{
    public bool Empty => Notices.Count == 0 && Chats.Count == 0 && Over.Count == 0;

    /// <param name="after">What the log says up to there was told by another instance.</param>
    public async Task WriteAsync(ChangeScope scope, long after, CancellationToken ct)
    {
        HashSet<string> people = [];
        foreach (var id in Over.Where(o => o.Seq > after).Select(o => o.SubjectId).Distinct())
        {
            var unread = await scope.Db.Notices.Where(n => n.SubjectId == id && n.ReadAt == null && n.Kind != NoticeKind.News).ToListAsync(ct);   // what was said of an incident asks for nothing, and stays until it is read
            foreach (var notice in unread) notice.Read(scope.Now);
            people.UnionWith(unread.Select(n => n.PersonId));
        }
        foreach (var notice in Notices.Where(n => n.Seq > after))
        {
            scope.Db.Notices.Add(notice);
            people.Add(notice.PersonId);
        }
        foreach (var mail in Mails.Where(m => m.Notice.Seq > after)) await MailAsync(scope, mail, ct);
        foreach (var (channel, told, sending) in Chats.Where(c => c.Told.Seq > after))
        {
            scope.Signal(ChatDesk.Topic(channel.RolloutId));
            if (sending.Gathered && await GatherAsync(scope, channel.Id, null, told.Seq, sending.At, ct)) continue;
            var delivery = NoticeDelivery.ToChat(NewId(told.Seq), channel, sending.Gathered ? NoticeDelivery.Digest : told.Kind.Wire(), sending.Gathered ? "" : told.SubjectId, scope.Now, sending.At);
            if (sending.Gathered) delivery.Gather(told.Seq);
            scope.Db.NoticeDeliveries.Add(delivery);
        }
        foreach (var person in people) scope.Signal(NoticeInbox.Topic(person));
        if (Mails.Count + Chats.Count > 0) scope.Signal(NoticeSender.Due);
    }

    private static async Task MailAsync(ChangeScope scope, PlannedMail mail, CancellationToken ct)
    {
        var (notice, person, gathered) = (mail.Notice, mail.Notice.PersonId, mail.Sending.Gathered);
        if (gathered && await GatherAsync(scope, NoticeDelivery.Mail, person, notice.Seq, mail.Sending.At, ct)) return;
        scope.Db.NoticeDeliveries.Add(NoticeDelivery.ToPerson(NewId(notice.Seq), person, gathered ? NoticeDelivery.Digest : notice.Kind.Wire(), [notice.Seq], scope.Now, gathered ? mail.Sending.At : scope.Now));
    }

    /// <summary>Puts it into the message that waits to go out at that very moment: what is due within the hour does not wait for tomorrow's. False: there is none yet.</summary>
    private static async Task<bool> GatherAsync(ChangeScope scope, string endpointId, string? personId, long seq, DateTimeOffset due, CancellationToken ct)
    {
        var waiting = scope.Db.NoticeDeliveries.Where(d => d.Event == NoticeDelivery.Digest && d.State == DeliveryState.Waiting && d.Attempts == 0 && d.DueAt == due);
        waiting = personId is null ? waiting.Where(d => d.EndpointId == endpointId) : waiting.Where(d => d.PersonId == personId);
        var open = scope.Db.NoticeDeliveries.Local.FirstOrDefault(d => d.EndpointId == endpointId && d.PersonId == personId && d is { Event: NoticeDelivery.Digest, State: DeliveryState.Waiting, Attempts: 0 } && d.DueAt == due)
            ?? await waiting.OrderByDescending(d => d.Id).FirstOrDefaultAsync(ct);
        open?.Gather(seq);
        return open is not null;
    }

    internal static string NewId(long seq) => Ids.Make("ndl", seq, RandomNumberGenerator.GetBytes(8));
}

/// <summary>Finds out who is told of what, and where.</summary>
internal sealed class NoticeRounds(DurableWriter writer, IMailer mailer, PublicAddress address, TimeProvider time)
{
    /// <summary>So long what happened waits for this instance to hear of its agent, which another one made just now; then it is passed by.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public async Task<NoticeRound> MakeAsync(OpsDbContext db, List<Telling> told, CancellationToken ct)
    {
        if (told.Count == 0) return new NoticeRound([], [], [], []);
        var state = writer.State;
        var subjects = await NoticeSubject.LoadAsync(db, told.Select(t => t.SubjectId), state, ct);
        var held = told.Find(t => !subjects.ContainsKey(t.SubjectId) && t.At > time.GetUtcNow() - Patience)?.Seq;
        told.RemoveAll(t => t.Seq >= held || !subjects.ContainsKey(t.SubjectId));
        var over = told.Where(t => !subjects[t.SubjectId].Open && t.Kind != NoticeKind.News).Select(t => (t.Seq, t.SubjectId)).ToList();
        told.RemoveAll(t => t.Settles || (!subjects[t.SubjectId].Open && t.Kind is not (NoticeKind.Expired or NoticeKind.News or NoticeKind.Memo)));
        var rollouts = told.Select(t => subjects[t.SubjectId].Rollout).DistinctBy(r => r.Id).ToList();
        var before = await BeforeAsync(db, [.. told.Where(t => !t.Anew).Select(t => t.SubjectId).Distinct()], time.GetUtcNow() - TimeSpan.FromMinutes(10), ct);
        // What nobody could decide is escalated as it is asked, and told once: by the escalation, which says more.
        var escalated = told.Where(t => t is { Kind: NoticeKind.Escalated, Anew: true }).Select(t => t.SubjectId).ToHashSet();
        var twice = told.Where(t => t is { Kind: NoticeKind.Waits, Anew: true } && escalated.Contains(t.SubjectId)).ToHashSet();
        var asked = told.ConvertAll(t => twice.Contains(t) ? [] : subjects[t.SubjectId].Told(t.Kind, state, time.GetUtcNow()));
        var candidates = asked.SelectMany(a => a.Keys).Concat(rollouts.SelectMany(r => r.Members).Select(m => m.PersonId)).Distinct().ToList();
        var wishes = await db.NoticePreferences.AsNoTracking().Where(p => candidates.Contains(p.PersonId)).ToDictionaryAsync(p => p.PersonId, p => p.Wishes, ct);
        var unread = await db.Notices.AsNoTracking().Where(n => candidates.Contains(n.PersonId) && n.ReadAt == null).GroupBy(n => new { n.PersonId, n.High }).Select(g => new { g.Key.PersonId, g.Key.High, Count = g.Count() }).ToDictionaryAsync(g => (g.PersonId, g.High), g => g.Count, ct);
        var people = new Dictionary<string, int>();   // mails of theirs in the last hour

        List<Notice> notices = [];
        List<PlannedMail> mails = [];
        for (var i = 0; i < told.Count; i++)
        {
            var (t, subject) = (told[i], subjects[told[i].SubjectId]);
            var rollout = subject.Rollout;
            // Whoever follows the rollout is told what happens to its requests, not what is between two people.
            if (!twice.Contains(t) && t.Kind is NoticeKind.Waits or NoticeKind.Escalated or NoticeKind.Expired or NoticeKind.Confirm)
            {
                foreach (var (id, theirs) in wishes)
                {
                    if (theirs.Follows(rollout.Id, subject.High) && rollout.Members.Any(m => m.PersonId == id)) asked[i].TryAdd(id, false);
                }
            }
            foreach (var (id, isAsked) in asked[i])
            {
                if (id == t.By || (!t.Anew && before.Contains((t.SubjectId, id))) || !state.Directory.People.TryGetValue(id, out var person) || !person.Active) continue;
                var notice = new Notice(id, t, rollout.Id, subject.High, isAsked);
                var many = unread.GetValueOrDefault((id, notice.High));
                if (many >= Notice.MostUnread && !ChannelChoice.IsDuty(t.Kind)) continue;
                unread[(id, notice.High)] = many + 1;
                before.Add((t.SubjectId, id));
                notices.Add(notice);
                if (!mailer.On || address.Origin is null || person.Simulated) continue;
                if (!people.TryGetValue(id, out var lately)) lately = await LatelyAsync(db, id, ct);
                if (wishes.GetValueOrDefault(id, NoticePreferences.Default).Mails(t.Kind, rollout.Id, notice.High, time.GetUtcNow(), lately, person.Hours) is not { } sending) continue;
                people[id] = lately + 1;
                mails.Add(new PlannedMail(notice, sending));
            }
        }
        return new NoticeRound(notices, mails, await ChatsAsync(db, told, twice, subjects, rollouts, ct), over, held);
    }

    // Whoever has a plan open reads its notice at once: they are not told of each step that fails meanwhile.
    private static async Task<HashSet<(string SubjectId, string PersonId)>> BeforeAsync(OpsDbContext db, List<string> ids, DateTimeOffset lately, CancellationToken ct)
        => ids.Count == 0 ? [] : [.. (await db.Notices.AsNoTracking().Where(n => ids.Contains(n.SubjectId) && (n.Kind != NoticeKind.Undo || n.ReadAt == null || n.At > lately)).Select(n => new { n.SubjectId, n.PersonId }).ToListAsync(ct)).Select(n => (n.SubjectId, n.PersonId))];

    private async Task<int> LatelyAsync(OpsDbContext db, string personId, CancellationToken ct)
    {
        var hour = time.GetUtcNow() - TimeSpan.FromHours(1);
        return (await db.NoticeDeliveries.AsNoTracking().Where(d => d.PersonId == personId).OrderByDescending(d => d.Id).Select(d => d.At).Take(NoticePreferences.MostAnHour).ToListAsync(ct)).Count(at => at > hour);
    }

    private async Task<IReadOnlyList<(ChatChannel, Telling, Sending)>> ChatsAsync(OpsDbContext db, List<Telling> told, HashSet<Telling> twice, Dictionary<string, NoticeSubject> subjects, List<RolloutAuthority> rollouts, CancellationToken ct)
    {
        if (address.Origin is null || rollouts.Count == 0) return [];
        var (ids, now) = (rollouts.ConvertAll(r => r.Id), time.GetUtcNow());
        var channels = await db.ChatChannels.AsNoTracking().Where(c => ids.Contains(c.RolloutId)).ToListAsync(ct);
        Dictionary<string, int> sent = [];
        List<(ChatChannel, Telling, Sending)> chats = [];
        foreach (var t in told.Where(t => (t.Anew || t.Kind == NoticeKind.Undo) && t.Kind is not (NoticeKind.AskedBack or NoticeKind.Answered)))   // what is between two people is not for a channel
        {
            var (rollout, high) = (subjects[t.SubjectId].Rollout, subjects[t.SubjectId].High);
            foreach (var c in channels.Where(c => c.RolloutId == rollout.Id && t.Seq > c.Since))
            {
                if (c.Choice.Sends(t.Kind is NoticeKind.Incident or NoticeKind.News ? NoticeKind.Escalated : t.Kind, high, now, rollout.Zone) is not { } due) continue;
                if (twice.Contains(t) && c.Choice.Sends(NoticeKind.Escalated, high, now, rollout.Zone) is not null) continue;
                if (t.Kind == NoticeKind.Undo && (chats.Exists(x => x.Item1.Id == c.Id && x.Item2.SubjectId == t.SubjectId) || await ToldLatelyAsync(db, c.Id, t.SubjectId, now, ct))) continue;
                if (!sent.TryGetValue(c.Id, out var many)) many = await SentAsync(db, c.Id, now, ct);
                sent[c.Id] = many + 1;
                chats.Add((c, t, many < ChatChannel.MostAnHour ? new Sending(due, false) : new Sending(due > now ? due : NoticePreferences.NextHour(now), true)));
            }
        }
        return chats;
    }

    // Of one plan a channel hears once in an hour, among what it hears in one at most.
    private static async Task<bool> ToldLatelyAsync(OpsDbContext db, string channelId, string subjectId, DateTimeOffset now, CancellationToken ct)
        => (await ChatDesk.Sent(db, channelId).Select(d => new { d.SubjectId, d.At, d.DueAt }).Take(ChatChannel.MostAnHour).ToListAsync(ct)).Exists(d => d.SubjectId == subjectId && (d.At > now - TimeSpan.FromHours(1) || d.DueAt > now));

    // Those that quiet hours hold come all at once, so they count as long as they wait.
    private static async Task<int> SentAsync(OpsDbContext db, string channelId, DateTimeOffset now, CancellationToken ct)
        => (await ChatDesk.Sent(db, channelId).Select(d => new { d.At, d.DueAt }).Take(ChatChannel.MostAnHour).ToListAsync(ct)).Count(d => d.At > now - TimeSpan.FromHours(1) || d.DueAt > now);
}
