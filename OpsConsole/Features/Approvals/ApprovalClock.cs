using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Approvals;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Realtime;

namespace OpsConsole.Features.Approvals;

/// <summary>
/// Brings requests to their end in time: expiries, holds that are over, releases after a pause. The due times are in the database, so a restart catches up;
/// what is due is decided again inside the writer, so two instances do no harm.
/// </summary>
internal sealed partial class ApprovalClock(IDbContextFactory<OpsDbContext> factory, ApprovalService approvals, DurableWriter writer, Signals signals, TimeProvider time, ILogger<ApprovalClock> log) : BackgroundService
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var changed = new Wakeup();
        using var onApprovals = signals.Subscribe("approvals", changed.SetAsync);
        using var onState = signals.Subscribe("state", changed.SetAsync);
        using var onHealth = signals.Subscribe("health", changed.SetAsync);
        try
        {
            await writer.Ready.WaitAsync(stoppingToken);
            while (!stoppingToken.IsCancellationRequested)
            {
                var wait = LookAgain;
                try
                {
                    wait = await AdvanceAsync(stoppingToken);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    LogFailed(e);
                    wait = TimeSpan.FromSeconds(1);
                }
                await changed.WaitAsync(wait, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    /// <summary>Does what is due and says how long nothing will be.</summary>
    private async Task<TimeSpan> AdvanceAsync(CancellationToken ct)
    {
        var now = time.GetUtcNow();
        List<long> due;
        await using (var db = await factory.CreateDbContextAsync(ct))
        {
            due = await db.Approvals.AsNoTracking().Where(a => a.Status == ApprovalStatus.Pending && a.ExpiresAt <= now).OrderBy(a => a.ExpiresAt).Select(a => a.Seq).Take(200).ToListAsync(ct);
            var unreleased = await db.Approvals.AsNoTracking().Where(a => a.ReleasedAt == null && (a.Status == ApprovalStatus.Approved || a.Status == ApprovalStatus.Edited)).OrderBy(a => a.Seq)
                .Select(a => new { a.Seq, a.ReleaseAfter, a.AgentId }).Take(1_000).ToListAsync(ct);
            var state = writer.State;
            due.AddRange(unreleased.Where(a => (a.ReleaseAfter is null || a.ReleaseAfter <= now) && Core.Decisions.DecisionRules.PauseReason(state.Agents[a.AgentId], state) is null).Select(a => a.Seq));
            if (due.Count == 0)
            {
                var next = await db.Approvals.AsNoTracking().Where(a => a.Status == ApprovalStatus.Pending).OrderBy(a => a.ExpiresAt).Select(a => (DateTimeOffset?)a.ExpiresAt).FirstOrDefaultAsync(ct);
                foreach (var hold in unreleased)
                {
                    if (hold.ReleaseAfter > now && (next is null || hold.ReleaseAfter < next)) next = hold.ReleaseAfter;
                }
                var wait = next is null ? LookAgain : next.Value - now + TimeSpan.FromMilliseconds(5);
                return wait < LookAgain ? wait : LookAgain;
            }
        }
        foreach (var seq in due) await approvals.AdvanceAsync(seq);
        return due.Count >= 200 ? TimeSpan.FromMilliseconds(1) : TimeSpan.FromMilliseconds(20);
    }

    [LoggerMessage(2111, LogLevel.Error, "Looking for due approvals failed; it is tried again in a second")]
    private partial void LogFailed(Exception e);
}
