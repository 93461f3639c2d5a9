using OpsConsole.Core.Trust;

namespace OpsConsole.Features.Promotions;

/// <summary>A proposal with where its test stands. While it is open the figures are those of the rows now; afterwards too, for they may be corrected, and the state keeps what was decided.</summary>
/// <param name="State"><c>open</c>, <c>passed</c> (open, and waits for its second person), <c>confirmed</c>, <c>failed</c>, <c>withdrawn</c>, <c>expired</c> or <c>overtaken</c>.</param>
/// <param name="Words">The terms as a sentence.</param>
/// <param name="Standing">Where it stands as a sentence.</param>
/// <param name="GrantId">The grant that it led to.</param>
/// <param name="May">What the reader may do with it.</param>
public sealed record PromotionView(string Id, string AgentId, string AgentName, string RolloutId, string Capability, Tier From, Tier To, string State, string ProposedBy, string ProposedByName, string Reason, DateTimeOffset At, DateTimeOffset ExpiresAt,
    TestView Test, IReadOnlyList<ClassView> ScenarioClasses, int EachAtLeast, int ReviewDays, string Words, ProgressView Progress, string Standing, DateTimeOffset? EndedAt, string? EndedBy, string? EndedByName, string? EndReason, string? GrantId, PromotionRights May);

/// <param name="Kind"><c>fixed</c> or <c>sequential</c>; the other's figures are null.</param>
public sealed record TestView(string Kind, double? Target, int? Sample, double? P1, double? P2, double? Alpha, double? Beta);

/// <param name="RuleId">The row of the matrix.</param>
/// <param name="Seen">Runs that it decided.</param>
public sealed record ClassView(string RuleId, long Seen, long Missing);

/// <summary>What was counted so far.</summary>
/// <param name="Runs">All of them.</param>
/// <param name="Judged">Those that the test looked at, up to its end.</param>
/// <param name="Clean">Of <paramref name="Judged"/>.</param>
/// <param name="MoreRuns">How many it needs still, where all of them are clean.</param>
/// <param name="FaultsLeft">How many of these may have a fault; null for a sequential test, and once it is decided.</param>
/// <param name="Low">The Wilson lower bound so far: for display, it decides nothing before the fixed number.</param>
/// <param name="AcceptAt">Sequential: passed at so many faults or fewer after <paramref name="Judged"/> runs; negative: not yet at any.</param>
/// <param name="RejectAt">Sequential: failed at so many or more.</param>
public sealed record ProgressView(string Verdict, long Runs, long Judged, long Clean, long MoreRuns, long? FaultsLeft, double? Low, double? High, double? AcceptAt, double? RejectAt, bool Full)
{
    /// <summary>Of how many clean runs the bar speaks: those that are and those that are needed still.</summary>
    public long Needed => Clean + MoreRuns;
}

/// <param name="WhyNotConfirm">Who may, where the reader may not; null: they may, or nobody may as it stands.</param>
public sealed record PromotionRights(bool Confirm, bool Withdraw, string? WhyNotConfirm);

/// <summary>One run, in its place.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Faults">How many of the runs up to here had one.</param>
/// <param name="Judged">Whether it came before the test ended.</param>
public sealed record RunView(int Number, string DecisionId, string Action, string? RuleId, DateTimeOffset At, bool Clean, string? Fault, int Faults, bool Judged);

/// <summary>What could be proposed for one capability, and what stands against it.</summary>
/// <param name="Cooling">Until when it is not proposed again.</param>
/// <param name="Rules">The rows of the published matrix that its actions can meet, with what they say.</param>
public sealed record CapabilityView(string Capability, string GrantId, Tier Tier, Tier? Next, DateTimeOffset? Cooling, string? Open, IReadOnlyList<RuleView> Rules, AdvanceCriteria? Advance);

public sealed record RuleView(string Id, string Says);

/// <summary>Everything that the page of an agent's promotions shows.</summary>
public sealed record PromotionsView(string AgentId, string AgentName, string RolloutId, string RolloutName, bool Retired, IReadOnlyList<PromotionView> Promotions, IReadOnlyList<CapabilityView> Capabilities, double CoolDownDays, bool MayPropose);
