namespace OpsConsole.Core.Worksheets;

/// <summary>A row that a sheet can begin with: field and text.</summary>
/// <param name="Id">Always the same, so that two who begin at once have one row.</param>
public sealed record StartRow(string Id, IReadOnlyDictionary<string, string> Texts);

/// <summary>What an empty worksheet can begin with: the escalation matrix with the three rows of product.md, 'When the agent makes the wrong move', the checklist with what its gates and failure modes ask for. Pure.</summary>
public static class StartRows
{
    private static readonly Dictionary<string, IReadOnlyList<StartRow>> Sheets = new(StringComparer.Ordinal)
    {
        ["escalation"] = Rows(
        [
            Scenario("High-risk output reached a customer", "A customer complains, quality control finds one, or somebody of the team sees it", "sev1", "incident_owner", "workflow_owner", "15 min",
                "Stop what the agent does alone. Send every open case to a person. Tell the customer and the sponsor. Undo what was written.", "pause_agent, route_to_review, notify_sponsor"),
            Scenario("Override rate spikes repeatedly over baseline", "People edit or reject more than twice as often as in the weeks before, two days in a row", "sev3", "workflow_owner", "rollout_owner", "4 h",
                "Let the agent do less alone. Look for the cause together. Bring it into the weekly review.", "reduce_authority, notify_owner"),
            Scenario("Policy or compliance exception", "A rule of the house or of the law was broken, or might have been", "sev2", "risk_lead", "incident_owner", "1 h",
                "Start the rollback. Hold every decision on scaling until somebody has checked that it is mended.", "trigger_rollback, hold_scaling, notify_owner"),
        ]),
        ["checklist"] = Rows(
        [
            Line("Every field of the launch canvas is filled in, and what is out of bounds stands in the matrix as a boundary", "rollout_owner"),
            Line("The three owners are named, each with a deputy, and can explain the boundary", "rollout_owner"),
            Line("Every high-consequence action has a named person who approves it", "risk_lead"),
            Line("The routing drill reached the right owner in under 5 minutes", "incident_owner"),
            Line("Every top scenario of the test log has a mitigation that was tried again", "red_team_reviewer"),
            Line("The evals passed on this version of the agent", "engineering_owner"),
            Line("The shadow phase was long and varied enough, and agreed with people often enough", "workflow_owner"),
            Line("Every agent has caps for cost, calls and rate", "engineering_owner"),
            Line("The way back was rehearsed: writes undone, records corrected, owners told", "engineering_owner"),
            Line("Everybody who may pause the agent has tried the switch", "incident_owner"),
            Line("Approvers know their queue, their time limits and who stands in for them", "workflow_owner"),
            Line("Every grant was made one by one, with a reason, an owner and a review date", "risk_lead"),
            Line("Alerts for overrides, errors and cost reach somebody who answers for them", "engineering_owner"),
            Line("The first audience is small and named, and the weekly review is in the calendar", "workflow_owner"),
        ]),
    };

    /// <summary>None where a sheet begins empty.</summary>
    public static IReadOnlyList<StartRow> Of(string sheet) => Sheets.GetValueOrDefault(sheet, []);

    /// <summary>The button that begins with them.</summary>
    public static string Offer(string sheet) => sheet == "escalation" ? "Start with the three usual rows" : "Start with the usual list";

    private static IReadOnlyList<StartRow> Rows(IEnumerable<Dictionary<string, string>> rows) => [.. rows.Select((texts, i) => new StartRow($"start-{i + 1}", texts))];

    private static Dictionary<string, string> Scenario(string scenario, string trigger, string severity, string owner, string deputy, string sla, string response, string actions) => new()
    {
        ["scenario"] = scenario, ["trigger"] = trigger, ["severity"] = severity, ["owner"] = "role:" + owner, ["deputy"] = "role:" + deputy, ["sla"] = sla, ["response"] = response, ["actions"] = actions,
    };

    private static Dictionary<string, string> Line(string criterion, string owner) => new() { ["criterion"] = criterion, ["owner"] = "role:" + owner, ["state"] = "not_met" };
}
