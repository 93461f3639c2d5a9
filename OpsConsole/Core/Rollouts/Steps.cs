using OpsConsole.Core.Access;
using OpsConsole.Core.Worksheets;

namespace OpsConsole.Core.Rollouts;

/// <summary>When each of the six steps is done (product.md, 'The six steps'): mechanically where it can be, by named people where they must. Pure.</summary>
public static class Steps
{
    public static IReadOnlyList<StepStanding> Of(RolloutEvidence e) =>
    [
        new(1, [.. Requirements.Of("canvas", SheetChecks.Canvas(e.Sheet("canvas")), RolloutRole.RolloutOwner, RolloutRole.WorkflowOwner), Requirements.Owners(e), Requirements.Boundary(e)]),
        new(2, [Requirements.Listed(e), Requirements.Analysis(e, published: false), Requirements.Approvers(e)]),
        new(3, [.. Escalation(e), Requirements.Deputies(e), Requirements.Drill(e)]),
        new(4, [.. Requirements.Of("tests", SheetChecks.Tests(e.Sheet("tests")), RolloutRole.EngineeringOwner, RolloutRole.RedTeamReviewer)]),
        new(5, [Requirements.Verdict(e)]),
        new(6, [Requirements.Confirmed(e, ConfirmationRules.Holds), Requirements.Named(e, "sponsor", "An executive sponsor is named", RolloutRole.ExecSponsor), Requirements.Memo(e)]),
    ];

    internal static IEnumerable<Requirement> Escalation(RolloutEvidence e) => Requirements.Of("escalation", SheetChecks.Escalation(e.Sheet("escalation")), RolloutRole.IncidentOwner).Append(Requirements.Reachable(e));
}
