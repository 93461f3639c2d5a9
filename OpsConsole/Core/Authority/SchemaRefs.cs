using System.Text.Json;
using System.Text.Json.Nodes;

namespace OpsConsole.Core.Authority;

/// <summary>
/// Copies a schema out of its document, with the references into that document (<c>#/…</c>, RFC 6901) written out. What refers to itself, to another file or too deep is left open, and a note says so.
/// </summary>
internal sealed class SchemaRefs(JsonElement root, List<string> notes, ImportSheet sheet)
{
    private const int MaxDepth = 24, MaxHops = 24;
    // Every node is at least a character of the schema, so that more nodes cannot fit anyway.
    private int _nodes = ActionCatalogue.MaxSchema;

    /// <summary>Whether the copy would be longer than a schema may be; then it is no good.</summary>
    public bool IsTooLong => _nodes < 0;

    public JsonNode? Copy(JsonElement schema) => Copy(schema, [], 0, isMap: false);

    /// <summary>What an object refers to, or the object itself; null (with a note) when that is not in the document.</summary>
    public JsonElement? Follow(JsonElement element)
    {
        for (var hops = 0; element.ValueKind == JsonValueKind.Object && ImportSheet.TextOf(element, "$ref") is { } reference; hops++)
        {
            if (hops == MaxHops || JsonPointer.Find(root, reference) is not { } target)
            {
                Lost(reference);
                return null;
            }
            element = target;
        }
        return element;
    }

    private JsonNode? Copy(JsonElement element, List<string> open, int depth, bool isMap)
    {
        if (--_nodes < 0 || --sheet.Work < 0)
        {
            _nodes = -1;
            return null;
        }
        if (element.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array)) return Value(element);
        if (depth == MaxDepth)
        {
            Say("Its schema is nested too deep; the innermost part is left open.");
            return new JsonObject();
        }
        if (element.ValueKind == JsonValueKind.Array) return new JsonArray([.. element.EnumerateArray().TakeWhile(_ => !IsTooLong).Select(item => Copy(item, open, depth + 1, isMap: false))]);
        if (!isMap && ImportSheet.TextOf(element, "$ref") is { } reference) return Written(element, reference, open, depth);
        var copy = new JsonObject();
        foreach (var member in element.EnumerateObject())
        {
            // In a map the names are free; elsewhere these hold values, in which nothing is a reference.
            var isValue = !isMap && member.Name is "enum" or "const" or "default" or "example" or "examples";
            copy[member.Name] = isValue ? Value(member.Value) : Copy(member.Value, open, depth + 1, !isMap && member.Name is "properties" or "patternProperties" or "$defs" or "definitions" or "dependentSchemas");
            if (IsTooLong) return null;
        }
        return copy;
    }

    // Charged by its length before it is copied: many references to one long text are a long schema.
    private JsonNode? Value(JsonElement element)
    {
        var raw = System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(element).Length;
        _nodes -= raw;
        sheet.Work -= raw / 64;
        return IsTooLong || sheet.Work < 0 ? null : JsonNode.Parse(element.GetRawText());
    }

    private JsonNode? Written(JsonElement element, string reference, List<string> open, int depth)
    {
        if (JsonPointer.Find(root, reference) is not { } target)
        {
            Lost(reference);
            return new JsonObject();
        }
        if (open.Contains(reference))
        {
            Say($"Its schema contains itself ({Last(reference)}); the inner one is left open.");
            return new JsonObject { ["description"] = $"Again {Last(reference)}, as around it." };
        }
        if (open.Count == MaxHops)
        {
            Say("It refers from one schema to the next too often; the innermost part is left open.");
            return new JsonObject();
        }
        open.Add(reference);
        var copy = Copy(target, open, depth, isMap: false);
        open.RemoveAt(open.Count - 1);
        if (copy is not JsonObject written) return copy;
        foreach (var beside in element.EnumerateObject().Where(m => m.Name != "$ref")) written[beside.Name] = Copy(beside.Value, open, depth + 1, beside.Name is "properties" or "$defs" or "definitions");
        return written;
    }

    private void Lost(string reference) => Say($"It refers to '{ImportSheet.Short(reference)}', which is not in this document; that part is left open.");

    private void Say(string note)
    {
        if (!notes.Contains(note)) notes.Add(note);
    }

    private static string Last(string reference) => ImportSheet.Short(reference[(reference.LastIndexOf('/') + 1)..]);
}
