using OpsConsole.Core.Authority;
using OpsConsole.Core.Shared;

namespace OpsConsole.Features.Authority;

/// <summary>A boundary as people read it.</summary>
public sealed record BoundaryLine(string Action, string? Resource, IReadOnlyList<string> When, string Reason);

/// <summary>A rule as people read it. <paramref name="Outcome"/> is <c>allow</c>, <c>approve</c> or <c>deny</c>.</summary>
public sealed record RuleLine(string Id, string Action, string? Resource, IReadOnlyList<string> When, string Outcome, string Effect, string Consequence, bool Reversible, IReadOnlyList<string> Approvers, string Extras, string? Note);

/// <summary>A matrix as people read it: rows in order, conditions in words.</summary>
public sealed record MatrixTable(string Default, IReadOnlyList<BoundaryLine> Boundaries, IReadOnlyList<RuleLine> Rules)
{
    internal static MatrixTable Of(MatrixDocument document)
        => new(document.Default.ToString().ToLowerInvariant(),
            [.. document.Boundaries.Select(b => new BoundaryLine(b.Action, Words(b.Resource), [.. b.When.Select(ConditionStory.Describe)], b.Reason))], [.. document.Rules.Select(Line)]);

    private static RuleLine Line(MatrixRule r) => new(r.Id, r.Action, Words(r.Resource), [.. r.When.Select(ConditionStory.Describe)], r.Outcome.ToString().ToLowerInvariant(), r.Effect.ToString().ToLowerInvariant(),
        r.Consequence.ToString().ToLowerInvariant(), r.Reversible, r.Approvers, Extras(r), r.Note);

    /// <summary>What differs from what a reader would expect.</summary>
    private static string Extras(MatrixRule r)
    {
        List<string> words = [];
        if (r.Quorum > 1) words.Add($"{r.Quorum} approvals{(r.Order == ApprovalOrder.Sequence ? ", one after another" : "")}");
        if (r.Outcome == RuleOutcome.Approve) words.Add($"answer within {DurationWords.Of(r.Sla)}, then {(r.OnExpiry == OnExpiry.Deny ? "denied" : r.OnExpiry == OnExpiry.Escalate ? "escalated to " + string.Join(", ", r.EscalateTo) : "asked more widely")}");
        if (r.Reversible && r.Outcome != RuleOutcome.Deny) words.Add($"undo within {DurationWords.Of(r.Window)}");
        if (r.Confirm == Confirm.Required) words.Add("must be confirmed before its window ends");
        if (r.Claim) words.Add("claimed before use");
        if (r.Hold is { } hold) words.Add($"held back {DurationWords.Of(hold)}");
        if (r.Exceptions.Count > 0) words.Add("exceptions: " + string.Join(", ", r.Exceptions));
        if (r.Classes.Count > 0) words.Add("touches " + string.Join(", ", r.Classes).Replace('_', ' '));
        return string.Join("; ", words);
    }

    private static string? Words(ResourcePattern? resource)
        => resource is null ? null : string.Join(" ", new[] { resource.Type is null or "*" ? "any" : resource.Type, resource.Id is null or "*" ? null : resource.Id }.Where(w => w is not null));
}

/// <summary>Everything that the matrix page shows.</summary>
/// <param name="InForce">The version that is the same as the draft, or null.</param>
/// <param name="Proposal">Somebody proposed the draft as it stands; null when nobody did, or nobody has to.</param>
/// <param name="SecondPublisher">Publishing takes two people.</param>
public sealed record MatrixPageView(string RolloutName, MatrixDraft Draft, string Pretty, MatrixTable Table, AnalysisView Analysis, IReadOnlyList<VersionRow> Versions, int? InForce, bool MayEdit, bool MayPublish, ProposalView? Proposal = null, bool SecondPublisher = false);
