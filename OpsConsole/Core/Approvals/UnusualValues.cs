using System.Globalization;
using System.Text.Json;
using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Approvals;

/// <summary>How a value differs from what the same agent sent before.</summary>
public enum UnusualKind { Higher, Lower, NewText, NewDomain, NewField, MissingField }

/// <summary>One thing about a call that was not so in any earlier one.</summary>
/// <param name="Path">The value's <see cref="ArgumentLeaf.Path"/>; of a missing field its <see cref="ArgumentLeaf.Field"/>.</param>
/// <param name="Words">The numbers behind it: '3.1× its usual 135.5, higher than all 48 earlier'.</param>
/// <param name="Earlier">How many earlier calls that was held against.</param>
public sealed record UnusualMark(string Path, UnusualKind Kind, string Words, int Earlier);

/// <summary>
/// Holds a call against earlier calls of the same agent and action that were let go. What is marked lies outside everything seen so far, never merely at its edge by some
/// chosen limit, and the mark says how much was seen. Fewer than <see cref="Least"/> earlier values say nothing.
/// </summary>
public static class UnusualValues
{
    public const int Least = 5;

    /// <param name="earlier">Their arguments, oldest first.</param>
    public static IReadOnlyList<UnusualMark> Find(JsonElement arguments, IReadOnlyList<JsonElement> earlier)
    {
        if (earlier.Count < Least) return [];
        var past = earlier.Select(ArgumentLeaf.Of).ToList();
        var seen = past.SelectMany((leaves, call) => leaves.Select(l => (call, l.Field, l.Value))).ToLookup(x => x.Field, x => (x.call, x.Value));
        // What was an object or a list with something in it, and may be an empty one in another call.
        var filled = seen.SelectMany(f => Outer(f.Key)).ToHashSet();
        var now = ArgumentLeaf.Of(arguments);
        List<UnusualMark> marks = [];
        foreach (var leaf in now)
        {
            var values = seen[leaf.Field].ToList();
            if (values.Count == 0 && !filled.Contains(leaf.Field)) marks.Add(new(leaf.Path, UnusualKind.NewField, $"never sent before ({earlier.Count} earlier)", earlier.Count));
            else if (values.Count > 0 && Of(leaf.Value, [.. values.Select(v => v.Value)], values.Select(v => v.call).Distinct().Count()) is var (kind, words, n)) marks.Add(new(leaf.Path, kind, words, n));
        }
        var sent = now.Select(l => l.Field).ToHashSet();
        var there = sent.Concat(now.SelectMany(l => Outer(l.Field))).ToHashSet();
        foreach (var field in seen.Where(f => !there.Contains(f.Key) && !Outer(f.Key).Any(sent.Contains) && f.Select(v => v.call).Distinct().Count() == earlier.Count).Select(f => f.Key))
            marks.Add(new(field, UnusualKind.MissingField, $"missing; all {earlier.Count} earlier had it", earlier.Count));
        return marks;
    }

    private static (UnusualKind, string, int)? Of(JsonElement value, IReadOnlyList<JsonElement> earlier, int calls)
    {
        if (calls < Least) return null;
        if (NumberOf(value) is { } number) return earlier.Select(NumberOf).OfType<double>().ToList() is var numbers && numbers.Count >= Least ? Number(number, numbers) : null;
        if (value.ValueKind is not (JsonValueKind.String or JsonValueKind.True or JsonValueKind.False)) return null;
        var text = TextOf(value);
        if (DomainOf(text) is { } domain && earlier.Select(e => DomainOf(TextOf(e))).OfType<string>().ToList() is { Count: >= Least } domains)
            return Repeats(domains) && !domains.Contains(domain) ? (UnusualKind.NewDomain, $"{domain} is new here: {Counted.Of(domains.Distinct().Count(), "other domain")} in {domains.Count} earlier", domains.Count) : null;
        var texts = earlier.Where(e => e.ValueKind is JsonValueKind.String or JsonValueKind.True or JsonValueKind.False).Select(TextOf).ToList();
        return texts.Count >= Least && Repeats(texts) && !texts.Contains(text) ? (UnusualKind.NewText, $"never seen before ({texts.Count} earlier, {Counted.Of(texts.Distinct().Count(), "other value")})", texts.Count) : null;
    }

    private static (UnusualKind, string, int)? Number(double value, List<double> earlier)
    {
        var (low, high) = (earlier.Min(), earlier.Max());
        if (value >= low && value <= high) return null;
        // Numbers that only ever grow count something or name it (ids, times); that the next one is the highest says nothing.
        if (value > high && earlier.Zip(earlier.Skip(1)).All(p => p.First < p.Second)) return null;
        var (usual, over) = (Median(earlier), value > high);
        var times = usual > 0 && value > 0 ? $"{Times(value / usual)}× its usual {Show(usual)}, " : "";
        return (over ? UnusualKind.Higher : UnusualKind.Lower, $"{times}{(over ? "higher" : "lower")} than all {earlier.Count} earlier{(times.Length == 0 ? $" ({Show(over ? high : low)} at {(over ? "most" : "least")})" : "")}", earlier.Count);
    }

    private static double Median(List<double> values)
    {
        var sorted = values.Order().ToList();
        var middle = sorted.Count / 2;
        return sorted.Count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    // Values that come again, at least twice on average; free text does not, and says nothing by being new.
    private static bool Repeats(List<string> values) => values.Distinct().Count() * 2 <= values.Count;

    // Money is often sent as text; digits alone are as often the name of something.
    private static double? NumberOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.TryGetDouble(out var n) && double.IsFinite(n) ? n : null,
        JsonValueKind.String when value.GetString() is { Length: <= 30 } text && text.Contains('.') && double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var n) => n,
        _ => null,
    };

    /// <summary>The domain of an e-mail address or of a web address, in lower case; null for any other text.</summary>
    private static string? DomainOf(string text)
    {
        if (text.Length > 2_000 || text.Any(char.IsWhiteSpace)) return null;
        if (text.Contains("://", StringComparison.Ordinal)) return Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Host.Length > 0 ? uri.Host.ToLowerInvariant() : null;
        var at = text.IndexOf('@');
        return at > 0 && at == text.LastIndexOf('@') && text.IndexOf('.', at) > at + 1 && text[^1] != '.' ? text[(at + 1)..].ToLowerInvariant() : null;
    }

    private static string TextOf(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    /// <summary>The objects and lists that a field stands in.</summary>
    private static IEnumerable<string> Outer(string field)
    {
        var quoted = false;
        for (var at = 0; at < field.Length; at++)
        {
            if (field[at] == '"') quoted = !quoted;   // names with dots of their own stand in quotes
            else if (!quoted && at > 0 && field[at] is ('.' or '[')) yield return field[..at];
        }
    }

    private static string Times(double ratio) => ratio >= 100 ? ratio.ToString("N0", CultureInfo.InvariantCulture) : ratio.ToString(ratio < 0.1 ? "0.0##" : "0.0", CultureInfo.InvariantCulture);
    private static string Show(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);
}
