using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Worksheets;

/// <summary>One line of a 'done when'.</summary>
/// <param name="Evidence">What the console looked at, in words.</param>
/// <param name="Field">The first place where something is to be mended, as <see cref="FieldKey"/> writes it; null where it is met or nowhere in a sheet.</param>
public sealed record CheckLine(string Id, string Text, bool Met, string Evidence, string? Field = null);

/// <summary>What the worksheets themselves say about a step being done. What people confirm and what the analysis or a drill finds is added by whoever knows it. Pure.</summary>
public static class SheetChecks
{
    /// <summary>What ends the worksheet's part of its step; nothing for those that no step rests on.</summary>
    public static IReadOnlyList<CheckLine> Of(Worksheet sheet) => sheet.Id switch
    {
        "canvas" => Canvas(sheet),
        "escalation" => Escalation(sheet),
        "tests" => [.. Tests(sheet), Blockers(sheet)],
        "checklist" => Checklist(sheet),
        _ => [],
    };

    /// <summary>Step 1: the canvas.</summary>
    public static IReadOnlyList<CheckLine> Canvas(Worksheet canvas) =>
    [
        Filled("canvas", "Every field of the canvas is filled in", WorksheetSpecs.Canvas, canvas),
        OutOfBounds(canvas),
        Settled("canvas-settled", "Nothing in the canvas stands twice", canvas),
    ];

    /// <summary>Step 3: the escalation matrix.</summary>
    public static IReadOnlyList<CheckLine> Escalation(Worksheet sheet) =>
    [
        new("escalation-rows", "The escalation matrix has rows", sheet.Rows.Count > 0, Counted.Of(sheet.Rows.Count, "scenario")),
        Filled("escalation", "Every scenario has an owner, a deputy, a time and a way to reach them", WorksheetSpecs.Escalation, sheet),
        OtherDeputy(sheet),
        Settled("escalation-settled", "Nothing in the escalation matrix stands twice", sheet),
    ];

    /// <summary>Step 4: the adversarial tests.</summary>
    public static IReadOnlyList<CheckLine> Tests(Worksheet sheet)
    {
        var top = sheet.Rows.Where(r => r.Has("top")).ToList();
        var open = top.Where(r => !r.Has("blocker") && !(r.Text("result") == "passed" || (r.Text("result") == "failed" && r.Has("mitigation")))).ToList();
        return
        [
            new("tests-top", "The top scenarios are marked", top.Count > 0, top.Count == 0 ? "no scenario is marked as one of the top" : Counted.Of(top.Count, "top scenario")),
            Filled("tests", "Every scenario says its input, what is expected and whether it held", WorksheetSpecs.Tests, sheet),
            new("tests-answered", "Every top scenario held, has a mitigation or blocks the launch", top.Count > 0 && open.Count == 0, top.Count == 0 ? "no scenario is marked as one of the top" : open.Count == 0 ? "none is open" : $"open: {Names(open, "scenario")}", open.Count == 0 ? null : At(sheet, open[0], "result")),
            Settled("tests-settled", "Nothing in the test log stands twice", sheet),
        ];
    }

    /// <summary>For the launch: what step 4 names as a blocker is no longer one.</summary>
    public static CheckLine Blockers(Worksheet tests)
    {
        var blocking = tests.Rows.Where(r => r.Has("blocker")).ToList();
        return new("blockers", "No scenario blocks the launch", blocking.Count == 0, blocking.Count == 0 ? "none does" : $"blocking: {Names(blocking, "scenario")}", blocking.Count == 0 ? null : At(tests, blocking[0], "blocker"));
    }

