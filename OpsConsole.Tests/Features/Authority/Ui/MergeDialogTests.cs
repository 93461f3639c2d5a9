using Bunit;
using OpsConsole.Core.Authority;
using OpsConsole.Tests.Support;

namespace OpsConsole.Features.Authority.Ui;

public sealed class MergeDialogTests : IDisposable
{
    private static readonly MatrixDocument Root = new() { Rules = [Rule("R-1"), Rule("R-2"), Rule("R-3")] };
    private readonly BunitContext _context = new();

    public MergeDialogTests() => _context.JSInterop.Mode = JSRuntimeMode.Loose;

    public void Dispose() => _context.Dispose();

    private static MatrixRule Rule(string id) => new() { Id = id, Action = "a." + id.ToLowerInvariant(), Outcome = RuleOutcome.Approve };

    private static MatrixDocument With(int at, Func<MatrixRule, MatrixRule> change) => Root with { Rules = [.. Root.Rules.Select((r, i) => i == at ? change(r) : r)] };

    private IRenderedComponent<MergeDialog> Render(MatrixDocument mine, MatrixDocument theirs, Action<MatrixDocument> merged)
        => _context.Render<MergeDialog>(p => p.Add(c => c.Base, Root).Add(c => c.Mine, mine).Add(c => c.Theirs, theirs).Add(c => c.TheirName, "Dana").Add(c => c.OnMerged, merged));

    [Fact]
    public async Task WhatMergesByItself_IsSaid_AndGoesTogether()
    {
        MatrixDocument? merged = null;
        var dialog = Render(With(0, r => r with { Quorum = 2 }), With(2, r => r with { Note = "hers" }), m => merged = m);
        Assert.Empty(dialog.FindAll("fieldset"));
        Assert.Contains("R-1: approvals needed is 2 now (before: 1).", dialog.Markup);
        Assert.Contains("R-3: another note.", dialog.Markup);
        await dialog.ClickAsync("Put both together");
        Assert.Equal((2, "hers"), (merged!.Rules[0].Quorum, merged.Rules[2].Note));
    }

    [Fact]
    public async Task AConflict_KeepsBothUnlessOneIsChosen()
    {
        MatrixDocument? merged = null;
        var dialog = Render(With(1, r => r with { Outcome = RuleOutcome.Allow }), With(1, r => r with { Outcome = RuleOutcome.Deny }), m => merged = m);
        Assert.Equal("R-2: both of you changed it", dialog.Find("legend").TextContent);
        Assert.Equal(["outcome", "approve", "allow", "deny"], dialog.FindAll("fieldset tbody tr:first-child > *").Select(c => c.TextContent.Trim()));
        await dialog.ClickAsync("Put both together");
        Assert.Equal(["R-1", "R-2", "R-4", "R-3"], merged!.Rules.Select(r => r.Id));
        await dialog.InvokeAsync(() => dialog.FindAll("fieldset input[type=radio]")[1].ChangeAsync(true));
        await dialog.ClickAsync("Put both together");
        Assert.Equal([("R-1", RuleOutcome.Approve), ("R-2", RuleOutcome.Allow), ("R-3", RuleOutcome.Approve)], merged.Rules.Select(r => (r.Id, r.Outcome)));
    }

    [Fact]
    public async Task ARowThatOneRemoved_StaysUnlessItsRemovalIsChosen()
    {
        MatrixDocument? merged = null;
        var dialog = Render(With(1, r => r with { Note = "mine" }), Root with { Rules = [Root.Rules[0], Root.Rules[2]] }, m => merged = m);
        Assert.Equal("R-2: you changed it, Dana removed it", dialog.Find("legend").TextContent);
        await dialog.ClickAsync("Put both together");
        Assert.Equal("mine", merged!.Rules[1].Note);
        await dialog.InvokeAsync(() => dialog.FindAll("fieldset input[type=radio]")[1].ChangeAsync(true));
        await dialog.ClickAsync("Put both together");
        Assert.Equal(["R-1", "R-3"], merged.Rules.Select(r => r.Id));
    }
}
