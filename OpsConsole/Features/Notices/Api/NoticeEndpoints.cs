using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Notices.Api;

/// <summary>A person's own notices, and what they are told where.</summary>
internal static class NoticeEndpoints
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var notices = app.MapGroup("/api/v1/me/notices").ForPeople("approvals").WithTags("notices");
        notices.MapGet("", ListAsync).Produces<Wire.Page<NoticeView>>();
        notices.MapGet("/unread", UnreadAsync).Produces<UnreadView>();
        notices.MapPost("/read", ReadAllAsync).Produces(StatusCodes.Status204NoContent);
        notices.MapPost("/{id}/read", ReadAsync).Produces(StatusCodes.Status204NoContent);
        var wishes = app.MapGroup("/api/v1/me/notifications").ForPeople("approvals").WithTags("notices");
        wishes.MapGet("", PreferencesAsync).Produces<PreferencesView>();
        wishes.MapPut("", SaveAsync).Takes<PreferencesRequest>().Produces<PreferencesView>();
        wishes.MapPost("/test", TestAsync).Produces<SentView>(StatusCodes.Status202Accepted);
        wishes.MapGet("/deliveries", MailsAsync).Produces<Wire.Page<SentView>>();
        wishes.MapPost("/deliveries/{delivery}/replay", ReplayAsync).Produces<SentView>(StatusCodes.Status202Accepted);
    }

    private static async Task<IResult> ListAsync(HttpContext http, NoticeInbox inbox, string? unread, CancellationToken ct)
    {
        if (unread is not (null or "true" or "false")) return Fault.Invalid("field.invalid", "unread must be true or false.", "unread").ToHttp();
        var page = PageQuery.Read(http.Request);
        return page.Fault?.ToHttp() ?? Answer(await inbox.ListAsync(http.Person()!, unread == "true", page.Value, ct));
    }

    private static async Task<IResult> UnreadAsync(HttpContext http, NoticeInbox inbox, CancellationToken ct) => Results.Json(new UnreadView((await inbox.UnreadAsync(http.Person()!, ct)).Count), Wire.Json);

    private static async Task<IResult> ReadAllAsync(HttpContext http, NoticeInbox inbox) => (await inbox.ReadAllAsync(http.Person()!)).Fault?.ToHttp() ?? Results.NoContent();

    private static async Task<IResult> ReadAsync(string id, HttpContext http, NoticeInbox inbox) => (await inbox.ReadAsync(http.Person()!, id)).Fault?.ToHttp() ?? Results.NoContent();

    private static async Task<IResult> PreferencesAsync(HttpContext http, NoticeDesk desk, CancellationToken ct) => Results.Json(PreferencesView.Of(await desk.PreferencesAsync(http.Person()!, ct), desk.EmailOff), Wire.Json);

    private static async Task<IResult> SaveAsync(HttpContext http, JsonBody body, NoticeDesk desk, CancellationToken ct)
    {
        var wishes = await body.ReadAsync(PreferencesRequest.Read);
        if (wishes.Fault is { } bad) return bad.ToHttp();
        var saved = await desk.SaveAsync(http.Person()!, wishes.Value);
        return saved.Fault?.ToHttp() ?? await PreferencesAsync(http, desk, ct);
    }

    private static async Task<IResult> TestAsync(HttpContext http, NoticeDesk desk) => Answer(await desk.TestAsync(http.Person()!), StatusCodes.Status202Accepted);

    private static async Task<IResult> MailsAsync(HttpContext http, NoticeDesk desk, CancellationToken ct)
    {
        var page = PageQuery.Read(http.Request);
        return page.Fault?.ToHttp() ?? Results.Json(await desk.MailsAsync(http.Person()!, page.Value, ct), Wire.Json);
    }

    private static async Task<IResult> ReplayAsync(string delivery, HttpContext http, NoticeDesk desk) => Answer(await desk.ReplayAsync(http.Person()!, delivery), StatusCodes.Status202Accepted);

    private static IResult Answer<T>(Result<T> result, int status = StatusCodes.Status200OK) => result.Fault?.ToHttp() ?? Results.Json(result.Value, Wire.Json, statusCode: status);
}
