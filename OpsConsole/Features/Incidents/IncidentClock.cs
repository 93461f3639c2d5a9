using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Incidents;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Realtime;

namespace OpsConsole.Features.Incidents;

/// <summary>Tells the next people when their time has come, and lets go what nobody was heard of. Due times are in the database, so a restart goes on; what is due is decided again inside the writer, so two instances do no harm.</summary>
internal sealed partial class IncidentClock(IncidentDesk desk, IDbContextFactory<OpsDbContext> factory, DurableWriter writer, Signals signals, TimeProvider time, ILogger<IncidentClock> log) : BackgroundService
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(30), AfterFailure = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var changed = new Wakeup();
        using var onChange = signals.Subscribe([IncidentDesk.Topic, "state", "health"], changed.SetAsync);
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
        List<Incident> open;
        await using (var db = await factory.CreateDbContextAsync(ct)) open = await Open(db).ToListAsync(ct);
        var (state, now) = (writer.State, time.GetUtcNow());
        foreach (var incident in open.OrderBy(i => i.Seq).Where(i => IncidentRules.Silent(i, now) || IncidentRules.PutBack(i, now) || (state.Rollouts.TryGetValue(i.RolloutId, out var rollout) && IncidentRules.Due(i, rollout, state.Directory, now) is not null)))
        {
            if ((await desk.AdvanceAsync(incident.Seq)).Fault is not null) return AfterFailure;
        }
        var next = open.Min(IncidentDesk.DueAt);
        if (next is not { } due) return LookAgain;
        var wait = due - time.GetUtcNow() + TimeSpan.FromMilliseconds(5);
        return wait <= TimeSpan.Zero ? TimeSpan.FromMilliseconds(20) : wait < LookAgain ? wait : LookAgain;
    }

    /// <summary>What is under way, in no order: with one, the database would go through all that ever was. An incident is rare, so all of it is looked at.</summary>
    internal static IQueryable<Incident> Open(OpsDbContext db) => db.Incidents.AsNoTracking().Where(i => i.Status <= IncidentStatus.Mitigated);

    [LoggerMessage(2231, LogLevel.Error, "Looking for incidents that escalate failed; it is tried again in some seconds")]
    private partial void LogFailed(Exception e);
}
