using System.Text.Json;
using System.Text.Json.Nodes;

namespace OpsConsole.Core.Authority;

/// <summary>
/// Adds to arguments what their JSON Schema requires, and makes up values as the schema describes them. Only guesses, for examples: whoever uses one asks <see cref="SchemaFit"/> about it.
/// </summary>
/// <param name="root">Where references lead.</param>
/// <param name="absent">Paths that stay empty whatever is required.</param>
internal sealed class SchemaSample(JsonElement root, IReadOnlySet<string> absent)
{
    private const int MaxDepth = 12, MaxLength = 400, MaxItems = 8;
    private int _work = 1_000, _looks = 5_000;

    /// <summary>What it did so far, counted in looks at the schema.</summary>
    public int Looks => 6_000 - _work - _looks;

    /// <summary>The names of a path as one text; the places in lists do not count.</summary>
    public static string PathOf(IEnumerable<string> names) => string.Concat(names.Select(n => n + "\0"));

    /// <summary>Adds what is required in <paramref name="value"/> and everything inside it.</summary>
    public void Complete(JsonElement schema, JsonNode? value, string path = "", int depth = 0)
    {
        schema = SchemaFit.Follow(root, schema);
        if (depth > MaxDepth || --_work < 0 || schema.ValueKind != JsonValueKind.Object) return;
        if (value is JsonArray list && SchemaFit.Member(schema, "items") is { } items)
        {
            foreach (var item in list) Complete(items, item, path, depth + 1);
        }
        foreach (var part in SchemaFit.Branches(schema, "allOf")) Complete(part, value, path, depth + 1);
        if (value is not JsonObject members) return;
        foreach (var name in members.Select(m => m.Key).ToList())
        {
            if (Property(schema, name, 0) is { } property) Complete(property, members[name], path + name + "\0", depth + 1);
        }
        foreach (var name in SchemaFit.Branches(schema, "required").Where(n => n.ValueKind == JsonValueKind.String).Select(n => n.GetString()!))
        {
            var at = path + name + "\0";
            if (!members.ContainsKey(name) && !absent.Contains(at)) members[name] = Of(Property(schema, name, 0) ?? default, at, depth + 1);
        }
        foreach (var choice in (string[])["anyOf", "oneOf"])
        {
            if (SchemaFit.Branches(schema, choice).Any() && !SchemaFit.Branches(schema, choice).Any(b => Fits(b, members))) Choose(SchemaFit.Branches(schema, choice), members, path, depth);
        }
    }

    /// <summary>A value as the schema describes it.</summary>
    public JsonNode? Of(JsonElement schema, string path = "", int depth = 0)
    {
        schema = SchemaFit.Follow(root, schema);
        if (depth > MaxDepth || --_work < 0 || schema.ValueKind != JsonValueKind.Object) return "x";
        foreach (var given in Given(schema))
        {
            if (Fits(schema, given)) return JsonNode.Parse(given.GetRawText());
        }
        foreach (var branch in (string[])["anyOf", "oneOf", "allOf"])
        {
            foreach (var part in SchemaFit.Branches(schema, branch))
            {
                var value = Of(part, path, depth + 1);
                if (value is JsonObject) Complete(schema, value, path, depth + 1);
                if (Fits(schema, value)) return value;
            }
        }
        switch (TypeOf(schema))
        {
            case "object":
                var members = new JsonObject();
                Complete(schema, members, path, depth);
                return members;
            case "array":
                var least = (int)Math.Clamp(SchemaFit.Limit(schema, "minItems") ?? 0, 0, MaxItems);
                return new JsonArray([.. Enumerable.Range(0, least).Select(_ => Of(SchemaFit.Member(schema, "items") ?? default, path, depth + 1))]);
            case "boolean":
                return true;
            case "null":
                return null;
            case "number" or "integer":
                foreach (var number in Numbers(schema, []).Prepend(1))
                {
                    if (Fits(schema, number)) return number;
                }
                return 1;
            default:
                foreach (var text in Texts(schema, ["x"]))
                {
                    if (Fits(schema, text)) return text;
                }
                return "x";
        }
    }

