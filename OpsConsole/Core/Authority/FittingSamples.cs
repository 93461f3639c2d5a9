using System.Text.Json;

namespace OpsConsole.Core.Authority;

/// <summary>What the register describes at a path, as samples beside those that the conditions need: allowed values, numbers within limits, texts of the right form, lists where the schema has them.</summary>
internal static class FittingSamples
{
    /// <summary>How many values of one description are sampled.</summary>
    public const int MaxScalars = 200;
    private const int MaxLists = 300, MaxTexts = 24;

    /// <param name="limits">The numbers that conditions compare with.</param>
    /// <param name="samples">Those of the conditions.</param>
    public static IEnumerable<Sample> Of(ArgumentFit fit, FieldPath path, IReadOnlyList<double> limits, IReadOnlyList<Sample> samples)
    {
        string[] texts = [.. samples.Where(s => s.Value is { ValueKind: JsonValueKind.String }).Take(MaxTexts).Select(s => s.Value!.Value.GetString()!)];
        yield return new(path, JsonElement.Parse("null"));   // there where something is required, and missing to every condition
        foreach (var (schema, listAt) in fit.Places(path.Names))
        {
            string[] scalars = [.. Scalars(schema, limits, texts).Distinct().Take(MaxScalars)];
            if (listAt < 0)
            {
                foreach (var scalar in scalars) yield return new(path, JsonElement.Parse(scalar));
                continue;
            }
            var lists = scalars.Select(s => (string[])[s]);
            if (listAt == path.Names.Length)
            {
                foreach (var list in lists) yield return new(path, ListOf(list, []));
                continue;
            }
            // The conditions' own lists stand at the end of the path; here the schema has the list further up.
            var upper = FieldPath.Parse(path.Text[..^(path.Names[listAt..].Sum(n => n.Length + 1))])!;
            var own = samples.Where(s => s.Value is { ValueKind: JsonValueKind.Array }).Select(s => s.Value!.Value.EnumerateArray().Select(e => e.GetRawText()).ToArray());
            foreach (var list in own.Concat(lists).Take(MaxLists)) yield return new(upper, ListOf(list, path.Names[listAt..]));
        }
    }

    private static IEnumerable<string> Scalars(JsonElement schema, IReadOnlyList<double> limits, string[] texts)
    {
        foreach (var given in SchemaSample.Given(schema)) yield return given.GetRawText();
        if (SchemaFit.Member(schema, "enum") is not null || SchemaFit.Member(schema, "const") is not null) yield break;
        var types = SchemaFit.Types(schema);
        if (types.Count == 0 || types.Contains("number") || types.Contains("integer"))
        {
            foreach (var number in SchemaSample.Numbers(schema, limits)) yield return JsonSerializer.Serialize(number);
        }
        if (types.Count == 0 || types.Contains("string"))
        {
            foreach (var text in SchemaSample.Texts(schema, texts.Length == 0 ? ["x"] : texts)) yield return JsonSerializer.Serialize(text);
        }
        if (types.Contains("boolean"))
        {
            yield return "true";
            yield return "false";
        }
        if (types.Contains("array")) yield return "[]";
        if (types.Contains("object")) yield return "{}";
    }

    private static JsonElement ListOf(string[] elements, string[] names) => JsonElement.Parse($"[{string.Join(',', elements.Select(e => names.Reverse().Aggregate(e, (json, name) => $"{{{JsonSerializer.Serialize(name)}:{json}}}")))}]");
}
