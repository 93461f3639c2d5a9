using FsCheck;
using FsCheck.Fluent;
using OpsConsole.Core.Authority;

namespace OpsConsole.Tests.Core.Authority;

public sealed class MatrixMergeTests
{
    private static readonly MatrixDocument Root = Matrix(Rule("R-1"), Rule("R-2"), Rule("R-3"));

    private static MatrixRule Rule(string id, RuleOutcome outcome = RuleOutcome.Approve) => new() { Id = id, Action = "a." + id.ToLowerInvariant(), Outcome = outcome };

    private static MatrixDocument Matrix(params MatrixRule[] rules) => new() { Rules = rules };

    private static MatrixDocument With(int at, Func<MatrixRule, MatrixRule> change) => Root with { Rules = [.. Root.Rules.Select((r, i) => i == at ? change(r) : r)] };

    private static MatrixDocument Without(int at) => Root with { Rules = [.. Root.Rules.Where((_, i) => i != at)] };

    private static IEnumerable<string> Ids(MatrixDocument document) => document.Rules.Select(r => r.Id);

    private static string Json(MatrixRule rule) => MatrixJson.ToJson(Matrix(rule));

    private static readonly Gen<(MatrixDocument Root, MatrixDocument Mine, MatrixDocument Theirs)> Three =
        from root in MatrixEdits.Any from mine in MatrixEdits.Of(root) from theirs in MatrixEdits.Of(root) select (root, mine, theirs);

    [Fact]
    public void OneSideOnly_ComesOutAsTheyLeftIt() => MatrixGenerators.Holds(Three, m =>
        MatrixJson.ToJson(MatrixMerge.Of(m.Root, m.Mine, m.Root).Resolve()) == MatrixJson.ToJson(m.Mine)
        && MatrixJson.ToJson(MatrixMerge.Of(m.Root, m.Root, m.Theirs).Resolve()) == MatrixJson.ToJson(m.Theirs)
        && MatrixJson.ToJson(MatrixMerge.Of(m.Root, m.Mine, m.Mine).Resolve()) == MatrixJson.ToJson(m.Mine));

    /// <summary>Every row that somebody added or changed is in the result: as they wrote it, with the other's fields in it, or (under a new id) beside the other's.</summary>
    [Fact]
    public void NobodysRow_IsLost() => MatrixGenerators.Holds(Three, m =>
    {
        var merge = MatrixMerge.Of(m.Root, m.Mine, m.Theirs);
        var rows = merge.Resolve().Rules;
        return Touched(m.Root, m.Mine).All(r => Stands(r, m.Theirs)) && Touched(m.Root, m.Theirs).All(r => Stands(r, m.Mine));

        bool Stands((MatrixRule Row, MatrixRule? Was) mine, MatrixDocument other)
            => rows.Any(r => Json(r with { Id = "" }) == Json(mine.Row with { Id = "" })) || (mine.Was is { } was && rows.Any(r => RuleFields.Differing(was, mine.Row).All(f => RuleFields.Text(r, f) == RuleFields.Text(mine.Row, f))));
    });

    [Fact]
    public void Boundaries_OfBoth_Stand() => MatrixGenerators.Holds(Three, m =>
    {
        var merged = MatrixMerge.Of(m.Root, m.Mine, m.Theirs).Resolve().Boundaries.Select(RuleSentence.Of).ToHashSet();
        var was = m.Root.Boundaries.Select(RuleSentence.Of).ToHashSet();
        return m.Mine.Boundaries.Concat(m.Theirs.Boundaries).Select(RuleSentence.Of).Where(b => !was.Contains(b)).All(merged.Contains);
    });

    private static IEnumerable<(MatrixRule Row, MatrixRule? Was)> Touched(MatrixDocument root, MatrixDocument now)
        => MatrixDiff.Of(root, now).Rules.Where(c => c.Kind is RowChangeKind.Added or RowChangeKind.Changed).Select(c => (c.New!, c.Old));

