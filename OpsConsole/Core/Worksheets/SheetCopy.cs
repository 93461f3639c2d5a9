namespace OpsConsole.Core.Worksheets;

/// <summary>What of a rollout's worksheets holds for an adjacent workflow: what stands in them, but not what was tried, met, decided or put aside there. Pure.</summary>
public static class SheetCopy
{
    private static readonly string[] Sheets = ["canvas", "escalation", "tests", "checklist"];
    private static readonly Dictionary<string, string[]> Left = new(StringComparer.Ordinal) { ["tests"] = ["seen", "pattern", "mitigation", "blocker", "reviewer"], ["checklist"] = ["evidence", "reason"] };
    private static readonly Dictionary<string, (string Field, string Text)> Anew = new(StringComparer.Ordinal) { ["tests"] = ("result", "not_run"), ["checklist"] = ("state", "not_met") };

    /// <summary>Texts and where they go: rows keep their ids and their order. Of two texts that stand in one field the first is taken.</summary>
    /// <param name="standing">What stands in the source; patches that were replaced are left out of account.</param>
    public static IReadOnlyList<(FieldKey Field, string Text)> Of(IEnumerable<Patch> standing)
    {
        var fields = standing.GroupBy(p => p.Field).ToDictionary(g => g.Key, Register.Of);
        List<(FieldKey, string)> copied = [];
        foreach (var sheet in Sheets.Select(s => Worksheet.Of(s, fields)))
        {
            var spec = WorksheetSpecs.Find(sheet.Id)!;
            if (spec.Row is null) copied.AddRange(spec.Fields.Where(f => sheet.Has(f.Name)).Select(f => (new FieldKey(sheet.Id, null, f.Name), sheet.Text(f.Name))));
            foreach (var row in sheet.Rows)
            {
                copied.Add((new FieldKey(sheet.Id, row.Id, FieldKey.Place), row.Place));
                foreach (var field in spec.Fields.Where(f => row.Has(f.Name) && !Left.GetValueOrDefault(sheet.Id, []).Contains(f.Name)))
                    copied.Add((new FieldKey(sheet.Id, row.Id, field.Name), Anew.TryGetValue(sheet.Id, out var anew) && anew.Field == field.Name ? anew.Text : row.Text(field.Name)));
            }
        }
        return copied;
    }
}
