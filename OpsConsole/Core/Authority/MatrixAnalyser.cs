namespace OpsConsole.Core.Authority;

/// <summary>
/// Reads a matrix before it is published: what must not be (errors), and what its authors should know (warnings).
/// Claims about all calls (dead, hidden) are proven; claims about some call (gap, overlap) carry a call that the compiled policy was asked about. What is neither is said to be so.
/// </summary>
public static class MatrixAnalyser
{
    private const int Steps = 3_000_000, MaxPairsNamed = 3;

    /// <param name="catalogue">What the rollout's agents may ask for; an empty one is not asked.</param>
    /// <param name="examples">What must be answered as written; null is none.</param>
    /// <param name="approver">How the console knows somebody: asked with <c>user:email</c> or <c>group:name</c>.</param>
    /// <param name="ct">Ends it with an <see cref="OperationCanceledException"/> where nobody waits for it any more.</param>
    public static MatrixAnalysis Analyse(MatrixDocument doc, Func<string, ApproverStanding> approver, ActionCatalogue catalogue, MatrixExamples? examples = null, CancellationToken ct = default) => Analyse(doc, approver, catalogue, examples, new WorkBudget(Steps, ct), new WorkBudget(ArgumentFits.Steps, ct));

    /// <param name="fitting">For looking for calls that fit the actions' arguments.</param>
    internal static MatrixAnalysis Analyse(MatrixDocument doc, Func<string, ApproverStanding> approver, ActionCatalogue catalogue, MatrixExamples? examples, WorkBudget budget, WorkBudget fitting)
    {
        var ground = new AnalysisGround(doc, budget.Token);
        var errors = RowChecks.Errors(doc, ground.Boundaries, ground.Rules, approver).ToList();
        if (examples is { Items.Count: > 0 }) errors.AddRange(ExampleChecks.Errors(ground.Policy, examples));
        var warnings = RowChecks.Warnings(doc, approver).ToList();
        var fits = new ArgumentFits(catalogue, fitting);
        warnings.AddRange(CatalogueChecks.Warnings(doc, ground.Boundaries, ground.Rules, catalogue, fits));
        var (shows, gaps) = Relate(ground, budget, fits, errors, warnings);
        var map = CoverageMap.Of(ground, catalogue, budget.Token);   // with work of its own: neither can starve the other
        warnings.AddRange(GapFindings.Of(doc, gaps, map));
        return new(InOrder(errors, doc, shows), InOrder(warnings, doc, shows), map);
    }

    private static (Dictionary<int, ShownCall> Shows, List<PatternGap> Gaps) Relate(AnalysisGround ground, WorkBudget budget, ArgumentFits fits, List<Finding> errors, List<Finding> warnings)
    {
        var shows = new Dictionary<int, ShownCall>();
        var gaps = new List<PatternGap>();
        var open = new List<(string Row, string Other)>();
        var overlaps = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var pattern in ground.Rules.Select(r => r.Pattern).Distinct())
        {
            if (budget.IsSpent) break;
            var rows = ground.Covering(pattern);
            var action = ground.ActionOf(pattern);
            var fit = fits.Of(action);
            var frame = ground.FrameOf(rows, fit);
            var relations = new RowRelations(ground.Policy, new CoverSearch(frame.Space, budget, fit), budget, pattern, action, [.. rows.Select(frame.BoxOf).Where(b => !b.IsBroken || b.Row.IsGuard)], overlaps);
            relations.Find();
            errors.AddRange(relations.Errors);
            warnings.AddRange(relations.Warnings);
            open.AddRange(relations.Open);
            if (relations.Gap is { } gap) gaps.Add(gap);
            foreach (var (index, example) in relations.Shows) shows[index] = example;
        }
        if (open.Count > 0)
        {
            var more = open.Count > MaxPairsNamed ? $" ({open.Count - MaxPairsNamed} more pairs)" : "";
            warnings.Add(new("analysis.cannot_tell", $"Whether some calls match both cannot be told from the conditions of {string.Join("; ", open.Take(MaxPairsNamed).Select(p => $"{p.Other} and {p.Row}"))}{more}. Where both match, the first one decides."));
        }
        if (budget.IsSpent)
        {
            warnings.Add(new("analysis.cannot_tell", "There are too many rows about the same calls to compare each with every other; some hidden rows, gaps and overlaps may not be listed."));
        }
        return (shows, gaps);
    }

    private static List<Finding> InOrder(List<Finding> findings, MatrixDocument doc, Dictionary<int, ShownCall> shows)
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < doc.Rules.Count; i++) places.TryAdd(doc.Rules[i].Id, i);
        int Place(Finding f) => f.Rule is not null && places.TryGetValue(f.Rule, out var at) ? at : -1;
        // A finding about a row on its own is shown by any call that this row decides.
        return [.. findings.Select(f => f.Example is null && f.Code is not ("rule.dead" or "analysis.cannot_tell") && shows.TryGetValue(Place(f), out var call) ? f.ShownBy(call) : f).OrderBy(Place)];
    }
}