    [Fact]
    public void DifferentRowsAndDifferentFields_MergeByThemselves()
    {
        var mine = With(0, r => r with { Approvers = ["group:leads"] });
        var theirs = With(0, r => r with { Note = "theirs" }) with { Rules = [.. With(0, r => r with { Note = "theirs" }).Rules, Rule("R-4")] };
        var merge = MatrixMerge.Of(Root, mine, theirs);
        Assert.Empty(merge.Conflicts);
        var merged = merge.Resolve();
        Assert.Equal(["R-1", "R-2", "R-3", "R-4"], Ids(merged));
        Assert.Equal(("group:leads", "theirs"), (merged.Rules[0].Approvers[0], merged.Rules[0].Note));
    }

    [Fact]
    public void TheSameField_IsAConflict_WhoseRowsBothStayUnlessSomebodyChooses()
    {
        var merge = MatrixMerge.Of(Root, With(1, r => r with { Outcome = RuleOutcome.Allow }), With(1, r => r with { Outcome = RuleOutcome.Deny }));
        var conflict = Assert.Single(merge.Conflicts);
        Assert.Equal(("R-2", "outcome"), (conflict.Id, Assert.Single(conflict.Fields)));
        Assert.Equal([("R-1", RuleOutcome.Approve), ("R-2", RuleOutcome.Deny), ("R-4", RuleOutcome.Allow), ("R-3", RuleOutcome.Approve)], merge.Resolve().Rules.Select(r => (r.Id, r.Outcome)));
        Assert.Equal(RuleOutcome.Allow, merge.Resolve([MergeChoice.Mine]).Rules[1].Outcome);
        Assert.Equal([("R-1", RuleOutcome.Approve), ("R-2", RuleOutcome.Deny), ("R-3", RuleOutcome.Approve)], merge.Resolve([MergeChoice.Theirs]).Rules.Select(r => (r.Id, r.Outcome)));
    }

    [Fact]
    public void ChangedHereAndRemovedThere_KeepsTheRow_UnlessTheRemovalIsChosen()
    {
        var merge = MatrixMerge.Of(Root, With(1, r => r with { Note = "mine" }), Without(1));
        Assert.Equal("mine", merge.Resolve().Rules[1].Note);
        Assert.Equal(["R-1", "R-3"], Ids(merge.Resolve([MergeChoice.Theirs])));
        Assert.Equal(["R-1", "R-3"], Ids(MatrixMerge.Of(Root, Root, Without(1)).Resolve()));
    }

    [Fact]
    public void AddedOnBothSides_TheSameIsOnce_AndAnotherUnderTheSameIdIsBoth()
    {
        var (mine, theirs) = (Root with { Rules = [.. Root.Rules, Rule("R-4"), Rule("R-5", RuleOutcome.Allow)] }, Root with { Rules = [.. Root.Rules, Rule("R-4"), Rule("R-5", RuleOutcome.Deny)] });
        var merge = MatrixMerge.Of(Root, mine, theirs);
        Assert.Null(Assert.Single(merge.Conflicts).Base);
        Assert.Equal(["R-1", "R-2", "R-3", "R-4", "R-5", "R-6"], Ids(merge.Resolve()));
    }

    [Fact]
    public void BothMoved_TheOrderOfBothIsThere()
    {
        var mine = Matrix(Root.Rules[1], Root.Rules[0], Root.Rules[2]);   // 2 1 3
        var theirs = Root with { Rules = [Rule("R-0"), .. Root.Rules, Rule("R-9")] };
        var ids = Ids(MatrixMerge.Of(Root, mine, theirs).Resolve()).ToList();
        Assert.Equal(["R-0", "R-1", "R-2", "R-3", "R-9"], ids.Order());
        Assert.True(ids.IndexOf("R-2") < ids.IndexOf("R-1") && ids[^1] == "R-9", string.Join(' ', ids));
    }

    [Theory]
    [InlineData("R-12", "R-13")]
    [InlineData("refunds", "refunds-2")]
    [InlineData("R-99999999999999999999", "R-99999999999999999999-2")]
    public void FreeId_CountsOn(string id, string next) => Assert.Equal(next, RowIds.Beside(id, [id]));

    [Fact]
    public void FreeId_OfTheLongest_IsNotLonger() => Assert.Equal(64, RowIds.Beside(new string('x', 64), [new string('x', 64)]).Length);
}
