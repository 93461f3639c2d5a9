using OpsConsole.Core.Rollouts;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Realtime;

namespace OpsConsole.Features.Workshop;

/// <summary>Ends drills that nobody took, when their time is over, so that nobody is called any more. Their due times are in the database; two instances do no harm.</summary>
internal sealed partial class DrillClock(DrillDesk desk, DurableWriter writer, Signals signals, TimeProvider time, ILogger<DrillClock> log) : BackgroundService
{
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var changed = new Wakeup();
        using var onChange = signals.Subscribe([DrillDesk.Topic, "health"], changed.SetAsync);
        try
        {
            await writer.Ready.WaitAsync(stoppingToken);
            while (!stoppingToken.IsCancellationRequested)
            {
                var wait = RoutingDrill.Longest;
                try
                {
                    // Never at once again: what could not be ended just now is tried a little later.
                    if (await desk.EndLapsedAsync(stoppingToken) is { } due) wait = due - time.GetUtcNow() is { Ticks: > 0 } left ? left : AfterFailure;
                }
                catch (Exception e) when (!stoppingToken.IsCancellationRequested)
                {
                    LogFailed(e);
                    wait = AfterFailure;
                }
                await changed.WaitAsync(wait, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    [LoggerMessage(2211, LogLevel.Error, "Looking for drills that are over failed; it is tried again in some seconds")]
    private partial void LogFailed(Exception e);
}
