using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Authority;

/// <summary>Something that does not fit a schema.</summary>
/// <param name="Path">Where it was found, as in <c>order.lines[0].price</c>; empty: the whole.</param>
/// <param name="What">What is wrong, as the end of a sentence about it.</param>
/// <param name="Field">The field to mend: of a missing member its own path.</param>
/// <param name="Unlisted">It is only that there is more than the schema lists.</param>
public sealed record Misfit(string Path, string What, string Field, bool Unlisted = false)
{
    public override string ToString() => $"{(Path.Length == 0 ? "It" : Path)} {What}";
}

/// <summary>
/// Whether arguments look like their JSON Schema, as a hint for people: what agents send is never checked by it. Knows the keywords that descriptions of tools use
/// (type, properties, required, enum, const, limits, pattern, format date and date-time, items, allOf, anyOf, oneOf, references inside the schema); what it does not know it does not mention.
/// </summary>
public static class SchemaFit
{
    private const int Most = 10, MaxDepth = 16, MaxSteps = 5_000;

    /// <summary>What does not fit, at most ten; empty when all does.</summary>
    public static IReadOnlyList<Misfit> Misfits(JsonElement schema, JsonElement value) => new Looker(schema, MaxSteps, isPart: false).Look(schema, value, "", 0);

    /// <summary>Whether a value fits a schema inside <paramref name="root"/>.</summary>
    /// <param name="isPart">Members may be added yet, so that nothing is missing.</param>
    /// <param name="steps">How much looking is left; what that does not suffice for is not mentioned.</param>
    internal static bool Fits(JsonElement root, JsonElement schema, JsonElement value, ref int steps, bool isPart = false)
    {
        var looker = new Looker(root, Math.Min(MaxSteps, steps), isPart);
        var fits = looker.Look(schema, value, "", 0).Count == 0;
        steps -= looker.Looks;
        return fits;
    }

    /// <summary>The schema that a reference inside <paramref name="root"/> leads to; itself where it is none, or leads nowhere.</summary>
    public static JsonElement Follow(JsonElement root, JsonElement schema)
    {
        for (var hops = 0; hops < MaxDepth && Member(schema, "$ref") is { ValueKind: JsonValueKind.String } reference; hops++)
        {
            if (JsonPointer.Find(root, reference.GetString()!) is not { ValueKind: JsonValueKind.Object } target) return schema;
            schema = target;
        }
        return schema;
    }

    /// <summary>A member that is there, whatever it is.</summary>
    public static JsonElement? Member(JsonElement schema, string name) => schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty(name, out var value) ? value : null;

    private sealed class Looker(JsonElement root, int most, bool isPart)
    {
        public int Looks { get; private set; }

        public List<Misfit> Look(JsonElement schema, JsonElement value, string path, int depth)
        {
            var found = new List<Misfit>();
            schema = Follow(root, schema);
            if (depth > MaxDepth || ++Looks > most || schema.ValueKind != JsonValueKind.Object) return found;
            void Say(string what) { if (found.Count < Most) found.Add(new(path, what, path)); }

            if (Types(schema) is { Count: > 0 } types && !types.Any(t => Is(t, value))) Say($"should be {Join(types.Select(Article))}.");
            if (Member(schema, "const") is { } fixedTo && !JsonElement.DeepEquals(fixedTo, value)) Say($"should be {ConditionStory.Show(fixedTo)}.");
            if (Member(schema, "enum") is { ValueKind: JsonValueKind.Array } choices && !choices.EnumerateArray().Any(c => JsonElement.DeepEquals(c, value))) Say($"should be {Join(choices.EnumerateArray().Take(6).Select(ConditionStory.Show))}{(choices.GetArrayLength() > 6 ? " or another of the list" : "")}.");
            if (value.ValueKind == JsonValueKind.Number) Number(schema, value.GetDouble(), Say);
            if (value.ValueKind == JsonValueKind.String)
            {
                if (Member(schema, "pattern") is not null) Looks += (int)Math.Min(PatternSize.Most, value.GetString()!.Length / 10);   // a pattern is more than a look
                Text(schema, value.GetString()!, Say);
            }
            if (value.ValueKind == JsonValueKind.Array) Items(schema, value, path, depth, found, Say);
            if (value.ValueKind == JsonValueKind.Object) Properties(schema, value, path, depth, found, Say);
            foreach (var part in Branches(schema, "allOf")) found.AddRange(Look(part, value, path, depth + 1));
            foreach (var name in (string[])["anyOf", "oneOf"])
            {
                var (branches, fits) = (0, false);
                foreach (var branch in Branches(schema, name))
                {
                    branches++;
                    if (fits = Look(branch, value, path, depth + 1).Count == 0) break;
                }
                if (branches > 0 && !fits) Say("fits none of the forms that the schema offers.");
            }
            return found.Count > Most ? found[..Most] : found;
        }

