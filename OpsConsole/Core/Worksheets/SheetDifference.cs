namespace OpsConsole.Core.Worksheets;

/// <summary>A field that would say something else.</summary>
/// <param name="Was">What stands there.</param>
public sealed record FieldChange(FieldKey Field, Register Was, string Text);

/// <summary>A row that would come or go.</summary>
/// <param name="Fields">Its place first, then what else would change in it.</param>
public sealed record RowChange(string Row, IReadOnlyList<FieldChange> Fields)
{
    /// <summary>Whether it was there before and was taken out.</summary>
    public bool IsBack => Fields[0].Was.Standing.Count > 0;
}

/// <summary>What a worksheet would become if a file were taken over. Pure.</summary>
/// <param name="Changed">Fields of rows that are there, and of sheets without rows.</param>
/// <param name="Added">Rows that the sheet does not have: new ones, and some that were taken out.</param>
/// <param name="Removed">Rows that the file does not have, where it was to replace the sheet.</param>
public sealed record SheetDifference(IReadOnlyList<FieldChange> Changed, IReadOnlyList<RowChange> Added, IReadOnlyList<RowChange> Removed)
{
    /// <summary>What people would count: a row that comes or goes is one.</summary>
    public int Count => Changed.Count + Added.Count + Removed.Count;

    /// <summary>Rows that go come first, so that a full sheet has room for those that come.</summary>
    public IEnumerable<FieldChange> Fields => Removed.SelectMany(r => r.Fields).Concat(Added.SelectMany(r => r.Fields)).Concat(Changed);

    /// <summary>
    /// Compares a file with what stands. Texts that differ in the kind of their line breaks only are the same: spreadsheets write their own. A row whose id is not known here comes with that id; it stands behind the row that
    /// it stands behind in the file. Rows that are there stay where they are.
    /// </summary>
    /// <param name="replace">Take out the rows that the file does not have.</param>
    /// <param name="newRow">Makes an id for a row that has none.</param>
    public static SheetDifference Of(WorksheetSpec spec, Worksheet now, IReadOnlyList<FileRow> file, bool replace, Func<string> newRow)
    {
        if (spec.Row is null) return new([.. file.SelectMany(f => Changes(spec, now, null, f))], [], []);
        var (changed, added, rows) = (new List<FieldChange>(), new List<RowChange>(), now.Rows);
        var (places, kept, before) = (rows.Select(r => r.Place).ToList(), new HashSet<string>(StringComparer.Ordinal), (string?)null);
        foreach (var row in file)
        {
            var id = row.Id ?? newRow();
            var fields = Changes(spec, now, id, row);
            kept.Add(id);
            if (rows.FirstOrDefault(r => r.Id == id) is { } there)
            {
                changed.AddRange(fields);
                before = there.Place;
                continue;
            }
            before = RowPlace.Between(before, places.Where(p => before is null || string.CompareOrdinal(p, before) > 0).Min(StringComparer.Ordinal));
            places.Add(before);
            added.Add(new(id, [Place(spec, now, id, before), .. fields]));
        }
        return new(changed, added, replace ? [.. rows.Where(r => !kept.Contains(r.Id)).Select(r => new RowChange(r.Id, [Place(spec, now, r.Id, "")]))] : []);
    }

    private static FieldChange Place(WorksheetSpec spec, Worksheet now, string row, string place)
    {
        var key = new FieldKey(spec.Id, row, FieldKey.Place);
        return new(key, now[key], place);
    }

    private static IEnumerable<FieldChange> Changes(WorksheetSpec spec, Worksheet now, string? row, FileRow file)
    {
        foreach (var field in spec.Fields)
        {
            var key = new FieldKey(spec.Id, row, field.Name);
            if (file.Texts.TryGetValue(field.Name, out var text) && !IsSame(now[key].Value, text)) yield return new(key, now[key], text);
        }
    }

    private static bool IsSame(string one, string other) => one == other || one.ReplaceLineEndings("\n") == other.ReplaceLineEndings("\n");
}
