namespace OpsConsole.Core.Authority;

/// <summary>Where a matrix and the register of actions disagree. Warnings: the matrix decides, but somebody may have meant something else.</summary>
internal static class CatalogueChecks
{
    public static IEnumerable<Finding> Warnings(MatrixDocument doc, IReadOnlyList<CompiledRow> boundaries, IReadOnlyList<CompiledRow> rules, ActionCatalogue catalogue, ArgumentFits fits)
    {
        var fate = doc.Default == DefaultOutcome.Deny ? "is denied" : "goes to a person";
        foreach (var listed in catalogue.Actions)
        {
            var name = listed.Action.ToLowerInvariant();
            if (rules.Any(Covers)) continue;   // where their conditions leave a gap, the analysis of the rules says so
            var guards = boundaries.Where(Covers).ToList();
            if (guards.Any(b => b.IsUnconditional)) continue;
            // A boundary with conditions also holds calls back that it cannot read, so a plain call would not show the default.
            yield return guards.Count == 0
                ? new Finding("catalogue.no_rule", $"No row says anything about {listed.Action} ({Words(listed)}), which the catalogue lists: it {fate}.").ShownBy(fits.Plain(listed.Action))
                : new("catalogue.no_rule", $"Only a boundary with conditions says anything about {listed.Action} ({Words(listed)}), which the catalogue lists: where its conditions do not hold, it {fate}.");

            bool Covers(CompiledRow row) => row.IsWellFormedAction && row.Pattern.Covers(name);
        }
        foreach (var row in rules)
        {
            if (catalogue.Actions.Count == 0 || !row.IsWellFormedAction || row.Pattern.Kind != ActionPattern.Reach.One) continue;
            var (rule, at) = (doc.Rules[row.Index], $"rules[{row.Index}]");
            if (catalogue.Find(rule.Action) is not { } listed)
            {
                yield return new("catalogue.unlisted", $"{rule.Id} is about {rule.Action}, which the catalogue does not list. Is it spelled as the agent spells it?", rule.Id, null, at + ".action");
            }
            else if (rule.Outcome != RuleOutcome.Deny && !IsOfSomeCalls(row) && (rule.Consequence < listed.Consequence || rule.Effect < listed.Effect))
            {
                yield return new("catalogue.differs", $"{rule.Id} takes {rule.Action} for {MatrixWords.Effects[rule.Effect]}, {MatrixWords.Consequences[rule.Consequence]} consequence; the catalogue says {Words(listed)}.",
                    rule.Id, null, at + (rule.Consequence < listed.Consequence ? ".consequence" : ".effect"));
            }
        }
    }

    // What an action touches or costs can make it a lesser one: small amounts, orders of a test shop. Who asks, and how sure the agent is, cannot.
    internal static bool IsOfSomeCalls(CompiledRow row) => row.Resource is { Type: not (null or "*") } or { Id: not (null or "*") }
        || row.Conditions.Any(c => c.Path is { Root: not (FieldPath.Source.Confidence or FieldPath.Source.OnBehalfOf) });

    private static string Words(CatalogueAction listed) => $"{MatrixWords.Effects[listed.Effect]}, {MatrixWords.Consequences[listed.Consequence]} consequence";
}
