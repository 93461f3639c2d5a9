using FsCheck;
using FsCheck.Fluent;
using OpsConsole.Core.Authority;

namespace OpsConsole.Tests.Core.Authority;

/// <summary>A random matrix and what somebody made of it, as people do: some rows changed, renamed, moved, taken out, doubled or new.</summary>
internal static class MatrixEdits
{
    public static readonly Gen<MatrixDocument> Any = MatrixGenerators.Document(MatrixGenerators.Condition);

    private static readonly Gen<(int What, int A, int B)> Step = from what in Gen.Choose(0, 11) from a in Gen.Choose(0, 1_000) from b in Gen.Choose(0, 1_000) select (what, a, b);

    /// <summary>What one person does to a matrix.</summary>
    public static Gen<MatrixDocument> Of(MatrixDocument old) =>
        from spare in Any
        from steps in Gen.Choose(0, 5).SelectMany(n => Gen.ArrayOf(Step, n))
        select steps.Aggregate(old, (document, step) => Edit(document, spare, step));

    /// <summary>A matrix and one row of it changed, taken out or put in.</summary>
    public static readonly Gen<(MatrixDocument Old, MatrixDocument Now)> OneRow =
        from old in Any
        from spare in Any
        from step in Step
        select (old, Edit(old, spare, (step.What % 7, step.A, step.B)));

    private static MatrixDocument Edit(MatrixDocument d, MatrixDocument spare, (int What, int A, int B) step)
    {
        var rules = d.Rules.ToList();
        var other = spare.Rules.Count > 0 ? spare.Rules[step.B % spare.Rules.Count] : new MatrixRule { Id = "R-9", Action = "*", Outcome = RuleOutcome.Approve };
        if (step.What == 0 || rules.Count == 0)
        {
            rules.Insert(step.A % (rules.Count + 1), other with { Id = "N-" + step.B % 3 });
            return d with { Rules = rules };
        }
        var at = step.A % rules.Count;
        switch (step.What)
        {
            case 1: rules.RemoveAt(at); break;
            case 2: rules[at] = rules[at] with { Outcome = (RuleOutcome)(step.B % 3) }; break;
            case 3: rules[at] = rules[at] with { When = other.When, Quorum = step.B % 2 == 0 ? rules[at].Quorum : other.Quorum }; break;
            case 4: rules[at] = rules[at] with { When = [.. rules[at].When.Skip(1)], Approvers = other.Approvers }; break;
            case 5: rules[at] = rules[at] with { Effect = other.Effect, Consequence = other.Consequence, Reversible = other.Reversible }; break;
            case 6: rules[at] = other with { Id = rules[at].Id, Action = step.B % 2 == 0 ? other.Action : rules[at].Action }; break;
            case 7: rules[at] = rules[at] with { Id = "N-" + step.B % 3 }; break;
            case 8: rules.Insert(step.B % (rules.Count + 1), rules[at]); break;
            case 9: return d with { Default = spare.Default, Boundaries = step.B % 2 == 0 ? spare.Boundaries : [.. d.Boundaries, .. spare.Boundaries, .. d.Boundaries] };
            default:
                var row = rules[at];
                rules.RemoveAt(at);
                rules.Insert(step.B % (rules.Count + 1), row);
                break;
        }
        return d with { Rules = rules };
    }
}
