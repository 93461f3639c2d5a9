using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Authority.Api;

internal static class ReplayEndpoints
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var replays = app.MapGroup("/api/v1/rollouts/{id}/matrix/simulation").ForPeopleWithAll("rollouts", "decisions").WithTags("matrix");
        replays.MapPost("", StartAsync).Takes<ReplayRequest>().Produces<ReplayView>(StatusCodes.Status202Accepted);
        replays.MapGet("", List).Produces<Wire.Page<ReplayView>>();
        replays.MapGet("/{simulation}", Get).Produces<ReplayView>();
        replays.MapDelete("/{simulation}", CancelAsync).Produces<ReplayView>();
    }

    private static async Task<IResult> StartAsync(string id, HttpContext http, JsonBody body, ReplayDesk desk, CancellationToken ct)
    {
        if (desk.MaySee(http.Person()!, id) is { } hidden) return hidden.ToHttp();
        var request = await body.ReadAsync(ReplayRequest.Read);
        if (request.Fault is { } bad) return bad.ToHttp();
        var started = await desk.StartAsync(http.Person()!, id, request.Value, ct);
        if (started.Fault is { } fault) return fault.ToHttp();
        http.Response.Headers.Location = $"/api/v1/rollouts/{id}/matrix/simulation/{started.Value.Id}";
        return Results.Json(started.Value, Wire.Json, statusCode: StatusCodes.Status202Accepted);
    }

    private static IResult List(string id, HttpContext http, ReplayDesk desk)
    {
        var replays = desk.List(http.Person()!, id);
        return replays.Fault?.ToHttp() ?? Results.Json(new Wire.Page<ReplayView>(replays.Value, null), Wire.Json);
    }

    private static IResult Get(string id, string simulation, HttpContext http, ReplayDesk desk) => Show(desk.Get(http.Person()!, id, simulation));

    private static async Task<IResult> CancelAsync(string id, string simulation, HttpContext http, ReplayDesk desk, CancellationToken ct) => Show(await desk.CancelAsync(http.Person()!, id, simulation, ct));

    private static IResult Show(Result<ReplayView> replay) => replay.Fault?.ToHttp() ?? Results.Json(replay.Value, Wire.Json);
}