        private void Items(JsonElement schema, JsonElement value, string path, int depth, List<Misfit> found, Action<string> say)
        {
            if (Limit(schema, "minItems") is { } min && value.GetArrayLength() < min) say($"should have at least {Show(min)} entries.");
            if (Limit(schema, "maxItems") is { } max && value.GetArrayLength() > max) say($"should have at most {Show(max)} entries.");
            if (Member(schema, "items") is not { ValueKind: JsonValueKind.Object } items) return;
            var i = 0;
            foreach (var item in value.EnumerateArray()) found.AddRange(Look(items, item, $"{path}[{i++}]", depth + 1));
        }

        private void Properties(JsonElement schema, JsonElement value, string path, int depth, List<Misfit> found, Action<string> say)
        {
            var known = Member(schema, "properties") is { ValueKind: JsonValueKind.Object } listed ? listed : default;
            foreach (var name in isPart ? default : Branches(schema, "required"))
            {
                if (name.ValueKind == JsonValueKind.String && !value.TryGetProperty(name.GetString()!, out _) && found.Count < Most) found.Add(new(path, $"needs {name.GetString()}.", path.Length == 0 ? name.GetString()! : $"{path}.{name.GetString()}"));
            }
            var closed = Member(schema, "additionalProperties") is { ValueKind: JsonValueKind.False } && Member(schema, "patternProperties") is null;
            foreach (var property in value.EnumerateObject())
            {
                if (Member(known, property.Name) is { } inner) found.AddRange(Look(inner, property.Value, path.Length == 0 ? property.Name : $"{path}.{property.Name}", depth + 1));
                else if (closed && found.Count < Most) found.Add(new(path, $"has {property.Name}, which the schema does not know.", path, Unlisted: true));
            }
        }
    }

    private static void Number(JsonElement schema, double value, Action<string> say)
    {
        if (Limit(schema, "minimum") is { } min && value < min) say($"should be at least {Show(min)}.");
        if (Limit(schema, "exclusiveMinimum") is { } above && value <= above) say($"should be over {Show(above)}.");
        if (Limit(schema, "maximum") is { } max && value > max) say($"should be at most {Show(max)}.");
        if (Limit(schema, "exclusiveMaximum") is { } below && value >= below) say($"should be under {Show(below)}.");
    }

    private static void Text(JsonElement schema, string value, Action<string> say)
    {
        if (Limit(schema, "minLength") is { } min && value.Length < min) say($"should have at least {Show(min)} characters.");
        if (Limit(schema, "maxLength") is { } max && value.Length > max) say($"should have at most {Show(max)} characters.");
        if (Member(schema, "pattern") is { ValueKind: JsonValueKind.String } pattern && Matches(pattern.GetString()!, value) == false) say($"should look like {pattern.GetString()}.");
        var format = Member(schema, "format") is { ValueKind: JsonValueKind.String } named ? named.GetString() : null;
        if (format == "date" && !DateOnly.TryParseExact(value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _)) say("should be a date such as 2026-11-21.");
        if (format == "date-time" && !DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out _)) say("should be a time such as 2026-11-21T09:30:00Z.");
    }

    /// <summary>The entries of a keyword that is a list; none where it is not there.</summary>
    internal static JsonElement.ArrayEnumerator Branches(JsonElement schema, string name) => Member(schema, name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : default;

    /// <summary>The types a schema names, as it names them.</summary>
    public static IReadOnlyList<string> Types(JsonElement schema) => Member(schema, "type") switch
    {
        { ValueKind: JsonValueKind.String } one => [one.GetString()!],
        { ValueKind: JsonValueKind.Array } many => [.. many.EnumerateArray().Where(t => t.ValueKind == JsonValueKind.String).Select(t => t.GetString()!)],
        _ => [],
    };

    private static bool Is(string type, JsonElement value) => type switch
    {
        "string" => value.ValueKind == JsonValueKind.String,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && Math.Floor(value.GetDouble()) == value.GetDouble(),
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "array" => value.ValueKind == JsonValueKind.Array,
        "object" => value.ValueKind == JsonValueKind.Object,
        "null" => value.ValueKind == JsonValueKind.Null,
        _ => true,
    };

    private static string Article(string type) => type switch { "string" => "a text", "integer" => "a whole number", "array" => "a list", "object" => "an object", "boolean" => "true or false", "null" => "null", _ => "a " + type };

    private static bool? Matches(string pattern, string value)
    {
        if (PatternSize.Of(pattern) > PatternSize.Most || value.Length > ScalarTest.MaxPatternText) return null;   // larger than for a condition, and as slow
        try
        {
            return Regex.IsMatch(value, pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)   // a pattern of another dialect: no hint
        {
            return null;
        }
    }

    internal static double? Limit(JsonElement schema, string name) => Member(schema, name) is { ValueKind: JsonValueKind.Number } limit ? limit.GetDouble() : null;

    private static string Show(double number) => number.ToString("0.######", CultureInfo.InvariantCulture);

    private static string Join(IEnumerable<string> items)
    {
        string[] all = [.. items];
        return all.Length < 2 ? string.Concat(all) : $"{string.Join(", ", all[..^1])} or {all[^1]}";
    }
}
