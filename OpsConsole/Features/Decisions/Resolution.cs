using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Access;
using OpsConsole.Core.Agents;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;
using OpsConsole.Data.Writer;

namespace OpsConsole.Features.Decisions;

/// <summary>How a pending decision ends: let go, or denied. Inside the writer's transaction.</summary>
public static class Resolution
{
    public static async Task DenyAsync(ChangeScope scope, DecisionRecord d, Reason reason, CancellationToken ct)
    {
        IReadOnlyList<Reason> reasons = [reason, .. d.Reasons];
        await scope.Db.Decisions.Where(x => x.Seq == d.Seq).ExecuteUpdateAsync(u => u.SetProperty(x => x.Outcome, Outcome.Deny).SetProperty(x => x.ResolvedAt, scope.Now).SetProperty(x => x.Reasons, reasons), ct);
        await scope.AdjustCapsAsync(d, -d.ReservedUsd, -d.ReservedTokens, 0, ct);   // nothing will run, so nothing will be spent
        scope.Signal("decision:" + d.Id);
    }

    /// <summary>An agent is retired: what waits for people, or for its release, is denied, and gives back what it had reserved.</summary>
    public static async Task CloseAllAsync(ChangeScope scope, Actor by, Agent agent, CancellationToken ct)
    {
        var open = await scope.Db.Approvals.Where(a => a.RolloutId == agent.RolloutId && a.AgentId == agent.Id
            && (a.Status == ApprovalStatus.Pending || (a.ReleasedAt == null && (a.Status == ApprovalStatus.Approved || a.Status == ApprovalStatus.Edited)))).OrderBy(a => a.Seq).ToListAsync(ct);
        foreach (var approval in open)
        {
            ApprovalRules.Cancel(approval, scope.Now);
            var d = await scope.Db.Decisions.AsNoTracking().SingleAsync(x => x.Seq == approval.Seq, ct);
            await DenyAsync(scope, d, new Reason("authority.changed", $"{agent.Name} was retired before this was released, so it does not happen.", approval.Terms.RuleId), ct);
            scope.Audit(by, "approval.cancelled", approval.Id, new { cause = "agent.retired" }, rolloutId: d.RolloutId, decisionSeq: d.Seq);
        }
        if (open.Count > 0) scope.Signal("approvals");
    }

    /// <summary>
    /// Where nobody can give the next yes, more people are asked at once; where none of those who are asked is at work before it is due, their deputies as well; and whoever stands in since somebody went.
    /// The decision says so from then on. Returns whether anything was so.
    /// </summary>
    public static async Task<bool> EscalateIfStuckAsync(ChangeScope scope, ApprovalRequest approval, DecisionRecord d, CancellationToken ct)
    {
        var (agent, directory, last) = (scope.State.Agents[d.AgentId], scope.State.Directory, await LastAsync(scope, approval, ct));
        var said = d.Reasons.Any(r => r.Code == Circle.NobodyEligible(approval.Terms).Code);
        List<Reason> reasons = [];
        if (Circle.EscalateIfStuck(approval, said, d.OnBehalfOf, agent, directory, scope.Now, last) is { } asked)
        {
            if (!said) reasons.Add(Circle.NobodyEligible(approval.Terms));
            scope.Audit(Actor.System, "approval.escalated", approval.Id, new { cause = "nobody_eligible", level = approval.Level }, new { approvers = asked }, d.RolloutId, d.Seq);
        }
        else if (Asked.AskDeputies(approval, d.OnBehalfOf, agent, directory, scope.Now, last) is { } deputies)
        {
            reasons.Add(Asked.OutOfHours(approval.Terms));
            scope.Audit(Actor.System, "approval.escalated", approval.Id, new { cause = "out_of_hours", level = approval.Level }, new { approvers = deputies.Select(p => ApproverEntry.User + p.Email) }, d.RolloutId, d.Seq);
        }
        else if (Asked.AskStandIns(approval, d.OnBehalfOf, agent, directory, scope.Now, last) is { } standIns)
        {
            scope.Audit(Actor.System, "approval.escalated", approval.Id, new { cause = "absence", level = approval.Level }, new { approvers = standIns.Select(p => ApproverEntry.User + p.Email) }, d.RolloutId, d.Seq);
        }
        else return false;
        IReadOnlyList<Reason> all = [.. d.Reasons, .. reasons];
        if (reasons.Count > 0) await scope.Db.Decisions.Where(x => x.Seq == d.Seq).ExecuteUpdateAsync(u => u.SetProperty(x => x.Reasons, all), ct);
        scope.Signal("approvals");
        scope.Signal("decision:" + d.Id);
        return true;
    }

    /// <summary>Whose yes let the last request of the same rule go, where the rollout wants other people each time and several are needed; else null.</summary>
    public static async Task<IReadOnlyList<string>?> LastAsync(ChangeScope scope, ApprovalRequest approval, CancellationToken ct)
    {
        if (approval.Terms is not { Quorum: >= 2, RuleId: { } rule } || !scope.State.Rollouts[approval.RolloutId].RotateApprovers) return null;
        return await scope.Db.LastApprovers.AsNoTracking().Where(l => l.RolloutId == approval.RolloutId && l.RuleId == rule && l.Seq != approval.Seq).Select(l => l.People).SingleOrDefaultAsync(ct);
    }

