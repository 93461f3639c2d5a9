using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Worksheets;

/// <summary>
/// A worksheet as Markdown for people and for git: a section for each field, or for each row with its fields as <c>**Title:** text</c>. Whatever Markdown would take for its own is escaped, so that a text looks as it was
/// typed, and what <see cref="Write"/> writes <see cref="Read"/> reads back exactly. A row's heading is there for people only: what counts is its first field. Pure.
/// </summary>
public static partial class SheetMarkdown
{
    private const string RowMark = "<!-- row:", MarkEnd = "-->", Bold = "**", BoldEnd = ":**";
    private const int LongestHeading = 80;

    private static readonly SearchValues<char> Special = SearchValues.Create("\\`*[]<>&|~");

    public static string Write(WorksheetSpec spec, IReadOnlyList<FileRow> rows)
    {
        var file = new StringBuilder("# " + spec.Title + "\n");
        foreach (var (i, row) in rows.Index())
        {
            if (spec.Row is not null) file.Append("\n## ").Append(i + 1).Append('.').Append(Heading(row.Text(spec.Fields[0].Name))).Append('\n');
            if (row.Id is not null) file.Append('\n').Append(RowMark).Append(' ').Append(row.Id).Append(' ').Append(MarkEnd).Append('\n');
            foreach (var field in spec.Fields)
            {
                var text = Escaped(row.Text(field.Name));
                file.Append(spec.Row is null ? "\n## " : "\n" + Bold).Append(field.Title).Append(spec.Row is null ? "\n" : BoldEnd);
                if (text.Length > 0) file.Append(spec.Row is null ? '\n' : ' ').Append(text);
                if (text.Length > 0 || spec.Row is not null) file.Append('\n');
            }
        }
        return file.ToString();
    }

