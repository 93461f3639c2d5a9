using System.Globalization;
using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Webhooks;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Webhooks;

/// <summary>Endpoints and their delivery log, for whoever edits the rollout.</summary>
internal sealed class WebhookReader(DurableWriter writer, IDbContextFactory<OpsDbContext> factory, TimeProvider time)
{
    private static readonly Expression<Func<WebhookDelivery, DeliveryView>> View = d => new DeliveryView(d.Id, d.EventId, d.Event, d.Subject, d.At, d.State, d.DueAt, d.Attempts, d.Status, d.Says, d.LastAt);

    public async Task<Result<IReadOnlyList<WebhookView>>> ListAsync(PersonCaller caller, string rolloutId, CancellationToken ct)
    {
        if (WebhookDesk.May(writer.State, caller, rolloutId) is { } fault) return fault;
        await using var db = await factory.CreateDbContextAsync(ct);
        var endpoints = await db.Webhooks.AsNoTracking().Where(e => e.RolloutId == rolloutId).OrderBy(e => e.At).ToListAsync(ct);
        List<WebhookView> views = [];
        foreach (var e in endpoints)   // ten at most, each by its index
        {
            var (waiting, failed) = (await CountAsync(db, e.Id, DeliveryState.Waiting, ct), await CountAsync(db, e.Id, DeliveryState.Failed, ct));
            views.Add(new WebhookView(e.Id, e.Url, e.Events, e.Format.ToString().ToLowerInvariant(), e.On, e.OffAt, e.OffBecause, e.OldUntil > time.GetUtcNow() ? e.OldUntil : null, writer.State.Directory.NameOf(e.By), e.At, waiting, failed));
        }
        return views;
    }

    public async Task<Result<WebhookView>> FindAsync(PersonCaller caller, string rolloutId, string id, CancellationToken ct)
    {
        var list = await ListAsync(caller, rolloutId, ct);
        return list.Fault is { } fault ? fault : list.Value.FirstOrDefault(w => w.Id == id) is { } found ? found : Fault.NotFound("webhook");
    }

    /// <summary>The newest first. Faults: not found, forbidden, <c>field.invalid</c>.</summary>
    public async Task<Result<Wire.Page<DeliveryView>>> DeliveriesAsync(PersonCaller caller, string rolloutId, string id, string? state, string? evt, PageQuery page, CancellationToken ct)
    {
        if (await MissingAsync(caller, rolloutId, id, ct) is { } fault) return fault;
        DeliveryState? wanted = null;
        if (!string.IsNullOrEmpty(state))
        {
            if (!Enum.TryParse<DeliveryState>(state, ignoreCase: true, out var said) || !Enum.IsDefined(said) || char.IsAsciiDigit(state[0])) return Fault.Invalid("field.invalid", "state must be waiting, delivered, failed or stopped.", "state");
            wanted = said;
        }
        if (!string.IsNullOrEmpty(evt) && evt != WebhookEvent.Test && !WebhookEvent.Exists(evt)) return Fault.Invalid("field.invalid", "event must be one that webhooks are told.", "event");
        var before = long.MaxValue;
        if (page.After is { } after && !long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out before)) return Fault.Invalid("field.invalid", "after must be the 'next' of the page before.", "after");
        await using var db = await factory.CreateDbContextAsync(ct);
        var rows = db.WebhookDeliveries.AsNoTracking().Where(d => d.EndpointId == id && d.Seq < before);
        if (wanted is { } only) rows = rows.Where(d => d.State == only);
        if (!string.IsNullOrEmpty(evt)) rows = rows.Where(d => d.Event == evt);
        var found = await rows.OrderByDescending(d => d.Seq).Take(page.Limit + 1).Select(d => d.Seq).ToListAsync(ct);
        var shown = found.Take(page.Limit).ToList();
        var views = await db.WebhookDeliveries.AsNoTracking().Where(d => d.EndpointId == id && shown.Contains(d.Seq)).OrderByDescending(d => d.Seq).Select(View).ToListAsync(ct);
        return new Wire.Page<DeliveryView>(views, found.Count > page.Limit ? shown[^1].ToString(CultureInfo.InvariantCulture) : null);
    }

    public async Task<Result<DeliveryDetailView>> DeliveryAsync(PersonCaller caller, string rolloutId, string id, string deliveryId, CancellationToken ct)
    {
        if (await MissingAsync(caller, rolloutId, id, ct) is { } fault) return fault;
        await using var db = await factory.CreateDbContextAsync(ct);
        if (await db.WebhookDeliveries.AsNoTracking().SingleOrDefaultAsync(d => d.Id == deliveryId && d.EndpointId == id, ct) is not { } delivery) return Fault.NotFound("delivery");
        var attempts = await db.DeliveryAttempts.AsNoTracking().Where(a => a.DeliveryId == deliveryId).OrderBy(a => a.Number).Select(a => new AttemptView(a.Number, a.At, a.Status, a.Says, a.Millis)).ToListAsync(ct);
        return new DeliveryDetailView(View.Compile()(delivery), delivery.Body, attempts);
    }

    private async Task<Fault?> MissingAsync(PersonCaller caller, string rolloutId, string id, CancellationToken ct)
    {
        if (WebhookDesk.May(writer.State, caller, rolloutId) is { } fault) return fault;
        await using var db = await factory.CreateDbContextAsync(ct);
        return await db.Webhooks.AnyAsync(e => e.Id == id && e.RolloutId == rolloutId, ct) ? null : Fault.NotFound("webhook");
    }

    private static Task<int> CountAsync(OpsDbContext db, string id, DeliveryState state, CancellationToken ct) => db.WebhookDeliveries.CountAsync(d => d.EndpointId == id && d.State == state, ct);
}
