namespace OpsConsole.Core.Rollouts;

/// <summary>How rollouts fail (product.md, 'Failure modes it must make hard').</summary>
public enum FailureMode { PermissionCreep, MonitoringGaps, RecoveryFailures, BundledPermissions, TrustSetOnce, AllOrNothing }

/// <summary>One question with three answers: <c>a</c> is worth nothing, <c>b</c> one point, <c>c</c> two.</summary>
/// <param name="Area">scope, authority, exceptions, testing, monitoring, recovery or ownership.</param>
/// <param name="Mode">The failure that a poor answer leads to.</param>
/// <param name="Settle">What to do about a poor answer, in a sentence.</param>
/// <param name="Where">Where in the console that is done, in words.</param>
public sealed record DiagnosticQuestion(string Id, string Area, FailureMode Mode, string Text, IReadOnlyList<string> Answers, string Settle, string Where);

/// <summary>What is asked about a workflow that might be the pilot; the answers again from worst to best.</summary>
public sealed record CandidateQuestion(string Id, string Text, IReadOnlyList<string> Answers);

/// <summary>The readiness diagnostic: twelve questions that a team answers in ten minutes, before the workshop.</summary>
public static class DiagnosticQuestions
{
    /// <summary>Letters of the answers, from worst to best.</summary>
    public const string Letters = "abc";
    /// <summary>So many workflows may be compared.</summary>
    public const int Candidates = 3;

    public static readonly IReadOnlyList<DiagnosticQuestion> All =
    [
        new("workflow", "scope", FailureMode.AllOrNothing, "Can somebody say in one sentence where the workflow begins and where it ends?",
            ["No: it is a whole job, or several", "Roughly, but not everybody would say the same", "Yes, and everybody would say the same"],
            "Write down one workflow from its trigger to its end, in one sentence that everybody would say.", "Launch canvas › Workflow"),
        new("bounds", "scope", FailureMode.PermissionCreep, "Is it written down what the agent must never touch?",
            ["No", "We talked about it", "Yes, as a list that the team knows"],
            "List what is out of bounds, an item a line; each becomes a boundary that no rule can lift.", "Launch canvas › Out of bounds"),
        new("figure", "scope", FailureMode.MonitoringGaps, "Is there one figure that says whether it was worth it?",
            ["No, we will see", "Several, none with a target", "One, with today's value and a target"],
            "Agree on one figure, measure it today and set a target.", "Launch canvas › Measurable output"),
        new("approval", "authority", FailureMode.PermissionCreep, "Who approves what customers or the books would feel?",
            ["Nobody; the agent does it", "The team, whoever is there", "A named person, with a time limit"],
            "Name who approves every action of high consequence, and what happens when nobody answers in time.", "Authority matrix"),
        new("grants", "authority", FailureMode.BundledPermissions, "How would the agent get its permissions?",
            ["All at once, with one powerful account", "A role that fits more or less", "One by one, each with a reason"],
            "Grant one capability at a time, each with a reason, an owner and an end.", "Agents › Grants, or a tier template"),
        new("between", "authority", FailureMode.AllOrNothing, "What lies between “it does it” and “it may not”?",
            ["Nothing: it is on or off", "Somebody looks over it afterwards", "Drafts, approvals and limits by amount"],
            "Begin with drafts and approvals, and let the small and undoable run alone later.", "Authority matrix, gates A to C"),
        new("owner", "exceptions", FailureMode.RecoveryFailures, "It is five in the afternoon and a wrong answer reached a customer. Who takes it?",
            ["We would find out then", "We know whom to ask", "A named person with a deputy, reached in five minutes"],
            "Name who takes which failure, within what time and how they are reached, and drill it.", "Escalation matrix and runbook"),
        new("tried", "testing", FailureMode.PermissionCreep, "Has somebody tried to lead it astray?",
            ["No", "Somebody played with it", "Yes: scenarios, results and what was changed are written down"],
            "Try the five scenarios that you hope nobody tries, and write down what came of them.", "Adversarial test log"),
        new("notice", "monitoring", FailureMode.MonitoringGaps, "How soon would you notice that it makes the same small mistake every day?",
            ["When a customer complains", "At the end of the month", "Within a day: somebody looks at a sample or a figure"],
            "Decide who looks at which figure each day, and which value makes them stop.", "Launch canvas › Escalate when"),
        new("review", "monitoring", FailureMode.TrustSetOnce, "Is what it may do looked at again at fixed times?",
            ["No, once is enough", "When something happens", "Every week, ending in keep, adjust or stop"],
            "Put a weekly review into the calendar that ends in keep, adjust or stop; give every grant a review date.", "Rollout › Settings, Agents › Grants"),
        new("undo", "recovery", FailureMode.RecoveryFailures, "Can what it wrote be undone?",
            ["Mostly not", "With effort, by somebody who knows how", "Yes, and we have tried it"],
            "Write down the way back for each write, rehearse it, and keep what has none with people.", "Minimum launch criteria"),
        new("person", "ownership", FailureMode.TrustSetOnce, "Does one named person answer for all of this, with a deputy?",
            ["No, a team or a committee", "One person, no deputy", "One person and a deputy, and both know it"],
            "Name the rollout owner, the workflow owner and the incident owner, each with a deputy.", "Rollout › People"),
    ];

    public static readonly IReadOnlyList<CandidateQuestion> Candidate =
    [
        new("often", "How often does it happen?", ["A few times a month", "A few times a week", "Every day"]),
        new("end", "Does it have a clear end?", ["It is never done", "Mostly", "Yes: one can see that it is done"]),
        new("undo", "Can a mistake be undone?", ["No", "With effort", "Easily"]),
        new("measure", "Can it be measured?", ["Hardly", "With some work", "Yes, we do already"]),
    ];

    /// <summary>What the team may say in its own words: id, question, and the field of the launch canvas that it begins.</summary>
    public static readonly IReadOnlyList<(string Id, string Text, string Field)> Words =
    [
        ("say-workflow", "The workflow, from its trigger to its end", "workflow"), ("say-bounds", "What it must never touch, an item a line", "out_of_bounds"), ("say-figure", "The one figure that says whether it was worth it", "output"),
    ];

    public static string Of(FailureMode mode) => mode switch
    {
        FailureMode.PermissionCreep => "Permission creep: the agent gets authority before anybody has seen that it holds",
        FailureMode.MonitoringGaps => "Monitoring gaps: small mistakes go unnoticed and add up",
        FailureMode.RecoveryFailures => "Recovery failures: when it goes wrong there is no way back, and nobody who takes it",
        FailureMode.BundledPermissions => "Bundled permissions: everything is given at once, and nothing can be taken back alone",
        FailureMode.TrustSetOnce => "Trust set once and forgotten: what was right in spring is never looked at again",
        _ => "All or nothing: fully autonomous or fully restricted, with nothing between",
    };
}
