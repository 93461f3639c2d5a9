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
using OpsConsole.Features.Reviews;
using OpsConsole.Features.Undo;
using OpsConsole.Features.Workshop;

namespace OpsConsole.Features.Home;

/// <summary>Something that asks for a look.</summary>
public sealed record AlertLine(long Seq, DateTimeOffset At, string Kind, string AgentName, string RolloutId, string RolloutName, string? DecisionId, string Text, bool MaySee);

/// <summary>The live decisions since the reader's midnight, of the rollouts the reader sees.</summary>
/// <param name="Alone">Share of live answers given without a person that allowed: allowed at once ÷ all live asks; null without asks.</param>
/// <param name="Decided">Approvals that a person decided.</param>
/// <param name="Overridden">Those of them in which the person rejected or edited.</param>
/// <param name="CostUsd">Micro-dollars: what was reported, else what is reserved; what was denied costs nothing.</param>
/// <param name="Hours">Decisions of each hour that has begun since midnight.</param>
public sealed record TodayNumbers(int Decisions, double? Alone, int Decided, int Overridden, int Denied, int Pending, long CostUsd, IReadOnlyList<int> Hours);

public sealed record RolloutLine(string Id, string Name, string? Gate, bool Paused, int Agents, IReadOnlyList<string> PausedAgents, int MatrixVersion, bool Simulated);

/// <summary>The first steps that a new console still has to take, one after another: none is taken while an earlier one is open. Only <see cref="Sheets"/> may be left out: who brings a finished matrix needs no workshop.</summary>
/// <param name="Sheets">Something stands on a worksheet.</param>
public sealed record FirstSteps(bool Rollout, bool Sheets, bool Matrix, bool Agent, bool Key, bool Asked)
{
    public bool Done => Asked;
}

/// <summary>Why the reader sees no rollout and has none to create: they are in none, or there is none.</summary>
public enum NoRollout { InNone, NoneYet }

/// <summary>What needs the reader, and how things stand.</summary>
/// <param name="Approvals">At most <see cref="HomeBoard.MostWaiting"/>, like <paramref name="Unreported"/>.</param>
/// <param name="Confirmations">What agents wrote and the reader has to confirm.</param>
/// <param name="UndoSteps">Steps of undo plans that need the reader.</param>
/// <param name="Reviews">Weekly reviews that the reader may sign and that nobody has signed, the oldest first.</param>
/// <param name="Memos">Scale memos that wait for the reader's decision, the oldest first.</param>
/// <param name="Nothing">Set for those who see no rollout and may not create one either.</param>
public sealed record HomeView(string Name, int Approvals, DateTimeOffset? NextDue, IReadOnlyList<AlertLine> Alerts, int Unreported, TodayNumbers Today, IReadOnlyList<RolloutLine> Rollouts, bool EverythingPaused, FirstSteps Steps, bool MayReadAudit, bool MayCreateRollout, NoRollout? Nothing, IReadOnlyList<MentionLine> Mentions, int Confirmations = 0, int UndoSteps = 0, IReadOnlyList<DueReview>? Reviews = null, IReadOnlyList<DueMemo>? Memos = null);

/// <summary>Gathers the home page from bounded queries.</summary>
internal sealed class HomeBoard(IDbContextFactory<OpsDbContext> factory, DurableWriter writer, ApprovalInbox inbox, DecisionSearch search, DayTally tally, MentionInbox mentions, WindowDesk windows, UndoNeeds needs, WeeklyReviewReader reviews, ScaleMemoReader memos)
{
    public const int MostWaiting = 100;
    private const int MostCounted = 50_000;

