using System.Text.Json.Serialization;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Rollouts;

namespace OpsConsole.Features.Decisions;

/// <summary>On which authority a decision stands.</summary>
public sealed record AuthorityView(string? Tier, string? Gate, string? Rule, int MatrixVersion);

/// <summary>The approval of a decision, in short.</summary>
public sealed record ApprovalLine(string Id, string Status, DateTimeOffset ExpiresAt, string ReviewUrl);

public sealed record ResourceView(string? Type, string? Id);

/// <summary>A decision in a list: the answer of protocols.md, section N, without the arguments, with who asked.</summary>
public sealed record DecisionView(string Id, string Outcome, string Action, ResourceView? Resource, IReadOnlyList<Reason> Reasons, AuthorityView Authority, ApprovalLine? Approval, string Digest, DateTimeOffset? ValidUntil,
    DateTimeOffset? ReversibleUntil, string? WouldBe, string? LimitedBy, string Mode, bool ClaimRequired, bool Write, bool HighConsequence, string AgentId, string AgentName, string RolloutId, string RolloutName, bool Simulated, string? RunId,
    double? Confidence, string? OnBehalfOf, DateTimeOffset AskedAt, DateTimeOffset? ResolvedAt, DateTimeOffset? ClaimedAt, DateTimeOffset? ReportedAt, string? ReportStatus, bool Late)
{
    /// <summary>The place in the log; for paging inside the process.</summary>
    [JsonIgnore] public long Seq { get; init; }

    internal static DecisionView Of(DecisionRecord d, ApprovalRequest? approval, ConsoleState state, string baseUrl)
    {
        state.Agents.TryGetValue(d.AgentId, out var agent);
        return new DecisionView(d.Id, DecisionWire.Word(d.Outcome), d.Action, d.ResourceType is null && d.ResourceId is null ? null : new ResourceView(d.ResourceType, d.ResourceId), d.Reasons,
            new AuthorityView(d.Tier?.ToString().ToLowerInvariant(), d.Gate == Gate.None ? null : d.Gate.ToString(), d.RuleId, d.MatrixVersion),
            approval is null ? null : new ApprovalLine(approval.Id, approval.Status.ToString().ToLowerInvariant(), approval.ExpiresAt, $"{baseUrl}/approvals/{approval.Id}"),
            CallDigest.ToWire(d.Digest), d.ValidUntil, d.ReversibleUntil, d.WouldBe is { } would ? DecisionWire.Word(would) : null, d.LimitedBy, d.Mode.ToString().ToLowerInvariant(), d.ClaimRequired, d.Write, d.HighConsequence,
            d.AgentId, agent?.Name ?? d.AgentId, d.RolloutId, agent?.Rollout.Name ?? d.RolloutId, agent?.Simulated ?? false, d.RunId, d.Confidence, d.OnBehalfOf, d.At, d.ResolvedAt, d.ClaimedAt, d.ReportedAt,
            d.ReportStatus?.ToString().ToLowerInvariant(), d.Late) { Seq = d.Seq };
    }
}

/// <summary>What to look for; null is no demand. <paramref name="To"/> is exclusive.</summary>
/// <param name="Live">Asked for real: what figures count. Shadow and simulation are left out.</param>
/// <param name="High">Of high consequence, or of any other.</param>
/// <param name="Unreported">Writes that were allowed, whose time is over, and of which nobody said what became of them; soonest due first.</param>
public sealed record DecisionFilter(string? Agent = null, string? Action = null, string? Outcome = null, string? Rollout = null, string? Run = null, DateTimeOffset? From = null, DateTimeOffset? To = null, bool Unreported = false, bool Live = false, bool? High = null);
