using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using OpsConsole.Core.Authority;

namespace OpsConsole.Tests.Core.Authority;

/// <summary>Random calls aimed at one matrix: its actions and names below its wildcards, its constants and what lies just beside them, and now and then something awkward.</summary>
internal sealed class AimedCalls
{
    private static readonly string[] Odd = ["null", "{}", "[]", "[null]", "\"\"", "\"other\"", "true", "1e999", "-7", "[100,\"x\"]", "[{\"price\":100},{}]"];

    private readonly Random _random;
    private readonly string[] _actions;
    private readonly List<(FieldPath Path, string[] Values)> _fields = [];

    public AimedCalls(MatrixDocument doc, IEnumerable<string> listed, int seed)
    {
        _random = new Random(seed);
        _actions = [.. doc.Rules.Select(r => r.Action).Concat(doc.Boundaries.Select(b => b.Action)).SelectMany(Below).Concat(listed).Append("zz9").Distinct(StringComparer.OrdinalIgnoreCase)];
        var conditions = doc.Rules.SelectMany(r => r.When).Concat(doc.Boundaries.SelectMany(b => b.When)).ToLookup(c => c.Field);
        var resources = doc.Rules.Select(r => r.Resource).Concat(doc.Boundaries.Select(b => b.Resource)).OfType<ResourcePattern>().ToList();
        foreach (var field in conditions.Select(g => g.Key).Union(["resource.type", "resource.id"]))
        {
            if (FieldPath.Parse(field) is not { } path) continue;
            string[] words = field switch { "resource.type" => [.. resources.Select(r => r.Type).OfType<string>()], "resource.id" => [.. resources.Select(r => r.Id).OfType<string>()], _ => [] };
            var values = conditions[field].SelectMany(Constants).SelectMany(Beside).Concat(words.SelectMany(w => (string[])[w, w.ToUpperInvariant(), w + "x"]).Select(w => JsonSerializer.Serialize(w))).Distinct().ToArray();
            if (path.IsJson) values = [.. values, .. values.Select(v => $"[{v}]"), .. values.Select(v => $"[{v},null]"), .. values.Zip(values.Reverse(), (a, b) => $"[{a},{b}]"), .. Odd];
            else values = [.. values.Where(v => Fits(path, JsonElement.Parse(v))), path.IsNumber ? "0" : "\"other\""];
            _fields.Add((path, values));
        }
    }

    /// <summary>With each field absent once in six times.</summary>
    public IEnumerable<PolicyCall> Take(int number, string? action = null)
    {
        for (var i = 0; i < number; i++)
        {
            var fields = _fields.Where(_ => _random.Next(6) > 0).Select(f => new Sample(f.Path, JsonElement.Parse(f.Values[_random.Next(f.Values.Length)]))).ToList();
            if (ExampleCall.Build(action ?? _actions[_random.Next(_actions.Length)], fields) is { } call) yield return PolicyCall.FromExample(call);
        }
    }

    /// <summary>A matrix, a catalogue and a seed for calls.</summary>
    public static Gen<(MatrixDocument Doc, ActionCatalogue Catalogue, int Seed)> Against(Gen<Condition> condition) =>
        from doc in MatrixGenerators.Document(condition)
        from listed in Gen.SubListOf("payment", "payment.wire", "Payment.Wire.eu", "payment.wire.us", "payment.card", "refund.create", "crm.note")
        from low in Gen.Choose(0, 127)
        from seed in Gen.Choose(0, int.MaxValue - 1)
        select (doc, ActionCatalogue.Parse(JsonSerializer.SerializeToElement(listed.Select((a, i) => new { action = a, consequence = (low >> i & 1) == 0 ? "high" : "low" }))).Value, seed);

    private static IEnumerable<string> Below(string pattern) => pattern switch { "*" => ["zz8"], _ when pattern.EndsWith(".*", StringComparison.Ordinal) => [pattern[..^2] + ".zz7", pattern[..^2] + ".a.b"], _ => [pattern] };

    private static IEnumerable<JsonElement> Constants(Condition c) => c.Value switch { null => [], { ValueKind: JsonValueKind.Array } list => list.EnumerateArray(), { } value => [value] };

    private static IEnumerable<string> Beside(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number when value.GetDouble() is var n && double.IsFinite(n) => new[] { n, n - 1, n + 1, n + 0.25, n / 2 }.Select(x => JsonSerializer.Serialize(x)),
        JsonValueKind.String when value.GetString() is { } s => new[] { s, s + "x", "x" + s, "x" + s + "x", s + s }.Select(x => JsonSerializer.Serialize(x)),
        _ => [value.GetRawText()],
    };

    private static bool Fits(FieldPath path, JsonElement value) => path.Root switch
    {
        FieldPath.Source.Confidence => value.ValueKind == JsonValueKind.Number && value.GetDouble() is >= 0 and <= 1,
        FieldPath.Source.CostUsd => value.ValueKind == JsonValueKind.Number && value.GetDouble() >= 0,
        FieldPath.Source.CostTokens => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var n) && n >= 0,
        _ => value.ValueKind == JsonValueKind.String,
    };
}
