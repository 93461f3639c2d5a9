using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Safeguards.Api;

internal static class PauseEndpoints
{
    public static void Map(IEndpointRouteBuilder app)
    {
        foreach (var pause in new[] { true, false })
        {
            var verb = pause ? "pause" : "resume";
            Describe(app.MapPost($"/api/v1/agents/{{id}}/{verb}", (string id, HttpContext http, JsonBody body, PauseSwitch pauses) =>
                FlipAsync(http, body, me => pauses.MayAgent(me, id, pause), (me, reason) => pauses.AgentAsync(me, id, pause, reason))).ForPeople("agents"));
            Describe(app.MapPost($"/api/v1/rollouts/{{id}}/{verb}", (string id, HttpContext http, JsonBody body, PauseSwitch pauses) =>
                FlipAsync(http, body, me => pauses.MayRollout(me, id), (me, reason) => pauses.RolloutAsync(me, id, pause, reason))).ForPeople("rollouts"));
            Describe(app.MapPost($"/api/v1/{verb}", (HttpContext http, JsonBody body, PauseSwitch pauses) =>
                FlipAsync(http, body, me => pauses.MayEverything(me, pause), (me, reason) => pauses.EverythingAsync(me, pause, reason))).ForPeople("admin", "rollouts"));
        }
    }

    private static void Describe(RouteHandlerBuilder endpoint) => endpoint.Takes<PauseRequest>().Produces<PauseState>().WithTags("pause");

    private static async Task<IResult> FlipAsync(HttpContext http, JsonBody body, Func<PersonCaller, Fault?> may, Func<PersonCaller, string?, Task<Result<PauseState>>> flip)
    {
        var me = http.Person()!;
        if (may(me) is { } forbidden) return forbidden.ToHttp();
        var request = await body.ReadAsync(PauseRequest.Read, optional: true);
        if (request.Fault is { } bad) return bad.ToHttp();
        var state = await flip(me, request.Value.Reason);
        return state.Fault?.ToHttp() ?? Results.Json(state.Value, Wire.Json);
    }
}
