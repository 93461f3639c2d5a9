using Microsoft.AspNetCore.Mvc;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Workshop.Api;

internal static class WorksheetEndpoints
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var worksheets = app.MapGroup("/api/v1/rollouts/{id}/worksheets").ForPeople("rollouts").WithTags("worksheets");
        worksheets.MapGet("/{sheet}", SheetAsync).Produces<WorksheetView>();
        worksheets.MapGet("/history", HistoryAsync).Produces<Wire.Page<PatchView>>();
        worksheets.MapPost("/patches", PatchAsync).Takes<PatchRequest[]>().Produces<PatchesTaken>();
    }

    private static async Task<IResult> SheetAsync(string id, string sheet, HttpContext http, WorksheetDesk desk, CancellationToken ct)
    {
        var view = await desk.SheetAsync(http.Person()!, id, sheet, ct);
        return view.Fault?.ToHttp() ?? Results.Json(view.Value, Wire.Json);
    }

    private static async Task<IResult> HistoryAsync(string id, [FromQuery] string? field, HttpContext http, WorksheetDesk desk, CancellationToken ct)
    {
        var page = PageQuery.Read(http.Request);
        if (page.Fault is { } bad) return bad.ToHttp();
        var history = await desk.HistoryAsync(http.Person()!, id, field ?? "", page.Value, ct);
        return history.Fault?.ToHttp() ?? Results.Json(history.Value, Wire.Json);
    }

    private static async Task<IResult> PatchAsync(string id, HttpContext http, JsonBody body, WorksheetDesk desk)
    {
        if (desk.MayWrite(http.Person()!, id) is { } forbidden) return forbidden.ToHttp();
        var requests = (await body.ReadAsync()).Then(PatchRequest.Read);
        if (requests.Fault is { } bad) return bad.ToHttp();
        var taken = await desk.PatchAsync(http.Person()!, id, requests.Value);
        return taken.Fault?.ToHttp() ?? Results.Json(taken.Value, Wire.Json);
    }
}
