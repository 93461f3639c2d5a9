using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Worksheets;

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

    /// <summary>What people confirm by name for a gate; revoking it takes these with it.</summary>
    public static IReadOnlyList<string> Subjects(Gate gate) => gate switch
    {
        Gate.A => [ConfirmationRules.Boundary.Subject],
        Gate.C => [ConfirmationRules.Evals.Subject, ConfirmationRules.Rollback.Subject, ConfirmationRules.Shadow.Subject],
        Gate.D => [ConfirmationRules.Reviews.Subject, ConfirmationRules.Holds.Subject, ConfirmationRules.Memo.Subject],
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

    /// <summary>The criteria of a gate (product.md, 'The four gates') with what the console found; waived as recorded when it was passed.</summary>
    public static IReadOnlyList<Requirement> Criteria(Gate gate, RolloutEvidence evidence, IReadOnlyList<GateRecord> records)
    {
        var waived = records.FirstOrDefault(r => r.Gate == gate && r.Passed)?.Waived ?? [];
        return [.. (gate > Gate.A ? [Before(gate, records)] : Array.Empty<Requirement>()).Concat(Of(gate, evidence)).Select(r => waived.Contains(r.Id) ? r with { Waived = true } : r)];
    }

    private static IReadOnlyList<Requirement> Of(Gate gate, RolloutEvidence e) => gate switch
    {
        Gate.A =>
        [
            Requirements.All("canvas", "The launch canvas is complete", "complete", Requirements.Of("canvas", SheetChecks.Canvas(e.Sheet("canvas")), RolloutRole.RolloutOwner, RolloutRole.WorkflowOwner)),
            Requirements.OutOfBounds(e), Requirements.Owners(e), Requirements.Boundary(e),
        ],
        Gate.B =>
        [
            Requirements.Analysis(e, published: true), Requirements.Listed(e), Requirements.Approvers(e), Requirements.Named(e, "risk-lead", "A risk/compliance lead is named", RolloutRole.RiskLead),
            Requirements.All("escalation", "Every scenario of the escalation matrix has an owner, a deputy, a time and a way to reach them", Counted.Of(e.Sheet("escalation").Rows.Count, "scenario"), Steps.Escalation(e)), Requirements.Drill(e),
        ],
        Gate.C =>
        [
            Requirements.All("tests", "Every top scenario held or has a mitigation, and none blocks the launch", "none is open", Requirements.Of("tests", [.. SheetChecks.Tests(e.Sheet("tests")), SheetChecks.Blockers(e.Sheet("tests"))], RolloutRole.EngineeringOwner, RolloutRole.RedTeamReviewer)),
            Requirements.Confirmed(e, ConfirmationRules.Evals), Requirements.Caps(e), Requirements.Audience(e), Requirements.Rehearsed(e),
            Checklist(e), Requirements.Shadowed(e),
        ],
        Gate.D =>
        [
            Requirements.Cycle(e), Requirements.Unheld(e), Requirements.Memo(e),
            Requirements.Named(e, "sponsor", "An executive sponsor is named", RolloutRole.ExecSponsor),
        ],
        _ => [],
    };

    private static Requirement Checklist(RolloutEvidence e)
    {
        var lines = SheetChecks.Checklist(e.Sheet("checklist"));
        return Requirements.All("checklist", lines[0].Text, lines[0].Evidence, Requirements.Of("checklist", lines, RolloutRole.EngineeringOwner));
    }

    private static Requirement Before(Gate gate, IReadOnlyList<GateRecord> records)
    {
        // By its own right: a gate that was passed with this line waived does not meet it by standing.
        var (before, stands) = (gate - 1, InForce(records.Where(r => r.Gate < gate)) >= gate - 1);
        return new(PreviousId(gate), $"Gate {before} is passed", stands, stands ? $"Gate {before} is in force" : $"Gate {before} is not passed") { Place = "#gates", Who = NamedPeople(before) };
    }

    /// <summary>What a passed gate rested on and is no longer there: criteria that were met then, were not waived, and do not hold now.</summary>
    /// <param name="met">Ids of the criteria that were met when it was passed.</param>
    public static IReadOnlyList<Requirement> Broken(Gate gate, RolloutEvidence evidence, IReadOnlyList<GateRecord> records, IReadOnlySet<string> met)
        => [.. Criteria(gate, evidence, records).Where(c => !c.Holds && !c.Waived && met.Contains(c.Id))];

    private static string PreviousId(Gate gate) => "gate-" + (gate - 1).ToString().ToLowerInvariant();
}
