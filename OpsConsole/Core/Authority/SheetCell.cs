using System.Text.Json;

namespace OpsConsole.Core.Authority;

/// <summary>
/// Texts and lists in a cell. A text stands as it is unless it would not survive a spreadsheet (empty, spaces around it, a quote first, control characters): then it is a JSON text in quotes. Items of a list are
/// separated by a comma, a semicolon or a line break, and one that would be read differently stands in quotes.
/// </summary>
internal static class SheetCell
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = MatrixJson.Readable.Encoder };

    /// <summary>What headings and words are compared by: letters and digits in lower case, <c>#</c> for a number.</summary>
    public static string Key(string text) => string.Concat(text.Where(c => char.IsLetterOrDigit(c) || c == '#').Select(char.ToLowerInvariant));

    /// <summary>A text as a cell; null is an empty one.</summary>
    public static string Text(string? text)
    {
        if (text is null) return "";
        var survives = text.Length > 0 && text[0] != '"' && text.Trim() == text && text.All(c => c == '\n' || !char.IsControl(c));
        return survives ? text : Quoted(text);
    }

    /// <summary>What <see cref="Text"/> wrote, or what somebody typed; null for an empty cell.</summary>
    public static string? ReadText(string cell)
    {
        var text = cell.Trim();
        return text.Length == 0 ? null : Unquoted(text) ?? text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
    }

    /// <param name="plain">How an item is read that stands without quotes.</param>
    public static string Texts(IReadOnlyList<string> items, Func<string, string> plain) => string.Join(", ", items.Select(i => Split(i) is [var only] && only == i && i[0] != '"' && plain(i) == i ? i : Quoted(i)));

    /// <summary>The items of a cell.</summary>
    public static IEnumerable<string> ReadTexts(string cell, Func<string, string> plain) => Split(cell).Select(i => Unquoted(i) ?? plain(i));

    private static List<string> Split(string cell)
    {
        var items = new List<string>();
        var start = 0;
        for (var at = 0; at <= cell.Length; at++)
        {
            if (at < cell.Length && cell[at] == '"' && string.IsNullOrWhiteSpace(cell[start..at]))
            {
                for (at++; at < cell.Length && cell[at] != '"'; at++)
                {
                    if (cell[at] == '\\') at++;
                }
                at = Math.Min(at, cell.Length);
            }
            if (at < cell.Length && cell[at] is not (',' or ';' or '\n' or '\r')) continue;
            if (cell[start..at].Trim() is { Length: > 0 } item) items.Add(item);
            start = at + 1;
        }
        return items;
    }

    private static string Quoted(string text) => JsonSerializer.Serialize(text, Readable);

    private static string? Unquoted(string text)
    {
        if (text.Length < 2 || text[0] != '"' || text[^1] != '"') return null;
        try
        {
            return JsonSerializer.Deserialize<string>(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
