using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using OpsConsole.Core.Shared;

namespace OpsConsole.Platform.Web;

/// <summary>
/// A request body that is read when the handler asks for it, that is after it has authorised the caller: the right content type, at most 256 KB,
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
    public async Task<Result<ReadOnlyMemory<byte>>> ReadBytesAsync()
    {
        var request = _context.Request;
        if (request.ContentLength > MaxBytes) return TooLarge;
        var sizeLimit = _context.Features.Get<IHttpMaxRequestBodySizeFeature>();
        if (sizeLimit is { IsReadOnly: false }) sizeLimit.MaxRequestBodySize = MaxBytes + 1;
        byte[] bytes;
        try
        {
            while (true)
            {
                var read = await request.BodyReader.ReadAsync();
                if (read.Buffer.Length > MaxBytes) return TooLarge;
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
            return e.StatusCode == StatusCodes.Status413PayloadTooLarge ? TooLarge : Fault.Invalid("body.unreadable", "The body could not be read: " + e.Message);
        }
        Raw = bytes;
        return Raw;
    }

    private static readonly Fault TooLarge = new(FaultKind.TooLarge, "body.too_large", "The body is larger than 256 KB. Send references instead of contents.");

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
