using System.Text.Json;
using System.Text.Json.Nodes;

namespace OpsConsole.Core.Authority;

/// <summary>One object of arguments, put together from an operation's parameters and the properties of its body.</summary>
internal sealed class ArgumentSchema(List<string> notes)
{
    private const string Whole = "body";
    private static readonly string[] Choices = ["oneOf", "anyOf", "not", "if", "patternProperties", "propertyNames"];
    private readonly JsonObject _properties = [];
    private readonly List<string> _required = [];
    private bool _closed;

    /// <param name="place">Where it travels; what it is called by when the name is taken.</param>
    public void Add(string name, JsonObject schema, bool required, string place)
    {
        if (_properties.ContainsKey(name))
        {
            var other = $"{place}_{name}";
            notes.Add($"Two of its arguments are called {ImportSheet.Short(name)}; the one in its {place} is described as {ImportSheet.Short(other)}.");
            if (_properties.ContainsKey(other)) return;
            name = other;
        }
        _properties[name] = schema;
        if (required) _required.Add(name);
    }

    /// <summary>The properties of the body beside the others; a body that is no plain object is one argument called <c>body</c>.</summary>
    public void AddBody(JsonObject schema, bool required)
    {
        List<JsonObject> parts = [];
        if (!Plain(schema, parts))
        {
            Add(Whole, schema, required, Whole);
            return;
        }
        // Several parts of an 'allOf' may speak of the same property: the last one does.
        var properties = new Dictionary<string, JsonObject>(StringComparer.Ordinal);
        var needed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var part in parts)
        {
            foreach (var (name, value) in part["properties"]?.AsObject() ?? []) properties[name] = value?.DeepClone() as JsonObject ?? [];
            if (part["required"] is JsonArray names) needed.UnionWith(names.OfType<JsonValue>().Where(n => n.GetValueKind() == JsonValueKind.String).Select(n => n.GetValue<string>()));
        }
        foreach (var (name, value) in properties) Add(name, value, required && needed.Contains(name), Whole);
        _closed = parts.Count == 1 && schema["additionalProperties"] is JsonValue closed && closed.GetValueKind() == JsonValueKind.False;
    }

    public JsonElement Build()
    {
        var schema = new JsonObject { ["type"] = "object", ["properties"] = _properties };
        if (_required.Count > 0) schema["required"] = new JsonArray([.. _required.Select(r => JsonValue.Create(r))]);
        if (_closed) schema["additionalProperties"] = false;
        return JsonElement.Parse(schema.ToJsonString(MatrixJson.Relaxed));
    }

    private static bool Plain(JsonObject schema, List<JsonObject> parts)
    {
        if (Choices.Any(schema.ContainsKey) || schema["additionalProperties"] is JsonObject) return false;
        if (schema["allOf"] is JsonArray all)
        {
            foreach (var part in all)
            {
                if (part is not JsonObject inner || !Plain(inner, parts)) return false;
            }
        }
        if (schema["properties"] is JsonObject) parts.Add(schema);
        return schema.ContainsKey("allOf") || schema["properties"] is JsonObject;
    }
}
