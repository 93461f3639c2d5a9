using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;

namespace OpsConsole.Features.Access.Api;

/// <summary>What a browser's session needs beside its pages: leaving, and staying while somebody works.</summary>
internal static class SessionEndpoints
{
    public static void Map(WebApplication app)
    {
        app.MapPost("/account/sign-out", (Delegate)SignOut).WithMetadata(new RequireAntiforgeryTokenAttribute(true)).ExcludeFromDescription();
        app.MapPost(Sessions.KeepAlivePath, (Delegate)KeepAlive).ExcludeFromDescription();
    }

    private static async Task<IResult> SignOut(HttpContext http, AccountService account)
    {
        if (http.Features.Get<IAntiforgeryValidationFeature>() is { IsValid: false }) return Results.Redirect("/account/sign-in");
        await http.SignOutAsync(Sessions.Scheme);
        await account.EndAsync(http.User);
        return Results.Redirect("/account/sign-in");
    }

    // Live pages talk over a socket, which renews no cookie: the page's script calls this while somebody types or clicks.
    private static IResult KeepAlive(HttpContext http) => http.User.Identity?.IsAuthenticated == true ? Results.NoContent() : Results.StatusCode(StatusCodes.Status401Unauthorized);
}
