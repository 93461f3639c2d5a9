using System.Text.Json;
using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Authority;

/// <summary>A JSON Schema of one action's arguments, named by its title or <c>$id</c>; an object of such by name; or the definitions of a schema that describes nothing else.</summary>
internal sealed class SchemaListReader(JsonElement root, ImportSheet sheet)
{
    private static readonly string[] Definitions = ["$defs", "definitions"];
    private static readonly string[] Applied = ["properties", "oneOf", "anyOf", "allOf", "$ref", "type"];

    public Fault? Read()
    {
        var definitions = Definitions.Select(d => ImportSheet.Member(root, d, JsonValueKind.Object)).FirstOrDefault(d => d is not null);
        if (definitions is { } map && !Applied.Any(w => root.TryGetProperty(w, out _))) return ByName(map);
        return IsSchema(root) ? Alone() : ByName(root);
    }

    /// <summary>Whether an object is a schema, by the words that only a schema has in that form.</summary>
    public static bool IsSchema(JsonElement element) => element.ValueKind == JsonValueKind.Object && element.EnumerateObject().Any(m => m.Name switch
    {
        "$schema" or "$id" or "$ref" or "title" => m.Value.ValueKind == JsonValueKind.String,
        "type" => m.Value.ValueKind is JsonValueKind.String or JsonValueKind.Array,
        "oneOf" or "anyOf" or "allOf" or "enum" => m.Value.ValueKind == JsonValueKind.Array,
        _ => false,
    });

    private Fault? Alone()
    {
        var name = ImportSheet.TextOf(root, "title");
        if (string.IsNullOrWhiteSpace(name) && ImportSheet.TextOf(root, "$id") is { } id) name = LastOf(id);
        if (string.IsNullOrWhiteSpace(name)) return Fault.Invalid("import.unnamed", "This schema has neither a title nor an $id, so nothing says which action it is for. Add \"title\": \"refund.create\" to it.");
        Add("the schema", name, root, []);
        return null;
    }

    private Fault? ByName(JsonElement map)
    {
        if (!map.EnumerateObject().Any(m => LooksLikeOne(m.Value))) return CatalogueImport.Unknown;
        foreach (var member in map.EnumerateObject())
        {
            var source = $"'{ImportSheet.Short(member.Name)}'";
            if (!LooksLikeOne(member.Value))
            {
                sheet.Note($"{source} is no schema and is left out.");
                continue;
            }
            List<string> notes = [];
            Add(source, member.Name, Definitions.Any(d => member.Value.TryGetProperty(d, out _)) ? member.Value : Copy(member.Value, notes), notes);
        }
        return null;
    }

    private JsonElement? Copy(JsonElement schema, List<string> notes)
    {
        if (!schema.GetRawText().Contains("\"$ref\"", StringComparison.Ordinal)) return schema;
        var refs = new SchemaRefs(root, notes, sheet);
        var copy = refs.Copy(schema);
        if (!refs.IsTooLong) return JsonElement.Parse(copy?.ToJsonString(MatrixJson.Relaxed) ?? "null");
        notes.Add($"Its schema would have more than {ActionCatalogue.MaxSchema:N0} characters with everything it refers to, and was left out.");
        return null;
    }

    private static bool LooksLikeOne(JsonElement element) => IsSchema(element) || (element.ValueKind == JsonValueKind.Object && ImportSheet.Member(element, "properties", JsonValueKind.Object) is not null);

    private void Add(string source, string name, JsonElement? schema, List<string> notes) =>
        sheet.Add(source, name, schema is { } given ? ImportSheet.TextOf(given, "description") : null, schema, new CatalogueAction { Action = "" }, [], notes);

    // 'https://example.com/schemas/refund.create.schema.json' is about refund.create.
    private static string LastOf(string id)
    {
        var last = id.TrimEnd('#', '/');
        last = last[(last.LastIndexOfAny(['/', '#']) + 1)..];
        foreach (var ending in (string[])[".json", ".schema"]) if (last.EndsWith(ending, StringComparison.OrdinalIgnoreCase)) last = last[..^ending.Length];
        return last;
    }
}
