using OpsConsole.Core.Shared;

namespace OpsConsole.Platform.Web;

/// <summary>
/// Refuses what another site's page makes a browser send: sockets (CORS does not protect them) and state-changing requests that ride on a cookie.
/// Callers with an <c>Authorization</c> header and programs without an Origin are not browsers being misled.
/// </summary>
internal sealed class OriginCheck(RequestDelegate next, PublicAddress address)
{
    private static readonly Fault Elsewhere = Fault.Forbidden("This request comes from a page of another site.", "origin.refused");

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        var refused = IsSocket(request.Path) ? !IsOwn(request, mayBeAbsent: true) : Changes(request.Method) && request.Headers.Authorization.Count == 0 && IsForeign(request);
        return refused ? Elsewhere.ToHttp().ExecuteAsync(context) : next(context);
    }

    private static bool IsSocket(PathString path) => path.StartsWithSegments("/_blazor", StringComparison.OrdinalIgnoreCase) || path.StartsWithSegments("/hubs", StringComparison.OrdinalIgnoreCase);

    private static bool Changes(string method) => !HttpMethods.IsGet(method) && !HttpMethods.IsHead(method) && !HttpMethods.IsOptions(method) && !HttpMethods.IsTrace(method);

    private bool IsForeign(HttpRequest request)
    {
        var site = request.Headers["Sec-Fetch-Site"].ToString();
        if (site is "cross-site" or "same-site") return true;
        // Under 'Referrer-Policy: no-referrer' browsers send 'null' with our own forms; their antiforgery token tells those from a stranger's.
        return request.Headers.Origin != "null" && !IsOwn(request, mayBeAbsent: true);
    }

    private bool IsOwn(HttpRequest request, bool mayBeAbsent)
    {
        var origin = request.Headers.Origin.ToString();
        if (origin.Length == 0) return mayBeAbsent;
        return string.Equals(origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase) || (address.Origin is { } own && string.Equals(origin, own, StringComparison.OrdinalIgnoreCase));
    }
}
