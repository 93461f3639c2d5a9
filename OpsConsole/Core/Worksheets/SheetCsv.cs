using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Worksheets;

/// <summary>
/// A worksheet as CSV for spreadsheets (<see cref="Csv"/>, with CRLF and the mark of UTF-8): a line for each field as <c>field,title,text</c>, or of a sheet of rows a column for each field and <c>id</c> before them.
/// What <see cref="Write"/> writes <see cref="Read"/> reads back exactly. Pure.
/// </summary>
public static class SheetCsv
{
    private const string Id = "id", Field = "field", Title = "title", Text = "text";

    public static string Write(WorksheetSpec spec, IReadOnlyList<FileRow> rows) => "\uFEFF" + Csv.Write(spec.Row is null
        ? [[Field, Title, Text], .. rows.SelectMany(r => spec.Fields.Select(f => (string[])[f.Name, f.Title, r.Text(f.Name)]))]
        : [[Id, .. spec.Fields.Select(f => f.Name)], .. rows.Select(r => (string[])[r.Id ?? "", .. spec.Fields.Select(f => r.Text(f.Name))])], "\r\n");

    /// <summary>Columns may stand in any order, and some may be missing. Faults, with row and line: <c>sheet.malformed</c>, <c>sheet.invalid</c>.</summary>
    public static Result<IReadOnlyList<FileRow>> Read(WorksheetSpec spec, string csv)
    {
        var table = Csv.Read(csv);
        if (table.Fault is { } malformed) return malformed with { Kind = FaultKind.Refused };
        var (rows, line) = (new FileRows(spec), 1);
        string[]? columns = null;
        foreach (var (i, cells) in table.Value.Index())
        {
            var at = new FilePlace(line, i + 1);
            line += Csv.Lines(cells);
            if (cells.All(string.IsNullOrWhiteSpace)) continue;
            if (columns is not null && Row(spec, rows, at, columns, cells) is { } wrong) return wrong;
            if (columns is null && Columns(spec, rows, at, cells, out columns) is { } unknown) return unknown;
        }
        if (columns is null) return new FilePlace(1, 1).Wrong("The file is empty. The first row has the headings: " + Known(spec) + ".");
        return rows.Rows;
    }

    private static string Known(WorksheetSpec spec) => spec.Row is null ? $"{Field}, {Title}, {Text}" : $"{Id}, {string.Join(", ", spec.Fields.Select(f => f.Name))}";

    // The name of each column; empty where it has neither heading nor cells that count.
    private static Fault? Columns(WorksheetSpec spec, FileRows rows, FilePlace at, string[] cells, out string[] columns)
    {
        columns = [.. cells.Select(c => c.Trim())];
        for (var c = 0; c < columns.Length; c++)
        {
            var heading = columns[c];
            if (heading.Length == 0) continue;
            string[] own = spec.Row is null ? [Field, Title, Text] : [Id];
            var name = own.FirstOrDefault(o => o.Equals(heading, StringComparison.OrdinalIgnoreCase)) ?? (spec.Row is null ? null : rows.Find(heading)?.Name);
            if (name is null) return at.Wrong($"“{spec.Title}” has no column '{FileRows.Short(heading)}'. Known are: {Known(spec)}.");
            if (columns.AsSpan(0, c).Contains(name)) return at.Wrong($"The column '{name}' is there a second time. Keep one of the two.");
            columns[c] = name;
        }
        return spec.Row is null && (!columns.Contains(Field) || !columns.Contains(Text)) ? at.Wrong($"The columns {Field} and {Text} are both needed: which field, and what it says.") : null;
    }

    private static Fault? Row(WorksheetSpec spec, FileRows rows, FilePlace at, string[] columns, string[] cells)
    {
        for (var c = 0; c < cells.Length; c++)
            if ((c >= columns.Length || columns[c].Length == 0) && !string.IsNullOrWhiteSpace(cells[c])) return at.Wrong($"There is a cell without a heading in column {c + 1}. Is a separator too many in this row?");
        string Cell(string column) => Array.IndexOf(columns, column) is >= 0 and var c && c < cells.Length ? cells[c] : "";
        if (spec.Row is null)
        {
            var name = Cell(Field).Trim();
            return rows.Find(name) is { } field ? rows.Put(at, field.Name, Cell(Text)) : at.Wrong($"“{spec.Title}” has no field '{FileRows.Short(name)}'. Known are: {string.Join(", ", spec.Fields.Select(f => f.Name))}.");
        }
        rows.Begin();
        if (Cell(Id).Trim() is { Length: > 0 } id && rows.Name(at, id) is { } wrong) return wrong;
        return columns.Where(c => c.Length > 0 && c != Id).Select(c => rows.Put(at, c, Cell(c))).FirstOrDefault(f => f is not null);
    }
}
