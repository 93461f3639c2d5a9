using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Caps;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Approvals;
using OpsConsole.Features.Decisions;

namespace OpsConsole.Features.Home;

/// <summary>Something that asks for a look.</summary>
public sealed record AlertLine(long Seq, DateTimeOffset At, string Kind, string AgentName, string RolloutName, string? DecisionId, string Text, bool MaySee);

/// <summary>The decisions since midnight UTC of the rollouts the reader sees.</summary>
/// <param name="Alone">Share of live answers given without a person that allowed: allowed at once ÷ all live asks; null without asks.</param>
/// <param name="Overridden">Share of decided approvals in which a person rejected or edited; null without any.</param>
/// <param name="More">There were more than are counted.</param>
public sealed record TodayNumbers(int Decisions, double? Alone, double? Overridden, int Denied, int Pending, long CostUsd, bool More);

public sealed record RolloutLine(string Id, string Name, string? Gate, bool Paused, int Agents, int PausedAgents, int MatrixVersion, bool Simulated);

/// <summary>The first steps that a new console still has to take.</summary>
public sealed record FirstSteps(bool Rollout, bool Matrix, bool Agent, bool Key, bool Asked)
{
    public bool Done => Rollout && Matrix && Agent && Key && Asked;
}

/// <summary>What needs the reader, and how things stand.</summary>
public sealed record HomeView(string Name, int Approvals, DateTimeOffset? NextDue, IReadOnlyList<AlertLine> Alerts, int Unreported, TodayNumbers Today, IReadOnlyList<RolloutLine> Rollouts, bool EverythingPaused, FirstSteps Steps, bool MayReadAudit, bool MayCreateRollout);

/// <summary>Gathers the home page from bounded queries.</summary>
public sealed class HomeBoard(IDbContextFactory<OpsDbContext> factory, DurableWriter writer, ApprovalInbox inbox, DecisionSearch search, TimeProvider time)
{
    private const int MostCounted = 50_000;

    public async Task<HomeView> LoadAsync(PersonCaller me, CancellationToken ct)
    {
        var state = writer.State;
        var rollouts = state.Rollouts.Values.Where(r => !r.Archived && Permissions.MaySee(me.Person, r, state.Directory)).OrderBy(r => r.Name, StringComparer.OrdinalIgnoreCase).ToList();
        var mine = await inbox.QueueAsync(me, null, mineOnly: true, 100, ct);
        var overdue = await search.SearchAsync(me, new DecisionFilter(Unreported: true), null, 100, "", ct);
        await using var db = await factory.CreateDbContextAsync(ct);
        var agents = state.Agents.Values.Where(a => !a.Retired).ToLookup(a => a.Rollout.Id);
        var lines = rollouts.Select(r => new RolloutLine(r.Id, r.Name, r.Gate == Gate.None ? null : r.Gate.ToString(), r.Paused is not null, agents[r.Id].Count(), agents[r.Id].Count(a => a.Paused is not null), r.Policy?.Version ?? 0, r.Simulated));
        var steps = new FirstSteps(rollouts.Count > 0, rollouts.Any(r => r.Policy is not null), rollouts.Any(r => agents[r.Id].Any()), state.Directory.AgentKeys.Values.Any(k => state.Agents.ContainsKey(k.OwnerId)), await db.Decisions.AsNoTracking().AnyAsync(ct));
        return new HomeView(me.Person.Name, mine.Count, mine.Count == 0 ? null : mine.Min(a => a.ExpiresAt), await AlertsAsync(db, me, state, rollouts, ct), overdue.Ok ? overdue.Value.Items.Count : 0,
            await TodayAsync(db, me, state, ct), [.. lines], state.Paused is not null, steps, Permissions.MayReadAudit(me.Person), Permissions.MayCreateRollout(me.Person));
    }

