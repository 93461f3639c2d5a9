using OpsConsole.Core.Shared;

namespace OpsConsole.Platform.Web;

/// <summary>The one mapping from a <see cref="Fault"/> to an HTTP problem (RFC 9457) with a stable <c>code</c>.</summary>
public static class Problems
{
    /// <summary>The problem document. A <see cref="Fault.Detail"/> that is a dictionary becomes members of it (the winning decision, an analysis).</summary>
    public static IResult ToHttp(this Fault fault)
    {
        Dictionary<string, object?> extensions = new() { ["code"] = fault.Code };
        if (fault.Field is not null) extensions["field"] = fault.Field;
        if (fault.Detail is IReadOnlyDictionary<string, object?> more)
        {
            foreach (var (name, value) in more) extensions[name] = value;
        }
        var result = Results.Problem(fault.Message, statusCode: Status(fault.Kind), title: Title(fault.Kind), type: "urn:opsconsole:problem:" + fault.Code, extensions: extensions);
        return fault.Kind switch
        {
            FaultKind.Unauthenticated => new WithHeader(result, "WWW-Authenticate", "Bearer"),
            FaultKind.Unavailable or FaultKind.TooMany => new WithHeader(result, "Retry-After", "1"),
            _ => result,
        };
    }

    public static int Status(FaultKind kind) => kind switch
    {
        FaultKind.Invalid => 400, FaultKind.Unauthenticated => 401, FaultKind.Forbidden => 403, FaultKind.NotFound => 404, FaultKind.NotAcceptable => 406, FaultKind.Conflict => 409, FaultKind.Stale => 412,
        FaultKind.TooLarge => 413, FaultKind.UnsupportedMedia => 415, FaultKind.Refused => 422, FaultKind.PreconditionRequired => 428, FaultKind.TooMany => 429, _ => 503,
    };

    private static string Title(FaultKind kind) => kind switch
    {
        FaultKind.Invalid => "The request is wrong", FaultKind.Unauthenticated => "Nobody is signed in", FaultKind.Forbidden => "Not allowed", FaultKind.NotFound => "Not found",
        FaultKind.Conflict => "Not in this state", FaultKind.Stale => "Changed in the meantime", FaultKind.TooLarge => "Too large", FaultKind.NotAcceptable => "Not in that form", FaultKind.UnsupportedMedia => "Not read in that form", FaultKind.Refused => "Refused by the rules",
        FaultKind.PreconditionRequired => "A precondition is missing", FaultKind.TooMany => "Too many requests", _ => "Not available at the moment",
    };

    private sealed class WithHeader(IResult inner, string name, string value) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers[name] = value;
            return inner.ExecuteAsync(httpContext);
        }
    }
}
