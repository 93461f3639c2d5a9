using System.Globalization;
using System.Net;
using OpsConsole.Data;
using OpsConsole.Features.Access;
using OpsConsole.Features.Approvals;
using OpsConsole.Features.Toolkit;
using OpsConsole.Integrations.Browser;
using OpsConsole.Integrations.Mail;
using OpsConsole.Integrations.Outbound;

namespace OpsConsole.Startup;

/// <summary>The console's own settings, <c>OpsConsole:…</c> in appsettings or <c>OpsConsole__…</c> in the environment. Every key is in appsettings.sample.json.</summary>
public sealed class OpsOptions
{
    /// <summary>Where people reach the console, for example <c>https://ops.example.com</c>. With https: secure cookies and HSTS. Empty: plain http, with a warning on every page.</summary>
    public string? PublicBaseUrl { get; set; }

    /// <summary>Reverse proxies whose <c>X-Forwarded-*</c> headers are believed: addresses or networks (<c>10.0.0.0/8</c>). Others' are ignored.</summary>
    public IList<string> Proxies { get; set; } = [];

    /// <summary>How many of them a request passes one after the other: so many entries of <c>X-Forwarded-For</c> are believed, from the end. One more would let callers choose their address.</summary>
    public int ProxyHops { get; set; } = 1;

    public LimitOptions Limits { get; set; } = new();

    /// <summary>All that is wrong with the settings, naming the keys; empty when they are fine.</summary>
    public static IReadOnlyList<string> Problems(IConfiguration configuration)
    {
        List<string> problems = [];
        var baseUrl = configuration["OpsConsole:PublicBaseUrl"];
        if (!string.IsNullOrEmpty(baseUrl) && !(Uri.TryCreate(baseUrl, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"))
            problems.Add($"OpsConsole:PublicBaseUrl is '{baseUrl}'; it must be an absolute http or https address.");
        else if (!string.IsNullOrEmpty(baseUrl) && new Uri(baseUrl) is { PathAndQuery: not "/" }) problems.Add($"OpsConsole:PublicBaseUrl is '{baseUrl}'; the console lives at the root of a host, so it must have no path.");
        foreach (var proxy in configuration.GetSection("OpsConsole:Proxies").GetChildren())
        {
            if (!IPAddress.TryParse(proxy.Value, out _) && !IPNetwork.TryParse(proxy.Value, out _)) problems.Add($"{proxy.Path} is '{proxy.Value}'; it must be an IP address or a network such as 10.0.0.0/8.");
        }
        if (configuration["OpsConsole:ProxyHops"] is { Length: > 0 } said && !(int.TryParse(said, NumberStyles.None, CultureInfo.InvariantCulture, out var hops) && hops is >= 1 and <= 10)) problems.Add($"OpsConsole:ProxyHops is '{said}'; it must be a whole number from 1 to 10.");
        foreach (var limit in (string[])["DecisionsPerSecond", "CallsPerSecond", "SignInsPerMinute", "LinksPerMinute"])
        {
            var key = "OpsConsole:Limits:" + limit;
            if (configuration[key] is { Length: > 0 } text && !(int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 1_000_000)) problems.Add($"{key} is '{text}'; it must be a whole number from 1 to 1000000.");
        }
        var provider = configuration["OpsConsole:Data:Provider"] ?? "sqlite";
        if (provider is not ("sqlite" or "postgres")) problems.Add($"OpsConsole:Data:Provider is '{provider}'; it must be sqlite or postgres.");
        if (provider == "postgres" && string.IsNullOrWhiteSpace(configuration.GetConnectionString("Postgres"))) problems.Add("ConnectionStrings:Postgres is missing; OpsConsole:Data:Provider is postgres.");
        problems.AddRange(SetupOptions.Problems(configuration));
        problems.AddRange(ToolkitOptions.Problems(configuration));
        problems.AddRange(PressOptions.Problems(configuration));
        problems.AddRange(OutboundOptions.Problems(configuration));
        problems.AddRange(MailOptions.Problems(configuration));
        problems.AddRange(ApprovalOptions.Problems(configuration));
        return problems;
    }

    public static OpsOptions From(IConfiguration configuration) => configuration.GetSection("OpsConsole").Get<OpsOptions>() ?? new OpsOptions();

    /// <summary>Where the database file and the keys of sessions are kept.</summary>
    public static string DataDirectory(IConfiguration configuration) => Path.GetFullPath(configuration["OpsConsole:Data:Directory"] is { Length: > 0 } folder ? folder : "data");

    internal static OpsDatabase Database(IConfiguration configuration)
    {
        if (Problems(configuration) is { Count: > 0 } problems) throw new InvalidOperationException(string.Join(Environment.NewLine, problems));
        return configuration["OpsConsole:Data:Provider"] == "postgres"
            ? OpsDatabase.PostgreSql(configuration.GetConnectionString("Postgres")!)
            : OpsDatabase.Sqlite(DataDirectory(configuration));
    }

    /// <summary>The database for commands, also while the console runs.</summary>
    internal static OpsDatabase DatabaseBeside(IConfiguration configuration)
    {
        if (Problems(configuration) is { Count: > 0 } problems) throw new InvalidOperationException(string.Join(Environment.NewLine, problems));
        return configuration["OpsConsole:Data:Provider"] == "postgres"
            ? OpsDatabase.PostgreSql(configuration.GetConnectionString("Postgres")!)
            : OpsDatabase.SqliteBeside(DataDirectory(configuration));
    }
}

/// <summary>How much one caller may ask for.</summary>
public sealed class LimitOptions
{
    /// <summary>Asks per second and agent key; what follows them (looking up, claiming, reporting, cancelling) may come three times as often, in a bucket of its own.</summary>
    public int DecisionsPerSecond { get; set; } = 10_000;
    /// <summary>Other API calls per second and credential (or address, without one).</summary>
    public int CallsPerSecond { get; set; } = 1_000;
    /// <summary>Attempts to prove a password, per minute and address.</summary>
    public int SignInsPerMinute { get; set; } = 20;
    /// <summary>Openings of links to exported files, per minute and address.</summary>
    public int LinksPerMinute { get; set; } = 60;
}
