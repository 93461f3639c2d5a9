namespace OpsConsole.Features.Workshop;

/// <summary>What a team needs to know to fill in a worksheet without another document.</summary>
/// <param name="Purpose">In one line.</param>
/// <param name="Owner">Who answers for it.</param>
/// <param name="DoneWhen">The check that ends the step.</param>
/// <param name="Pitfalls">What goes wrong where teams hurry.</param>
internal sealed record WorksheetGuide(string Purpose, string Owner, string DoneWhen, IReadOnlyList<string> Pitfalls)
{
    private static readonly Dictionary<string, WorksheetGuide> All = new(StringComparer.Ordinal)
    {
        ["canvas"] = new("One narrow workflow, what it is worth, and what the agent must never touch.", "Rollout owner with the workflow owner", "The team can say clearly what the agent can and cannot touch in version 1.",
            ["A scope of three workflows is none: take the one with the clearest end.", "“Helps the team” cannot be measured. One figure, today's value, a target.", "Permission creep begins where nothing is written under out of bounds."]),
        ["escalation"] = new("Who takes it when it goes wrong, how soon, and how anybody reaches them.", "Incident-response owner", "Anybody in the team can route a failure to the right owner in under five minutes.",
            ["A mailbox owns nothing: name one person or one role, and a deputy.", "A way to reach somebody that works only in the office is none at night.", "A response that nobody rehearsed takes an hour the first time."]),
        ["tests"] = new("What somebody or something could do to lead the agent astray, tried before it is real.", "Engineering owner with the red-team reviewer", "The top scenarios have a mitigation, or block the launch by name.",
            ["Tests that only confirm are no stress: try what you hope nobody tries.", "“Unlikely” is no mitigation. Change something, run it again, write down what you saw.", "Fully autonomous or fully restricted is a false choice: an approval in between is a mitigation, too."]),
        ["checklist"] = new("The least that must be so before the first real case.", "Engineering owner", "Every line is met with its evidence, or waived with a reason that stays on record.",
            ["A tick without a link is an opinion.", "Trust that is set once is never looked at again: give every line an owner.", "A launch without a way back is no launch but a leap."]),
        ["parking"] = new("What comes up and would lead away from the step at hand.", "Facilitator", "Every item goes somewhere, or is dropped by name.", ["A parking lot that nobody empties is a bin."]),
        ["decisions"] = new("What the team decided in this session, in its own words.", "Facilitator", "Everybody present would write the same sentence.", ["A decision without a reason is made again next week."]),
        ["actions"] = new("The next things that somebody does, with a day.", "Facilitator", "Every line has one person and a day.", ["“We” does nothing until Friday."]),
    };

    public static WorksheetGuide Of(string sheet) => All[sheet];
}
