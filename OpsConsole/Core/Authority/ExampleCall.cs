using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OpsConsole.Core.Authority;

/// <summary>Builds a call, in the shape of an ask, from one value per field.</summary>
internal static class ExampleCall
{
    /// <summary>The call, or null when two fields cannot stand in one call (<c>arguments.a</c> a number and <c>arguments.a.b</c> present).</summary>
    public static JsonElement? Build(string action, IEnumerable<(FieldPath Path, JsonElement? Value)> fields)
    {
        var call = new JsonObject { ["action"] = action };
        foreach (var (path, value) in fields)
        {
            if (value is { } present && !Put(call, path, present)) return null;
        }
        return JsonElement.Parse(call.ToJsonString());
    }

    private static bool Put(JsonObject call, FieldPath path, JsonElement value)
    {
        string[] names = path.Root switch
        {
            FieldPath.Source.Arguments => ["arguments", .. path.Names],
            FieldPath.Source.ResourceAttributes => ["resource", "attributes", .. path.Names],
            _ => path.Text.Split('.'),
        };
        var parent = call;
        foreach (var name in names.AsSpan(0, names.Length - 1))
        {
            if (!parent.ContainsKey(name)) parent[name] = new JsonObject();
            if (parent[name] is not JsonObject inner) return false;
            parent = inner;
        }
        if (parent.ContainsKey(names[^1])) return false;
        // Money is a text on the wire.
        parent[names[^1]] = path.Root == FieldPath.Source.CostUsd ? value.GetDouble().ToString("0.#################", CultureInfo.InvariantCulture) : JsonNode.Parse(value.GetRawText());
        return true;
    }
}
