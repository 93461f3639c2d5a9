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
        if (logo is not null && Picture.TypeOf(logo, out var wrong) is null) return Fault.Invalid("field.invalid", wrong!, "logo");
        (Accent, Confidentiality, Logo) = (accent, VisibleText.Flatten(confidentiality), logo);
        return null;
    }

    public static bool IsColour(string text) => Colour().IsMatch(text);

    [GeneratedRegex("^#[0-9a-fA-F]{6}$")]
    private static partial Regex Colour();
}
