using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Trust;

namespace OpsConsole.Core.Decisions;

/// <summary>What the columns of <see cref="AuthorityTable"/> mean, for people.</summary>
public static class AuthorityWords
{
    /// <summary>What a gate opens.</summary>
    public static string Opens(Gate gate) => gate switch
    {
        Gate.A => "Agents read, analyse and draft. Every write is denied and counted as a shadow sample.",
        Gate.B => "Agents recommend. Every write waits for a person.",
        Gate.C => "For the controlled audience, low-consequence writes that can be undone run alone; the rest waits for a person.",
        Gate.D => "Writes that can be undone run alone for everybody; what cannot be undone waits for a person.",
        _ => "Agents are denied everything.",
    };

    /// <summary>What remains of a tier under the rollout's gate: the least of the two, and which of them holds it there.</summary>
    public static string Effective(Gate gate, Tier? tier)
    {
        if (tier is null) return "Denied: no tier is granted.";
        if (gate == Gate.None) return "Denied: the rollout has passed no gate yet.";
        var opened = gate switch { Gate.A => Tier.Observer, Gate.B => Tier.Contributor, _ => Tier.Executor };
        var held = opened < tier ? $" Held there by gate {gate}." : tier < Tier.Executor && tier < opened ? $" Gate {gate} would open more." : "";
        return AuthorityTable.Column(gate, tier) switch
        {
            1 => "Reads only; writes are denied and counted as shadow samples." + held,
            2 => "Reads; every write waits for a person." + held,
            3 => "Low-consequence writes that can be undone run alone; the rest waits for a person.",
            _ => "Writes that can be undone run alone; what cannot be undone waits for a person.",
        };
    }
}
