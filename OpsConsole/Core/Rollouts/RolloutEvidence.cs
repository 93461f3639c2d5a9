using OpsConsole.Core.Access;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Reviews;
using OpsConsole.Core.Reliability;
using OpsConsole.Core.Worksheets;

namespace OpsConsole.Core.Rollouts;

/// <summary>An agent as gates see it.</summary>
/// <param name="Version">Its own version, as its engineers count it.</param>
/// <param name="MayAct">It holds a live grant: without one it may do nothing.</param>
public sealed record AgentFacts(string Id, string Name, string? Version, string? Model, bool HasCaps, bool MayAct);

/// <summary>A plan that was started as a rehearsal, or about what simulated agents wrote, and has undone all of it.</summary>
public sealed record UndoRehearsal(string PlanId, int Undone, DateTimeOffset At);

/// <summary>How the samples agree that people recorded of one agent since it has its present version and model.</summary>
public sealed record AgentShadow(AgentFacts Agent, ShadowFigures Figures);

/// <summary>Everything that steps and gates look at, as of one moment.</summary>
/// <param name="Document">The matrix in force, or the draft while nothing is published.</param>
/// <param name="Matrix">What the analysis says of it.</param>
/// <param name="Fields">What stands in the worksheets.</param>
/// <param name="Agents">Those that are not retired, by name.</param>
/// <param name="Drills">Newest first.</param>
public sealed record RolloutEvidence(RolloutAuthority Rollout, PeopleDirectory Directory, MatrixDocument Document, MatrixStanding Matrix, IReadOnlyDictionary<FieldKey, Register> Fields,
    IReadOnlyList<AgentFacts> Agents, IReadOnlyList<Confirmation> Confirmations, IReadOnlyList<RoutingDrill> Drills)
{
    /// <summary>Titles of the incidents for which scaling waits.</summary>
    public IReadOnlyList<string> ScalingHeldBy { get; init; } = [];
    /// <summary>The last rehearsal of an undo that went all the way; null: none.</summary>
    public UndoRehearsal? Rehearsal { get; init; }

    /// <summary>The weekly reviews; null: none was ever opened.</summary>
    public ReviewCycle? Reviews { get; init; }

    /// <summary>The scale memos; null: none was ever written.</summary>
    public MemoStanding? Memos { get; init; }

    public Worksheet Sheet(string id) => Worksheet.Of(id, Fields);

    /// <summary>What people recorded of each agent's shadow samples, in the version that it has now; empty: nobody recorded any.</summary>
    public IReadOnlyList<AgentShadow> Shadows { get; init; } = [];
    public ShadowThresholds ShadowNeeds { get; init; } = new();

    public bool IsActive(string personId) => Directory.People.TryGetValue(personId, out var person) && person.Active;

    /// <summary>People who hold a role themselves, or stand in for it, and can do something.</summary>
    public IReadOnlyList<string> Active(RolloutRole role, bool deputy) => EscalationPeople.Active(role, deputy, Rollout, Directory);

    public bool MayConfirm(string personId, ConfirmationRule rule) => IsActive(personId) && rule.May(personId, Rollout);

    /// <summary>The active people that a field of kind <see cref="FieldKind.Person"/> means.</summary>
    public IReadOnlyList<string> Meant(string words) => EscalationPeople.Meant(words, Rollout, Directory);
}