    // Once it is let go: a yes that is taken back meanwhile is nobody's turn.
    private static async Task KeepApproversAsync(ChangeScope scope, ApprovalRequest approval, CancellationToken ct)
    {
        if (approval.Terms is not { Quorum: >= 2, RuleId: { } rule }) return;
        var kept = await scope.Db.LastApprovers.FindAsync([approval.RolloutId, rule], ct);
        if (kept is null) scope.Db.LastApprovers.Add(kept = new LastApprovers(approval.RolloutId, rule));
        kept.Were(approval);
    }

    /// <summary>
    /// Lets an approved decision go if it may: the pause is over, and nothing was tightened since. Otherwise it stays approved and unreleased (paused),
    /// or is denied (<c>authority.changed</c>). Fault: <c>approval.not_granted</c> for a request that is not approved, holds or was let go before.
    /// </summary>
    public static async Task<Result<Done>> ReleaseAsync(ChangeScope scope, ApprovalRequest approval, CancellationToken ct)
    {
        var d = await scope.Db.Decisions.AsNoTracking().SingleAsync(x => x.Seq == approval.Seq, ct);
        var agent = scope.State.Agents[d.AgentId];
        if (!agent.Retired && DecisionRules.PauseReason(agent, scope.State) is { } paused)
        {
            if (d.Reasons[0].Code != "paused")
            {
                IReadOnlyList<Reason> waiting = [paused, .. d.Reasons];
                await scope.Db.Decisions.Where(x => x.Seq == d.Seq).ExecuteUpdateAsync(u => u.SetProperty(x => x.Reasons, waiting), ct);
            }
            return Done.Value;
        }
        if (ApprovalRules.Release(approval, scope.Now).Fault is { } refused) return refused;
        scope.Signal("approvals");
        var body = await DecisionService.BodyAsync(scope, d.Seq, ct);
        var arguments = AskReader.Child(d.ArgumentsSeq == d.Seq ? body : await DecisionService.BodyAsync(scope, d.ArgumentsSeq, ct), "arguments");
        var terms = approval.Terms;
        if (DecisionRules.Tightened(AskReader.Call(body, d.Action, arguments), agent, d.Write, scope.Now) is { } changed)
        {
            await DenyAsync(scope, d, changed, ct);
            scope.Audit(Actor.System, "decision.denied", d.Id, new { reason = changed.Code }, rolloutId: d.RolloutId, decisionSeq: d.Seq);
            return Done.Value;
        }
        // What is let go is what was shown, or nothing.
        var shown = AskReader.Digest(body, d.AgentId, d.Action, arguments, AskReader.Child(body, "preconditions")).Under(terms.MatrixVersion);
        if (!shown.AsSpan().SequenceEqual(approval.Digest))
        {
            await DenyAsync(scope, d, new Reason("digest.mismatch", "What is stored is not what the approvers saw, so nothing was released."), ct);
            scope.Audit(Actor.System, "decision.denied", d.Id, new { reason = "digest.mismatch" }, rolloutId: d.RolloutId, decisionSeq: d.Seq);
            return Done.Value;
        }
        var by = string.Join(" and ", approval.CurrentVotes.Where(v => v.Verdict != Verdict.Reject).Select(v => scope.State.Directory.NameOf(v.PersonId) + (v.BreakGlass ? " (break-glass)" : "")));
        IReadOnlyList<Reason> reasons = [new Reason(approval.Status == ApprovalStatus.Edited ? "approval.edited" : "approval.approved", $"{(approval.Status == ApprovalStatus.Edited ? "Edited and approved" : "Approved")} by {by}.", terms.RuleId), .. d.Reasons.Where(r => r.Code != "paused")];
        await scope.Db.Decisions.Where(x => x.Seq == d.Seq).ExecuteUpdateAsync(u => u
            .SetProperty(x => x.Outcome, Outcome.Allow).SetProperty(x => x.ResolvedAt, scope.Now).SetProperty(x => x.Reasons, reasons).SetProperty(x => x.ValidUntil, scope.Now + terms.ValidFor)
            .SetProperty(x => x.ReversibleUntil, terms.Provisional ? scope.Now + terms.Window : (DateTimeOffset?)null).SetProperty(x => x.ConfirmBy, terms.MustBeConfirmed ? scope.Now + terms.Window : (DateTimeOffset?)null), ct);
        await KeepApproversAsync(scope, approval, ct);
        scope.Audit(Actor.System, "decision.released", d.Id, new { digest = CallDigest.ToWire(d.Digest), approval = approval.Id, edited = approval.Status == ApprovalStatus.Edited }, rolloutId: d.RolloutId, decisionSeq: d.Seq);
        scope.Signal("decision:" + d.Id);
        return Done.Value;
    }
}
