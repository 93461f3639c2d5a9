using System.Text.Json;

namespace OpsConsole.Core.Authority;

/// <summary>What a search for an uncovered call ended with.</summary>
internal enum Cover
{
    /// <summary>Proven: the rows cover everything that was asked about.</summary>
    Whole,
    /// <summary>A call was found, and the compiled policy confirmed it.</summary>
    Open,
    /// <summary>Neither: a pattern, too many constants, or too much work.</summary>
    Unclear,
}

/// <summary>
/// Looks for a call inside a box that none of some rows matches, by cutting the box along the sides of each row in turn.
/// A side with patterns has one imaginary value besides its samples, 'something that meets exactly the conditions asked about'; a row covers it only
/// when its own conditions are among those. So a proof stays a proof, and what only the imaginary value could show is <see cref="Cover.Unclear"/>.
/// Where the action's arguments are described, it looks among the calls that fit them first.
/// </summary>
/// <param name="fit">The same that the space was made with.</param>
internal sealed class CoverSearch(ConditionSpace space, WorkBudget budget, ArgumentFit? fit = null)
{
    private const int CostOfExample = 50, MaxDepth = 400, MaxSteps = 20_000;

    private readonly ulong[]?[] _full = new ulong[space.Dimensions.Count][];
    private readonly Dictionary<RowSide, ulong[]> _matched = new(ReferenceEqualityComparer.Instance);
    private int _steps;
    private bool _unclear, _onlyFitting, _unknownToo;

    private IReadOnlyList<RowBox> _rows = [];
    private RowBox? _subject;
    private string _action = "";
    private Func<PolicyMatch, bool> _shows = _ => true;
    private CompiledPolicy? _policy;

    /// <summary>The call of the last <see cref="Cover.Open"/>.</summary>
    public ShownCall? Example { get; private set; }

    /// <param name="start">Where to look: per field a set of values, null for all.</param>
    /// <param name="rows">The rows that must not match.</param>
    /// <param name="subject">The row whose values these are, or null.</param>
    /// <param name="shows">What the policy must say of the call for it to count.</param>
    /// <param name="unknownToo">Whether <paramref name="start"/> holds calls of which the subject only does not know that they do not meet it: an allow row with the same pattern does not match those.</param>
    public Cover Run(ulong[]?[] start, IReadOnlyList<RowBox> rows, RowBox? subject, string action, CompiledPolicy policy, Func<PolicyMatch, bool> shows, bool unknownToo = false)
    {
        _unknownToo = unknownToo;
        var fitting = fit is null ? Cover.Unclear : RunFitting(start, rows, subject, action, policy, shows, unknownToo);
        if (fitting == Cover.Open) return Cover.Open;
        (_rows, _subject, _action, _policy, _shows) = (rows, subject, action, policy, shows);
        var cover = Pass(start, budget, onlyFitting: false);
        if (fitting == Cover.Whole && Example is { Fit: CallFit.Unsure } shown) Example = shown with { Fit = CallFit.NoneFits };
        return cover;
    }

    /// <summary>The same among the calls that fit the action's arguments, charged to the budget of the fit; leaves <paramref name="start"/> as it is.</summary>
    public Cover RunFitting(ulong[]?[] start, IReadOnlyList<RowBox> rows, RowBox? subject, string action, CompiledPolicy policy, Func<PolicyMatch, bool> shows, bool unknownToo = false)
    {
        _unknownToo = unknownToo;
        (_rows, _subject, _action, _policy, _shows) = (rows, subject, action, policy, shows);
        Example = null;
        var narrowed = new ulong[]?[start.Length];
        for (var i = 0; i < start.Length; i++)
        {
            if ((narrowed[i] = start[i]) is not { } values || space.Dimensions[i].Fitting is not { } fitting) continue;
            var both = BitSet.And(values, fitting);
            if (BitSet.Has(fitting, Imaginary(i))) BitSet.Add(both, Imaginary(i));
            if (BitSet.IsEmpty(both)) return Cover.Whole;
            narrowed[i] = both;
        }
        return Pass(narrowed, fit!.Budget, onlyFitting: true);
    }

    private Cover Pass(ulong[]?[] start, WorkBudget work, bool onlyFitting)
    {
        (_onlyFitting, _unclear, Example, _steps) = (onlyFitting, false, null, Math.Min(MaxSteps, work.Left));
        _matched.Clear();
        var given = _steps;
        var found = Search(start, 0, 0);
        work.Spend(given - _steps);
        return found ? Cover.Open : _unclear ? Cover.Unclear : Cover.Whole;
    }

    /// <summary>The box of a row, or null when it is empty for certain.</summary>
    public ulong[]?[]? Start(RowBox box, bool certain)
    {
        var start = new ulong[]?[space.Dimensions.Count];
        foreach (var side in box.Sides)
        {
            var values = certain ? side.Certain : side.Matched;
            if (!space.Dimensions[side.Dimension].IsExact)
            {
                values = [.. values];
                BitSet.Add(values, Imaginary(side.Dimension));
            }
            if (BitSet.IsEmpty(values)) return null;
            start[side.Dimension] = values;
        }
        return start;
    }

