using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Authority.Api;

internal static class TryEndpoints
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var matrix = app.MapGroup("/api/v1/rollouts/{id}/matrix").ForPeople("rollouts").WithTags("matrix");
        matrix.MapPost("/try", TryAsync).Takes<TryRequest>().Produces<TryView>();
        matrix.MapGet("/examples", ListAsync).Produces<Wire.Page<ExampleEntry>>();
        matrix.MapPut("/examples", SaveAsync).Takes<ExampleEntry[]>().Produces<ExamplesSaved>().WithDescription("Replaces the whole list that If-Match names; without the header it is refused (428). Every list that was saved stays in the log, in the payload of its entry; the answer names the one of this list.");
    }

    private static async Task<IResult> TryAsync(string id, HttpContext http, JsonBody body, TryDesk desk, CancellationToken ct)
    {
        if (desk.MaySee(http.Person()!, id) is { } hidden) return hidden.ToHttp();
        var request = await body.ReadAsync(TryRequest.Read);
        if (request.Fault is { } bad) return bad.ToHttp();
        var tried = await desk.TryAsync(http.Person()!, id, request.Value, ct);
        return tried.Fault?.ToHttp() ?? Results.Json(tried.Value, Wire.Json);
    }

    private static async Task<IResult> ListAsync(string id, HttpContext http, ExampleDesk desk, CancellationToken ct)
    {
        var page = PageQuery.Read(http.Request);
        if (page.Fault is { } bad) return bad.ToHttp();
        var examples = await desk.ListAsync(http.Person()!, id, page.Value, ct);
        if (examples.Fault is { } fault) return fault.ToHttp();
        http.Response.Headers.ETag = ExamplesPage.Tag(examples.Value.Version);
        return Results.Json(examples.Value.Page, Wire.Json);
    }

    private static async Task<IResult> SaveAsync(string id, HttpContext http, JsonBody body, ExampleDesk desk)
    {
        if (desk.MayEdit(http.Person()!, id) is { } forbidden) return forbidden.ToHttp();
        if (IfMatch.Missing(http.Request)) return new Fault(FaultKind.PreconditionRequired, "if_match.required", "Send the ETag of the examples as If-Match, so that nobody's work is overwritten unseen.").ToHttp();
        var element = await body.ReadAsync();
        if (element.Fault is { } bad) return bad.ToHttp();
        var saved = await desk.SaveAsync(http.Person()!, id, element.Value, IfMatch.Version(http.Request, 'e'));
        if (saved.Fault is { } fault) return fault.ToHttp();
        http.Response.Headers.ETag = ExamplesPage.Tag(saved.Value.Version);
        return Results.Json(saved.Value, Wire.Json);
    }
}
