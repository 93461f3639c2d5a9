using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Decisions;

namespace OpsConsole.Features.Approvals;

/// <summary>Claims, which acknowledge a request, and the reminders that they stop.</summary>
/// <param name="claimFor">How long a claim lasts that nobody renews.</param>
public sealed class ClaimDesk(DurableWriter writer, IDbContextFactory<OpsDbContext> factory, TimeSpan claimFor)
{
    /// <summary>
    /// Says that this person is looking at it, or still is: renewing is no entry in the log. Faults: not found, <c>approval.not_decider</c>, <c>approval.not_your_turn</c> (403), <c>approval.decided</c>, <c>approval.expired</c>,
    /// <c>approval.claimed</c> (409) with who holds it until when, unless <paramref name="takeOver"/>.
    /// </summary>
    public async Task<Result<ApprovalView>> ClaimAsync(PersonCaller me, string approvalId, bool takeOver, CancellationToken ct)
    {
        var claimed = await writer.ChangeAsync<long>(async (scope, ct) =>
        {
            var found = await FoundRequest.FindAsync(scope, me, approvalId, ct);
            if (found.Fault is { } hidden) return hidden;
            if (found.Value.NotDecider is { } refused) return refused;
            var approval = found.Value.Approval;
            var before = Claims.HeldBy(approval, scope.Now);
            var result = Claims.Claim(approval, me.Id, takeOver, claimFor, scope.Now);
            if (result.Fault is { } fault) return Told(fault, approval, scope);
            if (result.Value == ClaimEffect.Claimed)
                scope.Audit(me.Actor, "approval.claimed", approval.Id, new { until = approval.ClaimedUntil, taken_over_from = before }, rolloutId: approval.RolloutId, decisionSeq: approval.Seq);
            if (result.Value != ClaimEffect.Unchanged) scope.Signal("approvals");
            return approval.Seq;
        });
        return await ApprovalView.AfterAsync(claimed, factory, writer.State, me, writer.Now, ct);
    }

    /// <summary>Lets it go; nothing happens where this person holds nothing. Faults: not found.</summary>
    public async Task<Result<ApprovalView>> LetGoAsync(PersonCaller me, string approvalId, CancellationToken ct)
    {
        var left = await writer.ChangeAsync<long>(async (scope, ct) =>
        {
            var found = await FoundRequest.FindAsync(scope, me, approvalId, ct);
            if (found.Fault is { } hidden) return hidden;
            if (Claims.LetGo(found.Value.Approval, me.Id)) Ended(scope, found.Value.Approval, me.Actor, me.Id, "left");
            return found.Value.Approval.Seq;
        });
        return await ApprovalView.AfterAsync(left, factory, writer.State, me, writer.Now, ct);
    }

    /// <summary>What the clock does about claims and reminders of one request: ends a claim whose time is over, reminds who is asked. Safe to call at any moment and from several instances.</summary>
    public Task<Result<Done>> TendAsync(long seq) => writer.ChangeAsync<Done>(async (scope, ct) =>
    {
        // An agent registered by another instance a moment ago is known a moment later: then it is looked at again.
        if (await scope.Db.Approvals.SingleOrDefaultAsync(a => a.Seq == seq, ct) is not { } approval || !scope.State.Agents.TryGetValue(approval.AgentId, out var agent)) return Fault.NotFound("approval");
        if (Claims.EndIfOver(approval, scope.Now) is { } holder) Ended(scope, approval, Actor.System, holder, "time");
        if (Reminders.Take(approval, scope.Now) is not { } number) return Done.Value;
        var onBehalfOf = await scope.Db.Decisions.AsNoTracking().Where(d => d.Seq == seq).Select(d => d.OnBehalfOf).SingleAsync(ct);
        var last = await Resolution.LastAsync(scope, approval, ct);
        scope.Audit(Actor.System, "approval.reminded", approval.Id,
            new { reminder = number, of = approval.Terms.Reminders!.Count, seconds_left = (long)(approval.ExpiresAt - scope.Now).TotalSeconds, people = Asked.Now(approval, onBehalfOf, agent, scope.State.Directory, scope.Now, last).Select(a => a.Person.Id) },
            rolloutId: approval.RolloutId, decisionSeq: seq);
        scope.Signal("approvals");
        return Done.Value;
    });

    private static void Ended(ChangeScope scope, ApprovalRequest approval, Actor by, string holder, string cause)
    {
        scope.Audit(by, "approval.claim_ended", approval.Id, new { person = holder, cause }, rolloutId: approval.RolloutId, decisionSeq: approval.Seq);
        scope.Signal("approvals");
    }

    private static Fault Told(Fault fault, ApprovalRequest approval, ChangeScope scope)
    {
        if (fault.Code != "approval.claimed") return fault with { Detail = null };
        var name = scope.State.Directory.NameOf(approval.ClaimedBy!);
        return fault with
        {
            Message = $"{name} is looking at this. Everybody may still decide it; take it over only to be the one who looks.",
            Detail = new Dictionary<string, object?> { ["claim"] = new ClaimView(approval.ClaimedBy!, name, approval.ClaimedAt!.Value, approval.ClaimedUntil!.Value) },
        };
    }
}
