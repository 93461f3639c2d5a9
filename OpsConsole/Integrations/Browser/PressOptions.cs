using System.Globalization;

namespace OpsConsole.Integrations.Browser;

/// <summary>Settings of the press, <c>OpsConsole:Toolkit:…</c>.</summary>
public sealed class PressOptions
{
    public const string Section = "OpsConsole:Toolkit";

    /// <summary>A Chromium-family browser: a path, or a name that is looked up on PATH. Empty: chromium, google-chrome, msedge and their other names, on PATH.</summary>
    public string? Browser { get; set; }

    /// <summary>How long one attempt to print may take, in seconds; a second one has as long again.</summary>
    public int PrintSeconds { get; set; } = 30;

    /// <summary>How much memory the browser and all it starts may have of their own, in megabytes (what they share is not counted). Watched on Linux only.</summary>
    public int PrintMegabytes { get; set; } = 1024;

    /// <summary>How many documents are printed at once: each keeps a processor busy, and half of them are left to the agents that ask.</summary>
    public int PrintsAtOnce { get; set; } = Math.Clamp(Environment.ProcessorCount / 2, 1, 2);

    /// <summary>How many more may wait for their turn; whoever comes then is refused (<c>press.busy</c>).</summary>
    public int PrintsWaiting { get; set; } = 32;

    /// <summary>All that is wrong with these settings, naming the keys.</summary>
    public static IEnumerable<string> Problems(IConfiguration configuration)
    {
        foreach (var (name, least, most) in ((string, int, int)[])[(nameof(PrintSeconds), 1, 600), (nameof(PrintMegabytes), 256, 65_536), (nameof(PrintsAtOnce), 1, 64), (nameof(PrintsWaiting), 0, 10_000)])
        {
            var key = Section + ":" + name;
            if (configuration[key] is { Length: > 0 } text && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most))
                yield return $"{key} is '{text}'; it must be a whole number from {least} to {most}.";
        }
    }
}
