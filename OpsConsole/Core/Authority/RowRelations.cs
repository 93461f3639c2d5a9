namespace OpsConsole.Core.Authority;

/// <summary>
/// How the rows that cover one action pattern stand to each other, each question asked for the rows of exactly that pattern. Rows with wider patterns
/// take part; narrower ones cannot cover the pattern, and meet it in their own group.
/// </summary>
/// <param name="overlaps">How many overlaps of each rule were told; shared by the patterns, so that a row about everything is not told of everything.</param>
internal sealed class RowRelations(CompiledPolicy policy, CoverSearch search, WorkBudget budget, ActionPattern pattern, string action, IReadOnlyList<RowBox> rows, Dictionary<string, int> overlaps)
{
    private const int MaxOverlapsPerRow = 3;

    private readonly List<Finding> _errors = [], _warnings = [];
    private readonly Dictionary<int, ShownCall> _shows = [];
    private readonly HashSet<(string Row, string Other)> _told = [];
    private readonly List<(string Row, string Other)> _open = [];

    public IReadOnlyList<Finding> Errors => _errors;
    public IReadOnlyList<Finding> Warnings => _warnings;
    /// <summary>For rules that can decide: a call that they do decide.</summary>
    public IReadOnlyDictionary<int, ShownCall> Shows => _shows;
    /// <summary>Pairs of rules of which nobody can tell whether they overlap.</summary>
    public IReadOnlyList<(string Row, string Other)> Open => _open;
    /// <summary>Whether some calls match no row; null before <see cref="Find"/>.</summary>
    public PatternGap? Gap { get; private set; }

    public void Find()
    {
        for (var i = 0; i < rows.Count && !budget.IsSpent; i++)
        {
            if (rows[i] is not { IsBroken: false, Row: { Rule: not null } row } || row.Pattern != pattern) continue;
            if (!Contradicts(i) && !Hidden(i, out var unclear)) Dead(i, unclear);
        }
        for (var later = 0; later < rows.Count && !budget.IsSpent; later++) Overlaps(later);
        var gap = search.Run(search.Everything(), rows, null, action, policy, match => match is { Rule: null, Boundary: null });
        Gap = new(pattern, gap, gap == Cover.Open ? search.Example : null, rows.FirstOrDefault(r => r.Row.Rule is not null && r.Row.Pattern == pattern)?.Row);
    }

    private bool Contradicts(int at)
    {
        if (search.Start(rows[at], certain: true) is not null) return false;
        var never = rows[at].Row.IsGuard ? $"{IdOf(at)} can only match calls that it cannot read" : $"{IdOf(at)} can never match";
        Warn("rule.dead", rows[at], null, $"{never}: no call meets all its conditions at once.", null);
        return true;
    }

    private bool Hidden(int at, out bool unclear)
    {
        unclear = false;
        var rule = rows[at].Row.Rule!;
        var start = search.Start(rows[at], certain: true)!;
        if (rule.Consequence != Consequence.High || rule.Outcome == RuleOutcome.Allow) return false;
        var looser = Enumerable.Range(0, at).Where(i => IsLooser(i, rule) && search.Meets(rows[i], start)).ToArray();
        if (looser.Length == 0) return false;
        // Only what looser rows take away is hidden; what an equally strict row decides first is no worse for it.
        var cover = search.Run(Copy(start), [.. looser.Select(i => rows[i])], rows[at], action, policy, match => !(match.Rule?.Outcome < rule.Outcome));
        if (cover == Cover.Open) return false;
        unclear = cover == Cover.Unclear;
        (int At, ShownCall Call)? hides = null;   // the first with a call that fits, else the first
        foreach (var i in looser)
        {
            if (search.Start(rows[i], certain: false) is not { } other || CoverSearch.Shared(other, start) is not { } shared) continue;
            var taken = search.Run(shared, Before(i), rows[at], action, policy, match => match.RuleIndex == rows[i].Row.Index);
            unclear |= taken == Cover.Unclear;   // that it takes nothing away is not proven
            if (taken != Cover.Open) continue;
            if (cover == Cover.Unclear) break;
            var call = search.Example!.Value;
            if (hides is null || call.Fit == CallFit.Fits) hides = (i, call);
            if (call.Fit == CallFit.Fits) break;
        }
        if (hides is { } found)
        {
            var first = IdOf(found.At);
            _errors.Add(new Finding("rule.hidden_stricter", $"{first} ({Outcome(found.At)}) comes first and hides {rule.Id} ({Outcome(at)}), which is stricter and of high consequence. Move {rule.Id} up or narrow {first}.",
                rule.Id, first, FieldOf(rows[at])).ShownBy(found.Call));
            _told.Add((rule.Id, first));
            return true;
        }
        if (unclear)
        {
            Warn("analysis.cannot_tell", rows[at], IdOf(looser[0]), $"Whether {IdOf(looser[0])} ({Outcome(looser[0])}) hides {rule.Id} ({Outcome(at)}) cannot be told from the conditions. Try {rule.Id} on a call of your own.", null);
        }
        return false;
    }

