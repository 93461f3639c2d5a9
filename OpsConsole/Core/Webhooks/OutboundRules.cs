using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Webhooks;

/// <summary>Where the console may send to by itself (protocols 6.5): https to public addresses on listed ports, and to the origins that the operator names, whatever they are.</summary>
public sealed class OutboundRules(IEnumerable<int> ports, IEnumerable<string> allowedOrigins)
{
    public const int LongestUrl = 2_000;
    private readonly HashSet<int> _ports = [.. ports];
    private readonly HashSet<string> _allowed = [.. allowedOrigins.Select(o => Origin(new Uri(o)))];

    /// <summary>The address as it is sent to; faults: <c>field.invalid</c> with what is wrong with it. Names are not looked up here: that is done at each connection.</summary>
    public Result<Uri> Read(string text, string field)
    {
        if (text.Length > LongestUrl || !Uri.TryCreate(text.Trim(), UriKind.Absolute, out var uri) || uri.Scheme is not ("https" or "http") || uri.Host.Length == 0) return Wrong($"must be an https address of at most {LongestUrl} characters.");
        if (uri.UserInfo.Length > 0) return Wrong("must have no name or password in it: deliveries are signed.");
        if (uri.Fragment.Length > 0) return Wrong("must have no part after #.");
        if (IsAllowed(uri)) return uri;
        if (uri.Scheme != "https") return Wrong("must begin with https://.");
        return _ports.Contains(uri.Port) ? uri : Wrong($"has port {uri.Port}; allowed: {string.Join(", ", _ports.Order())}.");

        Fault Wrong(string why) => Fault.Invalid("field.invalid", $"{field} {why}", field);
    }

    /// <summary>Scheme, host and port are those of an origin that the operator named.</summary>
    public bool IsAllowed(Uri uri) => _allowed.Contains(Origin(uri));

    /// <summary>Whether a text is an origin such as <c>http://hooks.internal:8080</c>.</summary>
    public static bool IsOrigin(string text) => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http" && uri.PathAndQuery == "/" && uri.UserInfo.Length == 0 && uri.Fragment.Length == 0;

    private static string Origin(Uri uri) => $"{uri.Scheme}://{uri.IdnHost.ToLowerInvariant()}:{uri.Port}";
}