    /// <summary>For the launch: the minimum criteria.</summary>
    public static IReadOnlyList<CheckLine> Checklist(Worksheet sheet)
    {
        var open = sheet.Rows.Select(r => (Row: r, Field: OpenAt(r))).Where(r => r.Field is not null).ToList();
        var waived = sheet.Rows.Where(r => r.Text("state") == "waived").ToList();
        var met = sheet.Rows.Count > 0 && open.Count == 0;
        return
        [
            new("checklist", "Every minimum launch criterion has an owner and is met with a link to its evidence, or waived with a reason", met,
                sheet.Rows.Count == 0 ? "the list is empty" : met ? Counted.Of(sheet.Rows.Count, "criterion", "criteria") + (waived.Count > 0 ? $", waived: {Names(waived, "criterion")}" : "") : $"open: {Names([.. open.Select(o => o.Row)], "criterion")}",
                open.Count == 0 ? null : At(sheet, open[0].Row, open[0].Field!)),
            Settled("checklist-settled", "Nothing in the list of criteria stands twice", sheet),
        ];
    }

    private static readonly FieldSpec Evidence = WorksheetSpecs.Checklist.Field("evidence")!;

    /// <summary>The field of a launch criterion that is still missing; null where it is met or waived.</summary>
    private static string? OpenAt(WorksheetRow row) => !row.Has("criterion") ? "criterion" : !row.Has("owner") ? "owner"
        : row.Text("state") switch { "met" => row.Has("evidence") && Evidence.Problem(row.Text("evidence")) is null ? null : "evidence", "waived" => row.Has("reason") ? null : "reason", _ => "state" };

    private static CheckLine OutOfBounds(Worksheet canvas)
    {
        var items = FieldSpec.Items(canvas.Text("out_of_bounds").Replace(',', ' '));
        return new("out-of-bounds-written", "What is out of bounds is written down", items.Count > 0, items.Count == 0 ? "nothing is" : Counted.Of(items.Count, "item"), items.Count == 0 ? "canvas/out_of_bounds" : null);
    }

    private static CheckLine OtherDeputy(Worksheet sheet)
    {
        var same = sheet.Rows.FirstOrDefault(r => r.Has("owner") && r.Text("owner") == r.Text("deputy"));
        return new("escalation-deputies", "Every deputy is somebody else than the owner", same is null, sheet.Rows.Count == 0 ? "there is no row" : same is null ? "they are" : $"“{same.Text("scenario")}” names the same twice", same is null ? null : At(sheet, same, "deputy"));
    }

    private static CheckLine Filled(string id, string text, WorksheetSpec spec, Worksheet sheet)
    {
        var missing = (spec.Row is null ? [(Row: null, Text: (Func<string, string>)sheet.Text)] : sheet.Rows.Select(r => (Row: (WorksheetRow?)r, Text: (Func<string, string>)r.Text)))
            .SelectMany(r => spec.Fields.Where(f => (f.Required && !f.IsFilled(r.Text(f.Name))) || f.Problem(r.Text(f.Name)) is not null).Select(f => (r.Row, Field: f))).ToList();
        if (missing.Count == 0) return new(id, text, spec.Row is null || sheet.Rows.Count > 0, spec.Row is null ? "complete" : sheet.Rows.Count == 0 ? "there is no row" : Counted.Of(sheet.Rows.Count, "row"));
        var (row, field) = missing[0];
        var first = row is null ? $"“{field.Title}”" : $"“{field.Title}” of {(row.Has(spec.Fields[0].Name) ? $"“{row.Text(spec.Fields[0].Name)}”" : "a row without a name")}";
        return new(id, text, false, $"{Counted.Of(missing.Count, "field")} missing, the first: {first}", new FieldKey(spec.Id, row?.Id, field.Name).ToString());
    }

    private static CheckLine Settled(string id, string text, Worksheet sheet)
    {
        var contested = sheet.Contested;
        return new(id, text, contested.Count == 0, contested.Count == 0 ? "nothing does" : $"{Counted.Of(contested.Count, "field")} with two texts to choose from", contested.Count == 0 ? null : contested[0].ToString());
    }

    private static string At(Worksheet sheet, WorksheetRow row, string field) => new FieldKey(sheet.Id, row.Id, field).ToString();

    private static string Names(List<WorksheetRow> rows, string field) => string.Join(", ", rows.Take(3).Select(r => r.Has(field) ? $"“{r.Text(field)}”" : "a row without a name")) + (rows.Count > 3 ? $" and {rows.Count - 3} more" : "");
}
