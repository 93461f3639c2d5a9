using OpsConsole.Core.Access;

namespace OpsConsole.Features.Workshop;

/// <summary>What a step is for (product.md, 'The six steps'), so that nobody needs another document.</summary>
/// <param name="Outputs">What it leaves behind: title, and the place below the rollout's page.</param>
/// <param name="Owners">The first answers for it.</param>
internal sealed record StepGuide(int Step, string Name, string Purpose, IReadOnlyList<(string Title, string Place)> Outputs, IReadOnlyList<RolloutRole> Owners, string DoneWhen, IReadOnlyList<string> Pitfalls)
{
    public static readonly IReadOnlyList<StepGuide> All =
    [
        new(1, "Scope", "Choose one narrow workflow with clear boundaries and a measurable output.", [("Launch canvas", "worksheets/canvas")], [RolloutRole.RolloutOwner, RolloutRole.WorkflowOwner],
            "The team can say clearly what the agent can and cannot touch in version 1.", ["Three workflows at once: take the one with the clearest end.", "Permission creep begins where nothing is written under out of bounds."]),
        new(2, "Authority", "Settle what runs alone, what needs a person, and what never happens.", [("Authority matrix", "matrix"), ("Register of actions", "actions")], [RolloutRole.RolloutOwner, RolloutRole.RiskLead],
            "Every action of high consequence has a named person who approves it, and nothing is ambiguous.", ["Bundled permissions: give one capability at a time.", "Fully autonomous or fully restricted, with nothing between: an approval is the step between."]),
        new(3, "Exceptions", "Name who takes a failure, how soon, and how anybody reaches them, before there is one.", [("Escalation matrix", "worksheets/escalation"), ("Routing drill", "drill")], [RolloutRole.IncidentOwner],
            "Anybody in the team can route a failure to the right owner in under 5 minutes.", ["A mailbox owns nothing: name one person or one role, and a deputy.", "No way back: a response that nobody rehearsed takes an hour the first time."]),
        new(4, "Adversarial tests", "Try what you hope nobody tries, and write down what happened.", [("Adversarial test log", "worksheets/tests"), ("Minimum launch criteria", "worksheets/checklist")], [RolloutRole.EngineeringOwner, RolloutRole.RedTeamReviewer],
            "The top scenarios held or have a mitigation, or block the launch by name.", ["Tests that only confirm are no stress.", "“Unlikely” is no mitigation: change something and run it again."]),
        new(5, "Launch", "Launch to a controlled audience, and look at every incident weekly.", [("Gates", "#gates")], [RolloutRole.RolloutOwner, RolloutRole.WorkflowOwner],
            "The weekly review ends in keep, adjust or stop, backed by evidence.", ["Trust set once and forgotten: every week has a verdict.", "Monitoring gaps: small mistakes that nobody notices compound."]),
        new(6, "Scale", "Widen only after the figures were steady for at least one full cycle.", [("Gates", "#gates")], [RolloutRole.ExecSponsor, RolloutRole.RolloutOwner],
            "The decision to scale is led by evidence, and incidents stay inside the agreed thresholds.", ["Time served proves nothing: the figures do.", "A hold that is still open is a reason to wait."]),
    ];
}
