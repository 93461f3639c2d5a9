using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Webhooks;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Webhooks;

/// <summary>A rollout's endpoints: registered, changed, tested, replayed by whoever edits the rollout. Addresses may carry a secret, so the log has only their hosts. Signals <c>webhooks:&lt;rollout&gt;</c>.</summary>
internal sealed class WebhookDesk(DurableWriter writer, WebhookReader reader, WebhookFeed feed, WebhookKeys keys, IOutbound outbound, PublicAddress address)
{
    /// <summary>Signalled when something may be due earlier than was known.</summary>
    public const string Due = "webhooks-due";
    private const string Editors = "Webhooks are for the rollout's owners, a facilitator or an admin.";

    public static string Topic(string rolloutId) => "webhooks:" + rolloutId;

    internal static Fault? May(Core.Decisions.ConsoleState state, PersonCaller caller, string id) => Sight.Rollout(state, caller, id, Permissions.MayEdit, Editors).Fault;

    public Fault? MayEdit(PersonCaller caller, string id) => May(writer.State, caller, id);

    /// <summary>Faults: not found, forbidden, <c>field.invalid</c>, <c>webhooks.full</c>, <c>webhooks.undo</c> (another one carries undo steps out).</summary>
    public async Task<Result<NewWebhookView>> AddAsync(PersonCaller caller, string rolloutId, WebhookRequest request)
    {
        if (MayEdit(caller, rolloutId) is { } forbidden) return forbidden;
        var url = outbound.Read(request.Url ?? "", "url");
        if (url.Fault is { } wrong) return wrong;
        var (secret, stored) = keys.New();
        var added = await writer.ChangeAsync<string>(async (scope, ct) =>
        {
            if (May(scope.State, caller, rolloutId) is { } fault) return fault;
            if (await scope.Db.Webhooks.CountAsync(e => e.RolloutId == rolloutId, ct) >= WebhookEndpoint.Most) return Fault.Conflict("webhooks.full", $"A rollout has at most {WebhookEndpoint.Most} webhooks. Remove one first.");
            if (await UndoTakenAsync(scope, rolloutId, "", request.Events ?? [], ct)) return UndoTaken;
            var endpoint = new WebhookEndpoint(Secrets.NewId("whk"), rolloutId, url.Value.OriginalString, [.. (request.Events ?? []).Distinct()], request.Format ?? MessageFormat.CloudEvents, stored, caller.Id, scope.Now);
            endpoint.Begin(scope.Audit(caller.Actor, "webhook.added", endpoint.Id, new { host = url.Value.Host, events = endpoint.Events, format = endpoint.Format.ToString().ToLowerInvariant() }, rolloutId: rolloutId));
            scope.Db.Webhooks.Add(endpoint);
            scope.Signal(Topic(rolloutId));
            return endpoint.Id;
        });
        if (added.Fault is { } refused) return refused;
        var view = await reader.FindAsync(caller, rolloutId, added.Value, CancellationToken.None);
        return view.Fault is { } gone ? gone : new NewWebhookView(added.Value, secret, view.Value);
    }

    /// <summary>Changes what the request names. Switched off, nothing is told and what waits is stopped; switched on, what comes from then on is told. Faults as <see cref="AddAsync"/>.</summary>
    public async Task<Result<Done>> ChangeAsync(PersonCaller caller, string rolloutId, string id, WebhookRequest request)
    {
        if (MayEdit(caller, rolloutId) is { } forbidden) return forbidden;
        Uri? url = null;
        if (request.Url is { } text)
        {
            var read = outbound.Read(text, "url");
            if (read.Fault is { } wrong) return wrong;
            url = read.Value;
        }
        return await OnAsync<Done>(caller, rolloutId, id, async (scope, endpoint, ct) =>
        {
            if (await UndoTakenAsync(scope, rolloutId, id, request.Events ?? endpoint.Events, ct)) return UndoTaken;
            if (request.Events is not null) await feed.KeepAsync(scope, ct);
            endpoint.Set(url?.OriginalString ?? endpoint.Url, request.Events is null ? endpoint.Events : [.. request.Events.Distinct()], request.Format ?? endpoint.Format);
            var seq = scope.Audit(caller.Actor, "webhook.changed", endpoint.Id, new { host = new Uri(endpoint.Url).Host, events = endpoint.Events, format = endpoint.Format.ToString().ToLowerInvariant(), on = request.On ?? endpoint.On }, rolloutId: rolloutId);
            if (request.On == true && !endpoint.On) endpoint.Begin(seq);
            if (request.On == false && endpoint.On)
            {
                endpoint.End(WebhookEndpoint.ByPerson, scope.Now);
                await StopAsync(scope, id, ct);
            }
            return Done.Value;
        });
    }

    /// <summary>Another secret, shown once; the one before signs beside it for a day.</summary>
    public Task<Result<NewSecretView>> RotateAsync(PersonCaller caller, string rolloutId, string id)
    {
        var (secret, stored) = keys.New();
        return OnAsync<NewSecretView>(caller, rolloutId, id, (scope, endpoint, _) =>
        {
            endpoint.Rotate(stored, scope.Now);
            scope.Audit(caller.Actor, "webhook.secret_rotated", id, new { old_until = endpoint.OldUntil }, rolloutId: rolloutId);
            return Task.FromResult<Result<NewSecretView>>(new NewSecretView(secret, endpoint.OldUntil!.Value));
        });
    }

