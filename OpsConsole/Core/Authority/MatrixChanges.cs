using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Authority;

/// <summary>One difference between two matrices, for people.</summary>
/// <param name="Kind"><c>added</c>, <c>removed</c>, <c>moved</c>, <c>changed</c> (rules), the same with <c>boundary_</c>, or <c>default_changed</c>.</param>
/// <param name="Rule">The id of the row as it is now (or was, when it is gone); null for boundaries and the default.</param>
/// <param name="Words">A sentence.</param>
/// <param name="Fields">Cell by cell; empty for a row that was only moved.</param>
public sealed record MatrixChange(string Kind, string? Rule, string Words, ChangeEffect Effect, IReadOnlyList<FieldChange> Fields);

/// <summary>A difference in words: a sentence per change, and whether it gives agents more or less.</summary>
public static class MatrixChanges
{
    // Said by the sentence about the outcome.
    private static readonly string[] InOutcome = ["outcome", "approvers", "quorum", "order", "sla", "on_expiry", "escalate_to", "window", "hold"];
    private static readonly string[] InScope = ["action", "resource", "when"];

    /// <param name="who">How an approver (<c>user:email</c>, <c>group:name</c>) is called.</param>
    public static IReadOnlyList<MatrixChange> Between(MatrixDocument old, MatrixDocument now, Func<string, string> who)
    {
        var diff = MatrixDiff.Of(old, now);
        List<MatrixChange> changes = [];
        if (diff.OldDefault != diff.NewDefault)
        {
            var (was, isNow) = (MatrixWords.Of(diff.OldDefault), MatrixWords.Of(diff.NewDefault));
            changes.Add(new("default_changed", null, diff.NewDefault == DefaultOutcome.Deny ? "What no row matches is denied now (before: a person decided)." : "What no row matches goes to a person now (before: denied).",
                diff.NewDefault == DefaultOutcome.Deny ? ChangeEffect.Tightens : ChangeEffect.Loosens, [new("default", "default", was, isNow)]));
        }
        changes.AddRange(diff.Boundaries.Select(Of));
        changes.AddRange(diff.Rules.Select(c => Of(c, old, now, who)));
        return changes;
    }

    /// <summary>How many, in a sentence.</summary>
    public static string Summary(IReadOnlyList<MatrixChange> changes)
    {
        if (changes.Count == 0) return "No difference.";
        var (more, less) = (changes.Count(c => c.Effect == ChangeEffect.Loosens), changes.Count(c => c.Effect == ChangeEffect.Tightens));
        List<string> parts = [];
        if (more > 0) parts.Add(Counted.Of(more, "gives agents more", "give agents more"));
        if (less > 0) parts.Add(Counted.Of(less, "gives agents less", "give agents less"));
        if (changes.Count - more - less is > 0 and var rest) parts.Add(Counted.Of(rest, "changes which row applies, or how", "change which row applies, or how"));
        return $"{Counted.Of(changes.Count, "change")}: {string.Join(", ", parts)}.";
    }

    private static MatrixChange Of(RowChange<Boundary> c)
    {
        var fields = Fields(c.Old, c.New);
        return c.Kind switch
        {
            RowChangeKind.Added => new("boundary_added", null, "New boundary: " + RuleSentence.Of(c.New!), Strictness.Of(null, c.New), fields),
            RowChangeKind.Removed => new("boundary_removed", null, "A boundary is gone: " + RuleSentence.Of(c.Old!), Strictness.Of(c.Old, (Boundary?)null), fields),
            RowChangeKind.Moved => new("boundary_moved", null, $"The boundary about {c.New!.Action} stands elsewhere in the list. All boundaries hold, so nothing else is decided.", ChangeEffect.Other, []),
            _ => new("boundary_changed", null, $"A boundary says now: {RuleSentence.Of(c.New!)} Before: {RuleSentence.Of(c.Old!)}", Strictness.Of(c.Old, c.New), fields),
        };
    }

