using System.Text;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Evals.Api;

/// <summary>Kept cases for programs: JSON page by page, or all of them as CSV.</summary>
internal static class EvalCaseEndpoints
{
    private static readonly string[] Medias = ["application/json", "text/csv"];
    private static readonly Fault NoneKnown = new(FaultKind.NotAcceptable, "accept.unknown", "Eval cases are given as application/json or text/csv; the Accept header takes neither.");

    public static void Map(IEndpointRouteBuilder app)
    {
        var cases = app.MapGroup("/api/v1/rollouts/{id}/eval_cases").WithTags("evals");
        cases.MapGet("", ListAsync).ForPeopleWithAll("rollouts", "approvals").Produces<Wire.Page<EvalCaseView>>();   // they show what was asked
        cases.MapPost("/{case}/remove", RemoveAsync).ForPeople("rollouts").Takes<RemoveCaseRequest>().Produces(StatusCodes.Status204NoContent);
    }

    private static async Task<IResult> ListAsync(string id, HttpContext http, EvalCaseDesk desk, CancellationToken ct)
    {
        http.Response.Headers.Vary = "Accept";
        if (MediaChoice.Best(http.Request, Medias) is not { } media) return NoneKnown.ToHttp();
        if (media == "text/csv")
        {
            return desk.MaySee(http.Person()!, id)?.ToHttp() ?? Results.Stream(async body =>
            {
                await foreach (var part in desk.CsvAsync(http.Person()!, id, ct)) await body.WriteAsync(Encoding.UTF8.GetBytes(part), ct);
            }, "text/csv; charset=utf-8");
        }
        var page = PageQuery.Read(http.Request);
        if (page.Fault is { } wrong) return wrong.ToHttp();
        var list = await desk.ListAsync(http.Person()!, id, page.Value, ct);
        return list.Fault?.ToHttp() ?? Results.Json(list.Value, Wire.Json);
    }

    private static async Task<IResult> RemoveAsync(string id, string @case, HttpContext http, JsonBody body, EvalCaseDesk desk)
    {
        if (desk.MayRemove(http.Person()!, id) is { } forbidden) return forbidden.ToHttp();
        var request = await body.ReadAsync(RemoveCaseRequest.Read);
        if (request.Fault is { } bad) return bad.ToHttp();
        return (await desk.RemoveAsync(http.Person()!, id, @case, request.Value.Reason)).Fault?.ToHttp() ?? Results.NoContent();
    }
}
