using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using OpsConsole.Core.Shared;

namespace OpsConsole.Platform.Web;

/// <summary>
/// The one reader of JSON that somebody sends or types: at most 32 levels, no key twice in one object, no U+0000, no half surrogate pairs, no integers
/// beyond ±2^53, no numbers beyond a double. What passes has a canonical form. Faults: <c>body.malformed</c>, <c>field.invalid</c> with the place.
/// </summary>
public static class StrictJson
{
    public const int MaxDepth = 32;

    /// <summary>Parses UTF-8. The element keeps the memory.</summary>
    /// <param name="depth">How many levels are left for it, where it will stand inside something else.</param>
    public static Result<JsonElement> Parse(ReadOnlyMemory<byte> utf8, int depth = MaxDepth)
    {
        try
        {
            var root = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = depth, AllowDuplicateProperties = false }).RootElement;
            return JsonGuard.Check(root) is { } fault ? fault : root;
        }
        catch (JsonException e)
        {
            return Fault.Invalid("body.malformed", "This is not valid JSON: " + Reason(e));
        }
    }

    /// <summary>Parses what somebody typed.</summary>
    public static Result<JsonElement> Parse(string? text, int depth = MaxDepth) => Parse(Encoding.UTF8.GetBytes(text ?? ""), depth);

    /// <summary>Parses again, strictly, what a framework has parsed already.</summary>
    public static Result<JsonElement> Parse(JsonElement element)
        => element.ValueKind == JsonValueKind.Undefined ? Fault.Invalid("body.malformed", "This is not valid JSON: there is nothing.") : Parse(JsonMarshal.GetRawUtf8Value(element).ToArray());

    // The parser names the key between single quotes, cut when it is long.
    private static string Twice(string message)
    {
        var (from, to) = (message.IndexOf('\''), message.LastIndexOf('\''));
        return from >= 0 && to > from + 1 ? $"the key \"{VisibleText.Flatten(message[(from + 1)..to])}\"" : "a key";
    }

    private static string Reason(JsonException e)
        => e.Message.Contains("duplicate", StringComparison.OrdinalIgnoreCase) ? $"{Twice(e.Message)} stands twice in one object." : $"line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}.";
}
