using Microsoft.AspNetCore.Mvc;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Authority.Api;

internal static class CatalogueEndpoints
{
    public static void Map(IEndpointRouteBuilder app)
    {
        var actions = app.MapGroup("/api/v1/rollouts/{id}/actions").ForPeople("rollouts").WithTags("actions");
        actions.MapGet("", ListAsync).Produces<Wire.Page<CatalogueEntry>>();
        actions.MapPut("", SaveAsync).Takes<CatalogueEntry[]>().Produces<CatalogueSaved>().WithDescription("Replaces the whole list: with If-Match only the one that its ETag names (else 412), without it whatever stands there. Every list that was saved stays in the log, in the payload of its entry; the answer names the one of this list.");
        actions.MapPost("/import", ImportAsync).Takes<object>().Produces<ImportView>();
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

    private static async Task<IResult> ImportAsync(string id, [FromQuery(Name = "dry_run")] string? dryRun, HttpContext http, JsonBody body, CatalogueDesk desk, CatalogueImporter importer, CancellationToken ct)
    {
        if (desk.MayEdit(http.Person()!, id) is { } forbidden) return forbidden.ToHttp();
        if (dryRun is not (null or "true" or "false")) return Fault.Invalid("field.invalid", "dry_run must be true or false.", "dry_run").ToHttp();
        var import = await ReadAsync(http.Request, body);
        if (import.Fault is { } bad) return bad.ToHttp();
        var done = await importer.ImportAsync(http.Person()!, id, import.Value, dryRun == "true", ct);
        if (done.Fault is { } fault) return fault.ToHttp();
        http.Response.Headers.ETag = CataloguePage.Tag(done.Value.Version);
        return Results.Json(done.Value, Wire.Json);
    }

    private static async Task<Result<CatalogueImport>> ReadAsync(HttpRequest request, JsonBody body)
    {
        var json = await body.ReadAsync();
        if (json.Fault is not { Code: "content_type" }) return json.Then(CatalogueImport.Read);
        var type = request.ContentType?.Split(';')[0].Trim() ?? "";
        return type.EndsWith("/yaml", StringComparison.OrdinalIgnoreCase) || type.EndsWith("/x-yaml", StringComparison.OrdinalIgnoreCase) || type.EndsWith("+yaml", StringComparison.OrdinalIgnoreCase)
            ? StrictYaml.Parse(body.Raw.Span).Then(CatalogueImport.Read)
            : Fault.Invalid("content_type", "Send the document with the header Content-Type: application/json or application/yaml.");
    }

    private static async Task<IResult> UnlistedAsync(string id, HttpContext http, CatalogueDesk desk, CancellationToken ct)
    {
        var page = PageQuery.Read(http.Request);
        if (page.Fault is { } bad) return bad.ToHttp();
        var unlisted = await desk.UnlistedAsync(http.Person()!, id, page.Value, ct);
        return unlisted.Fault?.ToHttp() ?? Results.Json(unlisted.Value, Wire.Json);
    }
}