    private void Dead(int at, bool told)
    {
        var row = rows[at];
        var cover = search.Run(search.Start(row, certain: false)!, Before(at), row, action, policy, match => match.RuleIndex == row.Row.Index, unknownToo: row.Row.IsGuard);
        if (cover == Cover.Open) _shows[row.Row.Index] = search.Example!.Value;
        if (cover == Cover.Unclear && !told && !budget.IsSpent)
        {
            Warn("analysis.cannot_tell", row, null, $"Whether any call reaches {IdOf(at)} cannot be told from the conditions of the rows before it. Try it on a call of your own.", null);
        }
        if (cover != Cover.Whole) return;
        var shown = search.Run(search.Start(row, certain: true)!, [], row, action, policy, match => match.RuleIndex != row.Row.Index) == Cover.Open ? search.Example : null;
        var decides = shown is { } example ? policy.Evaluate(PolicyCall.FromExample(example.Call)) : PolicyMatch.None;
        var who = decides.Boundary is not null ? "a boundary" : decides.Rule?.Id;
        Warn("rule.dead", row, decides.Rule?.Id, $"{IdOf(at)} can never match: earlier rows cover all of it{(who is null ? "" : $", {who} among them")}.", shown);
    }

    private void Overlaps(int later)
    {
        if (rows[later] is not { IsBroken: false, Row: { Rule: { } stricter } } || search.Start(rows[later], certain: true) is not { } box) return;
        for (var i = 0; i < later && overlaps.GetValueOrDefault(stricter.Id) <= MaxOverlapsPerRow && !budget.IsSpent; i++)
        {
            if (rows[i] is not { IsBroken: false, Row: { Rule: { } rule } } || rule.Outcome == stricter.Outcome) continue;
            if (rows[i].Row.Pattern != pattern && rows[later].Row.Pattern != pattern) continue;   // their own group has them
            if (!search.Meets(rows[i], box) || IsException(rows[i], rows[later])) continue;
            if (_told.Contains((stricter.Id, rule.Id))) continue;
            if (search.Start(rows[i], certain: true) is not { } other || CoverSearch.Shared(other, box) is not { } shared) continue;
            if (overlaps.GetValueOrDefault(stricter.Id) == MaxOverlapsPerRow)
            {
                overlaps[stricter.Id]++;
                Warn("analysis.cannot_tell", rows[later], rule.Id, $"{MaxOverlapsPerRow} rows before {stricter.Id} overlap with it; whether {rule.Id} and others do, too, was not looked at.", null);
                return;
            }
            var index = rows[i].Row.Index;
            var cover = search.Run(shared, Before(i), rows[later], action, policy, match => match.RuleIndex == index);
            if (cover == Cover.Unclear && !budget.IsSpent) _open.Add((stricter.Id, rule.Id));
            if (cover != Cover.Open) continue;
            overlaps[stricter.Id] = overlaps.GetValueOrDefault(stricter.Id) + 1;
            Warn("rule.overlap", rows[later], rule.Id, $"{rule.Id} ({Outcome(i)}) and {stricter.Id} ({Outcome(later)}) both match some calls; {rule.Id} comes first and decides them.", search.Example);
        }
    }

    // An earlier, narrower row before a general one is how exceptions are written, not an accident.
    private static bool IsException(RowBox earlier, RowBox later) =>
        later.Row.Pattern.Covers(earlier.Row.Pattern)
        && later.Sides.All(l => earlier.Sides.FirstOrDefault(e => e.Dimension == l.Dimension) is { } e && BitSet.Within(e.Certain, l.Matched));

    private bool IsLooser(int i, MatrixRule rule) => rows[i].Row.Rule is { } earlier && earlier.Outcome < rule.Outcome && !rows[i].IsBroken;

    private ArraySegment<RowBox> Before(int at) => new(_all ??= [.. rows], 0, at);
    private RowBox[]? _all;

    private static ulong[]?[] Copy(ulong[]?[] box) => (ulong[]?[])box.Clone();

    private void Warn(string code, RowBox row, string? other, string message, ShownCall? example)
    {
        if (other is not null) _told.Add((row.Row.Rule!.Id, other));
        _warnings.Add(new Finding(code, message, row.Row.Rule?.Id, other, FieldOf(row)).ShownBy(example));
    }

    private static string FieldOf(RowBox row) => row.Row.Rule is null ? $"boundaries[{row.Row.Index}]" : $"rules[{row.Row.Index}]";
    private string IdOf(int i) => rows[i].Row.Rule!.Id;
    private string Outcome(int i) => MatrixWords.Of(rows[i].Row.Rule!.Outcome);
}
