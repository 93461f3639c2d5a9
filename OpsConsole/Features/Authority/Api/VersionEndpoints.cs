using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Authority.Api;

internal static class VersionEndpoints
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var matrix = app.MapGroup("/api/v1/rollouts/{id}/matrix").ForPeople("rollouts").WithTags("matrix");
        matrix.MapGet("/diff", DiffAsync).Produces<DiffView>();
        matrix.MapPost("/restore", RestoreAsync).Takes<RestoreRequest>().Produces(StatusCodes.Status200OK, contentType: "application/json");
        matrix.MapDelete("/proposal", WithdrawAsync).Takes<WithdrawRequest>().Produces(StatusCodes.Status204NoContent);
        matrix.MapGet("/versions/{number}/approvals", AnswersAsync).ForPeopleWithAll("rollouts", "approvals").Produces<Wire.Page<AnswerView>>();
    }

    private static async Task<IResult> DiffAsync(string id, string? from, string? to, HttpContext http, VersionDesk desk, CancellationToken ct)
    {
        var diff = await desk.DiffAsync(http.Person()!, id, string.IsNullOrEmpty(from) ? VersionDesk.InForce : from, string.IsNullOrEmpty(to) ? VersionDesk.Draft : to, ct);
        return diff.Fault?.ToHttp() ?? Results.Json(diff.Value, Wire.Json);
    }

    private static async Task<IResult> RestoreAsync(string id, HttpContext http, JsonBody body, MatrixDesk matrices, VersionDesk desk, CancellationToken ct)
    {
        if (matrices.MayEdit(http.Person()!, id) is { } forbidden) return forbidden.ToHttp();
        if (IfMatch.Missing(http.Request)) return new Fault(FaultKind.PreconditionRequired, "if_match.required", "Send the draft's ETag as If-Match: restoring replaces what stands there.").ToHttp();
        var request = await body.ReadAsync(RestoreRequest.Read);
        if (request.Fault is { } bad) return bad.ToHttp();
        return MatrixEndpoints.Show(http, await desk.RestoreAsync(http.Person()!, id, request.Value.Version, IfMatch.Version(http.Request, 'v'), ct));
    }

    private static async Task<IResult> WithdrawAsync(string id, HttpContext http, JsonBody body, VersionDesk desk)
    {
        if (desk.MayWithdraw(http.Person()!, id) is { } forbidden) return forbidden.ToHttp();
        var request = await body.ReadAsync(WithdrawRequest.Read, optional: true);
        if (request.Fault is { } bad) return bad.ToHttp();
        var done = await desk.WithdrawAsync(http.Person()!, id, request.Value);
        return done.Fault?.ToHttp() ?? Results.NoContent();
    }

    private static async Task<IResult> AnswersAsync(string id, string number, HttpContext http, VersionAnswers answers, CancellationToken ct)
    {
        var page = PageQuery.Read(http.Request);
        if (page.Fault is { } bad) return bad.ToHttp();
        var found = await answers.ListAsync(http.Person()!, id, int.TryParse(number, out var n) ? n : 0, page.Value, ct);
        return found.Fault?.ToHttp() ?? Results.Json(found.Value, Wire.Json);
    }
}
