using OpsConsole.Core.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Access.Api;

public sealed record TokenRequest(string Email, string Password, IReadOnlyList<string> Scopes, int? ExpiresInDays, string? Name);
public sealed record TokenResponse(string Id, string Token, IReadOnlyList<string> Scopes, DateTimeOffset? ExpiresAt);

/// <summary>Personal tokens over HTTP.</summary>
internal static class TokenEndpoints
{
    public static void Map(WebApplication app)
    {
        app.MapPost("/api/v1/tokens", Create).AllowAnonymous().Takes<TokenRequest>().Produces<TokenResponse>(201).WithTags("Tokens");
        app.MapDelete("/api/v1/tokens/{id}", Revoke).ForAnyToken().Produces(204).WithTags("Tokens");
    }

    private static async Task<IResult> Create(HttpContext http, JsonBody body, SignInService signIn, TokenService tokens, CancellationToken ct)
    {
        var read = await body.ReadAsync();
        if (read.Fault is { } unread) return unread.ToHttp();
        var fields = new Fields(read.Value);
        var email = fields.Text("email", 254, required: true);
        var password = fields.Text("password", PasswordRules.Most * 2, required: true);
        var scopes = fields.Texts("scopes", 20, 40, required: true);
        var days = fields.Whole("expires_in_days", 1, TokenService.LongestDays);
        var name = fields.Text("name", 100);
        if (scopes is not null && TokenService.Wrong(scopes) is { } wrong) fields.Refuse("scopes", wrong);
        if (fields.Finish() is { } fault) return fault.ToHttp();
        var person = await signIn.CheckAsync(email!, password!, ClientAddress.Of(http), session: false, ct);
        if (person.Fault is { } refused) return refused.ToHttp();
        var made = await tokens.CreateAsync(person.Value.Id, scopes!, name, (int)(days ?? TokenService.DefaultDays));
        return made.Fault is { } failed ? failed.ToHttp() : Results.Json(new TokenResponse(made.Value.Id, made.Value.Token, made.Value.Scopes, made.Value.ExpiresAt), Wire.Json, statusCode: 201);
    }

    private static async Task<IResult> Revoke(HttpContext http, string id, TokenService tokens)
    {
        var revoked = await tokens.RevokeAsync(http.Person()!, id);
        return revoked.Fault is { } fault ? fault.ToHttp() : Results.NoContent();
    }
}
