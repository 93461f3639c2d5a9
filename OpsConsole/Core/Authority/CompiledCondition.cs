using System.Text.Json;

namespace OpsConsole.Core.Authority;

/// <summary>One condition, ready to be asked. Never throws; what cannot be read or compiled is unknown.</summary>
internal sealed class CompiledCondition
{
    private readonly FieldPath? _path;
    private readonly ScalarTest? _test;

    private CompiledCondition(Condition source)
    {
        Source = source;
        _path = FieldPath.Parse(source.Field);
        if (source.Op is Op.Exists or Op.Missing)
        {
            Problem = source.Value is null ? Misfit() : $"'{MatrixWords.Of(source.Op)}' takes no value";
            return;
        }
        _test = ScalarTest.Compile(source.Op, source.Value, out var problem);
        Problem = problem.Length > 0 ? problem : Misfit();
    }

    public Condition Source { get; }
    /// <summary>Where it looks; null for a field that no call has.</summary>
    public FieldPath? Path => _path;
    /// <summary>Why the expression is invalid, or null. An invalid condition is always unknown.</summary>
    public string? Problem { get; }

    /// <summary>Whether it runs a pattern over a text of the call.</summary>
    public bool IsPattern => _test is { IsPattern: true };
    /// <summary>Size of the pattern, 0 without one.</summary>
    public long PatternSize => _test?.PatternSize ?? 0;

    public static CompiledCondition Compile(Condition condition) => new(condition);

    public static CompiledCondition[] Compile(IReadOnlyList<Condition> conditions) => [.. conditions.Select(Compile)];

    public Truth Test(in PolicyCall call)
    {
        if (Problem is not null) return Truth.Unknown;
        try
        {
            return _test is null ? Truths.Of(Presence(call)) : Compare(call);
        }
        catch (InvalidOperationException)   // names or texts in the call that are no Unicode
        {
            return Truth.Unknown;
        }
    }

    private Truth Compare(in PolicyCall call) => _path!.Root switch
    {
        FieldPath.Source.Arguments => Json(Members(call.Arguments), call.Patterns),
        FieldPath.Source.ResourceAttributes => Json(Members(call.ResourceAttributes), call.Patterns),
        FieldPath.Source.ResourceType => _test!.Text(call.ResourceType, call.Patterns),
        FieldPath.Source.ResourceId => _test!.Text(call.ResourceId, call.Patterns),
        FieldPath.Source.OnBehalfOf => _test!.Text(call.OnBehalfOf, call.Patterns),
        FieldPath.Source.Confidence => _test!.Number(call.Confidence),
        FieldPath.Source.CostUsd => _test!.Number(call.CostUsd),
        _ => _test!.Number(call.CostTokens),
    };

    private bool Presence(in PolicyCall call)
    {
        var exists = _path!.Root switch
        {
            FieldPath.Source.Arguments => ValuePresence.Exists(Members(call.Arguments), _path, ExistsQuantifier),
            FieldPath.Source.ResourceAttributes => ValuePresence.Exists(Members(call.ResourceAttributes), _path, ExistsQuantifier),
            FieldPath.Source.ResourceType => call.ResourceType is not null,
            FieldPath.Source.ResourceId => call.ResourceId is not null,
            FieldPath.Source.OnBehalfOf => call.OnBehalfOf is not null,
            FieldPath.Source.Confidence => call.Confidence is not null,
            FieldPath.Source.CostUsd => call.CostUsd is not null,
            _ => call.CostTokens is not null,
        };
        return exists == (Source.Op == Op.Exists);
    }

    // 'Missing in any' is the opposite of 'exists in all', and the other way round.
    private Each? ExistsQuantifier => Source.Op == Op.Exists || Source.Each is null ? Source.Each : Source.Each == Each.Any ? Each.All : Each.Any;

    // Arguments are named; a list of them has no field, quantified or not.
    private static JsonElement Members(JsonElement root) => root.ValueKind == JsonValueKind.Object ? root : default;

    private Truth Json(JsonElement root, PatternBudget? budget) => Source.Each is { } each ? Quantified(root, 0, each, false, budget) : Plain(root, budget);

    private Truth Plain(JsonElement value, PatternBudget? budget)
    {
        foreach (var name in _path!.Utf8Names)
        {
            if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(name, out value)) return Truth.Unknown;
        }
        return _test!.Json(value, budget);
    }

    private Truth Quantified(JsonElement value, int depth, Each each, bool inArray, PatternBudget? budget)
    {
        var names = _path!.Utf8Names;
        for (; depth < names.Length; depth++)
        {
            if (value.ValueKind == JsonValueKind.Array) return Elements(value, depth, each, budget);
            if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(names[depth], out value)) return Truth.Unknown;
        }
        if (value.ValueKind == JsonValueKind.Array) return Elements(value, depth, each, budget);
        return inArray ? _test!.Json(value, budget) : Truth.Unknown;
    }

    private Truth Elements(JsonElement array, int depth, Each each, PatternBudget? budget)
    {
        // Nothing is not 'all': a vacuous truth must not allow.
        if (array.GetArrayLength() == 0) return each == Each.Any ? Truth.False : Truth.Unknown;
        var decisive = each == Each.Any ? Truth.True : Truth.False;
        var unknown = false;
        foreach (var element in array.EnumerateArray())
        {
            var truth = element.ValueKind == JsonValueKind.Array ? Truth.Unknown : Quantified(element, depth, each, true, budget);
            if (truth == decisive) return decisive;
            unknown |= truth == Truth.Unknown;
        }
        return unknown ? Truth.Unknown : Truths.Of(each == Each.All);
    }

    // A comparison that the field's own type can never satisfy is a mistake, not a careful condition.
    private string? Misfit() => _path switch
    {
        null => "no call has this field",
        { IsJson: false } when Source.Each is not null => "'each' is for arrays, and this field is never one",
        { IsNumber: true } when _test is { WantsNumber: false } => "this field is a number, and the value is none",
        { IsJson: false, IsNumber: false } when _test is { WantsText: false } => "this field is a text, and the value is none",
        _ => null,
    };
}
