namespace OpsConsole.Core.Authority;

/// <summary>What the policy says about one call.</summary>
/// <param name="Boundary">The boundary that forbids it, or null; then <paramref name="Rule"/> is null.</param>
/// <param name="Rule">The first rule that matches, or null: the default decides.</param>
/// <param name="Unknown">The deciding row matched only because a condition could not be read.</param>
/// <param name="RuleIndex">The place of <paramref name="Rule"/> in the document, or -1.</param>
public readonly record struct PolicyMatch(Boundary? Boundary, MatrixRule? Rule, bool Unknown, int RuleIndex)
{
    internal static readonly PolicyMatch None = new(null, null, false, -1);
}

/// <summary>
/// A matrix in force: immutable, safe from any thread, evaluated without allocation, in a time that does not grow with the number of rules for other actions.
/// Boundaries come first; then the first matching rule decides. A condition that cannot be read counts as matched for rows that hold back, as not matched for rows that allow.
/// </summary>
public sealed class CompiledPolicy
{
    private readonly ActionIndex _boundaries, _rules;

    private CompiledPolicy(MatrixDocument document, int version, CompiledRow[] boundaries, CompiledRow[] rules)
    {
        (Document, Version) = (document, version);
        (_boundaries, _rules) = (new ActionIndex(boundaries), new ActionIndex(rules));
        HasPatterns = boundaries.Concat(rules).Any(row => row.Conditions.Any(c => c.IsPattern));
    }

    public MatrixDocument Document { get; }
    public int Version { get; }
    /// <summary>Whether any row runs a pattern, which can take long.</summary>
    public bool HasPatterns { get; }

    /// <summary>Never throws on a matrix that <see cref="MatrixJson"/> reads: an invalid expression becomes a condition that is always unknown.</summary>
    public static CompiledPolicy Compile(MatrixDocument doc, int version) => new(doc, version, [.. doc.Boundaries.Select((boundary, i) => new CompiledRow(i, boundary))], [.. doc.Rules.Select((rule, i) => new CompiledRow(i, rule))]);

    /// <summary>The same from rows that are compiled already, for the analysis; it has no version.</summary>
    internal static CompiledPolicy Of(MatrixDocument doc, CompiledRow[] boundaries, CompiledRow[] rules) => new(doc, 0, boundaries, rules);

    public PolicyMatch Evaluate(in PolicyCall call)
    {
        foreach (var row in _boundaries.Find(call.Action))
        {
            var truth = row.Test(call);
            if (row.Matches(truth)) return new(row.Boundary, null, truth == Truth.Unknown, -1);
        }
        foreach (var row in _rules.Find(call.Action))
        {
            var truth = row.Test(call);
            if (row.Matches(truth)) return new(null, row.Rule, truth == Truth.Unknown, row.Index);
        }
        return PolicyMatch.None;
    }

    /// <summary>The story of <see cref="Evaluate"/>: every row that covers the action, up to and with the one that decides, and why each condition said what it said.</summary>
    public IReadOnlyList<RuleTrace> Explain(in PolicyCall call)
    {
        var story = new List<RuleTrace>();
        foreach (var row in (CompiledRow[])[.. _boundaries.Find(call.Action), .. _rules.Find(call.Action)])
        {
            var trace = ConditionStory.Tell(row, call);
            story.Add(trace);
            if (trace.Decides) break;
        }
        return story;
    }
}
