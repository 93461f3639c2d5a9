using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Authority.Api;

internal static class MatrixEndpoints
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var matrix = app.MapGroup("/api/v1/rollouts/{id}/matrix").ForPeople("rollouts").WithTags("matrix");
        matrix.MapGet("", DraftAsync).Produces(StatusCodes.Status200OK, contentType: "application/json");
        matrix.MapPut("", SaveAsync).Takes<object>().Produces(StatusCodes.Status200OK, contentType: "application/json");
        matrix.MapGet("/analysis", AnalysisAsync).Produces<AnalysisView>();
        matrix.MapPost("/publish", PublishAsync).Takes<PublishRequest>().Produces<PublishedView>().Produces<ProposedView>(StatusCodes.Status202Accepted);
        matrix.MapGet("/versions", VersionsAsync).Produces<Wire.Page<VersionRow>>();
        matrix.MapGet("/versions/{number}", VersionAsync).Produces<VersionView>();
    }

    private static async Task<IResult> DraftAsync(string id, HttpContext http, MatrixDesk desk, CancellationToken ct) => Show(http, await desk.DraftAsync(http.Person()!, id, ct));

    private static async Task<IResult> SaveAsync(string id, HttpContext http, JsonBody body, MatrixDesk desk)
    {
        if (desk.MayEdit(http.Person()!, id) is { } forbidden) return forbidden.ToHttp();
        if (IfMatch.Missing(http.Request)) return new Fault(FaultKind.PreconditionRequired, "if_match.required", "Send the draft's ETag as If-Match, so that nobody's work is overwritten unseen.").ToHttp();
        var element = await body.ReadAsync();
        if (element.Fault is { } bad) return bad.ToHttp();
        return Show(http, await desk.SaveAsync(http.Person()!, id, element.Value, IfMatch.Version(http.Request, 'v')));
    }

    private static async Task<IResult> AnalysisAsync(string id, HttpContext http, MatrixDesk desk, CancellationToken ct)
    {
        var analysis = await desk.AnalyseAsync(http.Person()!, id, ct);
        return analysis.Fault?.ToHttp() ?? Results.Json(analysis.Value, Wire.Json);
    }

    private static async Task<IResult> PublishAsync(string id, HttpContext http, JsonBody body, MatrixDesk desk, CancellationToken ct)
    {
        if (desk.MayPublish(http.Person()!, id) is { } forbidden) return forbidden.ToHttp();
        var request = await body.ReadAsync(PublishRequest.Read);
        if (request.Fault is { } bad) return bad.ToHttp();
        var published = await desk.PublishAsync(http.Person()!, id, request.Value, ct, IfMatch.Version(http.Request, 'v'));
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

    private static async Task<IResult> VersionAsync(string id, string number, HttpContext http, MatrixDesk desk, CancellationToken ct)
    {
        var version = await desk.VersionAsync(http.Person()!, id, int.TryParse(number, out var n) ? n : 0, ct);
        return version.Fault?.ToHttp() ?? Results.Json(version.Value, Wire.Json);
    }

    internal static IResult Show(HttpContext http, Result<MatrixDraft> draft)
    {
        if (draft.Fault is { } fault) return fault.ToHttp();
        http.Response.Headers.ETag = draft.Value.ETag;
        return Results.Text(draft.Value.Json, "application/json; charset=utf-8");
    }
}
