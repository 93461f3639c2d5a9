using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Notices;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Webhooks;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Access;
using OpsConsole.Features.Webhooks;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Notices;

/// <summary>A rollout's chat channels and the log of what was sent there, for whoever edits the rollout. Their addresses are secrets: stored protected, shown as their host, and the log has no more. Signals <c>chats:&lt;rollout&gt;</c>.</summary>
internal sealed class ChatDesk(DurableWriter writer, IDbContextFactory<OpsDbContext> factory, IOutbound outbound, ChatKeys keys, NoticeDesk notices)
{
    private const string Editors = "Channels are for the rollout's owners, a facilitator or an admin.";

    public static string Topic(string rolloutId) => "chats:" + rolloutId;

    /// <summary>Why nothing can be sent; null when it can.</summary>
    public string? Off => notices.LinkOff("A message");

    public string RolloutName(string id) => writer.State.Rollouts.TryGetValue(id, out var rollout) ? rollout.Name : id;

    public Fault? MayEdit(PersonCaller caller, string id) => May(writer.State, caller, id);

    private static Fault? May(ConsoleState state, PersonCaller caller, string id) => Sight.Rollout(state, caller, id, Permissions.MayEdit, Editors).Fault;

    public async Task<Result<IReadOnlyList<ChatView>>> ListAsync(PersonCaller caller, string rolloutId, CancellationToken ct)
    {
        if (MayEdit(caller, rolloutId) is { } fault) return fault;
        await using var db = await factory.CreateDbContextAsync(ct);
        List<ChatView> views = [];
        foreach (var c in await db.ChatChannels.AsNoTracking().Where(c => c.RolloutId == rolloutId).OrderBy(c => c.At).ToListAsync(ct))   // five at most, each by its index
        {
            var states = await db.NoticeDeliveries.AsNoTracking().Where(d => d.EndpointId == c.Id && (d.State == DeliveryState.Waiting || d.State == DeliveryState.Failed)).GroupBy(d => d.State).Select(g => new { g.Key, Count = g.Count() }).ToListAsync(ct);
            views.Add(new ChatView(c.Id, c.Kind, c.Host, [.. c.Choice.Kinds.Select(k => k.Wire())], c.Choice.HighOnly, QuietView.Of(c.Choice.Quiet), c.Choice.HighAtOnce, writer.State.Directory.NameOf(c.By), c.At, Count(DeliveryState.Waiting), Count(DeliveryState.Failed)));

            int Count(DeliveryState state) => states.Find(s => s.Key == state)?.Count ?? 0;
        }
        return views;
    }

    public async Task<Result<ChatView>> FindAsync(PersonCaller caller, string rolloutId, string id, CancellationToken ct)
    {
        var list = await ListAsync(caller, rolloutId, ct);
        return list.Fault is { } fault ? fault : list.Value.FirstOrDefault(c => c.Id == id) is { } found ? found : Fault.NotFound("channel");
    }

    /// <summary>What happens from now on is told there. Faults: not found, forbidden, <c>field.invalid</c>, <c>channels.full</c>, <c>channels.no_link</c>.</summary>
    public async Task<Result<string>> AddAsync(PersonCaller caller, string rolloutId, ChatKind kind, string url, ChatChoice choice)
    {
        if (MayEdit(caller, rolloutId) is { } forbidden) return forbidden;
        if (Off is { } why) return Fault.Conflict("channels.no_link", why);
        var read = outbound.Read(url, "url");
        if (read.Fault is { } wrong) return wrong;
        var stored = keys.Seal(read.Value.OriginalString);
        return await writer.ChangeAsync<string>(async (scope, ct) =>
        {
            if (May(scope.State, caller, rolloutId) is { } fault) return fault;
            if (await scope.Db.ChatChannels.CountAsync(c => c.RolloutId == rolloutId, ct) >= ChatChannel.Most) return Fault.Conflict("channels.full", $"A rollout has at most {ChatChannel.Most} channels. Remove one first.");
            var channel = new ChatChannel(Secrets.NewId("cht"), rolloutId, kind, stored, read.Value.Host, choice, caller.Id, scope.Now);
            channel.Begin(scope.Audit(caller.Actor, "channel.added", channel.Id, Details(channel), rolloutId: rolloutId));
            scope.Db.ChatChannels.Add(channel);
            scope.Signal(Topic(rolloutId));
            return channel.Id;
        });
    }

