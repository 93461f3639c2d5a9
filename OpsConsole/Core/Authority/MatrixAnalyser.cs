using System.Text.Json;

namespace OpsConsole.Core.Authority;

/// <summary>
/// Reads a matrix before it is published: what must not be (errors), and what its authors should know (warnings).
/// Claims about all calls (dead, hidden) are proven; claims about some call (gap, overlap) carry a call that the compiled policy was asked about. What is neither is said to be so.
/// </summary>
public static class MatrixAnalyser
{
    // Up to here one space for all rows saves asking the same condition again for every action; beyond, its fields get too many values.
    private const int MaxRowsInOneSpace = 1_000;
    private const string AnyName = "anything";

    /// <param name="catalogue">What the rollout's agents may ask for; an empty one is not asked.</param>
    /// <param name="examples">What must be answered as written; null is none.</param>
    /// <param name="approver">How the console knows somebody: asked with <c>user:email</c> or <c>group:name</c>.</param>
    public static MatrixAnalysis Analyse(MatrixDocument doc, Func<string, ApproverStanding> approver, ActionCatalogue catalogue, MatrixExamples? examples = null)
    {
        CompiledRow[] boundaries = [.. doc.Boundaries.Select((b, i) => new CompiledRow(i, b))];
        CompiledRow[] rules = [.. doc.Rules.Select((r, i) => new CompiledRow(i, r))];
        var errors = RowChecks.Errors(doc, boundaries, rules, approver).ToList();
        if (examples is { Items.Count: > 0 }) errors.AddRange(ExampleChecks.Errors(CompiledPolicy.Compile(doc, 0), examples));
        var warnings = RowChecks.Warnings(doc, approver).ToList();
        warnings.AddRange(CatalogueChecks.Warnings(doc, boundaries, rules, catalogue));
        var shows = Relate(doc, boundaries, rules, errors, warnings);
        if (rules.Length == 0)
        {
            var outcome = doc.Default == DefaultOutcome.Deny ? "is denied" : "goes to a person";
            warnings.Add(new("gap.default", $"There is no rule: every call that no boundary forbids {outcome}."));
        }
        return new(InOrder(errors, doc, shows), InOrder(warnings, doc, shows));
    }

    private static Dictionary<int, JsonElement> Relate(MatrixDocument doc, CompiledRow[] boundaries, CompiledRow[] rules, List<Finding> errors, List<Finding> warnings)
    {
        var policy = CompiledPolicy.Compile(doc, 0);
        var (boundaryTable, ruleTable) = (new ActionTable(boundaries), new ActionTable(rules));
        CompiledRow[] all = [.. boundaries, .. rules];
        var budget = new WorkBudget();
        var shared = all.Length <= MaxRowsInOneSpace ? new Frame(new ConditionSpace(all), budget) : null;
        var shows = new Dictionary<int, JsonElement>();
        foreach (var pattern in rules.Select(r => r.Pattern).Distinct())
        {
            if (budget.IsSpent) break;
            CompiledRow[] rows = [.. boundaryTable.Covering(pattern), .. ruleTable.Covering(pattern)];
            var frame = shared ?? new Frame(new ConditionSpace(rows), budget);
            var relations = new RowRelations(doc, policy, frame.Search, budget, pattern, ActionOf(pattern, all), [.. rows.Select(frame.BoxOf).Where(b => !b.IsBroken || b.Row.IsGuard)]);
            relations.Find();
            errors.AddRange(relations.Errors);
            warnings.AddRange(relations.Warnings);
            foreach (var (index, example) in relations.Shows) shows[index] = example;
        }
        if (budget.IsSpent)
        {
            warnings.Add(new("analysis.cannot_tell", "There are too many rows about the same calls to compare each with every other; some hidden rows, gaps and overlaps may not be listed."));
        }
        return shows;
    }

    // For a wildcard, an action below it that no other row names: rows that cover it cover all of the pattern.
    private static string ActionOf(ActionPattern pattern, CompiledRow[] rows)
    {
        if (pattern.Kind == ActionPattern.Reach.One) return pattern.Text;
        var start = pattern.Kind == ActionPattern.Reach.All ? AnyName : $"{pattern.Text}.{AnyName}";
        var action = start;
        for (var i = 2; rows.Any(r => r.Pattern.Text.StartsWith(action, StringComparison.Ordinal)); i++) action = start + i;
        return action;
    }

    private static List<Finding> InOrder(List<Finding> findings, MatrixDocument doc, Dictionary<int, JsonElement> shows)
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < doc.Rules.Count; i++) places.TryAdd(doc.Rules[i].Id, i);
        int Place(Finding f) => f.Rule is not null && places.TryGetValue(f.Rule, out var at) ? at : -1;
        // A finding about a row on its own is shown by any call that this row decides.
        return [.. findings.Select(f => f.Example is null && f.Code != "rule.dead" && shows.TryGetValue(Place(f), out var call) ? f with { Example = call } : f).OrderBy(Place)];
    }

    private sealed class Frame(ConditionSpace space, WorkBudget budget)
    {
        private readonly Dictionary<CompiledRow, RowBox> _boxes = new(ReferenceEqualityComparer.Instance);

        public CoverSearch Search { get; } = new(space, budget);

        public RowBox BoxOf(CompiledRow row)
        {
            if (!_boxes.TryGetValue(row, out var box)) _boxes[row] = box = space.BoxOf(row);
            return box;
        }
    }
}
