using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace OpsConsole.Platform.Web;

/// <summary>The writer behind <see cref="StrictYaml.Write"/>.</summary>
internal static class YamlText
{
    private const int Step = 2;
    private const int LongestKey = 100;   // a key on the line of its value has at most 1024 characters, escapes and all

    // What may stand unquoted anywhere but at the beginning, besides letters and digits; ": ", " #" and " *" are looked for apart.
    private static readonly SearchValues<char> PlainSigns = SearchValues.Create(" _.:-/@*()+,;'=<>!?&%$#\"€");

    // Texts here, but something else for readers of YAML 1.1, of which there are many.
    private static readonly HashSet<string> Words = new(["y", "n", "yes", "no", "on", "off", "true", "false", "null"], StringComparer.OrdinalIgnoreCase);

    public static string Of(JsonElement element)
    {
        var to = new StringBuilder();
        if (IsBlock(element)) Block(to, element, 0);
        else Scalar(to, element, Step);
        return to.Append('\n').ToString();
    }

    // The cursor stands at the column 'indent' already.
    private static void Block(StringBuilder to, JsonElement element, int indent)
    {
        var first = true;
        if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in element.EnumerateObject())
            {
                if (!first) Line(to, indent);
                first = false;
                if (member.Name.Length > LongestKey) Line(to.Append("? ").Append(Quoted(member.Name)), indent);
                else to.Append(IsPlain(member.Name) ? member.Name : Quoted(member.Name));
                to.Append(':');
                if (IsBlock(member.Value))
                {
                    Line(to, indent + Step);
                    Block(to, member.Value, indent + Step);
                }
                else Scalar(to.Append(' '), member.Value, indent + Step);
            }
            return;
        }
        foreach (var item in element.EnumerateArray())
        {
            if (!first) Line(to, indent);
            first = false;
            to.Append("- ");
            if (IsBlock(item)) Block(to, item, indent + Step);
            else Scalar(to, item, indent + Step);
        }
    }

    private static bool IsBlock(JsonElement element) => element.ValueKind switch { JsonValueKind.Object => element.EnumerateObject().Any(), JsonValueKind.Array => element.GetArrayLength() > 0, _ => false };

    private static void Scalar(StringBuilder to, JsonElement value, int indent)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            to.Append(value.ValueKind switch { JsonValueKind.Object => "{}", JsonValueKind.Array => "[]", _ => value.GetRawText() });
            return;
        }
        var text = value.GetString()!;
        if (IsPlain(text)) to.Append(text);
        else if (IsLines(text))
        {
            to.Append(text[^1] == '\n' ? "|" : "|-");
            foreach (var line in text.TrimEnd('\n').Split('\n'))
            {
                if (line.Length > 0) Line(to, indent);
                else to.Append('\n');
                to.Append(line);
            }
        }
        else to.Append(Quoted(text));
    }

    private static bool IsPlain(string text) => text.Length > 0 && (char.IsLetter(text[0]) || text[0] is '_' or '/' or '(') && text[^1] is not (' ' or ':') && !Words.Contains(text)
        && text.All(c => char.IsLetterOrDigit(c) || PlainSigns.Contains(c)) && !text.Contains(": ", StringComparison.Ordinal) && !text.Contains(" #", StringComparison.Ordinal)
        && !text.Contains(" *", StringComparison.Ordinal);   // plain by the book, but YamlDotNet reads no such key

    // Worth a block of lines of its own: several lines of what is printed as it is, so that a change of one is a change of one line.
    private static bool IsLines(string text)
    {
        var body = text.EndsWith('\n') ? text[..^1] : text;
        return body.Contains('\n') && !char.IsWhiteSpace(body[0]) && body[^1] != '\n'
            && body.All(c => c == '\n' || c == ' ' || char.IsLetterOrDigit(c) || char.IsPunctuation(c) || char.IsSymbol(c)) && !body.Contains(" \n", StringComparison.Ordinal) && body[^1] != ' ';
    }

    private static string Quoted(string text)
    {
        var to = new StringBuilder(text.Length + 2).Append('"');
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' => to.Append("\\\""),
                '\\' => to.Append("\\\\"),
                '\n' => to.Append("\\n"),
                '\r' => to.Append("\\r"),
                '\t' => to.Append("\\t"),
                _ when c < ' ' || c is (>= '\u007f' and <= '\u00a0') or '\u2028' or '\u2029' or '\ufeff' or '\ufffe' or '\uffff' || char.GetUnicodeCategory(c) == UnicodeCategory.Format => to.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => to.Append(c),
            };
        }
        return to.Append('"').ToString();
    }

    private static void Line(StringBuilder to, int indent) => to.Append('\n').Append(' ', indent);
}
