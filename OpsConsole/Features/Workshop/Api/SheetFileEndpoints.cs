using System.Text;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Workshop.Api;

/// <summary>Worksheets as CSV and Markdown over the API, and as the files that the links of their page lead to.</summary>
internal static class SheetFileEndpoints
{
    private static readonly string[] Medias = ["application/json", "text/csv", "text/markdown"];
    private static readonly Fault NoneKnown = new(FaultKind.NotAcceptable, "accept.unknown", "A worksheet is given as application/json, text/csv or text/markdown; the Accept header takes none of them.");
    private static readonly Fault NotRead = new(FaultKind.UnsupportedMedia, "content_type", "Send a worksheet as text/csv or text/markdown in UTF-8, and say which in Content-Type.");

    public static void Map(IEndpointRouteBuilder app, IEndpointRouteBuilder worksheets)
    {
        worksheets.MapPost("/{sheet}/import", ImportAsync).Takes<object>().Produces<SheetImportView>()
            .WithDescription("Takes a worksheet back that was sent as text/csv or text/markdown (at most 2 MB), as patches of whoever sends it, all or none. With preview=true it says what would change and writes nothing; with replace=true rows that the file does not have are taken out. 422 sheet.invalid or sheet.malformed with the line.");
        app.MapGet("/rollouts/{id}/worksheets/files/{name}", FileAsync).RequireAuthorization().ExcludeFromDescription();
    }

    /// <summary>The media type that the request asks for. Fault: <c>accept.unknown</c>.</summary>
    public static Result<string> Wanted(HttpContext http)
    {
        http.Response.Headers.Vary = "Accept";
        return MediaChoice.Best(http.Request, Medias) is { } best ? best : NoneKnown;
    }

    public static IResult Send(Result<SheetFile> file) => file.Fault?.ToHttp() ?? Results.Text(file.Value.Text, SheetFormats.Media(file.Value.Format) + "; charset=utf-8", Encoding.UTF8);

    private static async Task<IResult> ImportAsync(string id, string sheet, [FromQuery] string? preview, [FromQuery] string? replace, HttpContext http, JsonBody body, SheetFileDesk desk, CancellationToken ct)
    {
        var me = http.Person()!;
        if (desk.MayWrite(me, id) is { } forbidden) return forbidden.ToHttp();
        foreach (var (name, value) in ((string, string?)[])[("preview", preview), ("replace", replace)]) if (value is not (null or "true" or "false")) return Fault.Invalid("field.invalid", name + " must be true or false.", name).ToHttp();
        if (!MediaTypeHeaderValue.TryParse(http.Request.ContentType, out var type) || SheetFormats.OfMedia(type.MediaType.Value ?? "") is not { } format) return NotRead.ToHttp();
        if (type.Charset.HasValue && !type.Charset.Value!.Trim('"').Equals("utf-8", StringComparison.OrdinalIgnoreCase)) return NotRead.ToHttp();
        var bytes = await body.ReadBytesAsync(SheetFormats.MaxBytes);
        if (bytes.Fault is { } unread) return unread.ToHttp();
        var import = await desk.PreviewAsync(me, id, sheet, bytes.Value, format, replace == "true", ct);
        if (import.Fault is { } fault) return fault.ToHttp();
        Result<SheetImportView> answer = preview == "true" ? import.Value.View : await desk.TakeAsync(me, id, import.Value);
        return answer.Fault?.ToHttp() ?? Results.Json(answer.Value, Wire.Json);
    }

    // name: canvas.csv, escalation.md
    private static async Task<IResult> FileAsync(string id, string name, HttpContext http, SheetFileDesk desk, CancellationToken ct)
    {
        if (http.SignedIn() is not { } me || SheetFormats.OfFile(name) is not { } format || Path.GetExtension(name) != "." + SheetFormats.Extension(format)) return Results.NotFound();
        var file = await desk.ExportAsync(me, id, Path.GetFileNameWithoutExtension(name), format, ct);
        return file.Ok ? Results.File(Encoding.UTF8.GetBytes(file.Value.Text), SheetFormats.Media(format), file.Value.Name) : Results.NotFound();
    }
}
