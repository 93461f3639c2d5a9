using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Worksheets;

/// <summary>A row of a worksheet as a file has it; a sheet without rows is one of them.</summary>
/// <param name="Id">Null in a sheet without rows, and for a row that is new.</param>
/// <param name="Texts">By field, as they are; fields that the file does not have are not in it.</param>
public sealed record FileRow(string? Id, IReadOnlyDictionary<string, string> Texts)
{
    public string Text(string field) => Texts.GetValueOrDefault(field, "");

    /// <summary>What stands in a worksheet, in its order. Of several texts in one field the first is taken.</summary>
    public static IReadOnlyList<FileRow> Of(WorksheetSpec spec, Worksheet sheet) => spec.Row is null
        ? [new(null, spec.Fields.ToDictionary(f => f.Name, f => sheet[new FieldKey(spec.Id, null, f.Name)].Value))]
        : [.. sheet.Rows.Select(r => new FileRow(r.Id, spec.Fields.ToDictionary(f => f.Name, f => r.Fields.GetValueOrDefault(f.Name, Register.Empty).Value)))];
}

/// <summary>A place in a file, for whoever has to mend something there.</summary>
/// <param name="Row">As a spreadsheet counts, headings included; null in a file that is no table.</param>
internal readonly record struct FilePlace(int Line, int? Row = null)
{
    /// <summary>Fault: <c>sheet.invalid</c>.</summary>
    public Fault Wrong(string message) => Row is { } row
        ? Fault.Refused("sheet.invalid", $"Row {row}: {message}", null, new Dictionary<string, object?> { ["row"] = row, ["line"] = Line })
        : Fault.Refused("sheet.invalid", $"Line {Line}: {message}", null, new Dictionary<string, object?> { ["line"] = Line });
}

/// <summary>Collects what a file says of a worksheet, and refuses what is unknown there, said twice or no text.</summary>
internal sealed class FileRows(WorksheetSpec spec)
{
    private readonly List<(string? Id, Dictionary<string, string> Texts)> _rows = spec.Row is null ? [(null, [])] : [];
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);

    /// <summary>Whether a row was begun that fields can be put into.</summary>
    public bool HasRow => _rows.Count > 0;

    /// <summary>In their order. A row without an id in which nothing is written is none.</summary>
    public FileRow[] Rows => [.. _rows.Where(r => spec.Row is null || r.Id is not null || r.Texts.Values.Any(t => t.Length > 0)).Select(r => new FileRow(r.Id, r.Texts))];

    public void Begin() => _rows.Add((null, new(StringComparer.Ordinal)));

    /// <summary>Says which row it is that was begun last.</summary>
    public Fault? Name(FilePlace at, string id)
    {
        if (FieldKey.Parse($"{spec.Id}/{id}/{FieldKey.Place}") is null) return at.Wrong($"'{Short(id)}' is no id of a row. Leave the ids as they were; a new {spec.Row} has none.");
        if (_rows[^1].Id is not null) return at.Wrong($"The {spec.Row} has two ids; begin a new one with a heading of its own.");
        if (!_ids.Add(id)) return at.Wrong($"The {spec.Row} {id} is there a second time. Take one of the two out, or its id, and it becomes a new one.");
        _rows[^1] = (id, _rows[^1].Texts);
        return null;
    }

    /// <summary>Puts a text into the row that was begun last.</summary>
    /// <param name="name">A field's name.</param>
    public Fault? Put(FilePlace at, string name, string text)
    {
        if (text.Length > Patch.MaxLength) return at.Wrong($"The text of “{spec.Field(name)!.Title}” is longer than {Patch.MaxLength} characters. Shorten it, or keep it elsewhere and link to it.");
        if (!WholeText.Is(text)) return at.Wrong($"“{spec.Field(name)!.Title}” holds the character U+0000 or half a surrogate pair. Take it out.");
        return _rows[^1].Texts.TryAdd(name, text) ? null : at.Wrong($"“{spec.Field(name)!.Title}” is there a second time. Keep one of the two.");
    }

    /// <summary>The field that a heading means, by its name or its title.</summary>
    public FieldSpec? Find(string heading) => spec.Fields.FirstOrDefault(f => f.Name.Equals(heading, StringComparison.OrdinalIgnoreCase) || f.Title.Equals(heading, StringComparison.OrdinalIgnoreCase));

    internal static string Short(string text) => text.Length <= 40 ? VisibleText.Flatten(text) : VisibleText.Flatten(text[..40]) + "…";
}
