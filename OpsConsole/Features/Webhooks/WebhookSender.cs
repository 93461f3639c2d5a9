using System.Text;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Webhooks;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Realtime;

namespace OpsConsole.Features.Webhooks;

/// <summary>Tells the log outside: makes deliveries (<see cref="WebhookFeed"/>) and sends them, signed anew at each attempt, by the same id.</summary>
internal sealed class WebhookSender(WebhookFeed feed, SignedSender signed, DurableWriter writer, IDbContextFactory<OpsDbContext> factory, Signals signals, TimeProvider time, ILogger<WebhookSender> log)
    : DeliverySender<WebhookDelivery>([WebhookDesk.Due], writer, factory, signals, time, log)
{
    protected override Task<bool> FeedAsync(CancellationToken ct) => feed.StepAsync(ct);

    protected override async Task<IReadOnlyDictionary<string, Func<CancellationToken, Task<AttemptResult>>>> PrepareAsync(ChangeScope scope, IReadOnlyList<WebhookDelivery> due, CancellationToken ct)
    {
        var ids = due.Select(d => d.EndpointId).Distinct().ToList();
        var endpoints = await scope.Db.Webhooks.Where(e => ids.Contains(e.Id)).ToDictionaryAsync(e => e.Id, ct);
        Dictionary<string, Func<CancellationToken, Task<AttemptResult>>> sends = [];
        foreach (var delivery in due)
        {
            if (endpoints.TryGetValue(delivery.EndpointId, out var endpoint) && endpoint.On) sends[delivery.Id] = inner => signed.SendAsync(endpoint, delivery.EventId, Encoding.UTF8.GetBytes(delivery.Body), WebhookMessage.ContentType(delivery.Format), keepAnswer: false, inner);
            else delivery.Stop();
        }
        return sends;
    }

    protected override async Task SettledAsync(ChangeScope scope, WebhookDelivery delivery, AttemptResult result, CancellationToken ct)
    {
        if (await scope.Db.Webhooks.SingleOrDefaultAsync(e => e.Id == delivery.EndpointId, ct) is not { } endpoint) return;
        scope.Signal(WebhookDesk.Topic(endpoint.RolloutId));
        if (!result.Gone || !endpoint.On) return;
        endpoint.End(WebhookEndpoint.Gone, scope.Now);
        await WebhookDesk.StopAsync(scope, endpoint.Id, ct);
        scope.Audit(Actor.System, "webhook.gone", endpoint.Id, rolloutId: endpoint.RolloutId);
    }
}