    /// <param name="rolloutId">Only this rollout; null: all that the person may see.</param>
    /// <param name="midnight">When the reader's day began.</param>
    public async Task<HomeView> LoadAsync(PersonCaller me, string? rolloutId, DateTimeOffset midnight, CancellationToken ct)
    {
        var state = writer.State;
        var rollouts = state.Rollouts.Values.Where(r => !r.Archived && (rolloutId is null || r.Id == rolloutId) && Permissions.MaySee(me.Person, r, state.Directory)).OrderBy(r => r.Name, StringComparer.OrdinalIgnoreCase).ToList();
        var mine = await inbox.QueueAsync(me, rolloutId, mineOnly: true, MostWaiting, ct);
        var overdue = await search.SearchAsync(me, new DecisionFilter(Rollout: rolloutId, Unreported: true), null, MostWaiting, "", ct);
        await using var db = await factory.CreateDbContextAsync(ct);
        var agents = state.Agents.Values.Where(a => !a.Retired).ToLookup(a => a.Rollout.Id);
        var lines = rollouts.Select(r => new RolloutLine(r.Id, r.Name, r.Gate == Gate.None ? null : r.Gate.ToString(), r.Paused is not null, agents[r.Id].Count(), [.. agents[r.Id].Where(a => a.Paused is not null).Select(a => a.Name).Order(StringComparer.OrdinalIgnoreCase)], r.Policy?.Version ?? 0, r.Simulated));
        var steps = rolloutId is not null ? new FirstSteps(true, true, true, true, true, true) : await StepsAsync(db, rollouts, agents, state, ct);
        NoRollout? nothing = rolloutId is not null || rollouts.Count > 0 || Permissions.MayCreateRollout(me.Person) ? null : Permissions.SeesAll(me.Person) ? NoRollout.NoneYet : NoRollout.InNone;
        return new HomeView(me.Person.Name, mine.Count, mine.Count == 0 ? null : mine.Min(a => a.ExpiresAt), await AlertsAsync(db, me, state, rollouts, ct), overdue.Ok ? overdue.Value.Items.Count : 0,
            await TodayAsync(db, me, rolloutId, midnight, state, ct), [.. lines], state.Paused is not null, steps, Permissions.MayReadAudit(me.Person), Permissions.MayCreateRollout(me.Person), nothing, await mentions.OfAsync(me, rolloutId, ct), await windows.MineAsync(me, rolloutId, ct), await needs.MineAsync(me, rolloutId, ct), await reviews.DueAsync(me, rolloutId, ct), await memos.DueAsync(me, rolloutId, ct));
    }

    private static async Task<FirstSteps> StepsAsync(OpsDbContext db, List<RolloutAuthority> rollouts, ILookup<string, AgentAuthority> agents, ConsoleState state, CancellationToken ct)
    {
        var matrix = rollouts.Any(r => r.Policy is not null);
        var agent = matrix && rollouts.Any(r => agents[r.Id].Any());
        var ids = rollouts.Select(r => r.Id).ToHashSet();
        var key = agent && state.Directory.AgentKeys.Values.Any(k => state.Agents.TryGetValue(k.OwnerId, out var holder) && ids.Contains(holder.Rollout.Id));
        var (sheets, asked) = (false, false);
        foreach (var id in ids) sheets = sheets || await db.Patches.AsNoTracking().AnyAsync(p => p.RolloutId == id && !p.Replaced, ct);
        foreach (var id in ids) asked = asked || (key && await db.Decisions.AsNoTracking().AnyAsync(d => d.RolloutId == id, ct));
        return new FirstSteps(rollouts.Count > 0, sheets, matrix, agent, key, asked);
    }

    /// <summary>Takes an alert off the list. For those who answer for its rollout or its agent, and admins.</summary>
    public Task<Result<Done>> SeenAsync(PersonCaller me, long seq) => writer.ChangeAsync<Done>(async (scope, ct) =>
    {
        var alert = await scope.Db.Alerts.SingleOrDefaultAsync(a => a.Seq == seq, ct);
        if (alert is null || !scope.State.Directory.People.TryGetValue(me.Id, out var person) || !scope.State.Rollouts.TryGetValue(alert.RolloutId, out var rollout) || !Permissions.MaySee(person, rollout, scope.State.Directory)) return Fault.NotFound("alert");
        if (!MaySettle(person, alert, scope.State)) return Fault.Forbidden("People of the rollout, the agent's owner and admins settle its alerts.");
        if (alert.SeenAt is not null) return Done.Value;
        (alert.SeenAt, alert.SeenBy) = (scope.Now, person.Id);
        scope.Audit(me.Actor, "alert.seen", alert.DecisionId ?? (alert.AgentId.Length > 0 ? alert.AgentId : alert.RolloutId), new { alert = seq, kind = alert.Kind }, rolloutId: alert.RolloutId);
        scope.Signal("alerts");
        return Done.Value;
    });

