using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Authority.Api;

internal static class MatrixEndpoints
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var matrix = app.MapGroup("/api/v1/rollouts/{id}/matrix").ForPeople("rollouts").WithTags("matrix");
        matrix.MapGet("", DraftAsync).Produces<object>(StatusCodes.Status200OK, "application/json", "application/yaml", "text/csv").WithDescription("The draft in the form that Accept asks for: application/json, application/yaml or text/csv. With download=1 under a file name, JSON laid out line by line.");
        matrix.MapPut("", SaveAsync).Takes<object>().Produces(StatusCodes.Status200OK, contentType: "application/json").WithDescription("Replaces the draft. The body is JSON, YAML (application/yaml) or CSV (text/csv), as Content-Type says, of at most 256 KB, YAML and CSV 2 MB; a fault names the line of YAML, the row and column of CSV.");
        matrix.MapGet("/analysis", AnalysisAsync).Produces<AnalysisView>().WithDescription("What stands against publishing the draft, and what its authors should know. 503 analysis.busy with Retry-After while others' analyses take every processor.");
        matrix.MapPost("/publish", PublishAsync).Takes<PublishRequest>().Produces<PublishedView>().Produces<ProposedView>(StatusCodes.Status202Accepted);
        matrix.MapGet("/versions", VersionsAsync).Produces<Wire.Page<VersionRow>>();
        matrix.MapGet("/versions/{number}", VersionAsync).Produces<VersionView>(StatusCodes.Status200OK, "application/json", "application/yaml", "text/csv").WithDescription("As JSON with who published it and why; as application/yaml or text/csv the matrix alone.");
    }

    private static async Task<IResult> DraftAsync(string id, HttpContext http, MatrixDesk desk, MatrixExport export, CancellationToken ct)
    {
        var wanted = MatrixMedia.Wanted(http.Request);
        if (wanted.Fault is { } unknown) return unknown.ToHttp();
        http.Response.Headers.Vary = "Accept";
        return wanted.Value.IsPlainJson ? Show(http, await desk.DraftAsync(http.Person()!, id, ct)) : MatrixMedia.Send(http, await export.DraftAsync(http.Person()!, id, wanted.Value.Format, ct), wanted.Value);
    }

    private static async Task<IResult> SaveAsync(string id, HttpContext http, JsonBody body, MatrixDesk desk)
    {
        if (desk.MayEdit(http.Person()!, id) is { } forbidden) return forbidden.ToHttp();
        if (IfMatch.Missing(http.Request)) return new Fault(FaultKind.PreconditionRequired, "if_match.required", "Send the draft's ETag as If-Match, so that nobody's work is overwritten unseen.").ToHttp();
        var element = await MatrixMedia.ReadAsync(http.Request, body);
        if (element.Fault is { } bad) return bad.ToHttp();
        return Show(http, await desk.SaveAsync(http.Person()!, id, element.Value, IfMatch.Version(http.Request, 'v')));
    }

    private static async Task<IResult> AnalysisAsync(string id, HttpContext http, MatrixDesk desk, CancellationToken ct)
    {
        var analysis = await desk.AnalyseAsync(http.Person()!, id, ct);
        return analysis.Fault?.ToHttp() ?? Results.Json(analysis.Value, Wire.Json);
    }

    private static async Task<IResult> PublishAsync(string id, HttpContext http, JsonBody body, MatrixDesk desk, AnalysisTurns turns, CancellationToken ct)
    {
        if (desk.MayPublish(http.Person()!, id) is { } forbidden) return forbidden.ToHttp();
        var request = await body.ReadAsync(PublishRequest.Read);
        if (request.Fault is { } bad) return bad.ToHttp();
        var published = await desk.PublishAsync(http.Person()!, id, request.Value, ct, IfMatch.Version(http.Request, 'v'), turns.Patience);
        if (published.Fault is { } fault) return fault.ToHttp();
        return published.Value.Proposed is { } proposed ? Results.Json(proposed, Wire.Json, statusCode: StatusCodes.Status202Accepted) : Results.Json(published.Value, Wire.Json);
    }

    private static async Task<IResult> VersionsAsync(string id, HttpContext http, MatrixDesk desk, CancellationToken ct)
    {
        var page = PageQuery.Read(http.Request);
        if (page.Fault is { } bad) return bad.ToHttp();
        var versions = await desk.VersionsAsync(http.Person()!, id, page.Value, ct);
        return versions.Fault?.ToHttp() ?? Results.Json(versions.Value, Wire.Json);
    }

    private static async Task<IResult> VersionAsync(string id, string number, HttpContext http, MatrixDesk desk, MatrixExport export, CancellationToken ct)
    {
        var wanted = MatrixMedia.Wanted(http.Request);
        if (wanted.Fault is { } unknown) return unknown.ToHttp();
        http.Response.Headers.Vary = "Accept";
        var numbered = int.TryParse(number, out var n) ? n : 0;
        if (!wanted.Value.IsPlainJson) return MatrixMedia.Send(http, await export.VersionAsync(http.Person()!, id, numbered, wanted.Value.Format, ct), wanted.Value);
        var version = await desk.VersionAsync(http.Person()!, id, numbered, ct);
        return version.Fault?.ToHttp() ?? Results.Json(version.Value, Wire.Json);
    }

    internal static IResult Show(HttpContext http, Result<MatrixDraft> draft)
    {
        if (draft.Fault is { } fault) return fault.ToHttp();
        http.Response.Headers.ETag = draft.Value.ETag;
        return Results.Text(draft.Value.Json, "application/json; charset=utf-8");
    }
}
