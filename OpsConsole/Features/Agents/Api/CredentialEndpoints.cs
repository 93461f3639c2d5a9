using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Agents.Api;

internal static class CredentialEndpoints
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var agent = app.MapGroup("/api/v1/agents/{id}").ForPeople("agents").WithTags("agents");
        agent.MapPost("/keys", CreateKeyAsync).Takes<NewKeyRequest>().Produces<NewKeyView>(StatusCodes.Status201Created);
        agent.MapGet("/keys", KeysAsync).Produces<Wire.Page<KeyView>>();
        agent.MapDelete("/keys/{keyId}", RevokeKeyAsync).Produces(StatusCodes.Status204NoContent);
        agent.MapPost("/grants", GrantAsync).Takes<GrantRequest>().Produces<GrantView>(StatusCodes.Status201Created);
        agent.MapGet("/grants", GrantsAsync).Produces<Wire.Page<GrantView>>();
        agent.MapDelete("/grants/{grantId}", EndGrantAsync).Produces(StatusCodes.Status204NoContent);
        agent.MapPost("/grants/{grantId}/renew", RenewAsync).Takes<RenewRequest>().Produces<GrantView>();
        agent.MapPost("/demote", DemoteAsync).Takes<DemoteRequest>().Produces<GrantView>();
    }

    private static async Task<IResult> CreateKeyAsync(string id, HttpContext http, JsonBody body, AgentRegistry registry, AgentCredentials credentials)
    {
        if (registry.MayManage(http.Person()!, id) is { } forbidden) return forbidden.ToHttp();
        var request = await body.ReadAsync(NewKeyRequest.Read, optional: true);
        if (request.Fault is { } bad) return bad.ToHttp();
        var key = await credentials.CreateKeyAsync(http.Person()!, id, request.Value.ExpiresAt);
        if (key.Fault is { } fault) return fault.ToHttp();
        http.Response.Headers.CacheControl = "no-store";
        return Results.Json(key.Value, Wire.Json, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<IResult> KeysAsync(string id, HttpContext http, AgentReader reader, CancellationToken ct)
    {
        var keys = await reader.KeysAsync(http.Person()!, id, ct);
        return keys.Fault?.ToHttp() ?? Results.Json(new Wire.Page<KeyView>(keys.Value, null), Wire.Json);
    }

    private static async Task<IResult> RevokeKeyAsync(string id, string keyId, HttpContext http, AgentCredentials credentials)
    {
        var done = await credentials.RevokeKeyAsync(http.Person()!, id, keyId);
        return done.Fault?.ToHttp() ?? Results.NoContent();
    }

    private static async Task<IResult> GrantAsync(string id, HttpContext http, JsonBody body, AgentCredentials credentials)
    {
        if (credentials.MayGrant(http.Person()!, id) is { } forbidden) return forbidden.ToHttp();
        var request = await body.ReadAsync(GrantRequest.Read);
        if (request.Fault is { } bad) return bad.ToHttp();
        var grant = await credentials.GrantAsync(http.Person()!, id, request.Value);
        return grant.Fault?.ToHttp() ?? Results.Json(grant.Value, Wire.Json, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<IResult> GrantsAsync(string id, HttpContext http, AgentReader reader, CancellationToken ct)
    {
        var grants = await reader.GrantsAsync(http.Person()!, id, ct);
        return grants.Fault?.ToHttp() ?? Results.Json(new Wire.Page<GrantView>(grants.Value, null), Wire.Json);
    }

    private static async Task<IResult> EndGrantAsync(string id, string grantId, HttpContext http, JsonBody body, AgentCredentials credentials)
    {
        if (credentials.MayEndGrant(http.Person()!, id) is { } forbidden) return forbidden.ToHttp();
        var request = await body.ReadAsync(EndRequest.Read, optional: true);
        if (request.Fault is { } bad) return bad.ToHttp();
        var done = await credentials.EndGrantAsync(http.Person()!, id, grantId, request.Value);
        return done.Fault?.ToHttp() ?? Results.NoContent();
    }

    private static async Task<IResult> RenewAsync(string id, string grantId, HttpContext http, JsonBody body, AgentCredentials credentials)
    {
        if (credentials.MayRenew(http.Person()!, id) is { } forbidden) return forbidden.ToHttp();
        var request = await body.ReadAsync(RenewRequest.Read);
        if (request.Fault is { } bad) return bad.ToHttp();
        var grant = await credentials.RenewAsync(http.Person()!, id, grantId, request.Value);
        return grant.Fault?.ToHttp() ?? Results.Json(grant.Value, Wire.Json);
    }

    private static async Task<IResult> DemoteAsync(string id, HttpContext http, JsonBody body, AgentCredentials credentials)
    {
        if (credentials.MayDemote(http.Person()!, id) is { } forbidden) return forbidden.ToHttp();
        var request = await body.ReadAsync(DemoteRequest.Read);
        if (request.Fault is { } bad) return bad.ToHttp();
        var grant = await credentials.DemoteAsync(http.Person()!, id, request.Value);
        return grant.Fault?.ToHttp() ?? Results.Json(grant.Value, Wire.Json);
    }
}
