using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Workshop.Api;

internal static class DiagnosticEndpoints
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var diagnostics = app.MapGroup("/api/v1/diagnostics").ForPeople("rollouts").WithTags("diagnostics");
        diagnostics.MapGet("/questions", () => Results.Json(DiagnosticDesk.Questions, Wire.Json)).Produces<QuestionsView>();
        diagnostics.MapGet("", ListAsync).Produces<Wire.Page<DiagnosticRow>>();
        diagnostics.MapPost("", RunAsync).Takes<DiagnosticRequest>().Produces<DiagnosticView>(StatusCodes.Status201Created);
        diagnostics.MapGet("/{id}", GetAsync).Produces<DiagnosticView>();
        diagnostics.MapPost("/{id}/rollout", BeginAsync).Takes<BeginRequest>().Produces<BegunView>(StatusCodes.Status201Created);
    }

    private static async Task<IResult> ListAsync(HttpContext http, DiagnosticDesk desk, CancellationToken ct)
    {
        var page = PageQuery.Read(http.Request);
        if (page.Fault is { } bad) return bad.ToHttp();
        var runs = await desk.ListAsync(http.Person()!, page.Value, ct);
        return runs.Fault?.ToHttp() ?? Results.Json(runs.Value, Wire.Json);
    }

    private static async Task<IResult> GetAsync(string id, HttpContext http, DiagnosticDesk desk, CancellationToken ct)
    {
        var run = await desk.GetAsync(http.Person()!, id, ct);
        return run.Fault?.ToHttp() ?? Results.Json(run.Value, Wire.Json);
    }

    private static async Task<IResult> RunAsync(HttpContext http, JsonBody body, DiagnosticDesk desk, CancellationToken ct)
    {
        var request = await body.ReadAsync(DiagnosticRequest.Read);
        if (request.Fault is { } bad) return bad.ToHttp();
        var id = await desk.RunAsync(http.Person()!, request.Value);
        if (id.Fault is { } fault) return fault.ToHttp();
        var run = await desk.GetAsync(http.Person()!, id.Value, ct);
        return run.Fault?.ToHttp() ?? Results.Json(run.Value, Wire.Json, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<IResult> BeginAsync(string id, HttpContext http, JsonBody body, DiagnosticDesk desk, CancellationToken ct)
    {
        var me = http.Person()!;
        if ((await desk.GetAsync(me, id, ct)).Fault is { } hidden) return hidden.ToHttp();
        if (desk.MayBegin(me) is { } forbidden) return forbidden.ToHttp();
        var request = await body.ReadAsync(BeginRequest.Read);
        if (request.Fault is { } bad) return bad.ToHttp();
        var begun = await desk.BeginAsync(me, id, request.Value, ct);
        return begun.Fault?.ToHttp() ?? Results.Json(begun.Value, Wire.Json, statusCode: StatusCodes.Status201Created);
    }
}