    /// <summary>Sections and fields may stand in any order, and some may be missing. Fault, with its line: <c>sheet.invalid</c>.</summary>
    public static Result<IReadOnlyList<FileRow>> Read(WorksheetSpec spec, string markdown)
    {
        var rows = new FileRows(spec);
        var (field, begun, text) = ((FieldSpec?)null, default(FilePlace), new List<string>());
        foreach (var (i, line) in markdown.TrimStart('\uFEFF').Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n').Split('\n').Index())
        {
            var at = new FilePlace(i + 1);
            var level = line.Length - line.TrimStart('#').Length;
            if (level > 0 && level < line.Length && line[level] is not (' ' or '\t')) level = 0;
            var heading = level > 0 ? line[level..].Trim(' ', '\t') : null;
            var title = spec.Row is null ? (level == 2 ? heading : null) : Label(line);
            var mark = spec.Row is not null && line.StartsWith(RowMark, StringComparison.Ordinal) && line.TrimEnd(' ', '\t').EndsWith(MarkEnd, StringComparison.Ordinal);
            if (heading is null && title is null && !mark)
            {
                if (field is not null) text.Add(line);
                else if (!IsBlank(line)) return at.Wrong($"This belongs to no field. {Known(spec)}");
                continue;
            }
            if (field is not null && rows.Put(begun, field.Name, Unescaped(text)) is { } bad) return bad;
            field = null;
            text.Clear();
            if (title is not null)
            {
                field = rows.Find(Plain(title));
                if (field is null) return at.Wrong($"“{spec.Title}” has no field “{FileRows.Short(title)}”. {Known(spec)}");
                if (!rows.HasRow) return at.Wrong($"“{field.Title}” stands before the first {spec.Row}. Write a heading above it, such as: ## 1.");
                begun = at;
                if (spec.Row is not null) text.Add(line[(Bold.Length + title.Length + BoldEnd.Length)..].TrimStart(' ', '\t'));
            }
            else if (mark)
            {
                if (!rows.HasRow) return at.Wrong($"An id stands before the first {spec.Row}. Write a heading above it, such as: ## 1.");
                if (rows.Name(at, line.TrimEnd(' ', '\t')[RowMark.Length..^MarkEnd.Length].Trim()) is { } wrong) return wrong;
            }
            else if (level == 1 && !Plain(heading!).Equals(spec.Title, StringComparison.OrdinalIgnoreCase)) return at.Wrong($"This is the file of “{FileRows.Short(heading!)}”, and it was to be “{spec.Title}”. Go to the worksheet that it belongs to.");
            else if (level > 2) return at.Wrong($"There is no heading “{FileRows.Short(line)}” in “{spec.Title}”. {Known(spec)}");
            else if (level == 2) rows.Begin();
        }
        return field is not null && rows.Put(begun, field.Name, Unescaped(text)) is { } last ? last : rows.Rows;
    }

    // What stands between ** and :** at the beginning of a line; null where there is no such thing.
    private static string? Label(string line) => line.StartsWith(Bold, StringComparison.Ordinal) && line.IndexOf(BoldEnd, Bold.Length, StringComparison.Ordinal) is > 0 and var end && !line[Bold.Length..end].Contains('*', StringComparison.Ordinal) ? line[Bold.Length..end] : null;

    private static string Known(WorksheetSpec spec) => spec.Row is null
        ? $"Known headings are: {string.Join(", ", spec.Fields.Select(f => "## " + f.Title))}. In a text, write a backslash before a # that begins a line."
        : $"Each {spec.Row} has a heading (## 1.) and the fields: {string.Join(", ", spec.Fields.Select(f => Bold + f.Title + BoldEnd))}. In a text, write a backslash before a # or ** that begins a line.";

    // The beginning of a text, with a space before it.
    private static string Heading(string text)
    {
        var first = text.Trim().Split('\n', 2)[0].Trim();
        if (first.Length > LongestHeading) first = first[..(char.IsHighSurrogate(first[LongestHeading - 1]) ? LongestHeading - 1 : LongestHeading)] + "…";
        return first.Length == 0 ? "" : " " + Escaped(first);
    }

    private static string Escaped(string text)
    {
        var (escaped, begins, ends) = (new StringBuilder(), text.Length - text.TrimStart('\n').Length, text.TrimEnd('\n').Length);
        for (var i = 0; i < text.Length; i++)
        {
            var (c, first, last) = (text[i], i == 0 || text[i - 1] == '\n', i + 1 == text.Length || text[i + 1] == '\n');
            if (c == '\n' && i >= begins && i < ends) escaped.Append(first || last ? "\n" : "\\\n");   // a backslash makes Markdown keep the line break
            else if (char.IsControl(c) || c is '\u2028' or '\u2029' || (c == ' ' && (first || last))) escaped.Append(CultureInfo.InvariantCulture, $"&#{(int)c};");
            else escaped.Append(IsMarkup(text, i, first, last) ? "\\" : "").Append(c);
        }
        return escaped.ToString();
    }

    private static bool IsMarkup(string text, int i, bool first, bool last) => text[i] switch
    {
        '#' => first,
        '-' or '+' or '=' => first && (last || text[i + 1] == ' ' || text[i + 1] == text[i]),
        '.' or ')' => (last || text[i + 1] == ' ') && IsNumber(text.AsSpan(0, i)),
        '_' => first || last || !char.IsLetterOrDigit(text[i - 1]) || !char.IsLetterOrDigit(text[i + 1]),
        var c => Special.Contains(c),
    };

    // Whether the line so far is nothing but digits: then it would be the number of a list.
    private static bool IsNumber(ReadOnlySpan<char> before) => before[(before.LastIndexOf('\n') + 1)..] is { Length: > 0 and < 10 } line && !line.ContainsAnyExceptInRange('0', '9');

    private static string Unescaped(List<string> lines)
    {
        var (begins, ends) = (lines.FindIndex(l => !IsBlank(l)), lines.FindLastIndex(l => !IsBlank(l)) + 1);
        return begins < 0 ? "" : Plain(string.Join('\n', lines[begins..ends].Select(l => l.TrimEnd(' ', '\t'))));
    }

    private static string Plain(string text) => Escape().Replace(text, m => m.Value switch
    {
        ['\\', var c] => c.ToString(),
        "&amp;" => "&", "&lt;" => "<", "&gt;" => ">", "&quot;" => "\"",
        var code => Rune.TryCreate(int.Parse(code.AsSpan(2, code.Length - 3), NumberStyles.None, CultureInfo.InvariantCulture), out var rune) ? rune.ToString() : code,
    });

    private static bool IsBlank(string line) => line.AsSpan().Trim(" \t").IsEmpty;

    [GeneratedRegex(@"\\[!-/:-@\[-`{-~\n]|&#[0-9]{1,7};|&(?:amp|lt|gt|quot);")]
    private static partial Regex Escape();
}
