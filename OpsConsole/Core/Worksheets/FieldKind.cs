using System.Globalization;
using OpsConsole.Core.Authority;

namespace OpsConsole.Core.Worksheets;

/// <summary>What a field holds. Every value is a text; a text that is not what the field asks for stays where it is and counts as missing until it is mended.</summary>
public enum FieldKind
{
    /// <summary>One line.</summary>
    Line,
    /// <summary>Several lines.</summary>
    Text,
    /// <summary>Several lines, each an item of its own.</summary>
    Items,
    Number,
    /// <summary>A length of time, such as <c>15 min</c>.</summary>
    Time,
    /// <summary>A day, as <c>2026-11-21</c>.</summary>
    Day,
    /// <summary>A person of the console (<c>user:e-mail</c>) or a role of the rollout (<c>role:incident_owner</c>).</summary>
    Person,
    /// <summary>One of <see cref="FieldSpec.Choices"/>.</summary>
    Choice,
    /// <summary>Any of <see cref="FieldSpec.Choices"/>, with commas between.</summary>
    Choices,
    /// <summary><c>yes</c> or empty.</summary>
    Check,
    /// <summary>An address that begins with https:// or http://.</summary>
    Link,
}

/// <summary>A field of a worksheet.</summary>
/// <param name="Help">What to write, in one sentence.</param>
/// <param name="Example">A filled-in example.</param>
/// <param name="Choices">Wire word and words for people, of <see cref="FieldKind.Choice"/> and <see cref="FieldKind.Choices"/>.</param>
public sealed record FieldSpec(string Name, string Title, FieldKind Kind, bool Required, string Help, string Example, IReadOnlyList<(string Word, string Title)>? Choices = null)
{
    /// <summary>What is wrong with a text, for people; null when it is well, or empty.</summary>
    public string? Problem(string text)
    {
        text = text.Trim();
        if (text.Length == 0) return null;
        return Kind switch
        {
            FieldKind.Line when text.AsSpan().ContainsAny('\n', '\r') => "Keep it to one line.",
            FieldKind.Number when !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var n) || !double.IsFinite(n) => $"'{Short(text)}' is no number. Write digits, with a point before decimals: 12.5.",
            FieldKind.Time when LengthOfTime.Read(text) is not { } length || length <= TimeSpan.Zero => $"'{Short(text)}' is no length of time. Write 15 min, 2 h or 1 day.",
            FieldKind.Day when !DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _) => $"'{Short(text)}' is no day. Write it as 2026-11-21.",
            FieldKind.Person when !text.StartsWith("user:", StringComparison.Ordinal) && !text.StartsWith("role:", StringComparison.Ordinal) => $"'{Short(text)}' is nobody whom the console knows. Choose a person or a role.",
            FieldKind.Choice when Choices!.All(c => c.Word != text) => $"Choose one of: {string.Join(", ", Choices!.Select(c => c.Title))}.",
            FieldKind.Choices when Items(text).Any(i => Choices!.All(c => c.Word != i)) => $"Choose from: {string.Join(", ", Choices!.Select(c => c.Title))}.",
            FieldKind.Check when text != "yes" => "Tick it or leave it empty.",
            FieldKind.Link when !Uri.TryCreate(text, UriKind.Absolute, out var link) || link.Scheme is not ("https" or "http") => "A link begins with https://.",
            _ => null,
        };
    }

    /// <summary>A text in the words that people see.</summary>
    public string InWords(string text) => Kind switch
    {
        FieldKind.Choice or FieldKind.Choices => string.Join(", ", Items(text).Select(i => Choices!.FirstOrDefault(c => c.Word == i).Title ?? i)),
        _ => text,
    };

    /// <summary>Whether something stands there that counts.</summary>
    public bool IsFilled(string text) => text.Trim().Length > 0 && Problem(text) is null;

    /// <summary>The items of a text with commas or line breaks between.</summary>
    public static IReadOnlyList<string> Items(string text) => text.Split([',', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static string Short(string text) => text.Length <= 40 ? text : text[..40] + "…";
}

/// <summary>A kind of worksheet.</summary>
/// <param name="Step">The step whose output it is (1–6); null for what the session itself keeps.</param>
/// <param name="Row">What one row is called; null for a sheet of single fields.</param>
public sealed record WorksheetSpec(string Id, string Title, int? Step, string? Row, IReadOnlyList<FieldSpec> Fields)
{
    public FieldSpec? Field(string name) => Fields.FirstOrDefault(f => f.Name == name);

    /// <summary>One row with its article: <c>an item</c>.</summary>
    public string OneRow => (Row is ['a' or 'e' or 'i' or 'o' or 'u', ..] ? "an " : "a ") + Row;
}
