using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpsConsole.Core.Notices;
using OpsConsole.Core.Webhooks;
using OpsConsole.Data.Writer;

namespace OpsConsole.Data;

/// <summary>
/// Clears every hour what has served its time: idempotency keys after 24 hours, counters of caps per minute, hour and day two days after their last use, those of runs after
/// thirty (a run that goes on later begins a new count), files whose links are over,
/// deliveries of webhooks, mails and chat messages after thirty days, people's notices after ninety. In small changes, so that no decision waits for one. Nothing of the record is touched, so it is not on record.
/// </summary>
internal sealed partial class Clearing(IDbContextFactory<OpsDbContext> factory, DurableWriter writer, TimeProvider time, ILogger<Clearing> log) : BackgroundService
{
    internal const int AtOnce = 500, PartsAtOnce = 8;
    private static readonly TimeSpan WindowLife = TimeSpan.FromDays(2);
    private static readonly TimeSpan RunLife = TimeSpan.FromDays(30);
    private static readonly TimeSpan DeliveryLife = TimeSpan.FromDays(30);
    private static readonly TimeSpan NoticeLife = TimeSpan.FromDays(90);

    /// <summary>Up to here only counters of runs are left: those are not gone through again each hour.</summary>
    private DateTimeOffset _windows = DateTimeOffset.UnixEpoch;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var hour = new PeriodicTimer(TimeSpan.FromHours(1), time);
        try
        {
            await writer.Ready.WaitAsync(stoppingToken);
            do
            {
                try
                {
                    await ClearAsync(stoppingToken);
                }
                catch (Exception e) when (!stoppingToken.IsCancellationRequested)
                {
                    LogFailed(e);
                }
            }
            while (await hour.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    /// <summary>Clears everything that is old by now. What cannot be cleared because the console is busy or the database gone is left for the next hour.</summary>
    public async Task ClearAsync(CancellationToken ct)
    {
        var now = time.GetUtcNow();
        await SweepAsync<IdempotencyKey>(DateTimeOffset.UnixEpoch, now - AskProcessor.KeyLife, old => old, ct);
        await SweepAsync<CapUsage>(DateTimeOffset.UnixEpoch, now - RunLife, old => old, ct);
        await ForgetLinksAsync(now, ct);
        await SweepAsync<WebhookDelivery>(DateTimeOffset.UnixEpoch, now - DeliveryLife, old => old.Where(d => d.DueAt == null), ct);
        await SweepAsync<NoticeDelivery>(DateTimeOffset.UnixEpoch, now - DeliveryLife, old => old.Where(d => d.DueAt == null), ct);
        await SweepAsync<DeliveryAttempt>(DateTimeOffset.UnixEpoch, now - DeliveryLife, old => old, ct);
        await SweepAsync<Notice>(DateTimeOffset.UnixEpoch, now - NoticeLife, old => old, ct);
        _windows = await SweepAsync<CapUsage>(_windows, now - WindowLife, old => old.Where(c => !c.WindowKey.StartsWith("run:")), ct);
    }

    /// <summary>Links that are over, expired, ended or never finished: a few parts of a file at a time, then the link.</summary>
    private async Task ForgetLinksAsync(DateTimeOffset now, CancellationToken ct)
    {
        List<string> over;
        await using (var db = await factory.CreateDbContextAsync(ct)) over = await db.FileLinks.Where(l => l.Until <= now).OrderBy(l => l.Until).Select(l => l.Id).ToListAsync(ct);
        foreach (var link in over)
        {
            for (var left = true; left;)
            {
                var cleared = await writer.ChangeAsync<bool>(async (scope, inner) =>
                {
                    var few = await scope.Db.FileParts.Where(p => p.LinkId == link).OrderBy(p => p.Number).Select(p => p.Number).Take(PartsAtOnce).ToListAsync(inner);
                    if (few.Count > 0) await scope.Db.FileParts.Where(p => p.LinkId == link && few.Contains(p.Number)).ExecuteDeleteAsync(inner);
                    if (few.Count < PartsAtOnce) await scope.Db.FileLinks.Where(l => l.Id == link).ExecuteDeleteAsync(inner);
                    return few.Count == PartsAtOnce;
                });
                if (!cleared.Ok) return;
                left = cleared.Value;
            }
        }
    }

    /// <summary>Goes through the rows written after one moment up to another, a bounded number at a time, and removes those that may go. Returns how far it came.</summary>
    private async Task<DateTimeOffset> SweepAsync<T>(DateTimeOffset after, DateTimeOffset before, Func<IQueryable<T>, IQueryable<T>> mayGo, CancellationToken ct) where T : class
    {
        while (true)
        {
            DateTimeOffset? end;
            bool any;
            await using (var db = await factory.CreateDbContextAsync(ct))
            {
                end = await Between(db, before).OrderBy(r => EF.Property<DateTimeOffset>(r, "At")).Skip(AtOnce - 1).Select(r => (DateTimeOffset?)EF.Property<DateTimeOffset>(r, "At")).FirstOrDefaultAsync(ct);
                any = await mayGo(Between(db, end ?? before)).AnyAsync(ct);
            }
            if (any)
            {
                var cleared = await writer.ChangeAsync<int>(async (scope, ct) =>
                {
                    if (typeof(T) == typeof(CapUsage)) scope.ForgetCaps();
                    return await mayGo(Between(scope.Db, end ?? before)).ExecuteDeleteAsync(ct);
                });
                if (!cleared.Ok) return after;
            }
            if (end is null) return before;
            after = end.Value;
        }

        IQueryable<T> Between(OpsDbContext db, DateTimeOffset to) => db.Set<T>().Where(r => EF.Property<DateTimeOffset>(r, "At") > after && EF.Property<DateTimeOffset>(r, "At") <= to);
    }

    [LoggerMessage(1031, LogLevel.Error, "What has served its time could not be cleared; it is tried again in an hour")]
    private partial void LogFailed(Exception e);
}
