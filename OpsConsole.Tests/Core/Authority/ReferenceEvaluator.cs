using System.Text.Json;
using System.Text.RegularExpressions;
using OpsConsole.Core.Authority;

namespace OpsConsole.Tests.Core.Authority;

/// <summary>The matrix read row by row, condition by condition, in the plainest way. Slow; what the compiled policy must agree with.</summary>
internal static class ReferenceEvaluator
{
    public static (Boundary? Boundary, MatrixRule? Rule, bool Unknown) Evaluate(MatrixDocument doc, PolicyCall call)
    {
        foreach (var boundary in doc.Boundaries)
        {
            if (!Covers(boundary.Action, call.Action)) continue;
            var truth = Row(boundary.Resource, boundary.When, call);
            if (truth != Truth.False) return (boundary, null, truth == Truth.Unknown);
        }
        foreach (var rule in doc.Rules)
        {
            if (!Covers(rule.Action, call.Action)) continue;
            var truth = Row(rule.Resource, rule.When, call);
            if (truth == Truth.True || (truth == Truth.Unknown && rule.Outcome != RuleOutcome.Allow)) return (null, rule, truth == Truth.Unknown);
        }
        return (null, null, false);
    }

    public static bool Covers(string pattern, string action)
    {
        if (pattern == "*") return true;
        return pattern.EndsWith(".*", StringComparison.Ordinal)
            ? action.StartsWith(pattern[..^1], StringComparison.OrdinalIgnoreCase)
            : string.Equals(pattern, action, StringComparison.OrdinalIgnoreCase);
    }

    public static Truth Row(ResourcePattern? resource, IReadOnlyList<Condition> when, PolicyCall call)
    {
        var truths = when.Select(c => Ask(c, call)).ToList();
        if (resource?.Type is { } type) truths.Add(call.ResourceType is null ? Truth.Unknown : type == "*" || type.Equals(call.ResourceType, StringComparison.OrdinalIgnoreCase) ? Truth.True : Truth.False);
        if (resource?.Id is { } id) truths.Add(call.ResourceId is null ? Truth.Unknown : id == "*" || id == call.ResourceId ? Truth.True : Truth.False);
        return truths.Contains(Truth.False) ? Truth.False : truths.Contains(Truth.Unknown) ? Truth.Unknown : Truth.True;
    }

    public static Truth Ask(Condition c, PolicyCall call)
    {
        var path = c.Field.Split('.');
        object? root = path[0] == "arguments" ? call.Arguments : c.Field switch
        {
            "resource.type" => call.ResourceType,
            "resource.id" => call.ResourceId,
            "confidence" => call.Confidence,
            "expected_cost.usd" => call.CostUsd,
            "expected_cost.tokens" => call.CostTokens is { } tokens ? (double)tokens : null,
            "on_behalf_of" => call.OnBehalfOf,
            _ => call.ResourceAttributes,
        };
        if (root is not JsonElement json)
        {
            if (c.Op == Op.Exists) return root is null ? Truth.False : Truth.True;
            if (c.Op == Op.Missing) return root is null ? Truth.True : Truth.False;
            return c.Each is null ? Scalar(c, root) : Truth.Unknown;
        }
        if (json.ValueKind != JsonValueKind.Object) json = default;
        var names = path[0] == "arguments" ? path[1..] : path[2..];
        if (c.Op is Op.Exists or Op.Missing)
        {
            var found = Leaves(json, names, c.Each is not null).ToList();
            var some = found.Any(f => f);
            var every = some && found.All(f => f);
            if (c.Op == Op.Exists) return (c.Each == Each.All ? every : some) ? Truth.True : Truth.False;
            return (c.Each == Each.Any ? every : some) ? Truth.False : Truth.True;
        }
        return Walk(c, json, names, inArray: false);
    }

    private static Truth Walk(Condition c, JsonElement value, string[] names, bool inArray)
    {
        if (value.ValueKind == JsonValueKind.Array && c.Each is not null)
        {
            var each = value.EnumerateArray().Select(e => e.ValueKind == JsonValueKind.Array ? Truth.Unknown : Walk(c, e, names, true)).ToList();
            if (c.Each == Each.Any) return each.Contains(Truth.True) ? Truth.True : each.Contains(Truth.Unknown) ? Truth.Unknown : Truth.False;
            return each.Contains(Truth.False) ? Truth.False : each.Contains(Truth.Unknown) || each.Count == 0 ? Truth.Unknown : Truth.True;
        }
        if (names.Length > 0)
        {
            return value.ValueKind == JsonValueKind.Object && value.TryGetProperty(names[0], out var next) ? Walk(c, next, names[1..], inArray) : Truth.Unknown;
        }
        return c.Each is not null && !inArray ? Truth.Unknown : Scalar(c, Plain(value));
    }

    private static IEnumerable<bool> Leaves(JsonElement value, string[] names, bool quantified)
    {
        if (names.Length > 0)
        {
            if (value.ValueKind == JsonValueKind.Array) return value.EnumerateArray().SelectMany(e => Leaves(e, names, quantified));
            return value.ValueKind == JsonValueKind.Object && value.TryGetProperty(names[0], out var next) ? Leaves(next, names[1..], quantified) : [false];
        }
        if (quantified && value.ValueKind == JsonValueKind.Array) return value.EnumerateArray().Select(e => e.ValueKind != JsonValueKind.Null);
        return [value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined)];
    }

    private static object? Plain(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetDouble() is var number && number == 0 && value.GetRawText().Split('e')[0].Any(c => c is >= '1' and <= '9') ? double.NaN : number,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    private static Truth Scalar(Condition c, object? found)
    {
        if (c.Value is not { } value || found is null || found is double d && !double.IsFinite(d)) return Truth.Unknown;
        var wanted = value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Select(Plain).ToList() : [Plain(value)];
        if (value.ValueKind == JsonValueKind.Array != c.Op is Op.In or Op.NotIn) return Truth.Unknown;
        if (wanted.Count == 0 || wanted.Any(w => w?.GetType() != found.GetType())) return Truth.Unknown;
        bool? answer = (c.Op, found, wanted[0]) switch
        {
            (Op.Equal or Op.In, _, _) => wanted.Contains(found),
            (Op.NotEqual or Op.NotIn, _, _) => !wanted.Contains(found),
            (Op.Less, double a, double b) => a < b,
            (Op.LessOrEqual, double a, double b) => a <= b,
            (Op.Greater, double a, double b) => a > b,
            (Op.GreaterOrEqual, double a, double b) => a >= b,
            (_, string, "") => null,
            (Op.StartsWith, string a, string b) => a.StartsWith(b, StringComparison.Ordinal),
            (Op.EndsWith, string a, string b) => a.EndsWith(b, StringComparison.Ordinal),
            (Op.Contains, string a, string b) => a.Contains(b, StringComparison.Ordinal),
            (Op.Matches, string a, string b) => IsPattern(b) ? Regex.IsMatch(a, b, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking) : null,
            _ => null,
        };
        return answer switch { true => Truth.True, false => Truth.False, null => Truth.Unknown };
    }

    private static bool IsPattern(string text)
    {
        try
        {
            _ = new Regex(text, RegexOptions.NonBacktracking);
            return true;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return false;
        }
    }
}
