using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Notices.Api;

/// <summary>A rollout's chat channels for programs: the same as on the page.</summary>
internal static class ChatEndpoints
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var channels = app.MapGroup("/api/v1/rollouts/{id}/channels").ForPeople("rollouts").WithTags("channels");
        channels.MapGet("", ListAsync).Produces<Wire.Page<ChatView>>();
        channels.MapPost("", AddAsync).Takes<ChatRequest>().Produces<ChatView>(StatusCodes.Status201Created);
        channels.MapPut("/{channel}", ChangeAsync).Takes<ChatChange>().Produces<ChatView>();
        channels.MapDelete("/{channel}", RemoveAsync).Produces(StatusCodes.Status204NoContent);
        channels.MapPost("/{channel}/test", TestAsync).Produces<SentView>(StatusCodes.Status202Accepted);
        channels.MapGet("/{channel}/deliveries", DeliveriesAsync).Produces<Wire.Page<SentView>>();
        channels.MapPost("/{channel}/deliveries/{delivery}/replay", ReplayAsync).Produces<SentView>(StatusCodes.Status202Accepted);
    }

    private static async Task<IResult> ListAsync(string id, HttpContext http, ChatDesk desk, CancellationToken ct)
    {
        var list = await desk.ListAsync(http.Person()!, id, ct);
        return list.Fault?.ToHttp() ?? Results.Json(new Wire.Page<ChatView>(list.Value, null), Wire.Json);
    }

    private static async Task<IResult> AddAsync(string id, HttpContext http, JsonBody body, ChatDesk desk, CancellationToken ct)
    {
        if (desk.MayEdit(http.Person()!, id) is { } forbidden) return forbidden.ToHttp();
        var request = await body.ReadAsync(ChatRequest.ReadNew);
        if (request.Fault is { } bad) return bad.ToHttp();
        var added = await desk.AddAsync(http.Person()!, id, request.Value.Kind, request.Value.Url, request.Value.Choice);
        return added.Fault?.ToHttp() ?? Answer(await desk.FindAsync(http.Person()!, id, added.Value, ct), StatusCodes.Status201Created);
    }

    private static async Task<IResult> ChangeAsync(string id, string channel, HttpContext http, JsonBody body, ChatDesk desk, CancellationToken ct)
    {
        var known = await desk.FindAsync(http.Person()!, id, channel, ct);
        if (known.Fault is { } missing) return missing.ToHttp();
        var choice = await body.ReadAsync(ChatRequest.Read);
        if (choice.Fault is { } bad) return bad.ToHttp();
        var changed = await desk.ChangeAsync(http.Person()!, id, channel, choice.Value);
        return changed.Fault?.ToHttp() ?? Answer(await desk.FindAsync(http.Person()!, id, channel, ct));
    }

    private static async Task<IResult> RemoveAsync(string id, string channel, HttpContext http, ChatDesk desk) => (await desk.RemoveAsync(http.Person()!, id, channel)).Fault?.ToHttp() ?? Results.NoContent();

    private static async Task<IResult> TestAsync(string id, string channel, HttpContext http, ChatDesk desk) => Answer(await desk.TestAsync(http.Person()!, id, channel), StatusCodes.Status202Accepted);

    private static async Task<IResult> DeliveriesAsync(string id, string channel, HttpContext http, ChatDesk desk, CancellationToken ct)
    {
        var page = PageQuery.Read(http.Request);
        return page.Fault?.ToHttp() ?? Answer(await desk.DeliveriesAsync(http.Person()!, id, channel, page.Value, ct));
    }

    private static async Task<IResult> ReplayAsync(string id, string channel, string delivery, HttpContext http, ChatDesk desk) => Answer(await desk.ReplayAsync(http.Person()!, id, channel, delivery), StatusCodes.Status202Accepted);

    private static IResult Answer<T>(Result<T> result, int status = StatusCodes.Status200OK) => result.Fault?.ToHttp() ?? Results.Json(result.Value, Wire.Json, statusCode: status);
}
