using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using OpsConsole.Core.Shared;

namespace OpsConsole.Platform.Web;

/// <summary>
/// A request body that is read when the handler asks for it, that is after it has authorised the caller: the right content type, at most 256 KB where the handler does not say otherwise,
/// and what <see cref="StrictJson"/> takes.
/// </summary>
public sealed class JsonBody
{
    public const int MaxBytes = 256 * 1024;
    private readonly HttpContext _context;

    private JsonBody(HttpContext context) => _context = context;

    public static ValueTask<JsonBody?> BindAsync(HttpContext context) => ValueTask.FromResult<JsonBody?>(new JsonBody(context));

    /// <summary>The raw bytes, once they were read.</summary>
    public ReadOnlyMemory<byte> Raw { get; private set; }

    /// <summary>The parsed body. Its memory belongs to the garbage collector, so it may be kept.</summary>
    /// <param name="optional">An empty body counts as <c>{}</c>.</param>
    public async Task<Result<JsonElement>> ReadAsync(bool optional = false)
    {
        var read = await ReadBytesAsync();
        if (read.Fault is { } fault) return fault;
        var bytes = read.Value;
        if (bytes.Length == 0 && optional) return JsonDocument.Parse("{}").RootElement;
        if (!IsJson(_context.Request.ContentType)) return Fault.Invalid("content_type", "Send the body as JSON with the header Content-Type: application/json.");
        if (bytes.Length == 0) return Fault.Invalid("body.empty", "The body is empty; send a JSON object.");
        return StrictJson.Parse(bytes);
    }

    /// <summary>The body as it came, for those who read something else than JSON.</summary>
    public async Task<Result<ReadOnlyMemory<byte>>> ReadBytesAsync(int maxBytes = MaxBytes)
    {
        var request = _context.Request;
        if (request.ContentLength > maxBytes) return TooLarge(maxBytes);
        var sizeLimit = _context.Features.Get<IHttpMaxRequestBodySizeFeature>();
        if (sizeLimit is { IsReadOnly: false }) sizeLimit.MaxRequestBodySize = maxBytes + 1;
        byte[] bytes;
        try
        {
            while (true)
            {
                var read = await request.BodyReader.ReadAsync();
                if (read.Buffer.Length > maxBytes) return TooLarge(maxBytes);
                if (read.IsCompleted)
                {
                    bytes = read.Buffer.ToArray();
                    request.BodyReader.AdvanceTo(read.Buffer.End);
                    break;
                }
                request.BodyReader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }
        }
        catch (BadHttpRequestException e)
        {
            return e.StatusCode == StatusCodes.Status413PayloadTooLarge ? TooLarge(maxBytes) : Fault.Invalid("body.unreadable", "The body could not be read: " + e.Message);
        }
        Raw = bytes;
        return Raw;
    }

    /// <summary><c>256 KB</c>, <c>2 MB</c>: a limit in words.</summary>
    public static string Size(int bytes) => bytes % (1024 * 1024) == 0 ? $"{bytes / (1024 * 1024)} MB" : $"{bytes / 1024} KB";

    private static Fault TooLarge(int maxBytes) => new(FaultKind.TooLarge, "body.too_large", $"The body is larger than {Size(maxBytes)}. Send references instead of contents.");

    private static bool IsJson(string? contentType)
    {
        if (contentType is null) return false;
        var semicolon = contentType.IndexOf(';');
        var media = (semicolon < 0 ? contentType : contentType[..semicolon]).Trim();
        if (!media.Equals("application/json", StringComparison.OrdinalIgnoreCase) && !(media.StartsWith("application/", StringComparison.OrdinalIgnoreCase) && media.EndsWith("+json", StringComparison.OrdinalIgnoreCase))) return false;
        var charset = contentType.IndexOf("charset=", StringComparison.OrdinalIgnoreCase);
        return charset < 0 || contentType[(charset + 8)..].Trim(' ', '"').StartsWith("utf-8", StringComparison.OrdinalIgnoreCase);
    }
}
