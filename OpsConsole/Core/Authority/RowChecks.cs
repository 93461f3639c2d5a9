using OpsConsole.Core.Access;

namespace OpsConsole.Core.Authority;

/// <summary>What is wrong with a row on its own: its id, its expressions, its approvers.</summary>
internal static class RowChecks
{
    private const int MaxListed = 20;

    public static IEnumerable<Finding> Errors(MatrixDocument doc, IReadOnlyList<CompiledRow> boundaries, IReadOnlyList<CompiledRow> rules, Func<string, ApproverStanding> standing)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var finding in boundaries.SelectMany(b => Expressions(b, $"boundaries[{b.Index}]"))) yield return finding;
        foreach (var row in rules)
        {
            var rule = doc.Rules[row.Index];
            var at = At(row.Index);
            if (!ids.TryAdd(rule.Id, row.Index))
            {
                yield return new("rule.duplicate_id", $"Rules {ids[rule.Id] + 1} and {row.Index + 1} are both called {rule.Id}.", rule.Id, rule.Id, at + ".id");
            }
            foreach (var finding in Expressions(row, at)) yield return finding;
            if (rule is { Consequence: Consequence.High, Outcome: not RuleOutcome.Deny, Approvers.Count: 0 })
            {
                yield return new("rule.no_approver", $"{rule.Id} is of high consequence and not denied, so it must name who approves.", rule.Id, null, at + ".approvers");
            }
        }
        foreach (var finding in Approvers(doc, standing, ApproverStanding.Unknown, "approver.unknown", "whom the console does not know")) yield return finding;
    }

    public static IEnumerable<Finding> Warnings(MatrixDocument doc, Func<string, ApproverStanding> standing)
    {
        foreach (var finding in Approvers(doc, standing, ApproverStanding.NotAMemberYet, "approver.not_member", "who is not a member of this rollout yet")) yield return finding;
        for (var i = 0; i < doc.Rules.Count; i++)
        {
            var rule = doc.Rules[i];
            if (rule.Order == ApprovalOrder.Sequence && rule.Quorum < rule.Approvers.Count)
            {
                yield return new("sequence.short", $"{rule.Id} asks {rule.Approvers.Count} approvers one after another but is content with {rule.Quorum}: the later ones are never asked.", rule.Id, null, At(i) + ".quorum");
            }
            var people = rule.Approvers.Distinct(StringComparer.OrdinalIgnoreCase).Count();
            if (people > 0 && people < rule.Quorum && rule.Approvers.All(ApproverEntry.IsUser))
            {
                yield return new("quorum.out_of_reach", $"{rule.Id} wants {rule.Quorum} approvals and names only {people} {(people == 1 ? "person" : "people")}.", rule.Id, null, At(i) + ".quorum");
            }
        }
    }

    private static IEnumerable<Finding> Expressions(CompiledRow row, string at)
    {
        if (!row.IsWellFormedAction) yield return new("expression.invalid", $"{at}: the action is not a name, a name with .* or *.", row.Rule?.Id, null, at + ".action");
        for (var i = 0; i < row.Conditions.Length; i++)
        {
            var condition = row.Conditions[i];
            if (condition.Problem is not { } problem) continue;
            yield return new("expression.invalid", $"'{ConditionStory.Describe(condition.Source)}' cannot be evaluated: {problem}.", row.Rule?.Id, null, $"{at}.when[{i}]");
        }
    }

    // Once for each of them, however many rows name them: it is put right in one place. The finding stands at the first of these rows.
    private static IEnumerable<Finding> Approvers(MatrixDocument doc, Func<string, ApproverStanding> standing, ApproverStanding looked, string code, string what)
    {
        foreach (var named in doc.Rules.SelectMany((r, i) => Named(r, At(i))).GroupBy(n => n.Who, StringComparer.Ordinal).Where(g => StandingOf(g.Key, standing) == looked))
        {
            var rules = named.Select(n => n.Rule).Distinct().ToList();
            yield return new(code, $"{Listed(rules)} {(rules.Count == 1 ? "names" : "name")} {named.Key}, {what}.", rules[0], null, named.First().Where);
        }
    }

    private static IEnumerable<(string Who, string Rule, string Where)> Named(MatrixRule rule, string at) =>
        rule.Approvers.Select((who, i) => (who, rule.Id, $"{at}.approvers[{i}]")).Concat(rule.EscalateTo.Select((who, i) => (who, rule.Id, $"{at}.escalate_to[{i}]")));

    private static string Listed(List<string> rules) => rules.Count == 1 ? rules[0]
        : rules.Count > MaxListed ? $"{string.Join(", ", rules.Take(MaxListed))} and {rules.Count - MaxListed} more rows" : $"{string.Join(", ", rules[..^1])} and {rules[^1]}";

    private static ApproverStanding StandingOf(string who, Func<string, ApproverStanding> standing) =>
        ApproverEntry.IsUser(who) || ApproverEntry.IsGroup(who) ? standing(who) : ApproverStanding.Unknown;

    private static string At(int index) => $"rules[{index}]";
}
