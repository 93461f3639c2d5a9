using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Rollouts.Api;

internal static class GateEndpoints
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var gates = app.MapGroup("/api/v1/rollouts/{id}/gates").ForPeople("rollouts").WithTags("gates");
        gates.MapGet("", ListAsync).Produces<GateView[]>();
        gates.MapPost("/{gate}/pass", PassAsync).Takes<PassGateRequest>().Produces<GateView>();
        gates.MapPost("/{gate}/revoke", RevokeAsync).Takes<ReasonRequest>().Produces<GateView>();
    }

    private static async Task<IResult> ListAsync(string id, HttpContext http, GateKeeper keeper, CancellationToken ct)
    {
        var gates = await keeper.ListAsync(http.Person()!, id, ct);
        return gates.Fault?.ToHttp() ?? Results.Json(gates.Value, Wire.Json);
    }

    private static async Task<IResult> PassAsync(string id, string gate, HttpContext http, JsonBody body, GateKeeper keeper)
    {
        if (keeper.MayPass(http.Person()!, id, gate) is { } forbidden) return forbidden.ToHttp();
        var request = await body.ReadAsync(PassGateRequest.Read);
        if (request.Fault is { } bad) return bad.ToHttp();
        var passed = await keeper.PassAsync(http.Person()!, id, gate, request.Value);
        return passed.Fault?.ToHttp() ?? Results.Json(passed.Value, Wire.Json);
    }

    private static async Task<IResult> RevokeAsync(string id, string gate, HttpContext http, JsonBody body, GateKeeper keeper)
    {
        if (keeper.MayPass(http.Person()!, id, gate) is { } forbidden) return forbidden.ToHttp();
        var request = await body.ReadAsync(ReasonRequest.Read);
        if (request.Fault is { } bad) return bad.ToHttp();
        var revoked = await keeper.RevokeAsync(http.Person()!, id, gate, request.Value);
        return revoked.Fault?.ToHttp() ?? Results.Json(revoked.Value, Wire.Json);
    }
}
