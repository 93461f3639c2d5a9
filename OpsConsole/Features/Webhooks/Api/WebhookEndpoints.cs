using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Webhooks.Api;

/// <summary>Webhooks for programs: the same as on the page.</summary>
internal static class WebhookEndpoints
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var hooks = app.MapGroup("/api/v1/rollouts/{id}/webhooks").ForPeople("rollouts").WithTags("webhooks");
        hooks.MapGet("", ListAsync).Produces<Wire.Page<WebhookView>>();
        hooks.MapPost("", AddAsync).Takes<WebhookRequest>().Produces<NewWebhookView>(StatusCodes.Status201Created);
        hooks.MapGet("/{webhook}", FindAsync).Produces<WebhookView>();
        hooks.MapPatch("/{webhook}", ChangeAsync).Takes<WebhookRequest>().Produces<WebhookView>();
        hooks.MapDelete("/{webhook}", RemoveAsync).Produces(StatusCodes.Status204NoContent);
        hooks.MapPost("/{webhook}/secret", RotateAsync).Produces<NewSecretView>();
        hooks.MapPost("/{webhook}/test", TestAsync).Produces<DeliveryDetailView>(StatusCodes.Status202Accepted);
        hooks.MapPost("/{webhook}/replay", ReplayFailedAsync).Produces<ReplayedView>(StatusCodes.Status202Accepted);
        hooks.MapGet("/{webhook}/deliveries", DeliveriesAsync).Produces<Wire.Page<DeliveryView>>();
        hooks.MapGet("/{webhook}/deliveries/{delivery}", DeliveryAsync).Produces<DeliveryDetailView>();
        hooks.MapPost("/{webhook}/deliveries/{delivery}/replay", ReplayAsync).Produces<DeliveryDetailView>(StatusCodes.Status202Accepted);
    }

    private static async Task<IResult> ListAsync(string id, HttpContext http, WebhookReader reader, CancellationToken ct)
    {
        var list = await reader.ListAsync(http.Person()!, id, ct);
        return list.Fault?.ToHttp() ?? Results.Json(new Wire.Page<WebhookView>(list.Value, null), Wire.Json);
    }

    private static async Task<IResult> AddAsync(string id, HttpContext http, JsonBody body, WebhookDesk desk)
    {
        if (desk.MayEdit(http.Person()!, id) is { } forbidden) return forbidden.ToHttp();
        var request = await body.ReadAsync(WebhookRequest.ReadNew);
        if (request.Fault is { } bad) return bad.ToHttp();
        var added = await desk.AddAsync(http.Person()!, id, request.Value);
        return added.Fault?.ToHttp() ?? Results.Json(added.Value, Wire.Json, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<IResult> FindAsync(string id, string webhook, HttpContext http, WebhookReader reader, CancellationToken ct)
        => Answer(await reader.FindAsync(http.Person()!, id, webhook, ct));

    private static async Task<IResult> ChangeAsync(string id, string webhook, HttpContext http, JsonBody body, WebhookDesk desk, WebhookReader reader, CancellationToken ct)
    {
        var known = await reader.FindAsync(http.Person()!, id, webhook, ct);
        if (known.Fault is { } missing) return missing.ToHttp();
        var request = await body.ReadAsync(WebhookRequest.ReadChange);
        if (request.Fault is { } bad) return bad.ToHttp();
        var changed = await desk.ChangeAsync(http.Person()!, id, webhook, request.Value);
        return changed.Fault?.ToHttp() ?? await FindAsync(id, webhook, http, reader, ct);
    }

    private static async Task<IResult> RemoveAsync(string id, string webhook, HttpContext http, WebhookDesk desk)
        => (await desk.RemoveAsync(http.Person()!, id, webhook)).Fault?.ToHttp() ?? Results.NoContent();

    private static async Task<IResult> RotateAsync(string id, string webhook, HttpContext http, WebhookDesk desk) => Answer(await desk.RotateAsync(http.Person()!, id, webhook));

    private static async Task<IResult> TestAsync(string id, string webhook, HttpContext http, WebhookDesk desk, WebhookReader reader, CancellationToken ct)
    {
        var sent = await desk.TestAsync(http.Person()!, id, webhook);
        return sent.Fault?.ToHttp() ?? Answer(await reader.DeliveryAsync(http.Person()!, id, webhook, sent.Value, ct), StatusCodes.Status202Accepted);
    }

    private static async Task<IResult> ReplayFailedAsync(string id, string webhook, HttpContext http, WebhookDesk desk) => Answer(await desk.ReplayFailedAsync(http.Person()!, id, webhook), StatusCodes.Status202Accepted);

    private static async Task<IResult> DeliveriesAsync(string id, string webhook, string? state, HttpContext http, WebhookReader reader, CancellationToken ct)
    {
        var page = PageQuery.Read(http.Request);
        return page.Fault?.ToHttp() ?? Answer(await reader.DeliveriesAsync(http.Person()!, id, webhook, state, http.Request.Query["event"], page.Value, ct));
    }

    private static async Task<IResult> DeliveryAsync(string id, string webhook, string delivery, HttpContext http, WebhookReader reader, CancellationToken ct)
        => Answer(await reader.DeliveryAsync(http.Person()!, id, webhook, delivery, ct));

    private static async Task<IResult> ReplayAsync(string id, string webhook, string delivery, HttpContext http, WebhookDesk desk, WebhookReader reader, CancellationToken ct)
    {
        var replayed = await desk.ReplayAsync(http.Person()!, id, webhook, delivery);
        return replayed.Fault?.ToHttp() ?? Answer(await reader.DeliveryAsync(http.Person()!, id, webhook, delivery, ct), StatusCodes.Status202Accepted);
    }

    private static IResult Answer<T>(Result<T> result, int status = StatusCodes.Status200OK) => result.Fault?.ToHttp() ?? Results.Json(result.Value, Wire.Json, statusCode: status);
}
