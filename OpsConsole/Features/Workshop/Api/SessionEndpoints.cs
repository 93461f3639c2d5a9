using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;
using OpsConsole.Features.Workshop.Session;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Workshop.Api;

/// <summary>The facilitated session of a rollout. Every change answers with the session as it is afterwards.</summary>
internal static class SessionEndpoints
{
    private delegate Task<Fault?> Asked(PersonCaller me, string id, SessionDesk desk, CancellationToken ct);

    public static void Map(IEndpointRouteBuilder app)
    {
        var session = app.MapGroup("/api/v1/rollouts/{id}/session").ForPeople("rollouts").WithTags("session");
        session.MapGet("", OpenAsync).Produces<SessionView>().WithDescription("The open session, as the caller may see it: without anybody's vote and without the private texts of others before they are revealed. 404 when none is open.");
        session.MapGet("/closing", ClosingAsync).Produces<ClosingView>().WithDescription("What a session would end with now: scope, owners, decisions, next actions, what is parked, and what is missing.");
        Change(session, "", (me, id, desk, _) => Task.FromResult(desk.MayOpen(me, id)), OpenSessionRequest.Read, (desk, me, id, r) => desk.OpenAsync(me, id, r.Minutes is null ? null : [.. r.Minutes.Select(m => TimeSpan.FromMinutes(m))]), StatusCodes.Status201Created);
        Change(session, "/item", Steers, ItemRequest.Read, (desk, me, id, r) => desk.GoToAsync(me, id, r.Item));
        Change(session, "/clock", Steers, ClockRequest.Read, (desk, me, id, r) => desk.ClockAsync(me, id, r.Running));
        Change(session, "/box", Steers, BoxRequest.Read, (desk, me, id, r) => desk.SetBoxAsync(me, id, r.Item, TimeSpan.FromMinutes(r.Minutes)));
        Change(session, "/gather", Steers, GatherRequest.Read, (desk, me, id, r) => desk.GatherAsync(me, id, r.Path));
        Change(session, "/hand-over", Steers, HandOverRequest.Read, (desk, me, id, r) => desk.HandOverAsync(me, id, r.To));
        Change(session, "/take-back", TakesPart, NothingRequest.Read, (desk, me, id, _) => desk.TakeBackAsync(me, id));
        Change(session, "/ready", TakesPart, ReadyRequest.Read, (desk, me, id, r) => desk.ReadyAsync(me, id, r.Ready));
        Change(session, "/vote", TakesPart, VoteRequest.Read, (desk, me, id, r) => desk.VoteAsync(me, id, r.Step, r.Confidence));
        Change(session, "/vote/reveal", Steers, StepRequest.Read, (desk, me, id, r) => desk.RevealAsync(me, id, r.Step));
        Change(session, "/vote/again", Steers, StepRequest.Read, (desk, me, id, r) => desk.VoteAgainAsync(me, id, r.Step));
        Change(session, "/round", Steers, QuestionRequest.Read, (desk, me, id, r) => desk.AskAsync(me, id, r.Question));
        Change(session, "/round/text", TakesPart, WriteRequest.Read, (desk, me, id, r) => desk.WriteAsync(me, id, r.Text));
        Change(session, "/round/reveal", Steers, NothingRequest.Read, (desk, me, id, _) => desk.RevealRoundAsync(me, id));
        Change(session, "/end", Steers, NothingRequest.Read, (desk, me, id, _) => desk.EndAsync(me, id));
        var past = app.MapGroup("/api/v1/rollouts/{id}/sessions").ForPeople("rollouts").WithTags("session");
        past.MapGet("", PastAsync).Produces<Wire.Page<SessionLine>>();
        past.MapGet("/{session}", FindAsync).Produces<SessionView>();
        app.MapPost("/api/v1/join", JoinAsync).ForPeople("rollouts").WithTags("session").Takes<JoinRequest>().Produces<JoinView>();
    }

    private static void Change<TRequest>(RouteGroupBuilder group, string path, Asked asked, Func<Fields, TRequest> read, Func<SessionDesk, PersonCaller, string, TRequest, Task<Result<SessionView>>> change, int status = StatusCodes.Status200OK)
        => group.MapPost(path, async (string id, HttpContext http, JsonBody body, SessionDesk desk, CancellationToken ct) =>
        {
            var me = http.Person()!;
            if (await asked(me, id, desk, ct) is { } forbidden) return forbidden.ToHttp();
            var request = await body.ReadAsync(read);
            if (request.Fault is { } bad) return bad.ToHttp();
            var changed = await change(desk, me, id, request.Value);
            return changed.Fault?.ToHttp() ?? Results.Json(changed.Value, Wire.Json, statusCode: status);
        }).Takes<TRequest>().Produces<SessionView>(status);

    private static Task<Fault?> TakesPart(PersonCaller me, string id, SessionDesk desk, CancellationToken ct) => Task.FromResult(desk.MayTakePart(me, id));
    private static Task<Fault?> Steers(PersonCaller me, string id, SessionDesk desk, CancellationToken ct) => desk.MaySteerAsync(me, id, ct);

    private static async Task<IResult> OpenAsync(string id, HttpContext http, SessionReader reader, CancellationToken ct)
    {
        var open = await reader.OpenAsync(http.Person()!, id, ct);
        return open.Fault?.ToHttp() ?? (open.Value is { } view ? Results.Json(view, Wire.Json) : Fault.NotFound("open session").ToHttp());
    }

    private static async Task<IResult> ClosingAsync(string id, HttpContext http, SessionReader reader, CancellationToken ct)
    {
        var closing = await reader.ClosingAsync(http.Person()!, id, ct);
        return closing.Fault?.ToHttp() ?? Results.Json(closing.Value, Wire.Json);
    }

    private static async Task<IResult> PastAsync(string id, HttpContext http, SessionReader reader, CancellationToken ct)
    {
        var page = PageQuery.Read(http.Request);
        if (page.Fault is { } bad) return bad.ToHttp();
        var past = await reader.PastAsync(http.Person()!, id, page.Value, ct);
        return past.Fault?.ToHttp() ?? Results.Json(past.Value, Wire.Json);
    }

    private static async Task<IResult> FindAsync(string id, string session, HttpContext http, SessionReader reader, CancellationToken ct)
    {
        var found = await reader.FindAsync(http.Person()!, id, session, ct);
        return found.Fault?.ToHttp() ?? Results.Json(found.Value, Wire.Json);
    }

    private static async Task<IResult> JoinAsync(HttpContext http, JsonBody body, JoinDesk desk, CancellationToken ct)
    {
        var request = await body.ReadAsync(JoinRequest.Read);
        if (request.Fault is { } bad) return bad.ToHttp();
        var joined = await desk.JoinAsync(http.Person()!, request.Value.Code, ct);
        return joined.Fault?.ToHttp() ?? Results.Json(joined.Value, Wire.Json);
    }
}
