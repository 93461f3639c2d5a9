namespace OpsConsole.Core.Authority;

/// <summary>What a search for calls of one pattern that no row matches ended with.</summary>
/// <param name="First">The first rule of exactly this pattern, where the finding stands.</param>
internal sealed record PatternGap(ActionPattern Pattern, Cover Cover, ShownCall? Example, CompiledRow? First);

/// <summary>Calls that fall to the default, told once per pattern of the rules, with the actions of the catalogue that are concerned.</summary>
internal static class GapFindings
{
    private const int MaxNamed = 3;

    public static IEnumerable<Finding> Of(MatrixDocument doc, IReadOnlyList<PatternGap> gaps, CoverageMap map)
    {
        var outcome = doc.Default == DefaultOutcome.Deny ? "it is denied" : "it goes to a person";
        if (doc.Rules.Count == 0)
        {
            yield return new("gap.default", $"There is no rule: every call that no boundary forbids {(doc.Default == DefaultOutcome.Deny ? "is denied" : "goes to a person")}.");
            yield break;
        }
        List<string> untold = [];
        var lines = map.Lines.Where(l => l.Coverage != Coverage.Whole).ToLookup(l => Narrowest(gaps, l.Action.Action.ToLowerInvariant())?.Pattern);
        foreach (var gap in gaps)
        {
            // For a wildcard, what the catalogue lists below it says more than a made-up name.
            var listed = gap.Pattern.Kind == ActionPattern.Reach.One ? [] : lines[gap.Pattern].Where(l => l.Coverage != Coverage.CannotTell).ToList();
            var names = listed.Count == 0 ? "" : $" ({Named([.. listed.Select(l => l.Action.Action)])})";
            if ((listed.Count > 0 ? listed.Select(l => l[CallFate.Nobody].Shown!.Value).MinBy(s => s.Fit) : gap.Example) is { } example)
            {
                yield return At(gap, "gap.default", $"Some calls of {Spelled(gap.Pattern)}{names} match no row, so the default decides: {outcome}. For example {ConditionStory.Show(example.Call)}.", example);
            }
            else if (gap.Cover == Cover.Unclear)
            {
                yield return At(gap, "analysis.cannot_tell", $"Whether every call of {Spelled(gap.Pattern)} matches a row cannot be told from the conditions. A last row without conditions would settle it.", null);
            }
            if (gap.Pattern.Kind != ActionPattern.Reach.One && gap.Cover != Cover.Whole) untold.AddRange(lines[gap.Pattern].Where(l => l.Coverage == Coverage.CannotTell).Select(l => l.Action.Action));
        }
        untold.AddRange(lines[null].Where(l => l.Coverage == Coverage.CannotTell).Select(l => l.Action.Action));
        if (untold.Count > 0) yield return new("analysis.cannot_tell", $"Whether every call of {Named(untold)} matches a row cannot be told from the conditions.");
    }

    // Of the rules' patterns that cover an action, the one that says most about it.
    private static PatternGap? Narrowest(IReadOnlyList<PatternGap> gaps, string action) => gaps.Where(g => g.Pattern.Covers(action)).MaxBy(g => (g.Pattern.Kind == ActionPattern.Reach.One, g.Pattern.Text.Length));

    private static Finding At(PatternGap gap, string code, string message, ShownCall? example) =>
        new Finding(code, message, gap.First?.Rule?.Id, null, gap.First is { } row ? $"rules[{row.Index}]" : null).ShownBy(example);

    private static string Named(List<string> actions) =>
        string.Join(", ", actions.Take(MaxNamed)) + (actions.Count > MaxNamed ? $" and {actions.Count - MaxNamed} more of the catalogue" : "");

    private static string Spelled(ActionPattern pattern) => pattern.Kind switch { ActionPattern.Reach.All => "any action", ActionPattern.Reach.Below => pattern.Text + ".*", _ => pattern.Text };
}
