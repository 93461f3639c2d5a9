using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Toolkit.Api;

/// <summary>How a rollout's documents look, for programs.</summary>
internal static class LiveryEndpoints
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var livery = app.MapGroup("/api/v1/rollouts/{id}/toolkit/livery").ForPeopleWithAll("toolkit", "rollouts").WithTags("toolkit");
        livery.MapGet("", ReadAsync).Produces<LiveryView>();
        livery.MapPut("", SetAsync).Takes<LiveryRequest>().Produces<LiveryView>();
        livery.MapDelete("", ResetAsync).Produces(StatusCodes.Status204NoContent);
    }

    private static async Task<IResult> ReadAsync(string id, HttpContext http, LiveryDesk desk, CancellationToken ct)
    {
        var livery = await desk.ReadAsync(http.Person()!, id, ct);
        return livery.Fault?.ToHttp() ?? Results.Json(livery.Value, Wire.Json);
    }

    private static async Task<IResult> SetAsync(string id, HttpContext http, JsonBody body, LiveryDesk desk, CancellationToken ct)
    {
        if (desk.MayChange(http.Person()!, id) is { } forbidden) return forbidden.ToHttp();
        var request = await body.ReadAsync(LiveryRequest.Read);
        if (request.Fault is { } bad) return bad.ToHttp();
        var set = await desk.SetAsync(http.Person()!, id, request.Value);
        return set.Fault?.ToHttp() ?? await ReadAsync(id, http, desk, ct);
    }

    private static async Task<IResult> ResetAsync(string id, HttpContext http, LiveryDesk desk)
    {
        var reset = await desk.ResetAsync(http.Person()!, id);
        return reset.Fault?.ToHttp() ?? Results.NoContent();
    }
}