    public Task<Result<Done>> RemoveAsync(PersonCaller caller, string rolloutId, string id) => OnAsync<Done>(caller, rolloutId, id, async (scope, endpoint, ct) =>
    {
        await StopAsync(scope, id, ct);
        scope.Db.Webhooks.Remove(endpoint);
        scope.Audit(caller.Actor, "webhook.removed", id, new { host = new Uri(endpoint.Url).Host }, rolloutId: rolloutId);
        return Done.Value;
    });

    /// <summary>Sends a message of its own kind (<c>webhook.test</c>) and returns its delivery. Fault: <c>webhook.off</c>.</summary>
    public Task<Result<string>> TestAsync(PersonCaller caller, string rolloutId, string id) => OnAsync<string>(caller, rolloutId, id, (scope, endpoint, _) =>
    {
        if (!endpoint.On) return Task.FromResult<Result<string>>(Off);
        var seq = scope.Audit(caller.Actor, "webhook.tested", id, rolloutId: rolloutId);
        var delivery = WebhookFeed.Make(scope, endpoint, Occurrence.Test(seq, id, rolloutId, scope.Now), System.Security.Cryptography.RandomNumberGenerator.GetBytes(8), address.Origin);
        scope.Db.WebhookDeliveries.Add(delivery);
        return Task.FromResult<Result<string>>(delivery.Id);
    });

    /// <summary>Sends a delivery again, from the beginning of the schedule, whatever became of it. Faults: not found, <c>webhook.off</c>, <c>delivery.waits</c>.</summary>
    public Task<Result<Done>> ReplayAsync(PersonCaller caller, string rolloutId, string id, string deliveryId) => OnAsync<Done>(caller, rolloutId, id, async (scope, endpoint, ct) =>
    {
        if (await scope.Db.WebhookDeliveries.SingleOrDefaultAsync(d => d.Id == deliveryId && d.EndpointId == id, ct) is not { } delivery) return Fault.NotFound("delivery");
        if (!endpoint.On) return Off;
        if (delivery.UnderWay(scope.Now)) return Fault.Conflict("delivery.waits", "It is being sent at this moment.");
        delivery.Replay(scope.Now);
        scope.Audit(caller.Actor, "webhook.replayed", id, new { delivery = deliveryId }, rolloutId: rolloutId);
        return Done.Value;
    });

    /// <summary>Sends again whatever failed or was stopped. Fault: <c>webhook.off</c>.</summary>
    public Task<Result<ReplayedView>> ReplayFailedAsync(PersonCaller caller, string rolloutId, string id) => OnAsync<ReplayedView>(caller, rolloutId, id, async (scope, endpoint, ct) =>
    {
        if (!endpoint.On) return Off;
        var count = await scope.Db.WebhookDeliveries.Where(d => d.EndpointId == id && (d.State == DeliveryState.Failed || d.State == DeliveryState.Stopped))
            .ExecuteUpdateAsync(u => u.SetProperty(d => d.State, DeliveryState.Waiting).SetProperty(d => d.Tries, 0).SetProperty(d => d.DueAt, scope.Now), ct);
        if (count > 0) scope.Audit(caller.Actor, "webhook.replayed", id, new { deliveries = count }, rolloutId: rolloutId);
        return new ReplayedView(count);
    });

    internal static Task<int> StopAsync(ChangeScope scope, string endpointId, CancellationToken ct)
        => scope.Db.WebhookDeliveries.Where(d => d.EndpointId == endpointId && d.DueAt != null).ExecuteUpdateAsync(u => u.SetProperty(d => d.State, DeliveryState.Stopped).SetProperty(d => d.DueAt, (DateTimeOffset?)null), ct);

    // Two that both undo would undo twice: they do not know each other's keys.
    private static async Task<bool> UndoTakenAsync(ChangeScope scope, string rolloutId, string id, IReadOnlyList<string> events, CancellationToken ct)
        => events.Contains(WebhookEvent.Undo) && (await scope.Db.Webhooks.AsNoTracking().Where(e => e.RolloutId == rolloutId && e.Id != id).ToListAsync(ct)).Exists(e => e.Events.Contains(WebhookEvent.Undo));

    private static readonly Fault UndoTaken = Fault.Conflict("webhooks.undo", "Another webhook of this rollout carries undo steps out. Only one may, or a write could be undone twice.");
    private static readonly Fault Off = Fault.Conflict("webhook.off", "This webhook is switched off. Switch it on first.");

    private Task<Result<T>> OnAsync<T>(PersonCaller caller, string rolloutId, string id, Func<ChangeScope, WebhookEndpoint, CancellationToken, Task<Result<T>>> work) => writer.ChangeAsync<T>(async (scope, ct) =>
    {
        if (May(scope.State, caller, rolloutId) is { } fault) return fault;
        if (await scope.Db.Webhooks.SingleOrDefaultAsync(e => e.Id == id && e.RolloutId == rolloutId, ct) is not { } endpoint) return Fault.NotFound("webhook");
        var done = await work(scope, endpoint, ct);
        scope.Signal(Topic(rolloutId));
        scope.Signal(Due);
        return done;
    });
}
