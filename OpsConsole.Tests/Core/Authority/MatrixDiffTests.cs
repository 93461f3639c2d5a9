using FsCheck.Fluent;
using OpsConsole.Core.Authority;

namespace OpsConsole.Tests.Core.Authority;

public sealed class MatrixDiffTests
{
    private static MatrixRule Rule(string id, RuleOutcome outcome = RuleOutcome.Allow, string when = "", string action = "refund.create") => new() { Id = id, Action = action, Outcome = outcome, When = ConditionText.Parse(when).Value, Reversible = true, Consequence = Consequence.Low };

    private static MatrixDocument Matrix(params MatrixRule[] rules) => new() { Rules = rules };

    private static IReadOnlyList<MatrixChange> Tell(MatrixDocument old, MatrixDocument now) => MatrixChanges.Between(old, now, a => a[(a.IndexOf(':') + 1)..]);

    [Fact]
    public void Apply_ToTheOld_GivesTheNew() => MatrixGenerators.Holds(
        from old in MatrixEdits.Any from edited in MatrixEdits.Of(old) from other in MatrixEdits.Any from same in Gen.Choose(0, 3) select (old, now: same > 0 ? edited : other),
        p => MatrixJson.ToJson(MatrixDiff.Of(p.old, p.now).Apply(p.old)) == MatrixJson.ToJson(p.now));

    [Fact]
    public void Of_TheSame_IsEmpty() => MatrixGenerators.Holds(MatrixEdits.Any, d => MatrixDiff.Of(d, d).IsEmpty && Tell(d, d).Count == 0, 300);

    [Fact]
    public void Words_OfAnything_AreASentenceEach_AndNameTheFieldsThatDiffer() => MatrixGenerators.Holds(from old in MatrixEdits.Any from now in MatrixEdits.Of(old) select (old, now), p =>
        Tell(p.old, p.now).All(c => c.Words.EndsWith('.') && c.Fields.All(f => f.Old != f.New) && (c.Kind is not "changed" || c.Fields.Count > 0)), 600);

    /// <summary>What counts: after a change that is said to give less, no call at all is answered more loosely at any gate and tier.</summary>
    [Fact]
    public void Tightens_IsNeverSaidFalsely()
    {
        var said = 0;
        MatrixGenerators.Holds(from p in MatrixEdits.OneRow from calls in Gen.ArrayOf(MatrixGenerators.Call, 60) select (p.Old, p.Now, calls), p =>
        {
            if (Tell(p.Old, p.Now) is not [{ Effect: ChangeEffect.Tightens }]) return true;
            said++;
            var (before, after) = (CompiledPolicy.Compile(p.Old, 1), CompiledPolicy.Compile(p.Now, 2));
            return p.calls.All(c => Answers(before, p.Old, c).Zip(Answers(after, p.Now, c)).All(a => a.Second >= a.First));
        }, 6_000);
        Assert.True(said > 400, $"It was said {said} times only.");
    }

    private static int[] Answers(CompiledPolicy policy, MatrixDocument document, PolicyCall call)
    {
        var match = policy.Evaluate(call);
        return Strictness.Answers(match.Rule ?? new MatrixRule { Id = "", Action = "*", Outcome = match.Boundary is not null || document.Default == DefaultOutcome.Deny ? RuleOutcome.Deny : RuleOutcome.Approve });
    }

    [Fact]
    public void Moved_AreAsFewRowsAsCanBe()
    {
        var change = Assert.Single(Tell(Matrix(Rule("R-1"), Rule("R-2"), Rule("R-3"), Rule("R-7")), Matrix(Rule("R-1"), Rule("R-7"), Rule("R-2"), Rule("R-3"))));
        Assert.Equal(("moved", "R-7", "R-7 stands before R-2 now: where both match, R-7 decides.", ChangeEffect.Other), (change.Kind, change.Rule, change.Words, change.Effect));
    }

    [Fact]
    public void Changed_FromAllowToApprove_SaysWhoIsAskedAndThatItTightens()
    {
        // The row above it asks about amounts it cannot read, so this one never sees them.
        var over = Rule("R-11", RuleOutcome.Deny, "amount > 1000");
        var now = Rule("R-12", RuleOutcome.Approve, "amount > 200") with { Approvers = ["group:leads"], Sla = TimeSpan.FromMinutes(15) };
        var change = Assert.Single(Tell(Matrix(over, Rule("R-12", when: "amount > 200")), Matrix(over, now)));
        Assert.Equal("R-12: refund.create, where amount is over 200: now needs one of the group leads within 15 min, else it is denied (before: the agent does it alone, and it can be undone for 1 day).", change.Words);
        Assert.Equal(ChangeEffect.Tightens, change.Effect);
        Assert.Equal([("outcome", "allow", "approve"), ("approvers", null, "group:leads"), ("sla", "1 h", "15 min")], change.Fields.Select(f => (f.Field, f.Old, f.New)));
        // Alone, it would ask a person about a refund without an amount, which was denied before.
        Assert.Equal(ChangeEffect.Other, Assert.Single(Tell(Matrix(Rule("R-12", when: "amount > 200")), Matrix(now))).Effect);
    }

