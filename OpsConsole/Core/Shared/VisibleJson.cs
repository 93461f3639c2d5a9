using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace OpsConsole.Core.Shared;

/// <summary>JSON as text for an editor: what can be seen stands there as itself, emoji too; what the eye cannot see is spelled as an escape, so that nothing hides in a text box.</summary>
public static partial class VisibleJson
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of(JsonElement value)
    {
        var text = new StringBuilder();
        foreach (var piece in VisibleText.Segments(Pairs().Replace(JsonSerializer.Serialize(value, Indented), Character)))
        {
            if (!piece.IsHidden) text.Append(piece.Text);
            else
            {
                // piece.Text is ⟨U+202E⟩; inside a JSON string any UTF-16 unit may be spelled \uXXXX
                var point = int.Parse(piece.Text.AsSpan(3, piece.Text.Length - 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
                var units = point is >= 0xD800 and <= 0xDFFF ? ((char)point).ToString() : char.ConvertFromUtf32(point);
                foreach (var unit in units) text.Append("\\u").Append(((int)unit).ToString("x4", CultureInfo.InvariantCulture));
            }
        }
        return text.ToString();
    }

    private static string Character(Match match) => match.Groups[1].Success ? $"{Unit(match.Groups[1])}{Unit(match.Groups[2])}" : match.Value;

    private static char Unit(Group hex) => (char)int.Parse(hex.ValueSpan, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    // The encoder escapes whatever takes two units, as emoji do. A backslash that is itself escaped begins nothing.
    [GeneratedRegex(@"\\\\|\\u(D[89AB][0-9A-F]{2})\\u(D[C-F][0-9A-F]{2})", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Pairs();
}
