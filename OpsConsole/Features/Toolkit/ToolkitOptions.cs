using OpsConsole.Core.Shared;
using OpsConsole.Core.Toolkit;

namespace OpsConsole.Features.Toolkit;

/// <summary><c>OpsConsole:Toolkit:…</c>: how documents look whose rollout has no look of its own. The browser's settings are the press's own.</summary>
internal sealed class ToolkitOptions
{
    public const string Section = "OpsConsole:Toolkit";

    /// <summary>A file: SVG, PNG or JPEG, at most 150 KB.</summary>
    public string? Logo { get; set; }
    /// <summary>The one colour, as <c>#rrggbb</c>.</summary>
    public string Accent { get; set; } = "#1a56c4";
    /// <summary>Stands at the foot of every page.</summary>
    public string Confidentiality { get; set; } = "Confidential";

    /// <summary>All that is wrong with the settings, naming the keys.</summary>
    public static IEnumerable<string> Problems(IConfiguration configuration)
    {
        var options = From(configuration);
        if (!RolloutLivery.IsColour(options.Accent)) yield return $"{Section}:Accent is '{options.Accent}'; it must be a colour such as #1a56c4.";
        if (options.Confidentiality.Length > RolloutLivery.LongestLine) yield return $"{Section}:Confidentiality has {options.Confidentiality.Length} characters; at most {RolloutLivery.LongestLine} fit at the foot of a page.";
        if (options.Logo is { Length: > 0 } logo)
        {
            if (!File.Exists(logo)) yield return $"{Section}:Logo is '{logo}'; there is no such file.";
            else if (new FileInfo(logo).Length > RolloutLivery.MostLogo) yield return $"{Section}:Logo is '{logo}'; it must have at most {RolloutLivery.MostLogo / 1024} KB.";
            else if (Picture.TypeOf(File.ReadAllBytes(logo), out var wrong) is null) yield return $"{Section}:Logo is '{logo}'. {wrong}";
        }
    }

    public static ToolkitOptions From(IConfiguration configuration) => configuration.GetSection(Section).Get<ToolkitOptions>() ?? new ToolkitOptions();

    public Livery Livery() => new(Toolkit.Livery.Address(Logo is { Length: > 0 } logo ? File.ReadAllBytes(logo) : null), Accent, VisibleText.Flatten(Confidentiality));
}
