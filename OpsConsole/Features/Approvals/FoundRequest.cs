using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;
using OpsConsole.Data.Writer;

namespace OpsConsole.Features.Approvals;

/// <summary>A request inside a change, with what is asked of everybody who touches it: who they are and whether they may decide it.</summary>
internal sealed record FoundRequest(ApprovalRequest Approval, DecisionRecord Decision, AgentAuthority Agent, PersonEntry Person, Eligibility Eligibility)
{
    /// <summary>Not found also when the person may neither see its rollout nor decide it, and owns no part in it.</summary>
    public static async Task<Result<FoundRequest>> FindAsync(ChangeScope scope, PersonCaller me, string approvalId, CancellationToken ct)
    {
        if (!Ids.TrySeq(approvalId, "apr", out var seq)) return Fault.NotFound("approval");
        var approval = await scope.Db.Approvals.SingleOrDefaultAsync(a => a.Seq == seq, ct);
        if (approval is null || approval.Id != approvalId || !scope.State.Directory.People.TryGetValue(me.Id, out var person)) return Fault.NotFound("approval");
        var d = await scope.Db.Decisions.AsNoTracking().SingleAsync(x => x.Seq == seq, ct);
        var agent = scope.State.Agents[d.AgentId];
        var may = Deciders.Of(person, approval, d.OnBehalfOf, agent, scope.State.Directory, scope.Now);
        var sees = may.Standing != Standing.None || agent.OwnerId == me.Id || approval.Votes.Any(v => v.PersonId == me.Id) || (approval.Terms.Moves ?? []).Any(m => m.By == me.Id) || Permissions.MaySee(person, agent.Rollout, scope.State.Directory);
        return sees ? new FoundRequest(approval, d, agent, person, may) : Fault.NotFound("approval");
    }

    /// <summary>Why this person may not act as one who decides, or null.</summary>
    public Fault? NotDecider => Eligibility.MayDecide ? null : Fault.Forbidden(Eligibility.Why, Eligibility.Standing == Standing.NotYet ? "approval.not_your_turn" : "approval.not_decider");
}
