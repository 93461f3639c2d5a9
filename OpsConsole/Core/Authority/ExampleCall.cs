using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace OpsConsole.Core.Authority;

/// <summary>Builds a call, in the shape of an ask, from one value per field.</summary>
internal static class ExampleCall
{
    /// <summary>The call, or null when two fields cannot stand in one call (<c>arguments.a</c> a number and <c>arguments.a.b</c> present).</summary>
    public static JsonElement? Build(string action, IEnumerable<Sample> fields)
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
        // Money is a text on the wire.
        var node = path.Root == FieldPath.Source.CostUsd ? value.GetDouble().ToString("0.#################", CultureInfo.InvariantCulture) : JsonNode.Parse(value.GetRawText());
        return parent.TryAdd(names[^1], node) || Join(parent[names[^1]], node);
    }

    // Two fields of the elements of one list.
    private static bool Join(JsonNode? there, JsonNode? more)
    {
        if (there is JsonArray elements && more is JsonArray others && elements.Count == others.Count) return elements.Zip(others).All(pair => pair is { First: JsonObject, Second: JsonObject } && Join(pair.First, pair.Second));
        if (there is not JsonObject members || more is not JsonObject added) return false;
        return added.ToList().All(member => members.TryAdd(member.Key, member.Value?.DeepClone()) || Join(members[member.Key], member.Value));
    }
}
