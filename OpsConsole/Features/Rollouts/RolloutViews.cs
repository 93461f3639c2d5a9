using System.Text.Json;

namespace OpsConsole.Features.Rollouts;

/// <summary>A row of the list of rollouts.</summary>
/// <param name="Gate">The gate in force: A to D, or null.</param>
public sealed record RolloutRow(string Id, string Name, string Purpose, string? Gate, bool Paused, int PublishedVersion, int Agents, TierMix Tiers, bool Simulated, DateTimeOffset CreatedAt);

/// <summary>How many live grants of the rollout's agents stand at each tier.</summary>
public sealed record TierMix(int Observer, int Contributor, int Executor)
{
    public int All => Observer + Contributor + Executor;
}

/// <summary>Why something stands still.</summary>
public sealed record PauseView(DateTimeOffset At, string By, string ByName, string Reason);

/// <summary>A person of a rollout with every role they hold there.</summary>
/// <param name="Active">False while they were only invited, or after they were disabled.</param>
public sealed record MemberView(string PersonId, string Email, string Name, IReadOnlyList<string> Roles, IReadOnlyList<string> DeputyFor, bool Active);

public sealed record MatrixState(long DraftVersion, int PublishedVersion);

/// <summary>A rollout as the API and its page show it.</summary>
/// <param name="Owners">Role to e-mail; null where nobody is named.</param>
/// <param name="Confidence"><c>required</c> or <c>optional</c>.</param>
/// <param name="SecondPublisher">A matrix is put in force by two people.</param>
public sealed record RolloutView(string Id, string Name, string Purpose, string TimeZone, DateTimeOffset CreatedAt, string CreatedBy, IReadOnlyDictionary<string, string?> Owners,
    IReadOnlyDictionary<string, string?> Deputies, IReadOnlyList<MemberView> Members, string? Gate, PauseView? Paused, MatrixState Matrix, double MinConfidence, string Confidence,
    JsonElement? Audience, bool SeparationOfDuties, int CycleWeeks, JsonElement? Thresholds, int Agents, bool Simulated, bool SecondPublisher = false);

/// <summary>An agent as its rollout lists it.</summary>
public sealed record RolloutAgent(string Id, string Name, string Kind, string OwnerName, bool Paused, int Caps, bool Simulated);

/// <summary>What the reader may do with a rollout, for the page.</summary>
public sealed record RolloutRights(bool Edit, bool Govern, bool Publish, bool Pause, bool ManageAgents, IReadOnlyList<string> PassGates);

public sealed record CriterionView(string Id, string Text, bool Met, string Evidence, bool Waived);

/// <summary>A gate with what it asks for and what was found.</summary>
/// <param name="Override">Passed by an admin who is none of its named people; stays for ever.</param>
/// <param name="InForce">Passed, and no lower gate is missing.</param>
public sealed record GateView(string Gate, bool Passed, bool InForce, IReadOnlyList<CriterionView> Criteria, IReadOnlyList<string> NamedPeople, string? By, string? ByName, DateTimeOffset? At, string? Reason, IReadOnlyList<string> Waived, bool Override);
