using OpsConsole.Core.Toolkit;

namespace OpsConsole.Features.Toolkit;

/// <summary><c>OpsConsole:Toolkit:…</c>: how documents look whose rollout has no look of its own. The browser's settings are the press's own.</summary>
internal sealed class ToolkitOptions
{
    private const int MostLogo = 200 * 1024;
    public const string Section = "OpsConsole:Toolkit";

    /// <summary>A file: SVG, PNG or JPEG, at most 200 KB.</summary>
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
            if (Type(logo) is null) yield return $"{Section}:Logo is '{logo}'; it must be a .svg, .png or .jpg file.";
            else if (!File.Exists(logo)) yield return $"{Section}:Logo is '{logo}'; there is no such file.";
            else if (new FileInfo(logo).Length > MostLogo) yield return $"{Section}:Logo is '{logo}'; it must have at most 200 KB.";
        }
    }

    public static ToolkitOptions From(IConfiguration configuration) => configuration.GetSection(Section).Get<ToolkitOptions>() ?? new ToolkitOptions();

    public Livery Livery() => new(Logo is { Length: > 0 } logo && Type(logo) is { } type ? $"data:{type};base64,{Convert.ToBase64String(File.ReadAllBytes(logo))}" : null, Accent, Confidentiality);

    private static string? Type(string path) => Path.GetExtension(path).ToLowerInvariant() switch { ".svg" => "image/svg+xml", ".png" => "image/png", ".jpg" or ".jpeg" => "image/jpeg", _ => null };
}
