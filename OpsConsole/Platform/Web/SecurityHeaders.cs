namespace OpsConsole.Platform.Web;

/// <summary>
/// The browser's rules, on every response (ASVS 3.4). Two written-down deviations: <c>base-uri 'self'</c> (Blazor needs a base element) and
/// <c>style-src-attr 'unsafe-inline'</c> (Radzen and Virtualize set inline styles).
/// </summary>
internal sealed class SecurityHeaders(RequestDelegate next, PublicAddress address)
{
    private volatile Policy? _last;

    /// <summary>For a page that carries all it needs: another policy, which allows it nothing from here.</summary>
    public static void Use(HttpContext context, string policy) => context.Items[typeof(SecurityHeaders)] = policy + "; frame-ancestors 'none'";

    public Task InvokeAsync(HttpContext context)
    {
        // The exception handler clears what was set before, so this is written when the response starts.
        context.Response.OnStarting(static state =>
        {
            var (self, http) = ((SecurityHeaders, HttpContext))state;
            self.Write(http);
            return Task.CompletedTask;
        }, (this, context));
        return next(context);
    }

    private void Write(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = context.Items[typeof(SecurityHeaders)] as string ?? PolicyFor(context.Request);
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        if (address.IsHttps) headers.StrictTransportSecurity = "max-age=31536000; includeSubDomains";
        if (headers.CacheControl.Count == 0) headers.CacheControl = "no-store";
    }

    private string PolicyFor(HttpRequest request)
    {
        var host = request.Host.Value ?? "";
        if (_last is { } known && known.Host == host) return known.Text;
        // Older browsers do not count a socket to the own host as 'self'.
        var socket = address.Origin is { } origin ? origin.Replace("http", "ws", StringComparison.Ordinal) : host.Length > 0 && host.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or ':' or '[' or ']') ? "ws://" + host : "";
        var text = "default-src 'self'; base-uri 'self'; object-src 'none'; form-action 'self'; frame-ancestors 'none'; img-src 'self' data:; font-src 'self' data:; style-src 'self'; style-src-attr 'unsafe-inline'; "
            + $"script-src 'self'; connect-src 'self' {socket}".TrimEnd() + (address.IsHttps ? "; upgrade-insecure-requests" : "");
        _last = new Policy(host, text);
        return text;
    }

    private sealed record Policy(string Host, string Text);
}
