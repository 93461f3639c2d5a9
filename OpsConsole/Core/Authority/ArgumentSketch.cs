using System.Text.Json;
using System.Text.Json.Nodes;

namespace OpsConsole.Core.Authority;

/// <summary>What a matrix lets one guess about the arguments of an action that nobody described.</summary>
public static class ArgumentSketch
{
    /// <summary>A JSON Schema of the arguments that the rows about this action ask for; null where they ask for none.</summary>
    public static JsonElement? Of(MatrixDocument doc, string action)
    {
        var name = action.ToLowerInvariant();
        var properties = new JsonObject();
        foreach (var condition in doc.Boundaries.Where(b => Covers(b.Action, name)).SelectMany(b => b.When).Concat(doc.Rules.Where(r => Covers(r.Action, name)).SelectMany(r => r.When)))
        {
            if (FieldPath.Parse(condition.Field) is { Root: FieldPath.Source.Arguments } path) Put(properties, path.Names, condition);
        }
        return properties.Count == 0 ? null : JsonSerializer.SerializeToElement(new JsonObject { ["type"] = "object", ["properties"] = properties });
    }

    private static bool Covers(string pattern, string action) => ActionPattern.TryParse(pattern, out var parsed) && parsed.Covers(action);

    private static void Put(JsonObject properties, string[] names, Condition condition)
    {
        // Which of several names is the list, a condition does not say.
        if (condition.Each is not null && names.Length > 1)
        {
            properties[names[0]] = new JsonObject();
            return;
        }
        for (var i = 0; i < names.Length - 1; i++)
        {
            if (!properties.ContainsKey(names[i])) properties[names[i]] = new JsonObject { ["type"] = "object", ["properties"] = new JsonObject() };
            if (properties[names[i]]!["properties"] is not JsonObject inner) return;
            properties = inner;
        }
        var type = new JsonObject { ["type"] = TypeOf(condition.Value) };
        if (!properties.ContainsKey(names[^1])) properties[names[^1]] = condition.Each is null ? type : new JsonObject { ["type"] = "array", ["items"] = type };
    }

    private static string TypeOf(JsonElement? value) => value switch
    {
        { ValueKind: JsonValueKind.Array } list when list.GetArrayLength() > 0 => TypeOf(list[0]),
        { ValueKind: JsonValueKind.Number } => "number",
        { ValueKind: JsonValueKind.True or JsonValueKind.False } => "boolean",
        _ => "string",
    };
}
