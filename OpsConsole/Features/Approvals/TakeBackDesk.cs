using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Decisions;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Approvals;

/// <summary>Taking a yes back before the agent is let go. The release goes through the same writer: one of the two wins.</summary>
public sealed class TakeBackDesk(DurableWriter writer, IDbContextFactory<OpsDbContext> factory)
{
    /// <summary>
    /// The request waits again under the clock it had; where that ran out meanwhile, what the rule says about silence happens at once, and where nobody may decide it any more it is escalated. Faults: <c>field.invalid</c>, not found, <c>approval.not_yours</c> (403),
    /// <c>approval.released</c>, <c>approval.decided</c>, <c>approval.not_decided</c> (409).
    /// </summary>
    public async Task<Result<ApprovalView>> TakeBackAsync(PersonCaller me, string approvalId, string? reason, CancellationToken ct)
    {
        if (TextRules.Wrong("reason", reason, VerdictRequest.MostReason) is { } wrong) return wrong;
        var back = await writer.ChangeAsync<long>(async (scope, ct) =>
        {
            var found = await FoundRequest.FindAsync(scope, me, approvalId, ct);
            if (found.Fault is { } hidden) return hidden;
            var (approval, d) = (found.Value.Approval, found.Value.Decision);
            var result = TakingBack.TakeBack(approval, me.Id, scope.Now);
            if (result.Fault is { } fault) return fault with { Detail = null };
            if (result.Value == 0) return approval.Seq;
            scope.Audit(me.Actor, "approval.taken_back", approval.Id, new { round = approval.Round, votes = result.Value }, string.IsNullOrWhiteSpace(reason) ? null : new { reason }, d.RolloutId, d.Seq);
            if (d.Reasons.Any(r => r.Code == "paused"))
            {
                // It was approved and waited for the end of a pause; now it waits for people.
                IReadOnlyList<Reason> reasons = [.. d.Reasons.Where(r => r.Code != "paused")];
                await scope.Db.Decisions.Where(x => x.Seq == d.Seq).ExecuteUpdateAsync(u => u.SetProperty(x => x.Reasons, reasons), ct);
            }
            scope.Signal("approvals");
            scope.Signal("decision:" + d.Id);
            if (scope.Now >= approval.ExpiresAt) await ApprovalService.ExpireAsync(scope, approval, ct);
            // While it was decided nobody looked whether those who are asked may still decide.
            else await Resolution.EscalateIfStuckAsync(scope, approval, await scope.Db.Decisions.AsNoTracking().SingleAsync(x => x.Seq == approval.Seq, ct), ct);
            return approval.Seq;
        });
        return await ApprovalView.AfterAsync(back, factory, writer.State, me, writer.Now, ct);
    }
}
