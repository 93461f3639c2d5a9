using System.Globalization;
using OpsConsole.Core.Webhooks;

namespace OpsConsole.Integrations.Outbound;

/// <summary><c>OpsConsole:Outbound:…</c>: where the console may send to by itself.</summary>
public sealed class OutboundOptions
{
    public const string Section = "OpsConsole:Outbound";

    /// <summary>Ports of receivers, besides those of <see cref="AllowedOrigins"/>; none given: 443.</summary>
    public IList<int> Ports { get; set; } = [];

    /// <summary>Origins (<c>http://hooks.internal:8080</c>) that may be sent to whatever their scheme, port and private network.</summary>
    public IList<string> AllowedOrigins { get; set; } = [];

    /// <summary>A forward proxy that everything goes through; empty: none. It looks names up, so it has to keep private networks closed.</summary>
    public string? Proxy { get; set; }

    /// <summary>All that is wrong with these settings, naming the keys.</summary>
    public static IEnumerable<string> Problems(IConfiguration configuration)
    {
        foreach (var port in configuration.GetSection(Section + ":" + nameof(Ports)).GetChildren())
        {
            if (!int.TryParse(port.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number is < 1 or > 65_535) yield return $"{port.Path} is '{port.Value}'; it must be a port from 1 to 65535.";
        }
        foreach (var origin in configuration.GetSection(Section + ":" + nameof(AllowedOrigins)).GetChildren())
        {
            if (!OutboundRules.IsOrigin(origin.Value ?? "")) yield return $"{origin.Path} is '{origin.Value}'; it must be scheme, host and port, such as https://hooks.internal:8443.";
        }
        var proxy = configuration[Section + ":" + nameof(Proxy)];
        if (!string.IsNullOrEmpty(proxy) && !OutboundRules.IsOrigin(proxy)) yield return $"{Section}:{nameof(Proxy)} is '{proxy}'; it must be an address such as http://proxy.internal:3128.";
    }

    public static OutboundOptions From(IConfiguration configuration) => configuration.GetSection(Section).Get<OutboundOptions>() ?? new OutboundOptions();

    internal OutboundRules Rules() => new(Ports.Count == 0 ? [443] : Ports, AllowedOrigins);
}
