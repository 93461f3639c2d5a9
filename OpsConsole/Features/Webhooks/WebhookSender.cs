using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Webhooks;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Realtime;

namespace OpsConsole.Features.Webhooks;

/// <summary>
/// Tells the log outside: makes deliveries (<see cref="WebhookFeed"/>), sends what is due, and records what came of it, together with what is taken next, in one change per turn.
/// Due times are in the database; taking a delivery moves its own ahead, so two instances never send one attempt both. A stop in the middle sends it again: at least once, by the same id.
/// </summary>
internal sealed partial class WebhookSender(WebhookFeed feed, WebhookKeys keys, IOutbound outbound, DurableWriter writer, IDbContextFactory<OpsDbContext> factory, Signals signals, TimeProvider time, ILogger<WebhookSender> log) : BackgroundService
{
    /// <summary>Attempts under way at once, and to one endpoint: a slow receiver holds up nobody else.</summary>
    internal const int Most = 32, MostOfOne = 4;
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(30), AfterFailure = TimeSpan.FromSeconds(2);

    private readonly Wakeup _changed = new();
    private readonly ConcurrentQueue<(Job Job, AttemptResult Result)> _done = new();
    private readonly List<(Job Job, AttemptResult Result)> _settling = [];
    private readonly Dictionary<string, string> _underWay = [];

