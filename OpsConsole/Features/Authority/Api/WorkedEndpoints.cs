using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Authority.Api;

/// <summary>The matrices to start from that come with the console.</summary>
internal static class WorkedEndpoints
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var matrices = app.MapGroup("/api/v1/matrices").ForPeople("rollouts").WithTags("matrix");
        matrices.MapGet("", List).Produces<Wire.Page<WorkedRow>>();
        matrices.MapGet("/{name}", One).Produces<WorkedView>();
    }

    private static IResult List(HttpContext http)
    {
        var page = PageQuery.Read(http.Request);
        if (page.Fault is { } bad) return bad.ToHttp();
        var rows = WorkedMatrices.All.OrderBy(w => w.Name, StringComparer.Ordinal).Where(w => page.Value.After is null || string.CompareOrdinal(w.Name, page.Value.After) > 0).Take(page.Value.Limit + 1).ToList();
        return Results.Json(Wire.PageOf(rows, page.Value.Limit, w => w.Name, WorkedRow.Of), Wire.Json);
    }

    private static IResult One(string name) => WorkedMatrices.Find(name) is { } worked ? Results.Json(WorkedView.Of(worked), Wire.Json) : Fault.NotFound("worked matrix").ToHttp();
}
