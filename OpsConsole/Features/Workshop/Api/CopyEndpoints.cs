using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Workshop.Api;

internal static class CopyEndpoints
{
    public static void Map(IEndpointRouteBuilder app)
        => app.MapGroup("/api/v1/rollouts/{id}").ForPeople("rollouts").WithTags("rollouts").MapPost("/copy", CopyAsync).Takes<CopyRequest>().Produces<CopyView>(StatusCodes.Status201Created);

    private static async Task<IResult> CopyAsync(string id, HttpContext http, JsonBody body, CopyDesk desk)
    {
        if (desk.MayCopy(http.Person()!, id) is { } forbidden) return forbidden.ToHttp();
        var request = await body.ReadAsync(CopyRequest.Read);
        if (request.Fault is { } bad) return bad.ToHttp();
        var copy = await desk.CopyAsync(http.Person()!, id, request.Value);
        return copy.Fault?.ToHttp() ?? Results.Json(copy.Value, Wire.Json, statusCode: StatusCodes.Status201Created);
    }
}