    /// <summary>What the schema itself names: the values it allows, else those it gives as examples.</summary>
    public static IEnumerable<JsonElement> Given(JsonElement schema)
    {
        if (SchemaFit.Member(schema, "const") is { } only) return [only];
        if (SchemaFit.Member(schema, "enum") is { ValueKind: JsonValueKind.Array } choices) return choices.EnumerateArray();
        JsonElement?[] single = [SchemaFit.Member(schema, "example"), SchemaFit.Member(schema, "default")];
        return SchemaFit.Branches(schema, "examples").Concat(single.OfType<JsonElement>());
    }

    /// <summary>Numbers at, between and beyond the schema's limits and others.</summary>
    public static IEnumerable<double> Numbers(JsonElement schema, IEnumerable<double> limits)
    {
        double[] all = [.. ((string[])["minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"]).Select(name => SchemaFit.Limit(schema, name)).OfType<double>().Concat(limits).Where(double.IsFinite).Distinct().Order()];
        return SampleNumbers.Around(all.Length == 0 ? [1] : all, SchemaFit.Types(schema).Contains("integer")).Where(double.IsFinite);
    }

    /// <summary>Texts of the format, pattern and length that the schema asks for.</summary>
    /// <param name="texts">What they may be made of.</param>
    public static IEnumerable<string> Texts(JsonElement schema, IReadOnlyList<string> texts)
    {
        var format = Text(schema, "format");
        if (format == "date") yield return "2026-11-21";
        if (format == "date-time") yield return "2026-11-21T09:30:00Z";
        if (format == "email") yield return "someone@example.com";
        if (Text(schema, "pattern") is { } pattern) yield return PatternSample.Of(pattern);
        var (least, most) = ((int)Math.Clamp(SchemaFit.Limit(schema, "minLength") ?? 0, 0, MaxLength), SchemaFit.Limit(schema, "maxLength") ?? double.MaxValue);
        foreach (var text in texts)
        {
            yield return text.PadRight(least, 'x');
            if (text.Length < least) yield return text.PadLeft(least, 'x');
            if (text.Length > most) yield return text[..Math.Max(0, (int)most)];
        }
    }

    private void Choose(JsonElement.ArrayEnumerator branches, JsonObject members, string path, int depth)
    {
        foreach (var branch in branches)
        {
            var copy = members.DeepClone().AsObject();
            Complete(branch, copy, path, depth + 1);
            if (!Fits(branch, copy)) continue;
            foreach (var (name, value) in copy) members[name] = value?.DeepClone();
            return;
        }
    }

    private JsonElement? Property(JsonElement schema, string name, int depth)
    {
        if (SchemaFit.Member(schema, "properties") is { } properties && SchemaFit.Member(properties, name) is { } found) return found;
        if (depth > 3) return null;
        foreach (var part in SchemaFit.Branches(schema, "allOf"))
        {
            if (Property(SchemaFit.Follow(root, part), name, depth + 1) is { } inner) return inner;
        }
        return null;
    }

    private bool Fits(JsonElement schema, JsonNode? value) => Fits(schema, JsonElement.Parse(value?.ToJsonString() ?? "null"));

    private bool Fits(JsonElement schema, JsonElement value) => --_work >= 0 && _looks > 0 && SchemaFit.Fits(root, schema, value, ref _looks);

    private static string? TypeOf(JsonElement schema)
    {
        if (SchemaFit.Types(schema) is { Count: > 0 } types) return types.FirstOrDefault(t => t != "null") ?? "null";
        bool Says(params string[] keywords) => keywords.Any(k => SchemaFit.Member(schema, k) is not null);
        return Says("properties", "required") ? "object" : Says("items") ? "array" : Says("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum") ? "number" : null;
    }

    private static string? Text(JsonElement schema, string name) => SchemaFit.Member(schema, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
}
