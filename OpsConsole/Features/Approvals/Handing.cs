using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Access;
using OpsConsole.Features.Decisions;

namespace OpsConsole.Features.Approvals;

/// <summary>Requests that people hand on or escalate, and whose yes counts.</summary>
internal static class Handing
{
    /// <summary>The verdicts 'reassign' and 'escalate'. Faults: not found, <c>field.required</c> (reason, to), <c>sign_in.stale</c> (handing on what is of high consequence), and those of <see cref="Moves"/>.</summary>
    public static Task<Result<long>> MoveAsync(DurableWriter writer, FreshSignIn fresh, PersonCaller me, string approvalId, VerdictRequest request) => writer.ChangeAsync<long>(async (scope, ct) =>
    {
        if (string.IsNullOrWhiteSpace(request.Reason)) return Fault.Invalid("field.required", "reason is required: whoever is asked now, and the record, get these words.", "reason");
        if (request.Verdict == Verdict.Reassign && string.IsNullOrWhiteSpace(request.To)) return Fault.Invalid("field.required", "to is required: the e-mail address of a person, or group: and a name.", "to");
        var found = await FoundRequest.FindAsync(scope, me, approvalId, ct);
        if (found.Fault is { } hidden) return hidden;
        var (approval, d, agent, person, standing) = found.Value;
        var (seq, directory) = (approval.Seq, scope.State.Directory);

        bool moved;
        Fault? refused;
        object? asked = null;
        if (request.Verdict == Verdict.Reassign)
        {
            if (standing.MayDecide && approval.HighConsequence && await fresh.AskAsync(scope, me, FreshSignIn.HighConsequence, ct) is { } stale) return stale;
            var handed = Moves.HandOn(approval, person, request.To!, request.Reason.Trim(), request.Version, d.OnBehalfOf, agent, directory, scope.Now);
            (refused, moved) = (handed.Fault, handed is { Ok: true, Value: true });
            if (moved) asked = new { to = approval.Terms.Moves![^1].To, reason = request.Reason.Trim() };
        }
        else
        {
            var escalated = Moves.Escalate(approval, person, request.Reason.Trim(), request.Version, d.OnBehalfOf, agent, directory, scope.Now, await Resolution.LastAsync(scope, approval, ct));
            (refused, moved) = (escalated.Fault, escalated is { Ok: true, Value: not null });
            if (moved) asked = new { approvers = escalated.Value, reason = request.Reason.Trim() };
        }
        if (refused is not null) return refused.Detail is ApprovalRequest other ? refused with { Detail = await ApprovalService.LostAsync(scope, other, me.Id, ct) } : refused;
        if (!moved) return seq;
        if (request.Verdict == Verdict.Reassign) scope.Audit(me.Actor, "approval.reassigned", approval.Id, new { capacity = Word(standing), place_of = standing.For }, asked, d.RolloutId, seq);
        else scope.Audit(me.Actor, "approval.escalated", approval.Id, new { cause = "hand", level = approval.Level, break_glass = standing.Standing == Standing.BreakGlass }, asked, d.RolloutId, seq);
        scope.Signal("approvals");
        scope.Signal("decision:" + d.Id);
        // Whoever it was handed to may be unable to take the only turn that is left.
        await Resolution.EscalateIfStuckAsync(scope, approval, d, ct);
        return seq;
    });

    /// <summary>Why a yes would not count, with who else may say it; null when it would, or was said already.</summary>
    public static async Task<Fault?> UncountedAsync(ChangeScope scope, ApprovalRequest approval, DecisionRecord d, AgentAuthority agent, PersonEntry person, Eligibility standing, CancellationToken ct)
    {
        if (!approval.Open || approval.CurrentVotes.Any(v => v.PersonId == person.Id)) return null;
        var last = await Resolution.LastAsync(scope, approval, ct);
        var why = Deciders.WhyUncounted(person, approval, standing, last);
        if (why == Uncounted.No) return null;
        var others = Deciders.Eligible(approval, d.OnBehalfOf, agent, scope.State.Directory, scope.Now, last).Select(p => p.Name).Take(5).ToList();
        var who = others.Count == 0 ? "Nobody else is asked at the moment." : $"It waits for: {string.Join(", ", others)}.";
        return why == Uncounted.SamePeople
            ? Fault.Forbidden($"The same people let the last request of rule {approval.Terms.RuleId} go, and this rollout wants others each time. You may still reject it. {who}", "approval.same_people")
            : Fault.Forbidden($"{Sharing(approval, person, standing, scope.State.Directory)} said yes already, and the two of you count once. You may still reject it. {who}", "approval.place_taken");
    }

    /// <summary>How somebody came to be asked, as the log and the API have it; null for those who are named themselves.</summary>
    public static string? Word(Eligibility standing) => standing.As == Capacity.Named ? null : Word(standing.As);

    public static string Word(Capacity capacity) => capacity switch { Capacity.Deputy => "deputy", Capacity.StandsIn => "stands_in", Capacity.HandedOn => "handed_on", _ => "named" };

    private static string Sharing(ApprovalRequest approval, PersonEntry person, Eligibility standing, PeopleDirectory directory)
        => directory.NameOf(approval.CurrentVotes.First(v => v.PersonId != person.Id && (v.For ?? v.PersonId) == (standing.For ?? person.Id)).PersonId);
}
