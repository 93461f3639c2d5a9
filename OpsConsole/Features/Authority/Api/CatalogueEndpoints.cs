using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Authority.Api;

internal static class CatalogueEndpoints
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var actions = app.MapGroup("/api/v1/rollouts/{id}/actions").ForPeople("rollouts").WithTags("actions");
        actions.MapGet("", ListAsync).Produces<Wire.Page<CatalogueEntry>>();
        actions.MapPut("", SaveAsync).Takes<CatalogueEntry[]>().Produces<CatalogueSaved>();
        actions.MapGet("/unlisted", UnlistedAsync).Produces<Wire.Page<UnlistedAction>>();
    }

    private static async Task<IResult> ListAsync(string id, HttpContext http, CatalogueDesk desk, CancellationToken ct)
    {
        var page = PageQuery.Read(http.Request);
        if (page.Fault is { } bad) return bad.ToHttp();
        var actions = await desk.ListAsync(http.Person()!, id, page.Value, ct);
        if (actions.Fault is { } fault) return fault.ToHttp();
        http.Response.Headers.ETag = CataloguePage.Tag(actions.Value.Version);
        return Results.Json(actions.Value.Page, Wire.Json);
    }

    private static async Task<IResult> SaveAsync(string id, HttpContext http, JsonBody body, CatalogueDesk desk)
    {
        if (desk.MayEdit(http.Person()!, id) is { } forbidden) return forbidden.ToHttp();
        var element = await body.ReadAsync();
        if (element.Fault is { } bad) return bad.ToHttp();
        var saved = await desk.SaveAsync(http.Person()!, id, element.Value, IfMatch.Version(http.Request, 'c'));
        if (saved.Fault is { } fault) return fault.ToHttp();
        http.Response.Headers.ETag = CataloguePage.Tag(saved.Value.Version);
        return Results.Json(saved.Value, Wire.Json);
    }

    private static async Task<IResult> UnlistedAsync(string id, HttpContext http, CatalogueDesk desk, CancellationToken ct)
    {
        var page = PageQuery.Read(http.Request);
        if (page.Fault is { } bad) return bad.ToHttp();
        var unlisted = await desk.UnlistedAsync(http.Person()!, id, page.Value, ct);
        return unlisted.Fault?.ToHttp() ?? Results.Json(unlisted.Value, Wire.Json);
    }
}
