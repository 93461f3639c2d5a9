using System.Text.RegularExpressions;
using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Toolkit;

/// <summary>How a team's documents look: in place of the console's own look.</summary>
public sealed partial class RolloutLivery
{
    /// <summary>A logo's bytes, and the characters at the foot of a page.</summary>
    public const int MostLogo = 150 * 1024, LongestLine = 120;

    private RolloutLivery() { }
    public RolloutLivery(string rolloutId) => RolloutId = rolloutId;

    public string RolloutId { get; private set; } = "";
    /// <summary>As <c>#rrggbb</c>.</summary>
    public string Accent { get; private set; } = "";
    /// <summary>Stands at the foot of every page; may be empty.</summary>
    public string Confidentiality { get; private set; } = "";
    /// <summary>PNG, JPEG or SVG; null: none.</summary>
    public byte[]? Logo { get; private set; }

    /// <summary>Nothing is changed when there is a fault: <c>field.invalid</c>.</summary>
    public Fault? Set(string accent, string confidentiality, byte[]? logo)
    {
        if (!IsColour(accent)) return Fault.Invalid("field.invalid", "The colour must be six hex digits, such as #1a56c4.", "accent");
        if (confidentiality.Length > LongestLine) return Fault.Invalid("field.invalid", $"At most {LongestLine} characters fit at the foot of a page.", "confidentiality");
        if (logo is { Length: > MostLogo }) return Fault.Invalid("field.invalid", $"The logo is larger than {MostLogo / 1024} KB. Save it smaller, or as SVG.", "logo");
        if (logo is not null && TypeOf(logo) is null) return Fault.Invalid("field.invalid", "The logo must be a PNG, JPEG or SVG picture.", "logo");
        (Accent, Confidentiality, Logo) = (accent, confidentiality, logo);
        return null;
    }

    public static bool IsColour(string text) => Colour().IsMatch(text);

    /// <summary>By how it begins, whatever the file was called: <c>image/png</c>, <c>image/jpeg</c>, <c>image/svg+xml</c>, else null.</summary>
    public static string? TypeOf(ReadOnlySpan<byte> picture)
    {
        if (picture.StartsWith(Png)) return "image/png";
        if (picture.StartsWith(Jpeg)) return "image/jpeg";
        var text = System.Text.Encoding.UTF8.GetString(picture[..Math.Min(picture.Length, 1024)]).TrimStart('\uFEFF', ' ', '\t', '\r', '\n');
        return text.StartsWith("<svg", StringComparison.Ordinal) || ((text.StartsWith("<?xml", StringComparison.Ordinal) || text.StartsWith("<!", StringComparison.Ordinal)) && text.Contains("<svg", StringComparison.Ordinal)) ? "image/svg+xml" : null;
    }

    private static ReadOnlySpan<byte> Png => [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];
    private static ReadOnlySpan<byte> Jpeg => [0xFF, 0xD8, 0xFF];

    [GeneratedRegex("^#[0-9a-fA-F]{6}$")]
    private static partial Regex Colour();
}