    /// <summary>A delivery that this instance has taken: what is sent, and where.</summary>
    private sealed record Job(string Id, int Number, WebhookEndpoint Endpoint, string EventId, string Body, MessageFormat Format);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var onChange = signals.Subscribe(["log", WebhookDesk.Due, "health"], _changed.SetAsync);
        try
        {
            await writer.Ready.WaitAsync(stoppingToken);
            while (!stoppingToken.IsCancellationRequested)
            {
                var wait = LookAgain;
                try
                {
                    var more = await feed.StepAsync(stoppingToken);
                    if (await TurnAsync(stoppingToken) || more) continue;
                    if (await NextAsync(stoppingToken) is { } due && due - time.GetUtcNow() is var left && left < wait) wait = left;
                }
                catch (Exception e) when (!stoppingToken.IsCancellationRequested)
                {
                    LogFailed(e);
                    wait = AfterFailure;
                }
                await _changed.WaitAsync(wait, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    /// <summary>Records what came back and takes what is due. False: there was nothing of either.</summary>
    private async Task<bool> TurnAsync(CancellationToken ct)
    {
        while (_done.TryDequeue(out var done))
        {
            _underWay.Remove(done.Job.Id);
            _settling.Add(done);
        }
        var due = await DueAsync(ct);
        if (_settling.Count == 0 && due.Count == 0) return false;
        var taken = await writer.ChangeAsync<List<Job>>(async (scope, inner) =>
        {
            await SettleAsync(scope, inner);
            return await TakeAsync(scope, due, inner);
        });
        if (!taken.Ok) throw new InvalidOperationException(taken.Fault!.Message);   // what came back is kept for the next turn
        _settling.Clear();
        foreach (var job in taken.Value)
        {
            _underWay[job.Id] = job.Endpoint.Id;
            _ = SendAsync(job, ct);
        }
        return true;
    }

    private List<string> Full => [.. _underWay.Values.CountBy(e => e).Where(e => e.Value >= MostOfOne).Select(e => e.Key)];

    private async Task<List<string>> DueAsync(CancellationToken ct)
    {
        var (room, full, now, mine) = (Most - _underWay.Count, Full, time.GetUtcNow(), _underWay.Keys.ToList());
        if (room <= 0) return [];
        await using var db = await factory.CreateDbContextAsync(ct);
        return await db.WebhookDeliveries.AsNoTracking().Where(d => d.DueAt <= now && !full.Contains(d.EndpointId) && !mine.Contains(d.Id)).OrderBy(d => d.DueAt).Take(room).Select(d => d.Id).ToListAsync(ct);
    }

    private async Task<DateTimeOffset?> NextAsync(CancellationToken ct)
    {
        var (full, mine) = (Full, _underWay.Keys.ToList());
        await using var db = await factory.CreateDbContextAsync(ct);
        return await db.WebhookDeliveries.AsNoTracking().Where(d => d.DueAt != null && !full.Contains(d.EndpointId) && !mine.Contains(d.Id)).OrderBy(d => d.DueAt).Select(d => d.DueAt).FirstOrDefaultAsync(ct);
    }

    private async Task SettleAsync(ChangeScope scope, CancellationToken ct)
    {
        var ids = _settling.ConvertAll(s => s.Job.Id);
        var deliveries = await scope.Db.WebhookDeliveries.Where(d => ids.Contains(d.Id)).ToDictionaryAsync(d => d.Id, ct);
        foreach (var (job, result) in _settling)
        {
            if (!deliveries.TryGetValue(job.Id, out var delivery)) continue;
            delivery.Settle(job.Number, result, scope.Now, Random.Shared.NextDouble());
            scope.Db.WebhookAttempts.Add(new WebhookAttempt(job.Id, job.Number, result, scope.Now));
            scope.Signal(WebhookDesk.Topic(job.Endpoint.RolloutId));
            if (result.Gone && await scope.Db.Webhooks.SingleOrDefaultAsync(e => e.Id == job.Endpoint.Id, ct) is { On: true } endpoint)
            {
                endpoint.End(WebhookEndpoint.Gone, scope.Now);
                await WebhookDesk.StopAsync(scope, endpoint.Id, ct);
                scope.Audit(Actor.System, "webhook.gone", endpoint.Id, rolloutId: endpoint.RolloutId);
            }
        }
    }

    private async Task<Result<List<Job>>> TakeAsync(ChangeScope scope, List<string> due, CancellationToken ct)
    {
        List<Job> jobs = [];
        var deliveries = await scope.Db.WebhookDeliveries.Where(d => due.Contains(d.Id) && d.DueAt <= scope.Now).OrderBy(d => d.DueAt).ToListAsync(ct);
        var ids = deliveries.Select(d => d.EndpointId).Distinct().ToList();
        var endpoints = await scope.Db.Webhooks.Where(e => ids.Contains(e.Id)).ToDictionaryAsync(e => e.Id, ct);
        var busy = _underWay.Values.CountBy(e => e).ToDictionary();
        foreach (var delivery in deliveries)
        {
            if (!endpoints.TryGetValue(delivery.EndpointId, out var endpoint) || !endpoint.On)
            {
                delivery.Stop();
                continue;
            }
            if (busy.GetValueOrDefault(endpoint.Id) >= MostOfOne) continue;
            busy[endpoint.Id] = busy.GetValueOrDefault(endpoint.Id) + 1;
            delivery.Claim(scope.Now);
            jobs.Add(new Job(delivery.Id, delivery.Attempts, endpoint, delivery.EventId, delivery.Body, delivery.Format));
        }
        return jobs;
    }

    private async Task SendAsync(Job job, CancellationToken ct)
    {
        await Task.Yield();
        AttemptResult result;
        try
        {
            result = await AttemptAsync(job, ct);
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            LogAttemptFailed(e, job.Id);
            result = new AttemptResult(null, "The console failed to send it; its own log says why.", null, 0);
        }
        catch (OperationCanceledException)
        {
            return;   // stopping: it is due again soon
        }
        _done.Enqueue((job, result));
        _changed.Set();
    }

    private Task<AttemptResult> AttemptAsync(Job job, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        if (keys.Open(job.Endpoint, now) is not { } signing) return Task.FromResult(new AttemptResult(null, "Not sent: this instance cannot open the secret. Instances have to share the folder of keys (OpsConsole:Data:Directory).", null, 0));
        var url = outbound.Read(job.Endpoint.Url, "url");
        if (url.Fault is { } closed) return Task.FromResult(new AttemptResult(null, "Blocked: " + closed.Message, null, 0));
        var (body, at) = (Encoding.UTF8.GetBytes(job.Body), now.ToUnixTimeSeconds());
        return outbound.SendAsync(new OutboundMessage(url.Value, body, WebhookMessage.ContentType(job.Format),
        [
            new("webhook-id", job.EventId), new("webhook-timestamp", at.ToString(CultureInfo.InvariantCulture)), new("webhook-signature", WebhookSignature.Header(job.EventId, at, body, signing)),
        ]), ct);
    }

    [LoggerMessage(2601, LogLevel.Error, "Webhooks could not be told or sent; it is tried again in some seconds")]
    private partial void LogFailed(Exception e);
    [LoggerMessage(2602, LogLevel.Error, "Sending {Delivery} failed inside the console")]
    private partial void LogAttemptFailed(Exception e, string delivery);
}
