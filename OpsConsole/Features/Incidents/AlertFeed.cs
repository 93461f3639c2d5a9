using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Incidents;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Realtime;

namespace OpsConsole.Features.Incidents;

/// <summary>Opens incidents out of alerts, or feeds the one that is open. How far it came (<see cref="AlertPlace"/>) moves in the same change, so a restart leaves none out and two instances take none twice.</summary>
internal sealed partial class AlertFeed(IncidentIntake desk, IDbContextFactory<OpsDbContext> factory, DurableWriter writer, Signals signals, TimeProvider time, ILogger<AlertFeed> log) : BackgroundService
{
    private const int AtOnce = 50;
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(30), AfterFailure = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var changed = new Wakeup();
        using var onAlert = signals.Subscribe(["alerts", "health"], changed.SetAsync);
        try
        {
            await writer.Ready.WaitAsync(stoppingToken);
            while (!stoppingToken.IsCancellationRequested)
            {
                var wait = AfterFailure;
                try
                {
                    List<Alert> alerts;
                    await using (var db = await factory.CreateDbContextAsync(stoppingToken)) alerts = await New(db, (await db.AlertPlaces.AsNoTracking().SingleAsync(stoppingToken)).Seq).Take(AtOnce).ToListAsync(stoppingToken);
                    var taken = alerts.Count == 0 || (await desk.TakeInAsync(alerts)).Ok;
                    wait = !taken ? AfterFailure : alerts.Count == AtOnce ? TimeSpan.FromMilliseconds(20) : LookAgain;
                }
                catch (Exception e) when (!stoppingToken.IsCancellationRequested)
                {
                    LogFailed(e);
                }
                await changed.WaitAsync(wait, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    internal static IQueryable<Alert> New(OpsDbContext db, long after) => db.Alerts.AsNoTracking().Where(a => a.Seq > after).OrderBy(a => a.Seq);

    [LoggerMessage(2232, LogLevel.Error, "Taking alerts into incidents failed; it is tried again in some seconds")]
    private partial void LogFailed(Exception e);
}
