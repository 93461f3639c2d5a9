using OpsConsole.Core.Authority;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Trust;

namespace OpsConsole.Core.Decisions;

/// <summary>The gate × tier table of protocols.md, section N: what remains of a matched row under the least of gate and tier.</summary>
public static class AuthorityTable
{
    /// <summary>The column: 0 no gate or no grant, 1 gate A or observer, 2 gate B or contributor, 3 gate C and executor, 4 gate D and executor.</summary>
    public static int Column(Gate gate, Tier? tier)
        => gate == Gate.None || tier is null ? 0
         : gate == Gate.A || tier == Tier.Observer ? 1
         : gate == Gate.B || tier == Tier.Contributor ? 2
         : gate == Gate.C ? 3 : 4;

    public static (Outcome Outcome, bool Provisional) Limit(MatrixRule rule, Gate gate, Tier? tier)
        => Limit(rule.Outcome, rule.Effect == Effect.Write, rule.Consequence == Consequence.High, rule.Reversible, gate, tier);

    public static (Outcome Outcome, bool Provisional) Limit(RuleOutcome outcome, bool write, bool highConsequence, bool reversible, Gate gate, Tier? tier)
    {
        var column = Column(gate, tier);
        if (outcome == RuleOutcome.Deny || column == 0) return (Outcome.Deny, false);
        if (!write) return (outcome == RuleOutcome.Allow ? Outcome.Allow : Outcome.Pending, false);
        if (column == 1) return (Outcome.Deny, false);
        // What a person approves under a reversible rule stays undoable for the rule's window as well.
        if (outcome == RuleOutcome.Approve || !reversible || column == 2) return (Outcome.Pending, reversible);
        return highConsequence && column == 3 ? (Outcome.Pending, true) : (Outcome.Allow, true);
    }
}
