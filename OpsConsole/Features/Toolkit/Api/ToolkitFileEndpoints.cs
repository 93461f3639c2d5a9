using System.Text;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Toolkit;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Toolkit.Api;

/// <summary>What the toolkit's pages lead to, for whoever is signed in: previews, finished files; and files for whoever has a link.</summary>
internal static class ToolkitFileEndpoints
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/rollouts/{id}/toolkit/preview", PreviewAsync).RequireAuthorization().ExcludeFromDescription();
        app.MapGet("/rollouts/{id}/toolkit/files/{job}", FileAsync).RequireAuthorization().ExcludeFromDescription();
        app.MapGet("/decisions/{id}/evidence", EvidenceAsync).RequireAuthorization().ExcludeFromDescription();
        app.MapGet("/decisions/{id}/evidence.pdf", EvidencePdfAsync).RequireAuthorization().ExcludeFromDescription();
        app.MapGet("/incidents/log.pdf", LogPdfAsync).RequireAuthorization().ExcludeFromDescription();
        app.MapGet("/incidents/{id}/review/preview", ReviewAsync).RequireAuthorization().ExcludeFromDescription();
        app.MapGet("/incidents/{id}/review.pdf", ReviewPdfAsync).RequireAuthorization().ExcludeFromDescription();
        app.MapGet("/rollouts/{id}/reviews/{week}/preview", WeekAsync).RequireAuthorization().ExcludeFromDescription();
        app.MapGet("/rollouts/{id}/reviews/{week}/review.pdf", WeekPdfAsync).RequireAuthorization().ExcludeFromDescription();
        app.MapGet("/rollouts/{id}/memos/{memo}/preview", MemoAsync).RequireAuthorization().ExcludeFromDescription();
        app.MapGet("/rollouts/{id}/memos/{memo}/memo.pdf", MemoPdfAsync).RequireAuthorization().ExcludeFromDescription();
        app.MapGet("/shared/{token}", SharedAsync).AllowAnonymous().ExcludeFromDescription();
    }

    private static async Task<IResult> PreviewAsync(string id, HttpContext http, ToolkitDesk desk, ToolkitTurns turns, CancellationToken ct)
    {
        if (http.SignedIn() is not { } me) return Results.NotFound();
        var order = ToolkitEndpoints.Order(http.Request.Query);
        if (!order.Ok) return Results.NotFound();
        var turn = turns.Take(me, ToolkitWork.Preview);
        if (turn.Fault is { } busy) return busy.ToHttp();
        using var held = turn.Value;
        var html = await desk.PreviewAsync(me, id, order.Value, ct);
        return html.Ok ? Page(http, html.Value) : Results.NotFound();
    }

    private static IResult FileAsync(string id, string job, HttpContext http, ToolkitJobs jobs)
        => http.SignedIn() is { } me && jobs.File(me, job) is { } file && file.RolloutId == id ? ToolkitEndpoints.File(http, file) : Results.NotFound();

    private static Task<IResult> EvidenceAsync(string id, HttpContext http, ToolkitDesk desk, ToolkitTurns turns, CancellationToken ct) => PreviewedAsync(http, turns, (me, paper) => desk.PreviewAsync(me, id, paper, ct));

    private static Task<IResult> EvidencePdfAsync(string id, HttpContext http, ToolkitDesk desk, ToolkitTurns turns, CancellationToken ct)
        => PrintedAsync(http, desk, turns, $"/decisions/{Uri.EscapeDataString(id)}", $"/decisions/{Uri.EscapeDataString(id)}/evidence{http.Request.QueryString}", ToolkitOrder.ReadPaper(http.Request.Query["paper"]), (me, paper) => desk.ExportAsync(me, id, paper, ct));

    private static Task<IResult> ReviewAsync(string id, HttpContext http, ToolkitDesk desk, ToolkitTurns turns, CancellationToken ct) => PreviewedAsync(http, turns, (me, paper) => desk.PreviewReviewAsync(me, id, paper, ct));

    private static Task<IResult> ReviewPdfAsync(string id, HttpContext http, ToolkitDesk desk, ToolkitTurns turns, CancellationToken ct)
        => PrintedAsync(http, desk, turns, $"/incidents/{Uri.EscapeDataString(id)}/review", $"/incidents/{Uri.EscapeDataString(id)}/review/preview{http.Request.QueryString}", ToolkitOrder.ReadPaper(http.Request.Query["paper"]), (me, paper) => desk.ExportReviewAsync(me, id, paper, ct));

    private static Task<IResult> WeekAsync(string id, string week, HttpContext http, ToolkitDesk desk, ToolkitTurns turns, CancellationToken ct) => PreviewedAsync(http, turns, (me, paper) => desk.PreviewWeekAsync(me, id, week, paper, ct));

    private static Task<IResult> WeekPdfAsync(string id, string week, HttpContext http, ToolkitDesk desk, ToolkitTurns turns, CancellationToken ct)
    {
        var page = $"/rollouts/{Uri.EscapeDataString(id)}/reviews/{Uri.EscapeDataString(week)}";
        return PrintedAsync(http, desk, turns, page, $"{page}/preview{http.Request.QueryString}", ToolkitOrder.ReadPaper(http.Request.Query["paper"]), (me, paper) => desk.ExportWeekAsync(me, id, week, paper, ct));
    }

    private static Task<IResult> MemoAsync(string id, string memo, HttpContext http, ToolkitDesk desk, ToolkitTurns turns, CancellationToken ct) => PreviewedAsync(http, turns, (me, paper) => desk.PreviewMemoAsync(me, id, memo, paper, ct));

    private static Task<IResult> MemoPdfAsync(string id, string memo, HttpContext http, ToolkitDesk desk, ToolkitTurns turns, CancellationToken ct)
    {
        var page = $"/rollouts/{Uri.EscapeDataString(id)}/memos/{Uri.EscapeDataString(memo)}";
        return PrintedAsync(http, desk, turns, page, $"{page}/preview{http.Request.QueryString}", ToolkitOrder.ReadPaper(http.Request.Query["paper"]), (me, paper) => desk.ExportMemoAsync(me, id, memo, paper, ct));
    }

    // A rollout's log of incidents by itself, as its page shows it.
    private static Task<IResult> LogPdfAsync(HttpContext http, ToolkitDesk desk, ToolkitTurns turns, CancellationToken ct)
    {
        var (id, query) = (http.Request.Query["rollout"].ToString(), http.Request.QueryString);
        return PrintedAsync(http, desk, turns, "/incidents" + query, $"/rollouts/{Uri.EscapeDataString(id)}/toolkit/preview{query.Add("documents", ToolkitDocument.Incidents.Id)}", ToolkitEndpoints.Order(http.Request.Query, ToolkitDocument.Incidents.Id), (me, order) => desk.ExportAsync(me, id, order, null, ct));
    }

    private static async Task<IResult> PreviewedAsync(HttpContext http, ToolkitTurns turns, Func<PersonCaller, Paper, Task<Result<string>>> preview)
    {
        if (http.SignedIn() is not { } me) return Results.NotFound();
        var paper = ToolkitOrder.ReadPaper(http.Request.Query["paper"]);
        if (paper.Fault is { } bad) return bad.ToHttp();
        var turn = turns.Take(me, ToolkitWork.Preview);
        if (turn.Fault is { } busy) return busy.ToHttp();
        using var held = turn.Value;
        var html = await preview(me, paper.Value);
        return html.Ok ? Page(http, html.Value) : Results.NotFound();
    }

    // Where no browser stands on the server, the reader's own prints the same page.
    private static async Task<IResult> PrintedAsync<T>(HttpContext http, ToolkitDesk desk, ToolkitTurns turns, string page, string preview, Result<T> asked, Func<PersonCaller, T, Task<Result<ToolkitFile>>> export)
    {
        if (http.SignedIn() is not { } me) return Results.NotFound();
        if (http.Request.Headers["Sec-Fetch-Site"] == "cross-site") return Results.Redirect(page);   // an export is on record: no other site starts one
        if (desk.Missing is not null) return Results.Redirect(preview);
        if (asked.Fault is { } bad) return bad.ToHttp();
        var turn = turns.Take(me, ToolkitWork.Print);
        if (turn.Fault is { } busy) return busy.ToHttp();
        using var held = turn.Value;
        var file = await export(me, asked.Value);
        return file.Ok ? ToolkitEndpoints.File(http, file.Value) : file.Fault!.Kind == FaultKind.NotFound ? Results.NotFound() : file.Fault.ToHttp();
    }

    private static async Task<IResult> SharedAsync(string token, HttpContext http, ToolkitLinks links, CancellationToken ct)
    {
        var opened = await links.OpenAsync(token, ClientAddress.Of(http).Address, ct);
        if (opened.Fault is { Kind: FaultKind.NotFound } over) return Results.Text(over.Message, "text/plain", Encoding.UTF8, StatusCodes.Status404NotFound);
        if (opened.Fault is { } fault) return fault.ToHttp();
        var file = opened.Value;
        (http.Response.Headers["X-Robots-Tag"], http.Response.ContentLength) = ("noindex", file.Bytes);
        return Results.Stream(async to =>
        {
            if (!await links.CopyAsync(file, to, ct)) http.Abort();   // half a file must not look whole
        }, "application/pdf", file.Name);
    }

    private static IResult Page(HttpContext http, string html)
    {
        SecurityHeaders.Use(http, ToolkitHtml.Policy);
        return Results.Text(html, "text/html", Encoding.UTF8);
    }
}
