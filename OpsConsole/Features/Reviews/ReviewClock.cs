using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Reviews;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Realtime;

namespace OpsConsole.Features.Reviews;

/// <summary>
/// Opens the review of each week when the rollout's schedule says so, and reminds of those that are late. Of a rollout that stood still for long only the last week is opened: the others can be by hand. A week is opened once its figures are
/// counted; two instances open it once. Reviews begin with the first week in which something was asked for real.
/// </summary>
internal sealed partial class ReviewClock(WeeklyReviewDesk desk, DurableWriter writer, IDbContextFactory<OpsDbContext> factory, Signals signals, TimeProvider time, ILogger<ReviewClock> log) : BackgroundService
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(15), AfterFailure = TimeSpan.FromSeconds(30);
    private readonly SemaphoreSlim _turn = new(1, 1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var changed = new Wakeup();
        using var onChange = signals.Subscribe(["health"], changed.SetAsync);
        try
        {
            await writer.Ready.WaitAsync(stoppingToken);
            while (!stoppingToken.IsCancellationRequested)
            {
                var wait = AfterFailure;
                try
                {
                    if (await TurnAsync(stoppingToken)) wait = Longest;
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

    /// <summary>Opens and reminds what is due. False: something could not be opened yet, so it is looked at again soon.</summary>
    internal async Task<bool> TurnAsync(CancellationToken ct)
    {
        await _turn.WaitAsync(ct);
        try
        {
            var (state, now, whole) = (writer.State, time.GetUtcNow(), true);
            await using var db = await factory.CreateDbContextAsync(ct);
            var schedules = await db.Rollouts.AsNoTracking().Where(r => r.ArchivedAt == null).Select(r => new { r.Id, r.ReviewSchedule }).ToListAsync(ct);
            foreach (var at in schedules)
            {
                if (!state.Rollouts.TryGetValue(at.Id, out var rollout)) continue;
                var week = (at.ReviewSchedule ?? ReviewSchedule.Default).LastOpen(now, rollout.Zone);
                if (await db.WeeklyReviews.AsNoTracking().AnyAsync(r => r.RolloutId == at.Id && r.Week >= week, ct) || !await WeeklyReviewDesk.BegunAsync(db, at.Id, Core.Reliability.Periods.DayStart(week.AddDays(7), rollout.Zone), ct)) continue;
                try
                {
                    if ((await desk.OpenAsync(Actor.System, WeeklyReviewDesk.Console, at.Id, week, ct)).Fault is not { } fault) continue;
                    whole = false;
                    if (fault.Code != "figures.counting") LogNotOpened(at.Id, fault.Message);
                }
                catch (Exception e) when (!ct.IsCancellationRequested)   // one that cannot be read keeps no other from being opened
                {
                    whole = false;
                    LogNotOpened(at.Id, e.Message);
                }
            }
            foreach (var late in await db.WeeklyReviews.AsNoTracking().Where(r => r.Signed == null).Select(r => new { r.Id, r.RolloutId, r.DueOn, r.RemindedAt }).ToListAsync(ct))
                if (state.Rollouts.TryGetValue(late.RolloutId, out var rollout) && !rollout.Archived && WeeklyReviewDesk.Late(null, late.DueOn, late.RemindedAt, rollout, now) && (await desk.RemindAsync(late.Id)).Fault is { } fault) LogNotOpened(late.Id, fault.Message);
            return whole;
        }
        finally { _turn.Release(); }
    }

    public override void Dispose()
    {
        _turn.Dispose();
        base.Dispose();
    }

    [LoggerMessage(2255, LogLevel.Error, "Opening the weekly reviews failed; it is tried again in some seconds")]
    private partial void LogFailed(Exception e);

    [LoggerMessage(2256, LogLevel.Warning, "The weekly review of {Of} could not be opened or reminded of: {Why}")]
    private partial void LogNotOpened(string of, string why);
}
