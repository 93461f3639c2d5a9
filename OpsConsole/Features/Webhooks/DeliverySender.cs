using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Webhooks;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Realtime;

namespace OpsConsole.Features.Webhooks;

/// <summary>
/// Sends deliveries of one kind: what is due is taken, and what came of the attempts before is recorded, in one change per turn. Due times are in the database; taking a delivery moves its own ahead,
/// so two instances never send one attempt both. A stop in the middle sends it again: at least once.
/// </summary>
/// <param name="wake">Topics that are signalled when something may be due earlier than was known.</param>
public abstract partial class DeliverySender<TDelivery>(string[] wake, DurableWriter writer, IDbContextFactory<OpsDbContext> factory, Signals signals, TimeProvider time, ILogger log) : BackgroundService where TDelivery : Delivery
{
    /// <summary>Attempts under way at once, and to one endpoint: a slow receiver holds up nobody else.</summary>
    public const int Most = 32, MostOfOne = 4;
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(30), AfterFailure = TimeSpan.FromSeconds(2);

    private readonly Wakeup _changed = new();
    private readonly ConcurrentQueue<(Job Job, AttemptResult Result)> _done = new();
    private readonly List<(Job Job, AttemptResult Result)> _settling = [];
    private readonly Dictionary<string, string> _underWay = [];

    /// <summary>An attempt that this instance has taken.</summary>
    private sealed record Job(string Id, int Number, string EndpointId, Func<CancellationToken, Task<AttemptResult>> SendAsync);

    /// <summary>Makes new deliveries out of what happened. True: there is more to look at, or something was written.</summary>
    protected abstract Task<bool> FeedAsync(CancellationToken ct);

    /// <summary>How each of these is sent, by its id; called inside the writer. What is not to be sent any more is stopped there and left out.</summary>
    protected abstract Task<IReadOnlyDictionary<string, Func<CancellationToken, Task<AttemptResult>>>> PrepareAsync(ChangeScope scope, IReadOnlyList<TDelivery> due, CancellationToken ct);

    /// <summary>Called inside the writer after the result was recorded: signals, and what else follows from it.</summary>
    protected abstract Task SettledAsync(ChangeScope scope, TDelivery delivery, AttemptResult result, CancellationToken ct);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var onChange = signals.Subscribe(["log", "health", .. wake], _changed.SetAsync);
        try
        {
            await writer.Ready.WaitAsync(stoppingToken);
            while (!stoppingToken.IsCancellationRequested)
            {
                var wait = LookAgain;
                try
                {
                    var more = await FeedAsync(stoppingToken);
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
            _underWay[job.Id] = job.EndpointId;
            _ = AttemptAsync(job, ct);
        }
        return true;
    }

    private List<string> Full => [.. _underWay.Values.CountBy(e => e).Where(e => e.Value >= MostOfOne).Select(e => e.Key)];

    private async Task<List<string>> DueAsync(CancellationToken ct)
    {
        var (room, full, now, mine) = (Most - _underWay.Count, Full, time.GetUtcNow(), _underWay.Keys.ToList());
        if (room <= 0) return [];
        await using var db = await factory.CreateDbContextAsync(ct);
        return await db.Set<TDelivery>().AsNoTracking().Where(d => d.DueAt <= now && !full.Contains(d.EndpointId) && !mine.Contains(d.Id)).OrderBy(d => d.DueAt).Take(room).Select(d => d.Id).ToListAsync(ct);
    }

    private async Task<DateTimeOffset?> NextAsync(CancellationToken ct)
    {
        var (full, mine) = (Full, _underWay.Keys.ToList());
        await using var db = await factory.CreateDbContextAsync(ct);
        return await db.Set<TDelivery>().AsNoTracking().Where(d => d.DueAt != null && !full.Contains(d.EndpointId) && !mine.Contains(d.Id)).OrderBy(d => d.DueAt).Select(d => d.DueAt).FirstOrDefaultAsync(ct);
    }

    private async Task SettleAsync(ChangeScope scope, CancellationToken ct)
    {
        var ids = _settling.ConvertAll(s => s.Job.Id);
        var deliveries = await scope.Db.Set<TDelivery>().Where(d => ids.Contains(d.Id)).ToDictionaryAsync(d => d.Id, ct);
        foreach (var (job, result) in _settling)
        {
            if (!deliveries.TryGetValue(job.Id, out var delivery)) continue;
            delivery.Settle(job.Number, result, scope.Now, Random.Shared.NextDouble());
            scope.Db.DeliveryAttempts.Add(new DeliveryAttempt(job.Id, job.Number, result, scope.Now));
            await SettledAsync(scope, delivery, result, ct);
        }
    }

    private async Task<Result<List<Job>>> TakeAsync(ChangeScope scope, List<string> due, CancellationToken ct)
    {
        List<Job> jobs = [];
        var deliveries = await scope.Db.Set<TDelivery>().Where(d => due.Contains(d.Id) && d.DueAt <= scope.Now).OrderBy(d => d.DueAt).ToListAsync(ct);
        deliveries.RemoveAll(d => d.DueAt is not { } at || at > scope.Now);   // what came back a moment ago, after its lease, is settled in this very change
        // What there is no room for is not made ready either: the writer is held for what goes out.
        var busy = _underWay.Values.CountBy(e => e).ToDictionary();
        deliveries.RemoveAll(d => (busy[d.EndpointId] = busy.GetValueOrDefault(d.EndpointId) + 1) > MostOfOne);
        var sends = await PrepareAsync(scope, deliveries, ct);
        foreach (var delivery in deliveries)
        {
            if (!sends.TryGetValue(delivery.Id, out var send)) continue;
            delivery.Claim(scope.Now);
            jobs.Add(new Job(delivery.Id, delivery.Attempts, delivery.EndpointId, send));
        }
        return jobs;
    }

    private async Task AttemptAsync(Job job, CancellationToken ct)
    {
        await Task.Yield();
        AttemptResult result;
        try
        {
            result = await job.SendAsync(ct);
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

    [LoggerMessage(2601, LogLevel.Error, "Messages could not be made or sent; it is tried again in some seconds")]
    private partial void LogFailed(Exception e);
    [LoggerMessage(2602, LogLevel.Error, "Sending {Delivery} failed inside the console")]
    private partial void LogAttemptFailed(Exception e, string delivery);
}
