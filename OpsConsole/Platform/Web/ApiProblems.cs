using OpsConsole.Core.Shared;

namespace OpsConsole.Platform.Web;

/// <summary>Gives the API's bare refusals (unknown path, wrong method, wrong media type) a problem document with a code.</summary>
internal sealed class ApiProblems(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext context)
    {
        await next(context);
        var response = context.Response;
        if (response.HasStarted || response.StatusCode < 400 || response.ContentType is not null || response.ContentLength is > 0 || !IsApi(context.Request.Path)) return;
        var (code, message) = response.StatusCode switch
        {
            404 => ("not_found", "There is nothing at this address."),
            405 => ("method.not_allowed", $"This address does not take {context.Request.Method}. It takes: {response.Headers.Allow}."),
            415 => ("content_type", "Send the body as JSON with the header Content-Type: application/json."),
            _ => ("request.refused", "The request was refused."),
        };
        await Problem(response.StatusCode, code, message).ExecuteAsync(context);
    }

    public static bool IsApi(PathString path) => path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase) || path.StartsWithSegments("/hubs", StringComparison.OrdinalIgnoreCase);

    /// <summary>What the exception handler answers: nothing about the inside.</summary>
    public static Task Failed(HttpContext context)
    {
        var status = context.Features.Get<Microsoft.AspNetCore.Diagnostics.IExceptionHandlerFeature>()?.Error is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status500InternalServerError;
        return Problem(status, status < 500 ? "request.malformed" : "internal", status < 500 ? "The request could not be read." : "Something went wrong here. What was recorded before stays recorded; the error has been logged.").ExecuteAsync(context);
    }

    private static IResult Problem(int status, string code, string message)
        => Results.Problem(message, statusCode: status, type: "urn:opsconsole:problem:" + code, extensions: new Dictionary<string, object?> { ["code"] = code });
}
