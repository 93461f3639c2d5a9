using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Agents;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Realtime;

namespace OpsConsole.Features.Approvals;

/// <summary>
/// Brings requests to their end in time: expiries, holds that are over, releases after a pause; and whenever authority changed, requests that nobody may decide any more.
/// The due times are in the database, so a restart catches up; what is due is decided again inside the writer, so two instances do no harm.
/// </summary>
internal sealed partial class ApprovalClock(IDbContextFactory<OpsDbContext> factory, ApprovalService approvals, DurableWriter writer, Signals signals, TimeProvider time, ILogger<ApprovalClock> log) : BackgroundService
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(30);
    private const int AtOnce = 500;
    private long _lookedAtEpoch = -1;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var changed = new SemaphoreSlim(1, 1);
        using var onApprovals = signals.Subscribe("approvals", Wake);
        using var onState = signals.Subscribe("state", Wake);
        using var onHealth = signals.Subscribe("health", Wake);
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
                using var until = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                using var timer = time.CreateTimer(_ => until.Cancel(), null, wait, Timeout.InfiniteTimeSpan);
                try
                {
                    await changed.WaitAsync(until.Token);
                }
                catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
                {
                    // the next one is due
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }

        Task Wake()
        {
            if (changed.CurrentCount == 0) changed.Release();
            return Task.CompletedTask;
        }
    }

    /// <summary>Does what is due and says how long nothing will be.</summary>
    private async Task<TimeSpan> AdvanceAsync(CancellationToken ct)
    {
        var now = time.GetUtcNow();
        var state = writer.State;
        List<long> due;
        await using (var db = await factory.CreateDbContextAsync(ct))
        {
            due = await db.Approvals.AsNoTracking().Where(a => a.Status == ApprovalStatus.Pending && a.ExpiresAt <= now).OrderBy(a => a.ExpiresAt).Select(a => a.Seq).Take(200).ToListAsync(ct);
            var unreleased = await db.Approvals.AsNoTracking().Where(a => a.ReleasedAt == null && (a.Status == ApprovalStatus.Approved || a.Status == ApprovalStatus.Edited)).OrderBy(a => a.Seq)
                .Select(a => new { a.Seq, a.ReleaseAfter, a.AgentId }).Take(1_000).ToListAsync(ct);
            due.AddRange(unreleased.Where(a => (a.ReleaseAfter is null || a.ReleaseAfter <= now) && DecisionRules.PauseReason(state.Agents[a.AgentId], state) is null).Select(a => a.Seq));
            if (state.Epoch != _lookedAtEpoch) due.AddRange(await StuckAsync(db, state, ct));
            if (due.Count == 0)
            {
                _lookedAtEpoch = state.Epoch;
                var next = await db.Approvals.AsNoTracking().Where(a => a.Status == ApprovalStatus.Pending).OrderBy(a => a.ExpiresAt).Select(a => (DateTimeOffset?)a.ExpiresAt).FirstOrDefaultAsync(ct);
                foreach (var hold in unreleased)
                {
                    if (hold.ReleaseAfter > now && (next is null || hold.ReleaseAfter < next)) next = hold.ReleaseAfter;
                }
                var wait = next is null ? LookAgain : next.Value - now + TimeSpan.FromMilliseconds(5);
                return wait < LookAgain ? wait : LookAgain;
            }
        }
        var unavailable = false;
        foreach (var seq in due) unavailable |= (await approvals.AdvanceAsync(seq)).Fault?.Kind == FaultKind.Unavailable;
        if (!unavailable) _lookedAtEpoch = state.Epoch;
        return unavailable ? TimeSpan.FromSeconds(1) : due.Count >= 200 ? TimeSpan.FromMilliseconds(1) : TimeSpan.FromMilliseconds(20);
    }

    /// <summary>Open requests whose next yes nobody can give as people and groups stand now.</summary>
    private static async Task<List<long>> StuckAsync(OpsDbContext db, ConsoleState state, CancellationToken ct)
    {
        List<long> stuck = [];
        for (var after = 0L; ;)
        {
            var open = await db.Approvals.AsNoTracking().Where(a => a.Status == ApprovalStatus.Pending && a.Seq > after).OrderBy(a => a.Seq).Take(AtOnce).ToListAsync(ct);
            var copilots = open.Where(a => state.Agents[a.AgentId].Kind == AgentKind.Copilot).Select(a => a.Seq).ToList();
            var actsFor = copilots.Count == 0 ? [] : await db.Decisions.AsNoTracking().Where(d => copilots.Contains(d.Seq)).ToDictionaryAsync(d => d.Seq, d => d.OnBehalfOf, ct);
            stuck.AddRange(open.Where(a => !Deciders.Eligible(a, actsFor.GetValueOrDefault(a.Seq), state.Agents[a.AgentId], state.Directory).Any()).Select(a => a.Seq));
            if (open.Count < AtOnce) return stuck;
            after = open[^1].Seq;
        }
    }

    [LoggerMessage(2001, LogLevel.Error, "Looking for due approvals failed; it is tried again in a second")]
    private partial void LogFailed(Exception e);
}
