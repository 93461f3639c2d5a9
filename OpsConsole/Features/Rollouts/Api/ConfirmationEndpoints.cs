using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Rollouts.Api;

internal static class ConfirmationEndpoints
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var confirmations = app.MapGroup("/api/v1/rollouts/{id}/confirmations/{subject}").ForPeople("rollouts").WithTags("steps");
        confirmations.MapPut("", ConfirmAsync).Takes<ConfirmRequest>().Produces<ConfirmationView>();
        confirmations.MapDelete("", TakeBackAsync).Produces(StatusCodes.Status204NoContent);
    }

    private static async Task<IResult> ConfirmAsync(string id, string subject, HttpContext http, JsonBody body, ConfirmationDesk desk)
    {
        if (desk.MayConfirm(http.Person()!, id, subject) is { } forbidden) return forbidden.ToHttp();
        var request = await body.ReadAsync(ConfirmRequest.Read);
        if (request.Fault is { } bad) return bad.ToHttp();
        var confirmed = await desk.ConfirmAsync(http.Person()!, id, subject, request.Value);
        return confirmed.Fault?.ToHttp() ?? Results.Json(confirmed.Value, Wire.Json);
    }

    private static async Task<IResult> TakeBackAsync(string id, string subject, HttpContext http, ConfirmationDesk desk)
    {
        var done = await desk.TakeBackAsync(http.Person()!, id, subject);
        return done.Fault?.ToHttp() ?? Results.NoContent();
    }
}
