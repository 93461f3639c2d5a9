using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Undo.Api;

/// <summary>What is provisional, for people and scripts.</summary>
internal static class WindowEndpoints
{
    public static void Map(WebApplication app)
    {
        app.MapGet("/api/v1/undo/windows", ListAsync).ForPeople("incidents").Produces<Wire.Page<WindowView>>().WithTags("Undo");
        var decision = app.MapGroup("/api/v1/decisions/{id}").ForPeople("incidents").WithTags("Undo");
        decision.MapGet("/window", FindAsync).Produces<WindowView>();
        app.MapPost("/api/v1/decisions/{id}/confirm", ConfirmAsync).ForPeopleWithAll("incidents", "approvals").WithTags("Undo").Takes<WindowWordsRequest>().Produces<WindowView>();
        decision.MapPost("/veto", VetoAsync).Takes<WindowWordsRequest>().Produces<WindowView>();
    }

    private static async Task<IResult> ListAsync(HttpContext http, WindowDesk desk, string? rollout, bool? required, CancellationToken ct)
    {
        var page = PageQuery.Read(http.Request);
        if (page.Fault is { } wrong) return wrong.ToHttp();
        var list = await desk.ListAsync(http.Person()!, rollout, required ?? false, page.Value.After, page.Value.Limit, ct);
        return list.Fault?.ToHttp() ?? Results.Json(list.Value, Wire.Json);
    }

    private static async Task<IResult> FindAsync(string id, HttpContext http, WindowDesk desk, CancellationToken ct)
    {
        var found = await desk.FindAsync(http.Person()!, id, ct);
        return found.Fault?.ToHttp() ?? (found.Value is { } window ? Results.Json(window, Wire.Json) : Core.Shared.Fault.NotFound("window").ToHttp());
    }

    private static async Task<IResult> ConfirmAsync(string id, HttpContext http, JsonBody body, WindowDesk desk)
    {
        var read = await body.ReadAsync(WindowWordsRequest.Read, optional: true);
        if (read.Fault is { } wrong) return wrong.ToHttp();
        var done = await desk.ConfirmAsync(http.Person()!, id, read.Value.Words);
        return done.Fault?.ToHttp() ?? Results.Json(done.Value, Wire.Json);
    }

    private static async Task<IResult> VetoAsync(string id, HttpContext http, JsonBody body, WindowDesk desk)
    {
        var read = await body.ReadAsync(WindowWordsRequest.Read);
        if (read.Fault is { } wrong) return wrong.ToHttp();
        var done = await desk.VetoAsync(http.Person()!, id, read.Value.Words);
        return done.Fault?.ToHttp() ?? Results.Json(done.Value, Wire.Json);
    }
}

/// <summary><c>POST decisions/{id}/confirm</c> and <c>…/veto</c>; a veto says why.</summary>
public sealed record WindowWordsRequest(string? Words)
{
    internal static WindowWordsRequest Read(Fields f) => new(f.Text("words", Core.Execution.ReversibleWindow.LongestWords));
}