    /// <summary>Takes an alert off the list. For those who answer for its rollout or its agent, and admins.</summary>
    public Task<Result<Done>> SeenAsync(PersonCaller me, long seq) => writer.ChangeAsync<Done>(async (scope, ct) =>
    {
        var alert = await scope.Db.Alerts.SingleOrDefaultAsync(a => a.Seq == seq, ct);
        if (alert is null || !scope.State.Directory.People.TryGetValue(me.Id, out var person) || !scope.State.Rollouts.TryGetValue(alert.RolloutId, out var rollout) || !Permissions.MaySee(person, rollout, scope.State.Directory)) return Fault.NotFound("alert");
        if (!MaySettle(person, alert, scope.State)) return Fault.Forbidden("People of the rollout, the agent's owner and admins settle its alerts.");
        if (alert.SeenAt is not null) return Done.Value;
        (alert.SeenAt, alert.SeenBy) = (scope.Now, person.Id);
        scope.Audit(me.Actor, "alert.seen", alert.DecisionId ?? alert.AgentId, new { alert = seq, kind = alert.Kind }, rolloutId: alert.RolloutId);
        scope.Signal("alerts");
        return Done.Value;
    });

    private static bool MaySettle(PersonEntry person, Alert alert, ConsoleState state)
        => Permissions.IsAdmin(person) || (state.Rollouts.TryGetValue(alert.RolloutId, out var rollout) && rollout.Members.Any(m => m.PersonId == person.Id)) || (state.Agents.TryGetValue(alert.AgentId, out var agent) && agent.OwnerId == person.Id);

    private static async Task<IReadOnlyList<AlertLine>> AlertsAsync(OpsDbContext db, PersonCaller me, ConsoleState state, List<RolloutAuthority> rollouts, CancellationToken ct)
    {
        List<Alert> alerts = [];
        foreach (var rollout in rollouts) alerts.AddRange(await db.Alerts.AsNoTracking().Where(a => a.SeenAt == null && a.RolloutId == rollout.Id).OrderByDescending(a => a.Seq).Take(20).ToListAsync(ct));
        return [.. alerts.OrderByDescending(a => a.Seq).Take(20).Select(a => new AlertLine(a.Seq, a.At, a.Kind, state.Agents.TryGetValue(a.AgentId, out var agent) ? agent.Name : a.AgentId, state.Rollouts[a.RolloutId].Name, a.DecisionId, a.Text, MaySettle(me.Person, a, state)))];
    }

    private async Task<TodayNumbers> TodayAsync(OpsDbContext db, PersonCaller me, ConsoleState state, CancellationToken ct)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var from = await LogClock.FirstSeqAtAsync(db, new DateTimeOffset(now.Date, TimeSpan.Zero), null, ct);
        var visible = Permissions.VisibleRollouts(me.Person, state);
        var today = db.Decisions.AsNoTracking().Where(d => d.Seq >= from && d.Mode == AskMode.Live);
        if (visible is not null) today = today.Where(d => visible.Contains(d.RolloutId));
        var rows = await today.OrderByDescending(d => d.Seq).Take(MostCounted).GroupJoin(db.Outcomes, d => d.Seq, o => o.DecisionSeq, (d, o) => new { d, o })
            .SelectMany(x => x.o.DefaultIfEmpty(), (x, o) => new { x.d.Outcome, x.d.At, x.d.ResolvedAt, x.d.ReservedUsd, o!.CostUsd, Status = o != null ? o.Status : (ReportStatus?)null }).ToListAsync(ct);
        var decided = db.Approvals.AsNoTracking().Where(a => a.Seq >= from && (a.Status == ApprovalStatus.Approved || a.Status == ApprovalStatus.Edited || a.Status == ApprovalStatus.Rejected));
        if (visible is not null) decided = decided.Where(a => visible.Contains(a.RolloutId));
        var statuses = await decided.OrderByDescending(a => a.Seq).Select(a => a.Status).Take(MostCounted).ToListAsync(ct);
        return new TodayNumbers(rows.Count, rows.Count == 0 ? null : rows.Count(r => r.Outcome == Outcome.Allow && r.ResolvedAt == r.At) / (double)rows.Count,
            statuses.Count == 0 ? null : statuses.Count(s => s != ApprovalStatus.Approved) / (double)statuses.Count, rows.Count(r => r.Outcome == Outcome.Deny), rows.Count(r => r.Outcome == Outcome.Pending), rows.Sum(r => Spent.Of(r.Outcome, r.Status, r.CostUsd, r.ReservedUsd)), rows.Count == MostCounted);
    }
}
