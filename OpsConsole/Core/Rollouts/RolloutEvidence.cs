using OpsConsole.Core.Access;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Worksheets;

namespace OpsConsole.Core.Rollouts;

/// <summary>An agent as gates see it.</summary>
/// <param name="Version">Its own version, as its engineers count it.</param>
/// <param name="MayAct">It holds a live grant: without one it may do nothing.</param>
public sealed record AgentFacts(string Id, string Name, string? Version, string? Model, bool HasCaps, bool MayAct);

/// <summary>Everything that steps and gates look at, as of one moment.</summary>
/// <param name="Document">The matrix in force, or the draft while nothing is published.</param>
/// <param name="Matrix">What the analysis says of it.</param>
/// <param name="Fields">What stands in the worksheets.</param>
/// <param name="Agents">Those that are not retired, by name.</param>
/// <param name="Drills">Newest first.</param>
public sealed record RolloutEvidence(RolloutAuthority Rollout, PeopleDirectory Directory, MatrixDocument Document, MatrixStanding Matrix, IReadOnlyDictionary<FieldKey, Register> Fields,
    IReadOnlyList<AgentFacts> Agents, IReadOnlyList<Confirmation> Confirmations, IReadOnlyList<RoutingDrill> Drills)
{
    public Worksheet Sheet(string id) => Worksheet.Of(id, Fields);

    public bool IsActive(string personId) => Directory.People.TryGetValue(personId, out var person) && person.Active;

    /// <summary>People who hold a role themselves, or stand in for it, and can do something.</summary>
    public IReadOnlyList<string> Active(RolloutRole role, bool deputy) => EscalationPeople.Active(role, deputy, Rollout, Directory);

    public bool MayConfirm(string personId, ConfirmationRule rule) => IsActive(personId) && rule.May(personId, Rollout);

    /// <summary>The active people that a field of kind <see cref="FieldKind.Person"/> means.</summary>
    public IReadOnlyList<string> Meant(string words) => EscalationPeople.Meant(words, Rollout, Directory);
}
