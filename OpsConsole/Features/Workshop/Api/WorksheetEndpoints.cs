using Microsoft.AspNetCore.Mvc;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Workshop.Api;

internal static class WorksheetEndpoints
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var worksheets = app.MapGroup("/api/v1/rollouts/{id}/worksheets").ForPeople("rollouts").WithTags("worksheets");
        worksheets.MapGet("/{sheet}", SheetAsync).Produces<WorksheetView>(StatusCodes.Status200OK, "application/json", "text/csv", "text/markdown").WithDescription("A worksheet as it stands, in the form that Accept asks for: application/json, or for people and spreadsheets text/csv or text/markdown, which import takes back.");
        worksheets.MapGet("/history", HistoryAsync).Produces<Wire.Page<PatchView>>();
        worksheets.MapPost("/patches", PatchAsync).Takes<PatchRequest[]>().Produces<PatchesTaken>();
        SheetFileEndpoints.Map(app, worksheets);
        worksheets.MapPost("/{sheet}/start", StartAsync).Produces<PatchesTaken>();
        worksheets.MapPost("/worked/{name}", UseAsync).Produces<PatchesTaken>();
        worksheets.MapPost("/undo", UndoAsync).Produces<UndoView>();
        worksheets.MapGet("/comments", CommentsAsync).Produces<Wire.Page<CommentView>>();
        worksheets.MapPost("/comments", CommentAsync).Takes<CommentRequest>().Produces<CommentView>(StatusCodes.Status201Created);
        worksheets.MapPost("/comments/{comment}/settle", SettleAsync).Produces<CommentView>();
        worksheets.MapPost("/comments/{comment}/reopen", ReopenAsync).Produces<CommentView>();
    }

    private static async Task<IResult> SheetAsync(string id, string sheet, HttpContext http, WorksheetDesk desk, SheetFileDesk files, CancellationToken ct)
    {
        var wanted = SheetFileEndpoints.Wanted(http);
        if (wanted.Fault is { } unknown) return unknown.ToHttp();
        if (SheetFormats.OfMedia(wanted.Value) is { } format) return SheetFileEndpoints.Send(await files.ExportAsync(http.Person()!, id, sheet, format, ct));
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

    private static async Task<IResult> StartAsync(string id, string sheet, HttpContext http, StartDesk desk) => Answer(await desk.StartAsync(http.Person()!, id, sheet));

    private static async Task<IResult> UseAsync(string id, string name, HttpContext http, StartDesk desk) => Answer(await desk.UseAsync(http.Person()!, id, name));

    private static async Task<IResult> UndoAsync(string id, HttpContext http, UndoDesk desk) => Answer(await desk.UndoAsync(http.Person()!, id));

    private static async Task<IResult> CommentsAsync(string id, [FromQuery] string? field, HttpContext http, CommentDesk desk, CancellationToken ct)
    {
        var page = PageQuery.Read(http.Request);
        return page.Fault?.ToHttp() ?? Answer(await desk.ListAsync(http.Person()!, id, field, page.Value, ct));
    }

    private static async Task<IResult> CommentAsync(string id, HttpContext http, JsonBody body, CommentDesk desk)
    {
        if (desk.MayComment(http.Person()!, id) is { } forbidden) return forbidden.ToHttp();
        var request = await body.ReadAsync(CommentRequest.Read);
        return request.Fault?.ToHttp() ?? Answer(await desk.AddAsync(http.Person()!, id, request.Value), StatusCodes.Status201Created);
    }

    private static async Task<IResult> SettleAsync(string id, string comment, HttpContext http, CommentDesk desk) => Answer(await desk.SettleAsync(http.Person()!, id, comment));

    private static async Task<IResult> ReopenAsync(string id, string comment, HttpContext http, CommentDesk desk) => Answer(await desk.ReopenAsync(http.Person()!, id, comment));

    private static IResult Answer<T>(Result<T> result, int status = StatusCodes.Status200OK) => result.Fault?.ToHttp() ?? Results.Json(result.Value, Wire.Json, statusCode: status);

    private static async Task<IResult> PatchAsync(string id, HttpContext http, JsonBody body, WorksheetDesk desk)
    {
        if (desk.MayWrite(http.Person()!, id) is { } forbidden) return forbidden.ToHttp();
        var requests = (await body.ReadAsync()).Then(PatchRequest.Read);
        if (requests.Fault is { } bad) return bad.ToHttp();
        var taken = await desk.PatchAsync(http.Person()!, id, requests.Value);
        return taken.Fault?.ToHttp() ?? Results.Json(taken.Value, Wire.Json);
    }
}