    private static MatrixChange Of(RowChange<MatrixRule> c, MatrixDocument old, MatrixDocument now, Func<string, string> who) => c.Kind switch
    {
        RowChangeKind.Added => new("added", c.New!.Id, $"New row {c.New.Id}{Place(c.To!.Value, now)}: {RuleSentence.Of(c.New, who)}", Strictness.Of(null, c.New, now, c.To.Value), RuleFields.Changes(null, c.New)),
        RowChangeKind.Removed => new("removed", c.Old!.Id, $"{c.Old.Id} is gone. It said: {RuleSentence.Of(c.Old, who)}", Strictness.Of(c.Old, null, old, c.From!.Value), RuleFields.Changes(c.Old, null)),
        RowChangeKind.Moved => new("moved", c.New!.Id, Moved(c, now), ChangeEffect.Other, []),
        _ => new("changed", c.New!.Id, Changed(c.Old!, c.New, who), Strictness.Of(c.Old, c.New, old, c.From!.Value), RuleFields.Changes(c.Old, c.New)),
    };

    private static string Place(int at, MatrixDocument now) => at > 0 ? $" after {now.Rules[at - 1].Id}" : now.Rules.Count > 1 ? " before all others" : "";

    private static string Moved(RowChange<MatrixRule> c, MatrixDocument now)
        => c.To!.Value + 1 < now.Rules.Count ? $"{c.New!.Id} stands before {now.Rules[c.To.Value + 1].Id} now: where both match, {c.New.Id} decides." : $"{c.New!.Id} is the last row now: it decides what no other row matches.";

    private static string Changed(MatrixRule old, MatrixRule now, Func<string, string> who)
    {
        var fields = RuleFields.Changes(old, now);
        List<string> parts = [];
        if (old.Id != now.Id) parts.Add($"it was called {old.Id} before");
        var (scope, before) = (RuleSentence.Scope(now.Action, now.Resource, now.When), RuleSentence.Scope(old.Action, old.Resource, old.When));
        if (scope != before) parts.Add($"it is about “{scope}” now (before: “{before}”)");
        else if (fields.FirstOrDefault(f => InScope.Contains(f.Field)) is { } spelling) parts.Add(Phrase(spelling));
        var outcome = old.Outcome != now.Outcome;
        if (outcome) parts.Add($"{(scope == before ? scope + ": " : "")}now {RuleSentence.Outcome(now, who)} (before: {RuleSentence.Outcome(old, who)})");
        parts.AddRange(fields.Where(f => f.Field != "id" && !InScope.Contains(f.Field) && !(outcome && InOutcome.Contains(f.Field))).Select(f => f.Field switch
        {
            "approvers" => $"asks {People(now.Approvers, who)} now (before: {People(old.Approvers, who)})",
            "escalate_to" => $"escalated to {People(now.EscalateTo, who)} now (before: {People(old.EscalateTo, who)})",
            "note" => "another note",
            _ => Phrase(f),
        }));
        return $"{now.Id}: {string.Join("; ", parts)}.";
    }

    private static string Phrase(FieldChange f) => $"{f.Title} is {f.New ?? "not said"} now (before: {f.Old ?? "not said"})";

    private static string People(IReadOnlyList<string> approvers, Func<string, string> who) => approvers.Count == 0 ? "the rollout's owners" : string.Join(", ", approvers.Select(who));

    private static List<FieldChange> Fields(Boundary? old, Boundary? now)
    {
        List<FieldChange> fields = [];
        Add("action", "action", b => b.Action);
        Add("resource", "resource", b => b.Resource is { } r ? $"{r.Type ?? "any type"}{(r.Id is null ? "" : " " + r.Id)}" : null);
        Add("when", "conditions", b => b.When.Count == 0 ? null : ConditionText.Format(b.When));
        Add("reason", "reason", b => b.Reason.Length == 0 ? null : b.Reason);
        return fields;

        void Add(string field, string title, Func<Boundary, string?> text)
        {
            var (before, after) = (old is null ? null : text(old), now is null ? null : text(now));
            if (before != after) fields.Add(new(field, title, before, after));
        }
    }
}
