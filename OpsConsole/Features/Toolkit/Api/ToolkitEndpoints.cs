using System.Text;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Toolkit;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Toolkit.Api;

/// <summary>The toolkit for programs: PDFs, their HTML, and what was exported.</summary>
internal static class ToolkitEndpoints
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var rollout = app.MapGroup("/api/v1/rollouts/{id}").ForPeopleWithAll("toolkit", "rollouts").WithTags("toolkit");
        rollout.MapGet("/toolkit.pdf", PdfAsync).Produces(StatusCodes.Status200OK, contentType: "application/pdf");
        rollout.MapGet("/toolkit.html", HtmlAsync).Produces(StatusCodes.Status200OK, contentType: "text/html");
        rollout.MapGet("/toolkit/exports", ExportsAsync).Produces<ExportView[]>();
        app.MapGet("/api/v1/decisions/{id}/evidence.pdf", EvidenceAsync).ForPeopleWithAll("toolkit", "decisions", "approvals").WithTags("toolkit").Produces(StatusCodes.Status200OK, contentType: "application/pdf");
        app.MapGet("/api/v1/incidents/{id}/review.pdf", ReviewAsync).ForPeopleWithAll("toolkit", "incidents").WithTags("toolkit").Produces(StatusCodes.Status200OK, contentType: "application/pdf");
        app.MapGet("/api/v1/rollouts/{id}/memos/{memo}/memo.pdf", MemoAsync).ForPeopleWithAll("toolkit", "reviews").WithTags("toolkit").Produces(StatusCodes.Status200OK, contentType: "application/pdf");
        app.MapGet("/api/v1/rollouts/{id}/reviews/{week}/review.pdf", WeekAsync).ForPeopleWithAll("toolkit", "reviews").WithTags("toolkit").Produces(StatusCodes.Status200OK, contentType: "application/pdf");
        app.MapGet("/api/v1/toolkit/exports/{sha256}", FindAsync).ForPeople("toolkit").WithTags("toolkit").Produces<ExportView>();
    }

    // The log of incidents shows what another scope guards: without it the log is refused where it is named, and left out of 'all'.
    private static Result<ToolkitOrder> Order(HttpContext http)
    {
        var read = Order(http.Request.Query);
        if (!read.Ok || read.Value.Blank || http.Person()!.HasScope("incidents") || !read.Value.Documents.Contains(ToolkitDocument.Incidents)) return read;
        return string.IsNullOrWhiteSpace(http.Request.Query["documents"]) ? read.Value with { Documents = [.. read.Value.Documents.Where(d => d != ToolkitDocument.Incidents)] }
            : Fault.Forbidden("The log of incidents needs a token with the scope incidents, too.", "scope.missing");
    }

    /// <summary>An order as addresses write it.</summary>
    internal static Result<ToolkitOrder> Order(IQueryCollection query, string? documents = null)
    {
        var log = LogFilter.Read(query["from"], query["to"], query["severity"]);
        if (log.Fault is { } wrong) return wrong;
        var order = ToolkitOrder.Read(documents ?? query["documents"], query["blank"], query["paper"]);
        return order.Fault is { } bad ? bad : order.Value with { Log = log.Value };
    }

    private static async Task<IResult> PdfAsync(string id, HttpContext http, ToolkitDesk desk, ToolkitTurns turns, CancellationToken ct)
    {
        if (desk.MaySee(http.Person()!, id) is { } hidden) return hidden.ToHttp();
        var order = Order(http);
        if (order.Fault is { } bad) return bad.ToHttp();
        var turn = turns.Take(http.Person()!, ToolkitWork.Print);
        if (turn.Fault is { } busy) return busy.ToHttp();
        using var held = turn.Value;
        var file = await desk.ExportAsync(http.Person()!, id, order.Value, null, ct);
        return file.Fault?.ToHttp() ?? File(http, file.Value);
    }

    private static async Task<IResult> HtmlAsync(string id, HttpContext http, ToolkitDesk desk, ToolkitTurns turns, CancellationToken ct)
    {
        if (desk.MaySee(http.Person()!, id) is { } hidden) return hidden.ToHttp();
        var order = Order(http);
        if (order.Fault is { } bad) return bad.ToHttp();
        var turn = turns.Take(http.Person()!, ToolkitWork.Preview);
        if (turn.Fault is { } busy) return busy.ToHttp();
        using var held = turn.Value;
        var html = await desk.PreviewAsync(http.Person()!, id, order.Value, ct);
        if (html.Fault is { } fault) return fault.ToHttp();
        SecurityHeaders.Use(http, ToolkitHtml.Policy);
        return Results.Text(html.Value, "text/html", Encoding.UTF8);
    }

    private static Task<IResult> EvidenceAsync(string id, HttpContext http, ToolkitDesk desk, ToolkitTurns turns, CancellationToken ct) => OneAsync(http, turns, paper => desk.ExportAsync(http.Person()!, id, paper, ct));

    private static Task<IResult> ReviewAsync(string id, HttpContext http, ToolkitDesk desk, ToolkitTurns turns, CancellationToken ct) => OneAsync(http, turns, paper => desk.ExportReviewAsync(http.Person()!, id, paper, ct));

    private static Task<IResult> WeekAsync(string id, string week, HttpContext http, ToolkitDesk desk, ToolkitTurns turns, CancellationToken ct) => OneAsync(http, turns, paper => desk.ExportWeekAsync(http.Person()!, id, week, paper, ct));

    private static Task<IResult> MemoAsync(string id, string memo, HttpContext http, ToolkitDesk desk, ToolkitTurns turns, CancellationToken ct) => OneAsync(http, turns, paper => desk.ExportMemoAsync(http.Person()!, id, memo, paper, ct));

    private static async Task<IResult> OneAsync(HttpContext http, ToolkitTurns turns, Func<Paper, Task<Result<ToolkitFile>>> export)
    {
        var paper = ToolkitOrder.ReadPaper(http.Request.Query["paper"]);
        if (paper.Fault is { } bad) return bad.ToHttp();
        var turn = turns.Take(http.Person()!, ToolkitWork.Print);
        if (turn.Fault is { } busy) return busy.ToHttp();
        using var held = turn.Value;
        var file = await export(paper.Value);
        return file.Fault?.ToHttp() ?? File(http, file.Value);
    }

    private static async Task<IResult> ExportsAsync(string id, HttpContext http, ToolkitArchive archive, CancellationToken ct)
    {
        var exports = await archive.ListAsync(http.Person()!, id, ct);
        return exports.Fault?.ToHttp() ?? Results.Json(exports.Value.Exports, Wire.Json);
    }

    private static async Task<IResult> FindAsync(string sha256, HttpContext http, ToolkitArchive archive, CancellationToken ct)
    {
        var export = await archive.FindAsync(http.Person()!, sha256, ct);
        return export.Fault?.ToHttp() ?? Results.Json(export.Value, Wire.Json);
    }

    /// <summary>The file, with its export and SHA-256 in headers, and what could not be drawn.</summary>
    internal static IResult File(HttpContext http, ToolkitFile file)
    {
        http.Response.Headers["OpsConsole-Export"] = file.ExportId;
        http.Response.Headers["OpsConsole-Sha256"] = file.Sha256;
        if (file.Unprinted is { Count: > 0 } unprinted) http.Response.Headers["OpsConsole-Unprinted"] = Uri.EscapeDataString(string.Join("; ", unprinted));
        return Results.File(file.Content, "application/pdf", file.Name);
    }
}
