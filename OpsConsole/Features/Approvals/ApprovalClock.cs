using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Realtime;

namespace OpsConsole.Features.Approvals;

/// <summary>
/// Brings requests to their end in time: expiries, holds that are over, releases after a pause; reminds who is asked and ends claims that nobody renews; and whenever authority changed, requests that nobody may decide any more.
/// The due times are in the database, so a restart catches up; what is due is decided again inside the writer, so two instances do no harm.
/// </summary>
internal sealed partial class ApprovalClock(IDbContextFactory<OpsDbContext> factory, ApprovalService approvals, ClaimDesk claims, DurableWriter writer, Signals signals, TimeProvider time, ILogger<ApprovalClock> log) : BackgroundService
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PutOff = TimeSpan.FromMinutes(1);
    private const int AtOnce = 200;
    /// <summary>Fewer of what can wait: no expiry stands behind many reminders.</summary>
    private const int TendAtOnce = 50;

    /// <summary>Requests that could not be brought to their end, and when they are tried again: meanwhile they do not stand before the others.</summary>
    private readonly Dictionary<long, DateTimeOffset> _putOff = [];
    private long _lookedAtEpoch = -1;
    private DateTimeOffset _lookedAt;

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
                catch (Exception e) when (!stoppingToken.IsCancellationRequested)
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
        var state = writer.State;
        foreach (var seq in _putOff.Where(p => p.Value <= now).Select(p => p.Key).ToList()) _putOff.Remove(seq);
        var putOff = _putOff.Keys.ToList();
        List<long> due, tend;
        bool moved;
        await using (var db = await factory.CreateDbContextAsync(ct))
        {
            due = await db.Approvals.AsNoTracking().Where(a => a.Status == ApprovalStatus.Pending && a.ExpiresAt <= now && !EF.Parameter(putOff).Contains(a.Seq)).OrderBy(a => a.ExpiresAt).Select(a => a.Seq).Take(AtOnce).ToListAsync(ct);
            // What a pause keeps is left out by the database: however many those are, they do not stand before the others.
            var kept = state.Agents.Values.Where(a => !a.Retired && DecisionRules.PauseReason(a, state) is not null).Select(a => a.Id).ToList();
            var unreleased = db.Approvals.AsNoTracking().Where(a => a.ReleasedAt == null && (a.Status == ApprovalStatus.Approved || a.Status == ApprovalStatus.Edited));
            due.AddRange(await unreleased.Where(a => (a.ReleaseAfter == null || a.ReleaseAfter <= now) && !EF.Parameter(kept).Contains(a.AgentId) && !EF.Parameter(putOff).Contains(a.Seq))
                .OrderBy(a => a.Seq).Select(a => a.Seq).Take(AtOnce).ToListAsync(ct));
            // Somebody went or came back: that is no change of authority, but of who is asked.
            moved = state.Directory.NextComingOrGoing(_lookedAt) <= now;
            if (moved || state.Epoch != _lookedAtEpoch) due.AddRange((await StuckAsync(db, state, now, ct)).Except(putOff));
            tend = await Claimed(db).Where(a => a.ClaimedUntil <= now && !EF.Parameter(putOff).Contains(a.Seq)).Select(a => a.Seq).Take(TendAtOnce).ToListAsync(ct);
            tend.AddRange(await ToRemind(db).Where(a => a.RemindAt <= now && !EF.Parameter(putOff).Contains(a.Seq)).Select(a => a.Seq).Take(TendAtOnce).ToListAsync(ct));
            if (due.Count + tend.Count == 0)
            {
                Looked(state, now, moved);
                var expiry = await db.Approvals.AsNoTracking().Where(a => a.Status == ApprovalStatus.Pending && a.ExpiresAt > now).OrderBy(a => a.ExpiresAt).Select(a => (DateTimeOffset?)a.ExpiresAt).FirstOrDefaultAsync(ct);
                var release = await unreleased.Where(a => a.ReleaseAfter > now).OrderBy(a => a.ReleaseAfter).Select(a => a.ReleaseAfter).FirstOrDefaultAsync(ct);
                var claim = await Claimed(db).Where(a => a.ClaimedUntil > now).Select(a => a.ClaimedUntil).FirstOrDefaultAsync(ct);
                var reminder = await ToRemind(db).Where(a => a.RemindAt > now).Select(a => a.RemindAt).FirstOrDefaultAsync(ct);
                var next = new[] { expiry, release, claim, reminder, state.Directory.NextComingOrGoing(now) }.Min();
                var wait = next is null ? LookAgain : next.Value - time.GetUtcNow() + TimeSpan.FromMilliseconds(5);   // the reading took its time
                return wait < LookAgain ? wait : LookAgain;
            }
        }
        foreach (var seq in due)
        {
            if (!await TryAsync(approvals.AdvanceAsync, seq, now)) return TimeSpan.FromSeconds(1);
        }
        foreach (var seq in tend.Except(due))
        {
            if (!await TryAsync(claims.TendAsync, seq, now)) return TimeSpan.FromSeconds(1);
        }
        Looked(state, now, moved);
        return due.Count >= AtOnce || tend.Count >= TendAtOnce ? TimeSpan.FromMilliseconds(1) : TimeSpan.FromMilliseconds(20);
    }

    private void Looked(ConsoleState state, DateTimeOffset now, bool moved)
    {
        (_lookedAtEpoch, _lookedAt) = (state.Epoch, now);
        if (moved) signals.Publish("approvals");
    }

    /// <summary>What somebody has claimed, in the order in which that ends.</summary>
    internal static IQueryable<ApprovalRequest> Claimed(OpsDbContext db) => db.Approvals.AsNoTracking().Where(a => a.ClaimedUntil != null).OrderBy(a => a.ClaimedUntil);

    /// <summary>What is to be reminded of, in the order in which that is due: it waits for approvers, and nobody looks at it. The conditions of the index, word for word.</summary>
    internal static IQueryable<ApprovalRequest> ToRemind(OpsDbContext db)
        => db.Approvals.AsNoTracking().Where(a => a.Status == ApprovalStatus.Pending && a.RemindAt != null && a.ClaimedUntil == null && a.Turn == Turn.Approvers).OrderBy(a => a.RemindAt);

    /// <summary>Open requests whose next yes nobody can give as people and groups stand now.</summary>
    private static async Task<List<long>> StuckAsync(OpsDbContext db, ConsoleState state, DateTimeOffset now, CancellationToken ct)
    {
        List<long> stuck = [];
        for (var after = 0L; ;)
        {
            var open = await db.Approvals.AsNoTracking().Where(a => a.Status == ApprovalStatus.Pending && a.Seq > after).OrderBy(a => a.Seq).Take(500).ToListAsync(ct);
            var known = open.Where(a => state.Agents.ContainsKey(a.AgentId)).ToList();   // an agent registered a moment ago is looked at the next time
            var seqs = known.Select(a => a.Seq).ToList();
            var actsFor = await db.Decisions.AsNoTracking().Where(d => seqs.Contains(d.Seq) && d.OnBehalfOf != null).ToDictionaryAsync(d => d.Seq, d => d.OnBehalfOf, ct);
            var last = await LastOnes.ReadAsync(db, known, state, ct);
            stuck.AddRange(known.Where(a => !Deciders.Eligible(a, actsFor.GetValueOrDefault(a.Seq), state.Agents[a.AgentId], state.Directory, now, last.Of(a)).Any()
                || Asked.AskDeputies(a, actsFor.GetValueOrDefault(a.Seq), state.Agents[a.AgentId], state.Directory, now, last.Of(a)) is not null
                || Asked.AskStandIns(a, actsFor.GetValueOrDefault(a.Seq), state.Agents[a.AgentId], state.Directory, now, last.Of(a)) is not null).Select(a => a.Seq));
            if (open.Count < 500) return stuck;
            after = open[^1].Seq;
        }
    }

    /// <summary>False when nothing can be written at the moment.</summary>
    private async Task<bool> TryAsync(Func<long, Task<Result<Done>>> advance, long seq, DateTimeOffset now)
    {
        try
        {
            var done = await advance(seq);
            if (done.Ok) return true;
            if (done.Fault!.Kind == FaultKind.Unavailable) return false;
        }
        catch (Exception e)
        {
            LogOneFailed(e, seq);
        }
        _putOff[seq] = now + PutOff;
        return true;
    }

    [LoggerMessage(2111, LogLevel.Error, "Looking for due approvals failed; it is tried again in a second")]
    private partial void LogFailed(Exception e);
    [LoggerMessage(2112, LogLevel.Error, "The due approval of decision {Seq} could not be brought to its end; it is tried again in a minute")]
    private partial void LogOneFailed(Exception e, long seq);
}
