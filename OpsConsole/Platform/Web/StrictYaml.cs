using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using OpsConsole.Core.Shared;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace OpsConsole.Platform.Web;

/// <summary>
/// YAML for what is JSON everywhere else: one document of plain mappings, lists and YAML 1.2 core scalars (<c>no</c>, <c>yes</c> and <c>on</c> are texts; what is quoted is a text), as strict as
/// <see cref="StrictJson"/>. Anchors, aliases, tags, a key twice and several documents are refused. Faults: <c>body.malformed</c>, <c>body.empty</c>, <c>body.too_large</c>; messages say line and column, and so do the members <c>line</c> and <c>column</c>.
/// </summary>
public static class StrictYaml
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly Fault Nothing = Fault.Invalid("body.empty", "There is nothing in this YAML; write a mapping such as 'default: deny'.");

    /// <summary>Parses UTF-8, with or without a byte order mark.</summary>
    public static Result<JsonElement> Parse(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > JsonBody.MaxBytes) return TooLarge(JsonBody.MaxBytes);
        try
        {
            return Parse(Utf8.GetString(utf8));
        }
        catch (DecoderFallbackException)
        {
            return Fault.Invalid("body.malformed", "This YAML is not UTF-8 text. Save the file as UTF-8.");
        }
    }

    /// <summary>Parses what somebody typed.</summary>
    /// <param name="maxBytes">How long it may be as UTF-8.</param>
    public static Result<JsonElement> Parse(string? text, int maxBytes = JsonBody.MaxBytes)
    {
        text = (text ?? "").TrimStart('\uFEFF');
        if (Utf8.GetMaxByteCount(text.Length) > maxBytes && Encoding.UTF8.GetByteCount(text) > maxBytes) return TooLarge(maxBytes);
        if (text.IndexOf('\0') is >= 0 and var zero) return Wrong(1 + text.AsSpan(0, zero).Count('\n'), zero - text.LastIndexOf('\n', zero), "holds the character U+0000.");
        var buffer = new ArrayBufferWriter<byte>();
        try
        {
            using var json = new Utf8JsonWriter(buffer);
            if (new Reading(new Parser(new Scanner(new StringReader(text))), json).Document() is { } fault) return fault;
        }
        catch (YamlException e)
        {
            return Wrong(e.Start, "this is not valid YAML: " + Reason(e));
        }
        return buffer.WrittenCount == 0 ? Nothing : StrictJson.Parse(buffer.WrittenMemory);
    }

    /// <summary>Where a value such as <c>rules[3].when[0].value</c> stands in a text that was parsed; where it is missing, what it is missing in.</summary>
    public static (long Line, long Column) Find(string text, string path)
    {
        Dictionary<string, Mark> places = new(StringComparer.Ordinal);
        using var json = new Utf8JsonWriter(Stream.Null);
        _ = new Reading(new Parser(new Scanner(new StringReader(text.TrimStart('\uFEFF')))), json, places).Document();
        while (!places.ContainsKey(path) && path.Length > 0) path = path[..Math.Max(0, path.LastIndexOfAny(['.', '[']))];
        return places.TryGetValue(path, out var at) ? (at.Line, at.Column) : (1, 1);
    }

    /// <summary>Writes what <see cref="Parse(string?)"/> reads back exactly: block style, two spaces, members in their order, a line break at the end; quoted only where it has to be.</summary>
    public static string Write(JsonElement element) => YamlText.Of(element);

    private static Fault TooLarge(int maxBytes) => new(FaultKind.TooLarge, "body.too_large", $"The YAML is larger than {JsonBody.Size(maxBytes)}. Send references instead of contents.");

    private static string Reason(YamlException e)
    {
        var message = e.InnerException?.Message ?? e.Message;
        return VisibleText.Flatten(message.StartsWith("While ", StringComparison.Ordinal) && message.IndexOf(", ", StringComparison.Ordinal) is > 0 and var comma ? message[(comma + 2)..] : message);
    }

    private static Fault Wrong(Mark at, string why) => Wrong(at.Line, at.Column, why);

    private static Fault Wrong(long line, long column, string why)
        => new(FaultKind.Invalid, "body.malformed", string.Create(CultureInfo.InvariantCulture, $"Line {line}, column {column}: {why}"), null, new Dictionary<string, object?> { ["line"] = line, ["column"] = column });

    /// <summary>One pass over the parser's events; what is wrong ends it at once.</summary>
    private sealed class Reading(Parser events, Utf8JsonWriter json, Dictionary<string, Mark>? places = null)
    {
        public Fault? Document()
        {
            if (!Move() || !Move() || events.Current is not DocumentStart) return null;   // nothing but comments
            Move();
            if (Node(0, "") is { } fault) return fault;
            json.Flush();
            Move();   // the document's end
            return Move() && events.Current is DocumentStart next ? Wrong(next.Start, "a second document begins here; send one document.") : null;
        }

        // On some texts that are no YAML the parser stumbles over itself; that is its way of not understanding them.
        private bool Move()
        {
            try
            {
                return events.MoveNext();
            }
            catch (Exception e) when (e is not YamlException)
            {
                var at = events.Current?.End ?? new Mark(0, 1, 1);
                throw new YamlException(at, at, "it cannot be read from here on");
            }
        }

        // The event is the node's first; afterwards it is the node's last.
        private Fault? Node(int depth, string path)
        {
            var at = events.Current!;
            places?.TryAdd(path, at.Start);
            if (at is AnchorAlias) return Wrong(at.Start, "aliases (*name) are not read; write the value out, or put it in quotes if it is a text.");
            if (at is not NodeEvent node) return Wrong(at.Start, "a value is missing here.");
            if (!node.Anchor.IsEmpty) return Wrong(at.Start, "anchors (&name) are not read; write the value out, or put it in quotes if it is a text.");
            if (!node.Tag.IsEmpty) return Wrong(at.Start, "tags (!name) are not read; put it in quotes if it is a text.");
            if (at is Scalar scalar) return Value(scalar);
            if (depth == StrictJson.MaxDepth) return Wrong(at.Start, $"this is nested deeper than {StrictJson.MaxDepth} levels.");
            return at is MappingStart ? Mapping(depth, path) : Sequence(depth, path);
        }

        private Fault? Mapping(int depth, string path)
        {
            var keys = new HashSet<string>(StringComparer.Ordinal);
            json.WriteStartObject();
            while (Move() && events.Current is not MappingEnd)
            {
                if (events.Current is not Scalar { Anchor.IsEmpty: true, Tag.IsEmpty: true } key) return Wrong(events.Current!.Start, "a key must be a plain text, without anchor, alias or tag.");
                if (WholeText.HasHalfPair(key.Value)) return Wrong(key.Start, "the key holds half a surrogate pair.");
                if (!keys.Add(key.Value)) return Wrong(key.Start, $"the key \"{VisibleText.Flatten(key.Value.Length > 100 ? key.Value[..100] : key.Value)}\" stands twice in one mapping.");
                json.WritePropertyName(key.Value);
                Move();
                if (Node(depth + 1, places is null ? "" : path.Length == 0 ? key.Value : $"{path}.{key.Value}") is { } fault) return fault;
            }
            json.WriteEndObject();
            return null;
        }

        private Fault? Sequence(int depth, string path)
        {
            var index = 0;
            json.WriteStartArray();
            while (Move() && events.Current is not SequenceEnd)
            {
                if (Node(depth + 1, places is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{path}[{index++}]")) is { } fault) return fault;
            }
            json.WriteEndArray();
            return null;
        }

        private Fault? Value(Scalar scalar)
        {
            if (scalar.Value.Contains('\0')) return Wrong(scalar.Start, "the text holds the character U+0000.");
            if (WholeText.HasHalfPair(scalar.Value)) return Wrong(scalar.Start, "the text holds half a surrogate pair.");
            var (raw, refusal) = scalar.Style == ScalarStyle.Plain ? YamlScalars.Resolve(scalar.Value) : default;
            if (refusal is not null) return Wrong(scalar.Start, refusal);
            if (raw is null) json.WriteStringValue(scalar.Value);
            else if (StrictJson.Parse(raw).Fault is { } fault) return Wrong(scalar.Start, "the number " + fault.Message["The body ".Length..]);
            else json.WriteRawValue(raw, skipInputValidation: true);
            return null;
        }
    }
}
