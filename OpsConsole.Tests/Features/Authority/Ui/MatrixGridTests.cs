using Bunit;
using OpsConsole.Core.Authority;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Authority.Ui;

public sealed class MatrixGridTests : ShellTestContext
{
    [Fact]
    public void Grid_OfThreeHundredRows_DrawsOnlyTheRowThatChanged()
    {
        var editor = new DraftEditor(new MatrixDocument { Rules = [.. Enumerable.Range(1, 300).Select(i => new MatrixRule { Id = $"R-{i}", Action = $"step{i}.run", Outcome = RuleOutcome.Approve, When = ConditionText.Parse($"amount > {i}").Value, Approvers = ["group:leads"] })] }, _ => null);
        var grid = Render<MatrixGrid>(p => p.Add(c => c.Editor, editor).Add(c => c.MayEdit, true));
        var rows = grid.FindComponents<RuleRowView>();
        Assert.Equal(300, rows.Count);
        var before = rows.Sum(r => r.RenderCount);
        grid.InvokeAsync(() => grid.Instance.Commit(MatrixGrid.RuleKind, editor.Rules[150].Key, nameof(RuleColumn.When), "amount > 7"));
        Assert.Equal(before + 1, rows.Sum(r => r.RenderCount));
        Assert.Contains("amount > 7", rows[150].Markup);
    }
}
