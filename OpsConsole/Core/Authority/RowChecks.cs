using OpsConsole.Core.Access;

namespace OpsConsole.Core.Authority;

/// <summary>What is wrong with a row on its own: its id, its expressions, its approvers.</summary>
internal static class RowChecks
{
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
            foreach (var (who, where) in Named(rule, at))
            {
                if (StandingOf(who, standing) == ApproverStanding.Unknown) yield return new("approver.unknown", $"{rule.Id} names {who}, whom the console does not know.", rule.Id, null, where);
            }
        }
    }

    public static IEnumerable<Finding> Warnings(MatrixDocument doc, Func<string, ApproverStanding> standing)
    {
        for (var i = 0; i < doc.Rules.Count; i++)
        {
            var rule = doc.Rules[i];
            foreach (var (who, where) in Named(rule, At(i)))
            {
                if (StandingOf(who, standing) == ApproverStanding.NotAMemberYet) yield return new("approver.not_member", $"{rule.Id} names {who}, who is not a member of this rollout yet.", rule.Id, null, where);
            }
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

    private static IEnumerable<(string Who, string Where)> Named(MatrixRule rule, string at) =>
        rule.Approvers.Select((who, i) => (who, $"{at}.approvers[{i}]")).Concat(rule.EscalateTo.Select((who, i) => (who, $"{at}.escalate_to[{i}]")));

    private static ApproverStanding StandingOf(string who, Func<string, ApproverStanding> standing) =>
        ApproverEntry.IsUser(who) || ApproverEntry.IsGroup(who) ? standing(who) : ApproverStanding.Unknown;

    private static string At(int index) => $"rules[{index}]";
}
