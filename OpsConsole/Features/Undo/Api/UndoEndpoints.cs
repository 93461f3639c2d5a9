using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Undo.Api;

/// <summary>Undo (protocols.md, section N): plans for people and scripts, steps for whoever carries them out.</summary>
internal static class UndoEndpoints
{
    public static void Map(WebApplication app)
    {
        app.MapGet("/api/v1/undo", TakeAsync).ForAgents().Produces<Wire.Page<UndoTask>>().WithName("undo steps").WithTags("Undo");
        app.MapPost("/api/v1/undo/{id}/outcome", AnswerAsync).ForAgents().Takes<UndoOutcomeRequest>().Produces<UndoStepView>().WithName("undo outcome").WithTags("Undo");
        var people = app.MapGroup("/api/v1/undo").ForPeople("incidents").WithTags("Undo");
        people.MapPost("/plans", PlanAsync).Takes<UndoRequest>().Produces<UndoPlanView>().Produces<UndoPlanView>(201);
        people.MapGet("/plans", ListAsync).Produces<Wire.Page<UndoPlanView>>();
        people.MapGet("/plans/{id}", FindAsync).Produces<UndoPlanView>();
        people.MapPost("/steps/{id}/outcome", TickAsync).Takes<UndoOutcomeRequest>().Produces<UndoStepView>();
        people.MapPost("/steps/{id}/retry", RetryAsync).Produces<UndoStepView>();
        people.MapPost("/steps/{id}/hand_over", HandOverAsync).Takes<HandOverRequest>().Produces<UndoStepView>();
    }

    private static async Task<IResult> TakeAsync(HttpContext http, UndoStepDesk desk, CancellationToken ct)
    {
        var page = PageQuery.Read(http.Request);
        if (page.Fault is { } wrong) return wrong.ToHttp();
        return Results.Json(new Wire.Page<UndoTask>(await desk.TakeAsync(http.Agent()!, page.Value.Limit, ct), null), Wire.Json);
    }

    private static async Task<IResult> AnswerAsync(string id, HttpContext http, JsonBody body, UndoStepDesk desk, CancellationToken ct)
    {
        if (!await desk.IsOfAsync(http.Agent()!, id, ct)) return Fault.NotFound("undo step").ToHttp();
        var read = await body.ReadAsync(UndoOutcomeRequest.ReadAgent);
        return read.Fault?.ToHttp() ?? Answer(await desk.ReportAsync(http.Agent()!, id, read.Value.Status, read.Value.Words));
    }

    private static async Task<IResult> PlanAsync(HttpContext http, JsonBody body, UndoPlanDesk desk, CancellationToken ct)
    {
        var read = await body.ReadAsync(UndoRequest.Read);
        if (read.Fault is { } wrong) return wrong.ToHttp();
        var plan = read.Value.DryRun ? await desk.PreviewAsync(http.Person()!, read.Value, ct) : await desk.StartAsync(http.Person()!, read.Value, ct);
        return plan.Fault?.ToHttp() ?? Results.Json(plan.Value, Wire.Json, statusCode: read.Value.DryRun ? StatusCodes.Status200OK : StatusCodes.Status201Created);
    }

    private static async Task<IResult> ListAsync(HttpContext http, UndoPlanDesk desk, string? rollout, string? incident, bool? needs_somebody, CancellationToken ct)
    {
        var page = PageQuery.Read(http.Request);
        if (page.Fault is { } wrong) return wrong.ToHttp();
        var list = await desk.ListAsync(http.Person()!, rollout, incident, page.Value, ct, needs_somebody ?? false);
        return list.Fault?.ToHttp() ?? Results.Json(list.Value, Wire.Json);
    }

    private static async Task<IResult> FindAsync(string id, HttpContext http, UndoPlanDesk desk, CancellationToken ct)
    {
        var found = await desk.FindAsync(http.Person()!, id, ct);
        return found.Fault?.ToHttp() ?? Results.Json(found.Value, Wire.Json);
    }

    private static async Task<IResult> TickAsync(string id, HttpContext http, JsonBody body, UndoStepDesk desk, CancellationToken ct)
    {
        if (await desk.MayAsync(http.Person()!, id, ct) is { } refused) return refused.ToHttp();
        var read = await body.ReadAsync(UndoOutcomeRequest.ReadPerson);
        return read.Fault?.ToHttp() ?? Answer(await desk.ReportAsync(http.Person()!, id, read.Value.Status, read.Value.Words));
    }

    private static async Task<IResult> RetryAsync(string id, HttpContext http, UndoStepDesk desk) => Answer(await desk.RetryAsync(http.Person()!, id));

    private static async Task<IResult> HandOverAsync(string id, HttpContext http, JsonBody body, UndoStepDesk desk, CancellationToken ct)
    {
        if (await desk.MayAsync(http.Person()!, id, ct) is { } refused) return refused.ToHttp();
        var read = await body.ReadAsync(HandOverRequest.Read, optional: true);
        return read.Fault?.ToHttp() ?? Answer(await desk.HandOverAsync(http.Person()!, id, read.Value.To, read.Value.Words));
    }

    private static IResult Answer(Result<UndoStepView> step) => step.Fault?.ToHttp() ?? Results.Json(step.Value, Wire.Json);
}