    /// <summary>Whether a row and a box may have a call in common.</summary>
    public bool Meets(RowBox row, ulong[]?[] box)
    {
        budget.Spend(1);
        foreach (var side in row.Sides)
        {
            var isExact = space.Dimensions[side.Dimension].IsExact;
            if (isExact && (box[side.Dimension] is { } values ? !BitSet.Meet(values, side.Matched) : BitSet.IsEmpty(side.Matched))) return false;
        }
        return true;
    }

    /// <summary>What two boxes share, or null when nothing.</summary>
    public static ulong[]?[]? Shared(ulong[]?[] a, ulong[]?[] b)
    {
        var shared = new ulong[]?[a.Length];
        for (var i = 0; i < a.Length; i++)
        {
            shared[i] = a[i] is null ? b[i] : b[i] is null ? a[i] : BitSet.And(a[i]!, b[i]!);
            if (shared[i] is { } set && BitSet.IsEmpty(set)) return null;
        }
        return shared;
    }

    /// <summary>The whole space.</summary>
    public ulong[]?[] Everything() => new ulong[]?[space.Dimensions.Count];

    private bool Search(ulong[]?[] box, int next, int depth)
    {
        for (; next < _rows.Count; next++)
        {
            if (--_steps < 0 || depth > MaxDepth)
            {
                _unclear = true;
                return false;
            }
            var (sides, isGuard) = (_rows[next].Sides, _rows[next].Row.IsGuard);
            if (!Meets(box, sides, isGuard)) continue;
            foreach (var side in sides)
            {
                var values = box[side.Dimension] ?? (_onlyFitting ? space.Dimensions[side.Dimension].Fitting : null) ?? All(side.Dimension);
                var matched = Matched(side, isGuard);
                var outside = BitSet.Without(values, matched);
                if (!BitSet.IsEmpty(outside))
                {
                    var part = (ulong[]?[])box.Clone();
                    part[side.Dimension] = outside;
                    if (Search(part, next + 1, depth + 1)) return true;
                }
                box[side.Dimension] = BitSet.And(values, matched);
            }
            return false;   // what is left lies inside this row
        }
        return Accept(box);
    }

    private bool Meets(ulong[]?[] box, RowSide[] sides, bool isGuard)
    {
        foreach (var side in sides)
        {
            var matched = Matched(side, isGuard);
            if ((box[side.Dimension] ?? (_onlyFitting ? space.Dimensions[side.Dimension].Fitting : null)) is { } values ? !BitSet.Meet(values, matched) : BitSet.IsEmpty(matched)) return false;
        }
        return true;
    }

    private ulong[] Matched(RowSide side, bool isGuard)
    {
        if (space.Dimensions[side.Dimension].IsExact) return side.Matched;
        if (_matched.TryGetValue(side, out var known)) return known;
        var asked = _subject?.Sides.FirstOrDefault(s => s.Dimension == side.Dimension)?.Keys ?? [];
        if ((_unknownToo && !isGuard) || !side.Keys.All(k => asked.Contains(k, StringComparer.Ordinal))) return _matched[side] = side.Matched;
        ulong[] matched = [.. side.Matched];
        BitSet.Add(matched, Imaginary(side.Dimension));
        return _matched[side] = matched;
    }

    private ulong[] All(int dimension)
    {
        if (_full[dimension] is { } known) return known;
        var all = BitSet.Full(space.Dimensions[dimension].Size);
        if (space.Dimensions[dimension].IsExact) BitSet.Remove(all, Imaginary(dimension));
        return _full[dimension] = all;
    }

    private int Imaginary(int dimension) => space.Dimensions[dimension].Size - 1;

    private bool Accept(ulong[]?[] box)
    {
        var fields = new List<Sample>();
        for (var i = 0; i < box.Length; i++)
        {
            if (box[i] is not { } values) continue;
            var first = BitSet.First(values);
            if (first >= Imaginary(i)) return !(_unclear = true);
            fields.Add(space.Dimensions[i].Values[first]);
        }
        _steps -= CostOfExample;
        if (ExampleCall.Build(_action, fields) is { } call) Example = Shown(call, fields);
        return Example is not null || !(_unclear = true);
    }

    private ShownCall? Shown(JsonElement call, List<Sample> fields)
    {
        var (whole, work) = (new ShownCall(call, CallFit.Fits), 0);
        if (fit is not null) whole = fit.Complete(call, fields.Where(f => f.Value is null).Select(f => f.Path), out work);
        _steps -= work;
        if ((whole.Fit == CallFit.Fits || !_onlyFitting) && Shows(whole.Call)) return whole;
        return !_onlyFitting && fit is not null && Shows(call) ? new(call, CallFit.Unsure) : null;
    }

    private bool Shows(JsonElement call) => _shows(_policy!.Evaluate(PolicyCall.FromExample(call)));
}