    public Task<Result<Done>> ChangeAsync(PersonCaller caller, string rolloutId, string id, ChatChoice choice) => OnAsync<Done>(caller, rolloutId, id, (scope, channel, _) =>
    {
        channel.Set(choice);
        scope.Audit(caller.Actor, "channel.changed", id, Details(channel), rolloutId: rolloutId);
        return Task.FromResult<Result<Done>>(Done.Value);
    });

    public Task<Result<Done>> RemoveAsync(PersonCaller caller, string rolloutId, string id) => OnAsync<Done>(caller, rolloutId, id, (scope, channel, _) =>
    {
        scope.Db.ChatChannels.Remove(channel);
        scope.Audit(caller.Actor, "channel.removed", id, Details(channel), rolloutId: rolloutId);
        return Task.FromResult<Result<Done>>(Done.Value);
    });

    /// <summary>Sends a test and returns its delivery. Faults: <c>channels.no_link</c>, <c>channel.tested</c> (a minute ago).</summary>
    public Task<Result<SentView>> TestAsync(PersonCaller caller, string rolloutId, string id) => OnAsync<SentView>(caller, rolloutId, id, async (scope, channel, ct) =>
    {
        if (Off is { } why) return Fault.Conflict("channels.no_link", why);
        if (await NoticeDesk.TestedAsync(Sent(scope.Db, id), scope.Now, ct)) return Fault.Conflict("channel.tested", "A test was sent there less than a minute ago. Look at what became of it first.");
        var delivery = NoticeDelivery.ToChat(NoticeRound.NewId(scope.Audit(caller.Actor, "channel.tested", id, rolloutId: rolloutId)), channel, NoticeDelivery.Test, "", scope.Now, scope.Now);
        scope.Db.NoticeDeliveries.Add(delivery);
        return NoticeDesk.View(delivery);
    });

    /// <summary>What was sent there, the newest first.</summary>
    public async Task<Result<Wire.Page<SentView>>> DeliveriesAsync(PersonCaller caller, string rolloutId, string id, PageQuery page, CancellationToken ct)
    {
        if (MayEdit(caller, rolloutId) is { } fault) return fault;
        await using var db = await factory.CreateDbContextAsync(ct);
        if (!await db.ChatChannels.AnyAsync(c => c.Id == id && c.RolloutId == rolloutId, ct)) return Fault.NotFound("channel");
        var rows = await NoticeDesk.After(Sent(db, id), page.After).Take(page.Limit + 1).ToListAsync(ct);
        return Wire.PageOf(rows, page.Limit, d => d.Id, NoticeDesk.View);
    }

    /// <summary>Sends it again, from the beginning of the schedule. Faults: not found, <c>channels.no_link</c>, <c>delivery.waits</c>.</summary>
    public Task<Result<SentView>> ReplayAsync(PersonCaller caller, string rolloutId, string id, string deliveryId) => OnAsync<SentView>(caller, rolloutId, id, async (scope, _, ct) =>
    {
        if (await scope.Db.NoticeDeliveries.SingleOrDefaultAsync(d => d.Id == deliveryId && d.EndpointId == id, ct) is not { } delivery) return Fault.NotFound("delivery");
        if (Off is { } why) return Fault.Conflict("channels.no_link", why);
        if (delivery.UnderWay(scope.Now)) return NoticeDesk.UnderWay;
        delivery.Replay(scope.Now);
        scope.Audit(caller.Actor, "channel.replayed", id, new { delivery = deliveryId }, rolloutId: rolloutId);
        return NoticeDesk.View(delivery);
    });

    internal static IQueryable<NoticeDelivery> Sent(OpsDbContext db, string channelId) => db.NoticeDeliveries.AsNoTracking().Where(d => d.EndpointId == channelId).OrderByDescending(d => d.Id);

    private static object Details(ChatChannel c) => new { kind = c.Kind.ToString().ToLowerInvariant(), host = c.Host, kinds = c.Choice.Kinds.Select(k => k.Wire()), high_only = c.Choice.HighOnly, quiet = c.Choice.Quiet is not null };

    private Task<Result<T>> OnAsync<T>(PersonCaller caller, string rolloutId, string id, Func<ChangeScope, ChatChannel, CancellationToken, Task<Result<T>>> work) => writer.ChangeAsync<T>(async (scope, ct) =>
    {
        if (May(scope.State, caller, rolloutId) is { } fault) return fault;
        if (await scope.Db.ChatChannels.SingleOrDefaultAsync(c => c.Id == id && c.RolloutId == rolloutId, ct) is not { } channel) return Fault.NotFound("channel");
        var done = await work(scope, channel, ct);
        scope.Signal(Topic(rolloutId));
        scope.Signal(NoticeSender.Due);
        return done;
    });
}
