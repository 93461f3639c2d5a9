using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;
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

    /// <summary>
    /// Lets an approved decision go if it may: the pause is over, and nothing was tightened since. Otherwise it stays approved and unreleased (paused),
    /// or is denied (<c>authority.changed</c>).
    /// </summary>
    public static async Task ReleaseAsync(ChangeScope scope, ApprovalRequest approval, CancellationToken ct)
    {
        var d = await scope.Db.Decisions.AsNoTracking().SingleAsync(x => x.Seq == approval.Seq, ct);
        var agent = scope.State.Agents[d.AgentId];
        if (DecisionRules.PauseReason(agent, scope.State) is { } paused)
        {
            if (d.Reasons[0].Code != "paused")
            {
                IReadOnlyList<Reason> waiting = [paused, .. d.Reasons];
                await scope.Db.Decisions.Where(x => x.Seq == d.Seq).ExecuteUpdateAsync(u => u.SetProperty(x => x.Reasons, waiting), ct);
            }
            return;
        }
        var body = await DecisionService.BodyAsync(scope, d.Seq, ct);
        var arguments = AskReader.Child(d.ArgumentsSeq == d.Seq ? body : await DecisionService.BodyAsync(scope, d.ArgumentsSeq, ct), "arguments");
        var terms = approval.Terms;
        ApprovalRules.Release(approval, scope.Now);
        scope.Signal("approvals");
        if (DecisionRules.Tightened(AskReader.Call(body, d.Action, arguments), agent, d.Write, d.HighConsequence, terms.Provisional, scope.Now) is { } changed)
        {
            await DenyAsync(scope, d, changed, ct);
            scope.Audit(Actor.System, "decision.denied", d.Id, new { reason = changed.Code }, rolloutId: d.RolloutId, decisionSeq: d.Seq);
            return;
        }
        // What is let go is what was shown, or nothing.
        var shown = AskReader.Digest(body, d.AgentId, d.Action, arguments, AskReader.Child(body, "preconditions")).Under(terms.MatrixVersion);
        if (!shown.AsSpan().SequenceEqual(approval.Digest))
        {
            await DenyAsync(scope, d, new Reason("digest.mismatch", "What is stored is not what the approvers saw, so nothing was released."), ct);
            scope.Audit(Actor.System, "decision.denied", d.Id, new { reason = "digest.mismatch" }, rolloutId: d.RolloutId, decisionSeq: d.Seq);
            return;
        }
        var by = string.Join(" and ", approval.CurrentVotes.Where(v => v.Verdict != Verdict.Reject).Select(v => scope.State.Directory.NameOf(v.PersonId) + (v.BreakGlass ? " (break-glass)" : "")));
        IReadOnlyList<Reason> reasons = [new Reason(approval.Status == ApprovalStatus.Edited ? "approval.edited" : "approval.approved", $"{(approval.Status == ApprovalStatus.Edited ? "Edited and approved" : "Approved")} by {by}.", terms.RuleId), .. d.Reasons.Where(r => r.Code != "paused")];
        await scope.Db.Decisions.Where(x => x.Seq == d.Seq).ExecuteUpdateAsync(u => u
            .SetProperty(x => x.Outcome, Outcome.Allow).SetProperty(x => x.ResolvedAt, scope.Now).SetProperty(x => x.Reasons, reasons).SetProperty(x => x.ValidUntil, scope.Now + terms.ValidFor)
            .SetProperty(x => x.ReversibleUntil, terms.Provisional ? scope.Now + terms.Window : (DateTimeOffset?)null), ct);
        scope.Audit(Actor.System, "decision.released", d.Id, new { digest = CallDigest.ToWire(d.Digest), approval = approval.Id, edited = approval.Status == ApprovalStatus.Edited }, rolloutId: d.RolloutId, decisionSeq: d.Seq);
        scope.Signal("decision:" + d.Id);
    }
}