    private static bool MaySettle(PersonEntry person, Alert alert, ConsoleState state)
        => Permissions.IsAdmin(person) || (state.Rollouts.TryGetValue(alert.RolloutId, out var rollout) && rollout.Members.Any(m => m.PersonId == person.Id)) || (state.Agents.TryGetValue(alert.AgentId, out var agent) && agent.OwnerId == person.Id);

    private static async Task<IReadOnlyList<AlertLine>> AlertsAsync(OpsDbContext db, PersonCaller me, ConsoleState state, List<RolloutAuthority> rollouts, CancellationToken ct)
    {
        List<Alert> alerts = [];
        foreach (var rollout in rollouts) alerts.AddRange(await db.Alerts.AsNoTracking().Where(a => a.SeenAt == null && a.RolloutId == rollout.Id).OrderByDescending(a => a.Seq).Take(20).ToListAsync(ct));
        return [.. alerts.OrderByDescending(a => a.Seq).Take(20).Select(a => new AlertLine(a.Seq, a.At, a.Kind, state.Agents.TryGetValue(a.AgentId, out var agent) ? agent.Name : a.AgentId, a.RolloutId, state.Rollouts[a.RolloutId].Name, a.DecisionId, a.Text, MaySettle(me.Person, a, state)))];
    }

    private async Task<TodayNumbers> TodayAsync(OpsDbContext db, PersonCaller me, string? rolloutId, DateTimeOffset midnight, ConsoleState state, CancellationToken ct)
    {
        var visible = Permissions.VisibleRollouts(me.Person, state);
        if (rolloutId is not null) visible = visible is null || visible.Contains(rolloutId) ? [rolloutId] : [];
        var asked = await tally.SinceAsync(midnight, visible, ct);
        // What people were asked ends later than it was asked, so it is looked up each time; it comes at the pace of people.
        var approvals = db.Approvals.AsNoTracking().Where(a => a.Seq >= asked.FirstSeq);
        if (visible is not null) approvals = approvals.Where(a => visible.Contains(a.RolloutId));
        var ends = await approvals.OrderByDescending(a => a.Seq).Take(MostCounted).Join(db.Decisions.Where(d => d.Mode == AskMode.Live), a => a.Seq, d => d.Seq, (a, d) => new { a.Status, d.Outcome, d.ReservedUsd })
            .GroupBy(x => new { x.Status, x.Outcome }).Select(g => new { g.Key.Status, g.Key.Outcome, Count = g.Count(), Reserved = g.Sum(x => x.ReservedUsd) }).ToListAsync(ct);
        var (decided, kept) = (ends.Where(e => e.Status is ApprovalStatus.Approved or ApprovalStatus.Edited or ApprovalStatus.Rejected).Sum(e => e.Count), ends.Where(e => e.Status == ApprovalStatus.Approved).Sum(e => e.Count));
        var denied = ends.Where(e => e.Outcome == Outcome.Deny).ToList();
        return new TodayNumbers(asked.Total.Decisions, asked.Total.Decisions == 0 ? null : asked.Total.Alone / (double)asked.Total.Decisions, decided, decided - kept,
            asked.Total.Denied + denied.Sum(e => e.Count), ends.Where(e => e.Outcome == Outcome.Pending).Sum(e => e.Count), asked.Total.CostUsd - denied.Sum(e => e.Reserved), asked.Hours);
    }
}
