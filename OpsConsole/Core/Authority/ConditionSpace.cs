using System.Text.Json;

namespace OpsConsole.Core.Authority;

/// <summary>A row as a box: for each field it looks at, the sample values it matches (as the evaluator would), and those it is certain about.</summary>
internal sealed record RowBox(CompiledRow Row, RowSide[] Sides)
{
    public bool IsBroken => !Row.IsWellFormedAction || Row.Conditions.Any(c => c.Problem is not null);
}

/// <param name="Matched">Values at which the row matches, unknown counted as the row counts it.</param>
/// <param name="Certain">Values at which its conditions are true.</param>
/// <param name="Keys">Its conditions on this field, spelled out: the same spelling is the same condition.</param>
internal sealed record RowSide(int Dimension, ulong[] Matched, ulong[] Certain, string[] Keys);

/// <summary>
/// The calls that the conditions of some rows can tell apart, as a finite product of sample values per field (see <see cref="Dimension"/>).
/// What each condition says of each value is asked of the compiled condition itself, so the analyser and the evaluator cannot disagree about unknown.
/// </summary>
internal sealed class ConditionSpace
{
    private const string TypeField = "resource.type", IdField = "resource.id";

    private readonly Dictionary<string, int> _byField = new(StringComparer.Ordinal);
    private readonly List<Dimension> _dimensions = [];
    private readonly List<PolicyCall[]> _calls = [];
    private readonly Dictionary<(int, string), (ulong[] NotFalse, ulong[] True)> _answers = [];

    private readonly WorkBudget _patterns;

    /// <param name="patterns">What patterns may cost: size × characters looked at. Once it is spent, what they say of further samples is unknown.</param>
    public ConditionSpace(IReadOnlyList<CompiledRow> rows, WorkBudget patterns, ArgumentFit? fit = null)
    {
        _patterns = patterns;
        var fields = new Dictionary<string, List<Condition>>(StringComparer.Ordinal);
        foreach (var condition in rows.SelectMany(r => r.Conditions).Where(c => c.Problem is null))
        {
            if (!fields.TryGetValue(condition.Source.Field, out var list)) fields[condition.Source.Field] = list = [];
            list.Add(condition.Source);
        }
        var types = rows.Select(r => r.Resource?.Type).OfType<string>().Distinct().ToArray();
        var ids = rows.Select(r => r.Resource?.Id).OfType<string>().Distinct().ToArray();
        if (types.Length > 0) fields.TryAdd(TypeField, []);
        if (ids.Length > 0) fields.TryAdd(IdField, []);
        foreach (var (field, conditions) in fields)
        {
            var dimension = new Dimension(FieldPath.Parse(field)!, conditions, (field == TypeField ? types : field == IdField ? ids : []).Where(w => w != "*"), fit);
            _byField[field] = _dimensions.Count;
            _dimensions.Add(dimension);
            _calls.Add([.. dimension.Values.Select(v => PolicyCall.FromExample(ExampleCall.Build("", [v])!.Value))]);
        }
    }

    public IReadOnlyList<Dimension> Dimensions => _dimensions;

    public RowBox BoxOf(CompiledRow row)
    {
        var sides = new Dictionary<int, RowSide>();
        if (row.Resource?.Type is { } type) Narrow(row, sides, _byField[TypeField], "type " + type, new CompiledRow(0, new Boundary { Action = "*", Resource = new(type) }).TestResource);
        if (row.Resource?.Id is { } id) Narrow(row, sides, _byField[IdField], "id " + id, new CompiledRow(0, new Boundary { Action = "*", Resource = new(null, id) }).TestResource);
        foreach (var condition in row.Conditions.Where(c => c.Problem is null))
        {
            Narrow(row, sides, _byField[condition.Source.Field], ConditionKey(condition.Source), condition.Test, condition.PatternSize);
        }
        return new RowBox(row, [.. sides.Values.OrderBy(s => s.Dimension)]);
    }

    private delegate Truth Ask(in PolicyCall call);

    private void Narrow(CompiledRow row, Dictionary<int, RowSide> sides, int dimension, string key, Ask ask, long patternSize = 0)
    {
        var (notFalse, certain) = Answers(dimension, key, ask, patternSize);
        var matched = row.IsGuard ? notFalse : certain;
        sides[dimension] = sides.TryGetValue(dimension, out var side)
            ? new(dimension, BitSet.And(side.Matched, matched), BitSet.And(side.Certain, certain), [.. side.Keys, key])
            : new(dimension, matched, certain, [key]);
    }

    private (ulong[] NotFalse, ulong[] True) Answers(int dimension, string key, Ask ask, long patternSize)
    {
        if (_answers.TryGetValue((dimension, key), out var known)) return known;
        var calls = _calls[dimension];
        var (notFalse, certain) = (BitSet.Empty(calls.Length + 1), BitSet.Empty(calls.Length + 1));
        for (var i = 0; i < calls.Length; i++)
        {
            if (patternSize > 0) _patterns.Spend((int)patternSize * (_dimensions[dimension].Values[i].Value?.GetRawText().Length ?? 0));
            var truth = patternSize > 0 && _patterns.IsSpent ? Truth.Unknown : ask(calls[i]);
            if (truth != Truth.False) BitSet.Add(notFalse, i);
            if (truth == Truth.True) BitSet.Add(certain, i);
        }
        return _answers[(dimension, key)] = (notFalse, certain);
    }

    private static string ConditionKey(Condition condition) => $"{condition.Each} {condition.Op} {condition.Value?.GetRawText()}";
}
