using System.Text.Json;

namespace OpsConsole.Core.Authority;

/// <summary>
/// Amounts read with their currency, where the data says which: 'amount is over 200 EUR'. A row knows it when it asks for one currency beside the amount
/// (<c>amount &gt; 200; currency = "EUR"</c>), the register when its schema allows only one. Nothing is ever guessed.
/// </summary>
internal static class MoneyWords
{
    private const string Arguments = "arguments.", Currency = "currency";
    private static readonly HashSet<string> Amounts = new(StringComparer.OrdinalIgnoreCase) { "amount", "total", "sum", "price" };

    /// <summary>Conditions in plain language. One that only says the currency goes into the amounts beside it.</summary>
    /// <param name="known">The currency of <c>arguments</c>, where the register knows it.</param>
    public static IEnumerable<string> Of(IReadOnlyList<Condition> when, string? known)
    {
        var said = when.Where(c => c is { Op: Op.Equal, Each: null, Value.ValueKind: JsonValueKind.String } && Last(c.Field).Equals(Currency, StringComparison.OrdinalIgnoreCase) && IsCode(c.Value!.Value.GetString()!))
            .GroupBy(c => Place(c.Field), StringComparer.Ordinal).Where(g => g.Count() == 1).ToDictionary(g => g.Key, g => g.Single(), StringComparer.Ordinal);
        var spent = when.Where(IsAmount).Select(c => said.GetValueOrDefault(Place(c.Field))).OfType<Condition>().ToHashSet(ReferenceEqualityComparer.Instance);
        return when.Where(c => !spent.Contains(c)).Select(c => RuleSentence.Of(c) + (!IsAmount(c) ? "" : said.TryGetValue(Place(c.Field), out var row) ? " " + row.Value!.Value.GetString() : known is not null && Place(c.Field) == Arguments ? " " + known : ""));
    }

    /// <summary>The one currency that the schemas of every listed action of this pattern allow in their arguments; null where they allow another, or say nothing.</summary>
    public static string? CurrencyOf(string action, ActionCatalogue catalogue)
    {
        if (!ActionPattern.TryParse(action, out var pattern)) return null;
        string?[] allowed = [.. catalogue.Actions.Where(a => pattern.Covers(a.Action.ToLowerInvariant())).Select(a => a.ArgumentsSchema is { } schema ? OnlyOne(schema) : null).Distinct().Take(2)];
        return allowed is [{ } one] ? one : null;
    }

    private static string? OnlyOne(JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object || !schema.TryGetProperty("properties", out var fields) || fields.ValueKind != JsonValueKind.Object || !fields.TryGetProperty(Currency, out var field) || field.ValueKind != JsonValueKind.Object) return null;
        var only = field.TryGetProperty("const", out var constant) ? constant : field.TryGetProperty("enum", out var several) && several.ValueKind == JsonValueKind.Array && several.GetArrayLength() == 1 ? several[0] : default;
        return only.ValueKind == JsonValueKind.String && IsCode(only.GetString()!) ? only.GetString() : null;
    }

    private static bool IsAmount(Condition c) => c is { Op: Op.Equal or Op.NotEqual or Op.Less or Op.LessOrEqual or Op.Greater or Op.GreaterOrEqual, Each: null, Value.ValueKind: JsonValueKind.Number } && Amounts.Contains(Last(c.Field));

    // ISO 4217: three capital letters.
    private static bool IsCode(string text) => text.Length == 3 && text.All(char.IsAsciiLetterUpper);

    private static string Place(string field) => field[..(field.LastIndexOf('.') + 1)];
    private static string Last(string field) => field[(field.LastIndexOf('.') + 1)..];
}
