using OpsConsole.Core.Approvals;
using OpsConsole.Core.Decisions;

namespace OpsConsole.Core.Trust;

/// <summary>What the rows say of one decision, as a promotion sees it.</summary>
/// <param name="Settled">When it was decided or let go.</param>
/// <param name="Undone">A step of an undo plan that is no rehearsal is or was about it, and did not turn out needless.</param>
/// <param name="Incident">It, or its run, is linked to an incident that was not called off.</param>
public sealed record DecisionFacts(long Seq, string Id, DateTimeOffset At, string Action, string? RuleId, Outcome Outcome, bool Write, bool ClaimRequired, DateTimeOffset? ClaimedAt, DateTimeOffset? Settled, DateTimeOffset? ValidUntil, DateTimeOffset? ReportedAt,
    ReportStatus? Report, ApprovalStatus? Approval, bool Undone, bool Incident);

/// <summary>One decision that counts for a promotion.</summary>
/// <param name="At">When it was over, which is its place among the runs.</param>
/// <param name="Fault">Why it is not clean, in words; null: it is.</param>
public sealed record CountedRun(long Seq, string DecisionId, string Action, string? RuleId, DateTimeOffset At, string? Fault)
{
    public bool Clean => Fault is null;
}

/// <summary>Which decisions count for a promotion, and which of them are clean (numbers.md, 'clean run').</summary>
public static class PromotionRuns
{
    /// <summary>
    /// The run that a decision is, or null: it is not over, or says nothing of the agent. A rejection is a fault, because an override is one; what expired, was cancelled or denied, was never claimed or was skipped was not executed.
    /// A write that was let go and not reported in time counts as a fault: else what went wrong would better not be reported.
    /// </summary>
    public static CountedRun? Of(DecisionFacts d, DateTimeOffset now)
    {
        if (d.Approval == ApprovalStatus.Rejected) return Run(d.Settled ?? d.At, "rejected by a person");
        if (d.Outcome != Outcome.Allow || (d.Report == ReportStatus.Skipped && d.ClaimedAt is null)) return null;   // what was claimed was begun
        if (d.ReportedAt is not { } reported) return d.Write && d.ValidUntil <= now && (!d.ClaimRequired || d.ClaimedAt is not null) ? Run(d.ValidUntil.Value, "nobody reported what became of it") : null;
        return Run(reported, d.Approval == ApprovalStatus.Edited ? "edited by a person" : d.Report != ReportStatus.Succeeded ? "did not succeed" : d.Undone ? "undone" : d.Incident ? "part of an incident" : null);

        CountedRun Run(DateTimeOffset at, string? fault) => new(d.Seq, d.Id, d.Action, d.RuleId, at, fault);
    }

    /// <summary>All runs in the order in which they were over, which later ones do not disturb.</summary>
    public static IReadOnlyList<CountedRun> Of(IEnumerable<DecisionFacts> decisions, DateTimeOffset now) => [.. decisions.Select(d => Of(d, now)).OfType<CountedRun>().OrderBy(r => r.At).ThenBy(r => r.Seq)];

    /// <summary>Where a proposal's test stands.</summary>
    public static PromotionResult Judge(PromotionTerms terms, IReadOnlyList<CountedRun> runs) => PromotionRule.Judge(terms.Plan(), [.. runs.Select(r => new PromotionRun(r.Clean, r.RuleId))]);
}
