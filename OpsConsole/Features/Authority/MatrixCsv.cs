using System.Buffers;
using System.Text;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Shared;

namespace OpsConsole.Features.Authority;

/// <summary>
/// Rows of cells as CSV (RFC 4180). A cell that a spreadsheet would take for a formula, or that begins with an apostrophe, gets an apostrophe in front on the way out,
/// and such an apostrophe is taken away on the way in: nothing is lost, and nothing runs.
/// </summary>
internal static class MatrixCsv
{
    // '=' and its like in full width count as well where people type such.
    private static readonly SearchValues<char> Formula = SearchValues.Create("=+-@\t\r＝＋－＠");

    // A spreadsheet set to semicolons or tabs must not find the beginning of another cell inside this one.
    private static readonly SearchValues<char> Quoted = SearchValues.Create(",;\t\r\n\"");

    /// <summary>Commas, LF, quotes only where they are needed.</summary>
    public static string Write(IReadOnlyList<string[]> rows) => string.Concat(rows.Select(row => string.Join(',', row.Select(Cell)) + "\n"));

    private static string Cell(string text)
    {
        var cell = Formula.Contains(text.FirstOrDefault()) || text.StartsWith('\'') ? "'" + text : text;
        return cell.AsSpan().ContainsAny(Quoted) || cell.StartsWith(' ') || cell.EndsWith(' ') ? $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : cell;
    }

    /// <summary>Separated by commas, semicolons or tabs, whichever the first line has most of. An empty line is a row, so that rows count as in a spreadsheet. Fault: <c>sheet.malformed</c> with the row.</summary>
    public static Result<IReadOnlyList<string[]>> Read(string csv)
    {
        var text = csv.TrimStart('\uFEFF');
        var separator = Separator(text);
        // The clipboard has quotes of its own kind, and a file with tabs is that of a clipboard.
        if (separator == '\t') return MatrixSheet.FromTabs(text).Select(cells => cells.Select(Unguarded).ToArray()).ToList();
        var (rows, row, at) = (new List<string[]>(), new List<string>(), 0);
        while (at < text.Length || row.Count > 0)
        {
            if (Next(text, separator, ref at) is not { } cell)
                return new Fault(FaultKind.Invalid, "sheet.malformed", $"Row {rows.Count + 1}: a quote stands inside a cell, or is never closed. Put the whole cell in quotes and write each quote inside it twice.", null, new Dictionary<string, object?> { ["row"] = rows.Count + 1 });
            row.Add(Unguarded(cell));
            if (at < text.Length && text[at++] == separator) continue;
            if (at < text.Length && text[at - 1] == '\r' && text[at] == '\n') at++;
            rows.Add([.. row]);
            row.Clear();
        }
        return rows;
    }

    // The cell at this place, up to the separator or line break behind it; null for one whose quotes make no sense.
    private static string? Next(string text, char separator, ref int at)
    {
        if (at >= text.Length || text[at] != '"')
        {
            var start = at;
            while (at < text.Length && text[at] != separator && text[at] is not ('\n' or '\r' or '"')) at++;
            return at < text.Length && text[at] == '"' ? null : text[start..at];
        }
        var cell = new StringBuilder();
        for (at++; at < text.Length; at++)
        {
            if (text[at] != '"') cell.Append(text[at]);
            else if (at + 1 < text.Length && text[at + 1] == '"') cell.Append(text[at++]);
            else return ++at == text.Length || text[at] == separator || text[at] is '\n' or '\r' ? cell.ToString() : null;
        }
        return null;
    }

    private static string Unguarded(string cell) => cell.Length > 1 && cell[0] == '\'' && (Formula.Contains(cell[1]) || cell[1] == '\'') ? cell[1..] : cell;

    private static char Separator(string text)
    {
        var (commas, semicolons, tabs, quoted) = (0, 0, 0, false);
        foreach (var c in text)
        {
            if (c == '"') quoted = !quoted;
            if (quoted) continue;
            if (c == '\n' && commas + semicolons + tabs > 0) break;
            if (c == ',') commas++;
            if (c == ';') semicolons++;
            if (c == '\t') tabs++;
        }
        return tabs > Math.Max(commas, semicolons) ? '\t' : semicolons > commas ? ';' : ',';
    }
}
