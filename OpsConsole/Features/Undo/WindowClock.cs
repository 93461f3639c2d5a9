using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Execution;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Realtime;

namespace OpsConsole.Features.Undo;

/// <summary>Ends the windows that had to be confirmed and were not. Due times are in the database, so a restart goes on; what is due is decided again inside the writer, so two instances do no harm.</summary>
internal sealed partial class WindowClock(WindowDesk desk, IDbContextFactory<OpsDbContext> factory, DurableWriter writer, Signals signals, TimeProvider time, ILogger<WindowClock> log) : BackgroundService
{
    private const int AtOnce = 50;
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(30), AfterFailure = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var changed = new Wakeup();
        using var onChange = signals.Subscribe([ReversibleWindow.RequiredTopic, "health"], changed.SetAsync);
        try
        {
            await writer.Ready.WaitAsync(stoppingToken);
            while (!stoppingToken.IsCancellationRequested)
            {
                var wait = AfterFailure;
                try
                {
                    wait = await LookAsync(stoppingToken);
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

    private async Task<TimeSpan> LookAsync(CancellationToken ct)
    {
        List<ReversibleWindow> first;
        await using (var db = await factory.CreateDbContextAsync(ct)) first = await Unconfirmed(db).Take(AtOnce).ToListAsync(ct);
        var failed = false;
        foreach (var window in first.Where(w => WindowRules.IsUnconfirmed(w, time.GetUtcNow())))
        {
            try
            {
                if ((await desk.EndAsync(window.DecisionSeq)).Fault is not null) return AfterFailure;
            }
            catch (Exception e) when (!ct.IsCancellationRequested)
            {
                LogOneFailed(e, window.DecisionId);   // the others must not wait for it
                failed = true;
            }
        }
        if (failed) return AfterFailure;
        if (first.FirstOrDefault(w => !WindowRules.IsUnconfirmed(w, time.GetUtcNow())) is not { } next) return first.Count < AtOnce ? LookAgain : TimeSpan.FromMilliseconds(20);
        var wait = next.Until - time.GetUtcNow() + TimeSpan.FromMilliseconds(5);
        return wait <= TimeSpan.Zero ? TimeSpan.FromMilliseconds(20) : wait < LookAgain ? wait : LookAgain;
    }

    /// <summary>What has to be confirmed, soonest over first.</summary>
    internal static IQueryable<ReversibleWindow> Unconfirmed(OpsDbContext db) => db.ReversibleWindows.AsNoTracking().Where(w => w.Required && w.State == WindowState.Open).OrderBy(w => w.Until);

    [LoggerMessage(2244, LogLevel.Error, "Ending the window of decision {Decision} failed; it is tried again in some seconds")]
    private partial void LogOneFailed(Exception e, string decision);
    [LoggerMessage(2243, LogLevel.Error, "Looking for what nobody confirmed failed; it is tried again in some seconds")]
    private partial void LogFailed(Exception e);
}
