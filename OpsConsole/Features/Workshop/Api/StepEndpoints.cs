using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Workshop.Api;

internal static class StepEndpoints
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var rollout = app.MapGroup("/api/v1/rollouts/{id}").ForPeople("rollouts").WithTags("steps");
        rollout.MapGet("/steps", StepsAsync).Produces<StepView[]>();
        rollout.MapGet("/drills", DrillsAsync).Produces<Wire.Page<DrillView>>();
        rollout.MapPost("/drills", StartAsync).Takes<StartDrillRequest>().Produces<DrillView>(StatusCodes.Status201Created);
        rollout.MapPost("/drills/{drillId}/acknowledge", AcknowledgeAsync).Produces<DrillView>();
        rollout.MapPost("/drills/{drillId}/give-up", GiveUpAsync).Produces<DrillView>();
    }

    private static async Task<IResult> StepsAsync(string id, HttpContext http, StepDesk desk, CancellationToken ct)
    {
        var page = await desk.PageAsync(http.Person()!, id, ct);
        return page.Fault?.ToHttp() ?? Results.Json(page.Value.Steps, Wire.Json);
    }

    private static async Task<IResult> DrillsAsync(string id, HttpContext http, DrillDesk desk, CancellationToken ct)
    {
        var page = PageQuery.Read(http.Request);
        if (page.Fault is { } bad) return bad.ToHttp();
        var drills = await desk.ListAsync(http.Person()!, id, page.Value, ct);
        return drills.Fault?.ToHttp() ?? Results.Json(drills.Value, Wire.Json);
    }

    private static async Task<IResult> StartAsync(string id, HttpContext http, JsonBody body, DrillDesk desk)
    {
        if (desk.MayStart(http.Person()!, id) is { } forbidden) return forbidden.ToHttp();
        var request = await body.ReadAsync(StartDrillRequest.Read);
        if (request.Fault is { } bad) return bad.ToHttp();
        var drill = await desk.StartAsync(http.Person()!, id, request.Value);
        return drill.Fault?.ToHttp() ?? Results.Json(drill.Value, Wire.Json, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<IResult> AcknowledgeAsync(string id, string drillId, HttpContext http, DrillDesk desk)
    {
        var drill = await desk.AcknowledgeAsync(http.Person()!, id, drillId);
        return drill.Fault?.ToHttp() ?? Results.Json(drill.Value, Wire.Json);
    }

    private static async Task<IResult> GiveUpAsync(string id, string drillId, HttpContext http, DrillDesk desk)
    {
        var drill = await desk.GiveUpAsync(http.Person()!, id, drillId);
        return drill.Fault?.ToHttp() ?? Results.Json(drill.Value, Wire.Json);
    }
}
