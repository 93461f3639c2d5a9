using System.Buffers;
using System.Text;

namespace OpsConsole.Core.Shared;

/// <summary>
/// Rows of cells as CSV (RFC 4180). A cell that a spreadsheet would take for a formula, or that begins with an apostrophe, gets an apostrophe in front on the way out,
/// and such an apostrophe is taken away on the way in: nothing is lost, and nothing runs.
/// </summary>
public static class Csv
{
    // '=' and its like in full width count as well where people type such.
    private static readonly SearchValues<char> Formula = SearchValues.Create("=+-@\t\r＝＋－＠");

    // A spreadsheet set to semicolons or tabs must not find the beginning of another cell inside this one.
    private static readonly SearchValues<char> Quoted = SearchValues.Create(",;\t\r\n\"");

    /// <summary>Commas, quotes only where they are needed.</summary>
    /// <param name="lineBreak">After each row; RFC 4180 has CRLF, git likes LF.</param>
    public static string Write(IReadOnlyList<string[]> rows, string lineBreak = "\n") => string.Concat(rows.Select(row => string.Join(',', row.Select(Cell)) + lineBreak));

    private static string Cell(string text)
    {
        var cell = Formula.Contains(text.FirstOrDefault()) || text.StartsWith('\'') ? "'" + text : text;
        return cell.AsSpan().ContainsAny(Quoted) || cell.StartsWith(' ') || cell.EndsWith(' ') ? $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : cell;
    }

    /// <summary>Separated by commas, semicolons or tabs, whichever the first line has most of. An empty line is a row, so that rows count as in a spreadsheet. Fault: <c>sheet.malformed</c> with the row and the line that it begins in.</summary>
    public static Result<IReadOnlyList<string[]>> Read(string csv)
    {
        var text = csv.TrimStart('\uFEFF');
        var separator = Separator(text);
        // The clipboard has quotes of its own kind, and a file with tabs is that of a clipboard.
        if (separator == '\t') return FromTabs(text).Select(cells => cells.Select(Unguarded).ToArray()).ToList();
        var (rows, row, at) = (new List<string[]>(), new List<string>(), 0);
        while (at < text.Length || row.Count > 0)
        {
            if (Next(text, separator, ref at) is not { } cell)
                return new Fault(FaultKind.Invalid, "sheet.malformed", $"Row {rows.Count + 1}: a quote stands inside a cell, or is never closed. Put the whole cell in quotes and write each quote inside it twice.", null, new Dictionary<string, object?> { ["row"] = rows.Count + 1, ["line"] = 1 + rows.Sum(Lines) });
            row.Add(Unguarded(cell));
            if (at < text.Length && text[at++] == separator) continue;
            if (at < text.Length && text[at - 1] == '\r' && text[at] == '\n') at++;
            rows.Add([.. row]);
            row.Clear();
        }
        return rows;
    }

    /// <summary>How many lines of a file a row takes.</summary>
    public static int Lines(IReadOnlyList<string> row) => 1 + row.Sum(cell => cell.Where((c, i) => c == '\n' || (c == '\r' && (i + 1 == cell.Length || cell[i + 1] != '\n'))).Count());

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

    /// <summary>Rows of cells from the clipboard of a spreadsheet: tabs between cells, a cell with line breaks or tabs in quotes, with its own quotes doubled.</summary>
    public static IReadOnlyList<string[]> FromTabs(string text)
    {
        var rows = new List<string[]>();
        var row = new List<string>();
        var at = 0;
        while (at < text.Length || row.Count > 0)
        {
            row.Add(InQuotes(text, ref at) ?? Plain(text, ref at));
            if (at < text.Length && text[at] == '\t')
            {
                at++;
                if (at < text.Length) continue;
                row.Add("");
            }
            else if (at + 1 < text.Length && text[at] == '\r' && text[at + 1] == '\n') at += 2;
            else at++;
            rows.Add([.. row]);
            row.Clear();
        }
        return rows;
    }

    private static string Plain(string text, ref int at)
    {
        var start = at;
        while (at < text.Length && text[at] is not ('\t' or '\n' or '\r')) at++;
        return text[start..at];
    }

    // A cell that merely begins with a quote is no cell in quotes: the closing one must end it.
    private static string? InQuotes(string text, ref int at)
    {
        if (at >= text.Length || text[at] != '"') return null;
        var cell = new StringBuilder();
        for (var i = at + 1; i < text.Length; i++)
        {
            if (text[i] != '"') cell.Append(text[i]);
            else if (i + 1 < text.Length && text[i + 1] == '"') cell.Append(text[i++]);
            else if (i + 1 < text.Length && text[i + 1] is not ('\t' or '\n' or '\r')) return null;
            else
            {
                at = i + 1;
                return cell.ToString();
            }
        }
        return null;
    }
}
