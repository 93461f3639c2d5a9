using System.Text;
using System.Text.Json;
using Microsoft.Net.Http.Headers;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Shared;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Authority.Api;

/// <summary>Which form of a matrix a request asks for, and how one is sent and read.</summary>
internal static class MatrixMedia
{
    /// <param name="Media">The name the caller knows it by.</param>
    internal sealed record Choice(MatrixFormat Format, string Media, bool Download)
    {
        /// <summary>The answer as it always was; every other one is made from it.</summary>
        public bool IsPlainJson => Format == MatrixFormat.Json && !Download;
    }

    private static readonly Fault NoneKnown = new(FaultKind.NotAcceptable, "accept.unknown", "A matrix is given as application/json, application/yaml, text/yaml or text/csv; the Accept header takes none of them.");
    private static readonly Fault NotRead = new(FaultKind.UnsupportedMedia, "content_type", "Send a matrix as application/json, application/yaml or text/csv in UTF-8, and say which in Content-Type.");

    public static Result<Choice> Wanted(HttpRequest request)
    {
        var download = request.Query["download"] == "1";
        var best = MediaChoice.Best(request, MatrixFormats.MediaTypes);
        return best is null ? NoneKnown : new Choice(MatrixFormats.OfMedia(best)!.Value, best, download);
    }

    public static IResult Send(HttpContext http, Result<MatrixFile> file, Choice choice)
    {
        if (file.Fault is { } fault) return fault.ToHttp();
        if (file.Value.ETag is { } etag) http.Response.Headers.ETag = etag;
        if (choice.Download) http.Response.Headers.ContentDisposition = $"attachment; filename=\"{file.Value.Name}\"";
        return Results.Text(file.Value.Text, choice.Media + "; charset=utf-8", Encoding.UTF8);
    }

    /// <summary>The body in the form its Content-Type names, as what <see cref="MatrixJson.Parse"/> takes.</summary>
    public static async Task<Result<JsonElement>> ReadAsync(HttpRequest request, JsonBody body)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)) return string.IsNullOrWhiteSpace(request.ContentType) ? await body.ReadAsync() : NotRead;
        if (type.Charset.HasValue && !type.Charset.Value!.Trim('"').Equals("utf-8", StringComparison.OrdinalIgnoreCase)) return NotRead;
        if (type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase) || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase)) return await body.ReadAsync();
        if (MatrixFormats.OfMedia(type.MediaType.Value!) is not { } format || format == MatrixFormat.Json) return NotRead;
        var bytes = await body.ReadBytesAsync(MatrixFormats.MaxBytes);
        if (bytes.Fault is { } unread) return unread;
        if (bytes.Value.Length == 0) return Fault.Invalid("body.empty", "The body is empty; send the matrix.");
        return MatrixFormats.Decode(bytes.Value.Span).Then(text => MatrixFormats.Read(text, format)).Then<JsonElement>(document => JsonElement.Parse(MatrixJson.ToJson(document)));
    }
}
