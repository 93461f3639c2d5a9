using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Trust;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Realtime;

namespace OpsConsole.Features.Promotions;

/// <summary>
/// Records what happens by itself: tests that failed, proposals that are over, tiers that were not reviewed in time. None of it gives anything, and what an overdue tier is worth does not wait for this clock. What is due is looked at again inside
/// the writer, so two instances do no harm.
/// </summary>
internal sealed partial class PromotionClock(PromotionDesk desk, IDbContextFactory<OpsDbContext> factory, DurableWriter writer, Signals signals, TimeProvider time, ILogger<PromotionClock> log) : BackgroundService
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(30), AfterFailure = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var changed = new Wakeup();
        using var onHealth = signals.Subscribe(["health"], changed.SetAsync);
        try
        {
            await writer.Ready.WaitAsync(stoppingToken);
            while (!stoppingToken.IsCancellationRequested)
            {
                var wait = AfterFailure;
                try
                {
                    if (await TurnAsync(stoppingToken)) wait = LookAgain;
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

    /// <summary>Looks at everything that is open or overdue, once. False: something could not be recorded, and is tried again soon.</summary>
    internal async Task<bool> TurnAsync(CancellationToken ct)
    {
        var (now, done) = (time.GetUtcNow(), true);
        foreach (var (agent, grant) in writer.State.Agents.Values.Where(a => !a.Retired).SelectMany(a => a.Grants.Select(g => (a.Id, Grant: g))).Where(g => g.Grant.At(now).Tier != g.Grant.Tier && (g.Grant.ExpiresAt is null || now < g.Grant.ExpiresAt)).ToList())
            done &= await TryAsync(grant.Id, () => desk.FallAsync(agent, grant.Id), ct);
        List<(string Agent, string Id)> open;
        await using (var db = await factory.CreateDbContextAsync(ct))
            open = [.. (await db.Promotions.AsNoTracking().Where(p => p.State == PromotionState.Open).OrderBy(p => p.Seq).Select(p => new { p.AgentId, p.Id }).ToListAsync(ct)).Select(p => (p.AgentId, p.Id))];
        foreach (var (agent, id) in open) done &= await TryAsync(id, () => desk.SettleAsync(agent, id, ct), ct);
        return done;
    }

    private async Task<bool> TryAsync(string of, Func<Task<Result<Done>>> record, CancellationToken ct)
    {
        try
        {
            return (await record()).Ok;
        }
        catch (Exception e) when (!ct.IsCancellationRequested)
        {
            LogOneFailed(e, of);   // the others must not wait for it
            return false;
        }
    }

    [LoggerMessage(2261, LogLevel.Error, "Looking for promotions and reviews that are due failed; it is tried again in some seconds. An overdue tier is lowered all the same")]
    private partial void LogFailed(Exception e);
    [LoggerMessage(2262, LogLevel.Error, "Recording what became of {Id} failed; it is tried again in some seconds")]
    private partial void LogOneFailed(Exception e, string id);
}
