using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Webhooks;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Webhooks;

/// <summary>
/// Makes deliveries out of the log. How far it came (<see cref="WebhookPlace"/>) moves in the change that writes the deliveries, so a stop loses nothing, and of two instances one writes them.
/// A stretch with nothing to tell moves it only in memory: decisions that concern nobody cost no write.
/// </summary>
internal sealed class WebhookFeed(DurableWriter writer, IDbContextFactory<OpsDbContext> factory, PublicAddress address)
{
    /// <summary>Entries looked at in one go; deliveries written in one change, so that no decision waits long.</summary>
    internal const int Stretch = 5_000, AtOnce = 200;
    private long _at = -1;

    /// <summary>Looks at what the log has more by now. True: there is more to look at, or something was written.</summary>
    public async Task<bool> StepAsync(CancellationToken ct)
    {
        List<WebhookEndpoint> endpoints;
        List<Occurrence> told;
        long from, through;
        bool more;
        Dictionary<long, byte[]> chains;
        await using (var db = await factory.CreateDbContextAsync(ct))
        {
            // The end first: an endpoint that comes in between is told nothing up to there.
            var end = await db.Audit.AsNoTracking().OrderByDescending(a => a.Seq).Select(a => a.Seq).FirstOrDefaultAsync(ct);
            endpoints = await db.Webhooks.AsNoTracking().Where(e => e.OffAt == null).ToListAsync(ct);
            if (endpoints.Count == 0)
            {
                Volatile.Write(ref _at, end);   // whoever comes is told what comes after them
                return false;
            }
            var place = await db.WebhookPlaces.AsNoTracking().Select(p => p.Seq).SingleOrDefaultAsync(ct);
            from = Math.Max(Math.Max(place, _at), endpoints.Min(e => e.Since));
            if (from >= end) return false;
            through = Math.Min(end, from + Stretch);
            more = through < end;
            var rows = await db.Audit.AsNoTracking().Where(a => a.Seq > from && a.Seq <= through && a.Event != "decision.asked" && Occurrence.Sources.Contains(a.Event)).Select(a => new { a.Seq, a.Leaf }).ToListAsync(ct);
            var asked = await db.Approvals.AsNoTracking().Where(a => a.Seq > from && a.Seq <= through).OrderBy(a => a.Seq).Select(a => new { a.Seq, a.Id, a.RolloutId, a.AgentId, a.RequestedAt }).ToListAsync(ct);
            told = [.. rows.Select(r => LogEvent.Of(r.Seq, r.Leaf, null)).OfType<LogEvent>().Select(Occurrence.Of).OfType<Occurrence>().Concat(asked.Select(a => Occurrence.Requested(a.Seq, a.Id, a.RolloutId, a.AgentId, a.RequestedAt)))
                .Where(o => endpoints.Exists(e => e.Wants(o))).OrderBy(o => o.Seq).Take(AtOnce + 1)];
            if (told.Count > AtOnce)
            {
                (through, more) = (told[AtOnce - 1].Seq, true);
                told.RemoveAt(AtOnce);
            }
            var seqs = told.ConvertAll(o => o.Seq);
            chains = seqs.Count == 0 ? [] : await db.Audit.AsNoTracking().Where(a => seqs.Contains(a.Seq)).ToDictionaryAsync(a => a.Seq, a => a.Chain, ct);
        }
        if (told.Count > 0)
        {
            var written = await writer.ChangeAsync<Done>((scope, inner) => WriteAsync(scope, told, chains, through, inner));
            if (!written.Ok) throw new InvalidOperationException(written.Fault!.Message);
        }
        Volatile.Write(ref _at, through);
        return more || told.Count > 0;
    }

    /// <summary>For a change of what is wanted: what was looked at before stays told as it was wanted then, also after a restart.</summary>
    public async Task KeepAsync(ChangeScope scope, CancellationToken ct)
    {
        var place = await PlaceAsync(scope, ct);
        place.Seq = Math.Max(place.Seq, Volatile.Read(ref _at));
    }

    private static async Task<WebhookPlace> PlaceAsync(ChangeScope scope, CancellationToken ct)
    {
        if (await scope.Db.WebhookPlaces.SingleOrDefaultAsync(ct) is { } known) return known;
        var place = new WebhookPlace();
        scope.Db.WebhookPlaces.Add(place);
        return place;
    }

    private async Task<Result<Done>> WriteAsync(ChangeScope scope, List<Occurrence> told, Dictionary<long, byte[]> chains, long through, CancellationToken ct)
    {
        var place = await PlaceAsync(scope, ct);
        var endpoints = await scope.Db.Webhooks.AsNoTracking().Where(e => e.OffAt == null).ToListAsync(ct);
        HashSet<string> rollouts = [];
        foreach (var o in told.Where(o => o.Seq > place.Seq))   // the others were written by another instance
        {
            foreach (var endpoint in endpoints.Where(e => e.Wants(o)))
            {
                scope.Db.WebhookDeliveries.Add(Make(scope, endpoint, o, chains[o.Seq], address.Origin));
                rollouts.Add(endpoint.RolloutId);
            }
        }
        place.Seq = Math.Max(place.Seq, through);
        foreach (var rollout in rollouts) scope.Signal(WebhookDesk.Topic(rollout));
        if (rollouts.Count > 0) scope.Signal(WebhookDesk.Due);
        return Done.Value;
    }

    internal static WebhookDelivery Make(ChangeScope scope, WebhookEndpoint endpoint, Occurrence o, byte[] chain, string? origin)
    {
        var id = WebhookMessage.Id(o.Seq, chain);
        return new WebhookDelivery(Secrets.NewId("whd"), endpoint, id, o, WebhookMessage.Body(endpoint.Format, id, o, origin), scope.Now);
    }
}
