using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Rollouts;

/// <summary>The four gates (product.md); the order is the order in which they open.</summary>
public enum Gate { None, A, B, C, D }

/// <summary>A gate of one rollout: passed by whom, with which waivers. One row per gate; its history is on the audit log.</summary>
public sealed class GateRecord
{
    private GateRecord() { }
    public GateRecord(string rolloutId, Gate gate) => (RolloutId, Gate) = (rolloutId, gate);

    public string RolloutId { get; private set; } = "";
    public Gate Gate { get; private set; }
    public bool Passed { get; private set; }
    public string? By { get; private set; }
    public DateTimeOffset? At { get; private set; }
    public string? Reason { get; private set; }
    /// <summary>Ids of the criteria that were unmet and waived when the gate was passed.</summary>
    public IReadOnlyList<string> Waived { get; private set; } = [];
    /// <summary>Passed by an admin who is not one of the gate's named people; stays true after a revocation, so that it is shown for ever.</summary>
    public bool Override { get; private set; }

    public void Pass(string by, DateTimeOffset at, string reason, IReadOnlyList<string> waived, bool isOverride)
        => (Passed, By, At, Reason, Waived, Override) = (true, by, at, reason, waived, Override || isOverride);

    public void Revoke(string by, DateTimeOffset at, string reason)
        => (Passed, By, At, Reason, Waived) = (false, by, at, reason, []);
}

/// <summary>One line that a gate asks for.</summary>
/// <param name="Evidence">What the console looked at, in words.</param>
public sealed record GateCriterion(string Id, string Text, bool Met, string Evidence, bool Waived);

/// <summary>The facts about a rollout that the mechanical criteria look at.</summary>
/// <param name="Filled">Roles with a holder.</param>
/// <param name="Boundaries">Out-of-bounds rows in the draft or the published matrix.</param>
/// <param name="AgentsWithoutCaps">Names of agents that have no cap at all.</param>
public sealed record GateFacts(IReadOnlySet<RolloutRole> Filled, int Boundaries, int PublishedVersion, int RuleCount, IReadOnlyList<string> Agents, IReadOnlyList<string> AgentsWithoutCaps);

/// <summary>The rules of the gates.</summary>
public static class Gates
{
    public static readonly IReadOnlyList<Gate> All = [Gate.A, Gate.B, Gate.C, Gate.D];

    /// <summary>Who may pass a gate by their role in the rollout (product.md, 'The six steps', owners).</summary>
    public static IReadOnlyList<RolloutRole> NamedPeople(Gate gate) => gate switch
    {
        Gate.A => [RolloutRole.RolloutOwner, RolloutRole.WorkflowOwner],
        Gate.B => [RolloutRole.RolloutOwner, RolloutRole.RiskLead],
        Gate.C => [RolloutRole.RolloutOwner, RolloutRole.EngineeringOwner],
        Gate.D => [RolloutRole.ExecSponsor],
        _ => [],
    };

    /// <summary>
    /// The gate in force: the highest passed gate whose every lower gate is passed too, or was waived when it was passed
    /// (a waived criterion never makes a gate fall; a lower gate revoked later does).
    /// </summary>
    public static Gate InForce(IEnumerable<GateRecord> records)
    {
        var passed = records.Where(r => r.Passed).ToDictionary(r => r.Gate);
        for (var gate = Gate.D; gate > Gate.None; gate--)
        {
            if (Holds(gate)) return gate;
        }
        return Gate.None;

        bool Holds(Gate gate) => passed.TryGetValue(gate, out var record)
            && (gate == Gate.A || record.Waived.Contains(PreviousId(gate)) || Holds(gate - 1));
    }

    /// <summary>The criteria of a gate with what the console found; waived as recorded when it was passed.</summary>
    public static IReadOnlyList<GateCriterion> Criteria(Gate gate, GateFacts facts, IReadOnlyList<GateRecord> records)
    {
        var waived = records.FirstOrDefault(r => r.Gate == gate && r.Passed)?.Waived ?? [];
        List<GateCriterion> list = [];
        if (gate > Gate.A)
        {
            var before = gate - 1;
            // By its own right: a gate that was passed with this line waived does not meet it by standing.
            var stands = InForce(records.Where(r => r.Gate < gate)) >= before;
            Add(PreviousId(gate), $"Gate {before} is passed", stands, stands ? $"Gate {before} is in force" : $"Gate {before} is not passed");
        }
        switch (gate)
        {
            case Gate.A:
                RolloutRole[] minimum = [RolloutRole.RolloutOwner, RolloutRole.WorkflowOwner, RolloutRole.IncidentOwner];
                var missing = minimum.Where(r => !facts.Filled.Contains(r)).Select(r => r.Words()).ToList();
                Add("owners", "Rollout owner, workflow owner and incident owner are named", missing.Count == 0, missing.Count == 0 ? "all three are named" : "missing: " + string.Join(", ", missing));
                Add("out-of-bounds", "What is out of bounds is written down", facts.Boundaries > 0, Counted.Of(facts.Boundaries, "boundary", "boundaries"));
                break;
            case Gate.B:
                Add("matrix", "A matrix is published (the analysis found no errors in it)", facts.PublishedVersion > 0 && facts.RuleCount > 0,
                    facts.PublishedVersion > 0 ? $"version {facts.PublishedVersion}, {Counted.Of(facts.RuleCount, "rule", "rules")}" : "nothing is published");
                Add("risk-lead", "A risk/compliance lead is named", facts.Filled.Contains(RolloutRole.RiskLead), facts.Filled.Contains(RolloutRole.RiskLead) ? "named" : "nobody is named");
                break;
            case Gate.C:
                Add("caps", "Every agent has caps", facts.Agents.Count > 0 && facts.AgentsWithoutCaps.Count == 0,
                    facts.Agents.Count == 0 ? "the rollout has no agent" : facts.AgentsWithoutCaps.Count == 0 ? Counted.Of(facts.Agents.Count, "agent has", "agents have") + " caps" : "without caps: " + string.Join(", ", facts.AgentsWithoutCaps));
                break;
            case Gate.D:
                Add("sponsor", "An executive sponsor is named", facts.Filled.Contains(RolloutRole.ExecSponsor), facts.Filled.Contains(RolloutRole.ExecSponsor) ? "named" : "nobody is named");
                break;
        }
        return list;

        void Add(string id, string text, bool met, string evidence) => list.Add(new GateCriterion(id, text, met, evidence, waived.Contains(id)));
    }

    private static string PreviousId(Gate gate) => "gate-" + (gate - 1).ToString().ToLowerInvariant();
}
