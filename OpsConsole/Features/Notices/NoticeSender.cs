using System.Text;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Notices;
using OpsConsole.Core.Reviews;
using OpsConsole.Core.Webhooks;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Toolkit;
using OpsConsole.Features.Webhooks;
using OpsConsole.Platform.Realtime;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Notices;

/// <summary>
/// Tells people: makes notices, mails and chat messages out of the log (<see cref="NoticeFeed"/>) and sends them. What a message says is made when it is taken, from what holds then:
/// of what was decided meanwhile nothing is sent, and the delivery log says so.
/// </summary>
internal sealed partial class NoticeSender(NoticeFeed feed, IMailer mailer, ChatKeys keys, IOutbound outbound, WeekPaper paper, PublicAddress address, DurableWriter writer, IDbContextFactory<OpsDbContext> factory, Signals signals, TimeProvider time, ILogger<NoticeSender> log)
    : DeliverySender<NoticeDelivery>([Due, "state"], writer, factory, signals, time, log)
{
    /// <summary>Signalled when something may be due earlier than was known.</summary>
    public const string Due = "notices-due";
    public const string Preferences = "/account/notifications";

    protected override Task<bool> FeedAsync(CancellationToken ct) => feed.StepAsync(ct);

    protected override async Task<IReadOnlyDictionary<string, Func<CancellationToken, Task<AttemptResult>>>> PrepareAsync(ChangeScope scope, IReadOnlyList<NoticeDelivery> due, CancellationToken ct)
    {
        var chats = due.Select(d => d.EndpointId).Distinct().ToList();
        var channels = await scope.Db.ChatChannels.AsNoTracking().Where(c => chats.Contains(c.Id)).ToDictionaryAsync(c => c.Id, ct);
        var (mails, of) = (due.Where(d => d.PersonId is not null).ToList(), due.SelectMany(d => d.Seqs).Distinct().ToList());
        var people = mails.Select(d => d.PersonId!).Distinct().ToList();
        var all = (await scope.Db.Notices.AsNoTracking().Where(n => people.Contains(n.PersonId) && of.Contains(n.Seq)).ToListAsync(ct)).ToDictionary(n => (n.PersonId, n.Seq));
        // Of a long digest the first are looked at, and the others are counted: what is looked at holds up everybody's decisions.
        var notices = mails.ToDictionary(d => d.Id, d => d.Seqs.Select(seq => all.GetValueOrDefault((d.PersonId!, seq))).OfType<Notice>().OrderBy(n => n.ReadAt is not null).ThenByDescending(n => n.High).ThenBy(n => n.Seq).Take(MailText.MostLookedAt).ToList());
        var subjects = await NoticeSubject.LoadAsync(scope.Db, notices.Values.SelectMany(n => n).Select(n => n.SubjectId).Concat(due.Select(d => d.SubjectId).OfType<string>()), scope.State, ct);
        Dictionary<string, Func<CancellationToken, Task<AttemptResult>>> sends = [];
        foreach (var delivery in due)
        {
            var (send, refusal) = address.Origin is not { } origin ? (null, "Not sent: OpsConsole:PublicBaseUrl is not set any more, so there is no link to send.")
                : delivery.PersonId is { } person ? Mail(delivery, scope.State.Directory.People.GetValueOrDefault(person), notices[delivery.Id], subjects, scope.State, scope.Now, origin)
                : Chat(delivery, channels.GetValueOrDefault(delivery.EndpointId), subjects, scope.State, scope.Now, origin);
            if (send is not null) sends[delivery.Id] = send;
            else
            {
                delivery.Stop(refusal);
                Tell(scope, delivery);
            }
        }
        return sends;
    }

    protected override Task SettledAsync(ChangeScope scope, NoticeDelivery delivery, AttemptResult result, CancellationToken ct)
    {
        if (!result.Ok && delivery.PersonId is not null) LogMailFailed(delivery.Id, result.Says);
        Tell(scope, delivery);
        return Task.CompletedTask;
    }

    private static void Tell(ChangeScope scope, NoticeDelivery delivery) => scope.Signal(delivery.PersonId is { } person ? NoticeDesk.Topic(person) : ChatDesk.Topic(delivery.RolloutId!));

    private (Func<CancellationToken, Task<AttemptResult>>? Send, string? Refusal) Mail(NoticeDelivery delivery, PersonEntry? person, List<Notice> notices, Dictionary<string, NoticeSubject> subjects, ConsoleState state, DateTimeOffset now, string origin)
    {
        if (person is not { Active: true }) return (null, "Not sent: the account is disabled.");
        if (!mailer.On) return (null, "Not sent: no mail server is set any more.");
        if (delivery.Event == NoticeDelivery.Test) return (Sending(MailText.Test(origin + Preferences)), null);
        var seen = notices.Where(n => subjects.TryGetValue(n.SubjectId, out var s) && s.MaySee(person, state, now)).ToList();
        if (seen.Count == 0) return (null, "Not sent: they may not see it any more.");
        var open = seen.Where(n => subjects[n.SubjectId].Matters(n, state, now)).ToList();
        if (open.Count == 0) return (null, seen.Count == 1 && subjects[seen[0].SubjectId].Open ? "Not sent: they are not asked any more." : "Not sent: decided.");
        var lines = open.Take(MailText.MostLines).Select(n => subjects[n.SubjectId].Line(n.Kind, n.Asked, origin)).ToList();
        if (delivery.Event == NoticeDelivery.Digest) return (Sending(MailText.Digest(lines, open.Count - lines.Count + delivery.Seqs.Count - notices.Count, seen.Count - open.Count, now, origin + Preferences)), null);
        if (subjects[open[0].SubjectId] is ReviewSubject { Attach: true, Review: var review })
            return (async ct => await Sending(MailText.Of(lines[0], now, origin + Preferences, await paper.OfAsync(person, review.RolloutId, ReviewSchedule.Name(review.Week), review.Version)))(ct), null);
        return (Sending(MailText.Of(lines[0], now, origin + Preferences)), null);

        Func<CancellationToken, Task<AttemptResult>> Sending(MailText mail) => ct => mailer.SendAsync(person.Email, mail, delivery.Id, new Uri(origin + Preferences), ct);
    }

    private (Func<CancellationToken, Task<AttemptResult>>? Send, string? Refusal) Chat(NoticeDelivery delivery, ChatChannel? channel, Dictionary<string, NoticeSubject> subjects, ConsoleState state, DateTimeOffset now, string origin)
    {
        if (channel is null) return (null, "Not sent: the channel was removed.");
        if (keys.Open(channel) is not { } address) return (_ => Task.FromResult(new AttemptResult(null, "Not sent: this instance cannot open the address. Instances have to share the folder of keys (OpsConsole:Data:Directory).", null, 0)), null);
        string body;
        var rollout = state.Rollouts.TryGetValue(channel.RolloutId, out var known) ? known.Name : channel.RolloutId;
        if (delivery.Event == NoticeDelivery.Test) body = ChatText.Test(channel.Kind, rollout, $"{origin}/rollouts/{channel.RolloutId}/channels");
        else if (delivery.Event == NoticeDelivery.Digest) body = ChatText.More(channel.Kind, rollout, delivery.Seqs.Count, $"{origin}/approvals?rollout={channel.RolloutId}");
        else
        {
            var kind = NoticeKinds.Words[delivery.Event];
            if (delivery.SubjectId is not { } id || !subjects.TryGetValue(id, out var subject)) return (null, "Not sent: the request is not there any more.");
            if (!subject.Open && kind is not (NoticeKind.Expired or NoticeKind.News)) return (null, "Not sent: decided.");
            body = ChatText.Body(channel.Kind, subject.Line(kind, false, origin), now);
        }
        return (async ct =>
        {
            var url = outbound.Read(address, "url");
            return url.Fault is { } closed ? new AttemptResult(null, "Blocked: " + closed.Message, null, 0) : await outbound.SendAsync(new OutboundMessage(url.Value, Encoding.UTF8.GetBytes(body), "application/json", []), ct);
        }, null);
    }

    [LoggerMessage(2611, LogLevel.Warning, "{Delivery} could not be mailed: {Says}")]
    private partial void LogMailFailed(string delivery, string says);
}
