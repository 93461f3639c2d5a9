using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Decisions;

namespace OpsConsole.Features.Approvals;

/// <summary>What an edit would lead to. Nothing is recorded; the rules are asked once more when it is sent.</summary>
/// <param name="Taken">False where the rules in force deny the edited call.</param>
/// <param name="Words">Which rule says what, and what the editor's yes would be worth.</param>
/// <param name="Digest">What an approval of it would be bound to.</param>
public sealed record EditPreview(bool Taken, string Words, string Digest);

/// <summary>Asks the rules in force about other arguments before somebody sends them.</summary>
public sealed class EditPreviewer(IDbContextFactory<OpsDbContext> factory, DurableWriter writer, TimeProvider time)
{
    /// <param name="request">As the person found it.</param>
    public async Task<Result<EditPreview>> OfAsync(PersonCaller me, ApprovalView request, JsonElement arguments, CancellationToken ct)
    {
        if (!Ids.TrySeq(request.Id, "apr", out var seq) || !writer.State.Agents.TryGetValue(request.AgentId, out var agent)) return Fault.NotFound("approval");
        await using var db = await factory.CreateDbContextAsync(ct);
        var approval = await db.Approvals.AsNoTracking().SingleOrDefaultAsync(a => a.Seq == seq, ct);
        var d = await db.Decisions.AsNoTracking().SingleOrDefaultAsync(x => x.Seq == seq, ct);
        var body = await db.Payloads.AsNoTracking().Where(p => p.Seq == seq).Select(p => p.Body).SingleOrDefaultAsync(ct);
        if (approval is null || d is null || body is null) return Fault.NotFound("approval");
        var (proposal, state, now) = (AskReader.Again(JsonElement.Parse(body), d, arguments), writer.State, time.GetUtcNow());
        var ruling = DecisionRules.Decide(proposal, agent, state, now);
        var digest = CallDigest.ToWire(proposal.Digest.Under(ruling.MatrixVersion));
        if (ruling.Outcome == Outcome.Deny || ruling.Rule is not { } rule) return new EditPreview(false, "The rules in force deny this: " + ruling.Reasons[0].Message, digest);
        var terms = ApprovalTerms.AfterEdit(ruling, agent, approval.Terms);
        var counts = Deciders.Of(me.Person, terms, [], d.OnBehalfOf, agent, state.Directory, now).MayDecide;
        var who = terms.Approvers.Count == 0 ? "the rollout's owners" : string.Join(terms.Sequence ? ", then " : ", ", terms.Approvers.Select(a => Deciders.Words(a, state.Directory)));
        var name = rule.Id == "default" ? $"No row of matrix version {ruling.MatrixVersion} covers it, so it" : $"Rule {rule.Id} of matrix version {ruling.MatrixVersion}";
        var says = ruling.Outcome == Outcome.Allow ? $"{name} would let the agent do this alone; {who} keep deciding here." : $"{name} {(rule.Id == "default" ? "goes to" : "asks")} {who}{(terms.Quorum > 1 ? $", {terms.Quorum} of them" : "")}.";
        var yours = !counts ? " You are not one of them, so your edit is a proposal that they decide on."
            : terms.Quorum > 1 ? $" Your yes is the first of {terms.Quorum}." : terms.Hold is { } hold ? $" Your yes is enough: the agent may act after {DurationWords.Of(hold)}." : " Your yes is enough: the agent may act at once.";
        return new EditPreview(true, says + yours, digest);
    }
}
