using System.Text.Json;
using OpsConsole.Core.Approvals;

namespace OpsConsole.Features.Approvals;

/// <summary>The nearest earlier call of the same agent, action and rule that was let go and did not fail.</summary>
/// <param name="How"><c>alone</c>, <c>approved</c> or <c>edited</c>.</param>
/// <param name="Reported">What the agent reported, or null.</param>
public sealed record SimilarCall(string DecisionId, DateTimeOffset At, string How, string? Reported, JsonElement Arguments);

/// <summary>One earlier request of the same agent for the same action, and how it ended.</summary>
public sealed record LikeThis(string ApprovalId, string Status, DateTimeOffset At);

/// <summary>One of the agent's last decisions.</summary>
/// <param name="By">How it was answered: <c>alone</c>, or the status of its request.</param>
public sealed record LastDecision(string DecisionId, DateTimeOffset At, string Action, string? ResourceId, string Outcome, string? By, string? Reported, bool Late);

/// <summary>A row of the matrix's draft that somebody made from a request. It may have been changed, published or thrown away since.</summary>
public sealed record RuleProposedFrom(string Row, string By, DateTimeOffset At);

/// <summary>What the past says about a request.</summary>
/// <param name="Compared">How many earlier calls, let go, the arguments were held against; at most <see cref="HistoryReader.Most"/>.</param>
/// <param name="Unusual">What was not so in any of them.</param>
/// <param name="Like">The last ten requests like this one, newest first.</param>
/// <param name="Last">The agent's last ten decisions before this one, newest first.</param>
/// <param name="Proposed">Rows that were proposed from it, oldest first.</param>
/// <param name="Repeats">The latest call that was let go and says exactly the same about the same resource; null: none.</param>
/// <param name="Twin">The id of another request of the agent that waits and says exactly the same; null: none.</param>
/// <param name="OnlyThis">The reader may see this request and not its rollout: they are given counts and marks, and no other call.</param>
/// <param name="ArgumentsSchema">What the register says its arguments look like; null where it says nothing.</param>
public sealed record RequestHistory(int Compared, IReadOnlyList<UnusualMark> Unusual, SimilarCall? Similar, IReadOnlyList<LikeThis> Like, IReadOnlyList<LastDecision> Last, Reversibility Undo, IReadOnlyList<RuleProposedFrom> Proposed, JsonElement? ArgumentsSchema, SimilarCall? Repeats = null, string? Twin = null, bool OnlyThis = false);
