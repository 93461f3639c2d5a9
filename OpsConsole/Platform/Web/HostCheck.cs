using System.Text.RegularExpressions;
using OpsConsole.Core.Shared;

namespace OpsConsole.Platform.Web;

/// <summary>Refuses a <c>Host</c> header that is no host with an optional port: without <c>OpsConsole:PublicBaseUrl</c> it becomes part of links.</summary>
internal sealed partial class HostCheck(RequestDelegate next)
{
    private static readonly Fault NoHost = Fault.Invalid("host.invalid", "The Host header is not a host with an optional port.", "Host");

    public Task InvokeAsync(HttpContext context)
        => context.Request.Host.Value is { Length: > 0 } host && !Syntax().IsMatch(host) ? NoHost.ToHttp().ExecuteAsync(context) : next(context);

    [GeneratedRegex(@"^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Syntax();
}
