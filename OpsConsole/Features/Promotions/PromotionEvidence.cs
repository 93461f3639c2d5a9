using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Execution;
using OpsConsole.Core.Incidents;
using OpsConsole.Core.Trust;
using OpsConsole.Data;

namespace OpsConsole.Features.Promotions;

/// <summary>What counts for one proposal, and where its test stands.</summary>
/// <param name="Full">So much was asked since the proposal that later decisions are not looked at: the test says what it says, or never will.</param>
internal sealed record Evidence(IReadOnlyList<CountedRun> Runs, PromotionResult Result, bool Full);

/// <summary>Reads out of the rows what the agent did since a proposal. Walks the agent's index from the proposal's place on, and no further than <see cref="MostAsked"/> decisions.</summary>
internal static class PromotionEvidence
{
    public const int MostAsked = 50_000, MostRuns = 5_000;

    public static async Task<Evidence> ReadAsync(OpsDbContext db, PromotionProposal proposal, DateTimeOffset now, CancellationToken ct)
    {
        var runs = PromotionRuns.Of(await Facts(db, Since(db, proposal)).Take(MostRuns).ToListAsync(ct), now);
        var full = await db.Decisions.AsNoTracking().Where(d => d.AgentId == proposal.AgentId && d.Seq > proposal.Seq).OrderBy(d => d.Seq).Skip(MostAsked).AnyAsync(ct);
        return new(runs, PromotionRuns.Judge(proposal.Terms, runs), full);
    }

    /// <summary>The same runs as they stand inside a change: whether one was undone or became part of an incident meanwhile. What is new since then changes no verdict.</summary>
    public static async Task<PromotionResult> AgainAsync(OpsDbContext db, PromotionProposal proposal, Evidence seen, DateTimeOffset now, CancellationToken ct)
    {
        List<long> seqs = [.. seen.Runs.Select(r => r.Seq)];
        return PromotionRuns.Judge(proposal.Terms, PromotionRuns.Of(await Facts(db, db.Decisions.AsNoTracking().Where(d => seqs.Contains(d.Seq))).ToListAsync(ct), now));
    }

    /// <summary>The agent's live decisions about the capability since the proposal.</summary>
    internal static IQueryable<DecisionRecord> Since(OpsDbContext db, PromotionProposal proposal)
    {
        var since = db.Decisions.AsNoTracking().Where(d => d.AgentId == proposal.AgentId && d.Seq > proposal.Seq).OrderBy(d => d.Seq).Take(MostAsked).Where(d => d.Mode == AskMode.Live);
        if (proposal.Capability == "*") return since;
        var below = proposal.Capability.EndsWith(".*", StringComparison.Ordinal) ? proposal.Capability[..^1] : null;
        return below is null ? since.Where(d => d.Action == proposal.Capability) : since.Where(d => d.Action.StartsWith(below));
    }

    private static IQueryable<DecisionFacts> Facts(OpsDbContext db, IQueryable<DecisionRecord> decisions)
        => from d in decisions
           join a in db.Approvals.AsNoTracking() on d.Seq equals a.Seq into asked
           from a in asked.DefaultIfEmpty()
           where d.Outcome == Outcome.Allow || (a != null && a.Status == Core.Approvals.ApprovalStatus.Rejected)
           orderby d.Seq
           select new DecisionFacts(d.Seq, d.Id, d.At, d.Action, d.RuleId, d.Outcome, d.Write, d.ClaimRequired, d.ClaimedAt, d.ResolvedAt, d.ValidUntil, d.ReportedAt, d.ReportStatus, a == null ? null : a.Status,
               db.UndoSteps.Any(s => s.DecisionSeq == d.Seq && s.State != UndoState.Skipped && db.UndoPlans.Any(p => p.Id == s.PlanId && !p.Rehearsal)),
               db.IncidentLinks.Any(l => l.Kind == "decision" && l.Reference == d.Id && db.Incidents.Any(i => i.Id == l.IncidentId && i.Status != IncidentStatus.Cancelled))
               || (d.RunId != null && db.IncidentLinks.Any(l => l.Kind == "run" && l.Reference == d.RunId && l.RolloutId == d.RolloutId && db.Incidents.Any(i => i.Id == l.IncidentId && i.Status != IncidentStatus.Cancelled))));
}