    [Theory]
    [InlineData("amount > 200", "amount > 200; vip = true", RuleOutcome.Allow, ChangeEffect.Tightens)]
    [InlineData("amount > 200; vip = true", "amount > 200", RuleOutcome.Allow, ChangeEffect.Loosens)]
    [InlineData("amount > 200", "amount > 200; vip = true", RuleOutcome.Deny, ChangeEffect.Other)]   // what it no longer denies, the default does
    [InlineData("amount > 200", "amount > 300", RuleOutcome.Approve, ChangeEffect.Other)]
    public void Changed_Conditions_AreTighterOrLooserByTheOutcome(string before, string after, RuleOutcome outcome, ChangeEffect effect)
        => Assert.Equal(effect, Assert.Single(Tell(Matrix(Rule("R-1", outcome, before)), Matrix(Rule("R-1", outcome, after)))).Effect);

    [Fact]
    public void Beyond_WhatIsLookedAt_NothingIsClaimed()
    {
        var rows = Enumerable.Range(0, 600).Select(i => Rule($"R-{i}", when: $"amount = {i}")).ToArray();
        Assert.Equal(ChangeEffect.Other, Assert.Single(Tell(Matrix(rows), Matrix(rows[1..]))).Effect);
        Assert.Equal(ChangeEffect.Tightens, Assert.Single(Tell(Matrix(rows), Matrix([rows[0] with { Outcome = RuleOutcome.Deny }, .. rows[1..]]))).Effect);
        Assert.Equal(ChangeEffect.Tightens, Assert.Single(Tell(Matrix(rows), Matrix(rows[..^1]))).Effect);
    }

    [Fact]
    public void Changed_People_AreToldByName()
    {
        var old = Rule("R-1", RuleOutcome.Approve) with { Approvers = ["group:leads", "user:mara@x"] };
        var fewer = Assert.Single(Tell(Matrix(old), Matrix(old with { Approvers = ["group:leads"] })));
        Assert.Equal(("R-1: asks leads now (before: leads, mara@x).", ChangeEffect.Tightens), (fewer.Words, fewer.Effect));
        Assert.Equal(ChangeEffect.Loosens, Assert.Single(Tell(Matrix(old with { Quorum = 2 }), Matrix(old))).Effect);
        Assert.Equal(ChangeEffect.Loosens, Assert.Single(Tell(Matrix(old), Matrix(old with { Outcome = RuleOutcome.Allow, Approvers = [] }))).Effect);
        Assert.Equal(ChangeEffect.Other, Assert.Single(Tell(Matrix(old), Matrix(old with { Note = "x" }))).Effect);
    }

    [Fact]
    public void Lengths_ThatReadAlike_AreTheExactOnes()
    {
        var old = Rule("R-1", RuleOutcome.Approve) with { Sla = TimeSpan.FromMinutes(15) };
        Assert.Equal(("\"PT15M\"", "\"PT15M0.5S\""), Assert.Single(Assert.Single(Tell(Matrix(old), Matrix(old with { Sla = old.Sla + TimeSpan.FromMilliseconds(500) }))).Fields) is var f ? (f.Old, f.New) : default);
    }

    [Fact]
    public void BoundariesAndTheDefault_AreToldApart()
    {
        var money = new Boundary { Action = "payment.*", Reason = "no money" };
        var changes = Tell(new MatrixDocument { Boundaries = [money] }, new MatrixDocument { Default = DefaultOutcome.Approve, Boundaries = [money with { When = ConditionText.Parse("amount > 5").Value }, new Boundary { Action = "hr.*" }] });
        Assert.Equal([("default_changed", ChangeEffect.Loosens), ("boundary_changed", ChangeEffect.Loosens), ("boundary_added", ChangeEffect.Tightens)], changes.Select(c => (c.Kind, c.Effect)));
        Assert.Equal("3 changes: 2 give agents more, 1 gives agents less.", MatrixChanges.Summary(changes));
    }

    [Fact]
    public void Rows_UnderAnotherId_AreTheSameRow()
    {
        var change = Assert.Single(Tell(Matrix(Rule("R-1"), Rule("R-2", RuleOutcome.Deny)), Matrix(Rule("R-1"), Rule("X-2", RuleOutcome.Deny))));
        Assert.Equal(("changed", "X-2: it was called R-2 before."), (change.Kind, change.Words));
    }
}
