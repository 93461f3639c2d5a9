using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Worksheets;

namespace OpsConsole.Core.Session;

/// <summary>Who answers for something, and who stands in.</summary>
/// <param name="Holder">A person's id; null: nobody.</param>
public sealed record ClosingOwner(RolloutRole Role, string? Holder, string? Deputy);

/// <param name="Who">As the worksheet writes it: <c>user:e-mail</c> or <c>role:…</c>; empty: nobody.</param>
/// <param name="Day">As <c>2026-11-21</c>; empty: none.</param>
public sealed record ClosingAction(string Text, string Who, string Day, bool Done);

/// <param name="FromBefore">It stood there before the session was opened.</param>
public sealed record ClosingDecision(string Text, string Why, bool FromBefore = false);

public sealed record ClosingParking(string Text, string Where);

/// <summary>Something that a session should not end without.</summary>
/// <param name="Field">Where it is written, as <see cref="FieldKey"/> writes it; null: among the people of the rollout.</param>
public sealed record ClosingGap(string Text, string? Field);

/// <summary>What a session leaves behind: scope, owners, decisions, next actions and what was parked. Pure.</summary>
public sealed record SessionClosing(string Workflow, IReadOnlyList<string> InScope, IReadOnlyList<string> OutOfBounds, IReadOnlyList<ClosingOwner> Owners, IReadOnlyList<ClosingDecision> Decisions,
    IReadOnlyList<ClosingAction> Actions, IReadOnlyList<ClosingParking> Parking, IReadOnlyList<ClosingGap> Missing)
{
    private static readonly RolloutRole[] Three = [RolloutRole.RolloutOwner, RolloutRole.WorkflowOwner, RolloutRole.IncidentOwner];
    private static readonly RolloutRole[] Others = [RolloutRole.EngineeringOwner, RolloutRole.RiskLead, RolloutRole.ExecSponsor, RolloutRole.RedTeamReviewer];

    /// <param name="sheet">The worksheet with an id.</param>
    /// <param name="members">The rollout's people.</param>
    /// <param name="openedAt">When the session was opened.</param>
    public static SessionClosing Of(Func<string, Worksheet> sheet, IReadOnlyList<(string PersonId, RolloutRole Role, bool Deputy)> members, DateTimeOffset openedAt)
    {
        var (canvas, decisions, actions, parking) = (sheet(WorksheetSpecs.Canvas.Id), sheet(WorksheetSpecs.Decisions.Id), sheet(WorksheetSpecs.Actions.Id), sheet(WorksheetSpecs.Parking.Id));
        var owners = Three.Concat(Others.Where(r => members.Any(m => m.Role == r))).Select(r => new ClosingOwner(r, Holder(r, false), Holder(r, true))).ToList();
        return new SessionClosing(canvas.Text("workflow"), Lines(canvas.Text("in_scope")), Lines(canvas.Text("out_of_bounds")), owners,
            [.. Written(decisions).Select(r => new ClosingDecision(r.Text("text"), r.Text("why"), r.Fields.Values.SelectMany(f => f.Standing).Min(p => p.At) < openedAt))],
            [.. Written(actions).Select(r => new ClosingAction(r.Text("text"), r.Text("who"), r.Text("day"), r.Has("done")))],
            [.. Written(parking).Select(r => new ClosingParking(r.Text("text"), r.Text("where")))],
            [.. Scope(canvas), .. People(owners), .. Outcome(decisions, actions, parking)]);

        string? Holder(RolloutRole role, bool deputy) => members.Where(m => m.Role == role && m.Deputy == deputy).Select(m => m.PersonId).FirstOrDefault();
    }

    private static IEnumerable<ClosingGap> Scope(Worksheet canvas)
    {
        if (!canvas.Has("workflow")) yield return new("The canvas does not name the workflow.", "canvas/workflow");
        if (!canvas.Has("in_scope")) yield return new("Nothing is written under in scope.", "canvas/in_scope");
        if (!canvas.Has("out_of_bounds")) yield return new("Nothing is written under out of bounds.", "canvas/out_of_bounds");
    }

    private static IEnumerable<ClosingGap> People(IReadOnlyList<ClosingOwner> owners)
    {
        foreach (var owner in owners.Where(o => Three.Contains(o.Role)))
        {
            if (owner.Holder is null) yield return new($"Nobody is the {owner.Role.Words()}.", null);
            else if (owner.Deputy is null) yield return new($"Nobody stands in for the {owner.Role.Words()}.", null);
        }
    }

    private static IEnumerable<ClosingGap> Outcome(Worksheet decisions, Worksheet actions, Worksheet parking)
    {
        if (!Written(decisions).Any()) yield return new("No decision is written down.", "decisions");
        if (!Written(actions).Any()) yield return new("No next action is written down.", "actions");
        foreach (var row in Written(actions).Where(r => !r.Has("done")))
        {
            if (!Good(row, "who")) yield return new($"“{Short(row)}” has no person.", At(actions, row, "who"));
            if (!Good(row, "day")) yield return new($"“{Short(row)}” has no day.", At(actions, row, "day"));
        }
        var open = Written(parking).Where(r => !r.Has("where")).ToList();
        if (open.Count > 0) yield return new($"{Counted.Of(open.Count, "item")} of the parking lot {(open.Count == 1 ? "goes" : "go")} nowhere yet.", At(parking, open[0], "where"));
    }

    private static bool Good(WorksheetRow row, string field) => WorksheetSpecs.Actions.Field(field)!.IsFilled(row.Text(field));

    private static IEnumerable<WorksheetRow> Written(Worksheet sheet) => sheet.Rows.Where(r => r.Has("text"));

    private static string At(Worksheet sheet, WorksheetRow row, string field) => new FieldKey(sheet.Id, row.Id, field).ToString();

    private static string Short(WorksheetRow row) => row.Text("text") is { Length: > 60 } text ? text[..60] + "…" : row.Text("text");

    private static string[] Lines(string text) => text.Split(['\n', '\r'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
