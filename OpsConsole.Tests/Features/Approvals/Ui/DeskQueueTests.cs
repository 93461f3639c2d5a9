namespace OpsConsole.Features.Approvals.Ui;

public sealed class DeskQueueTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 4, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Take_SameRows_KeepsReferences()
    {
        var queue = new DeskQueue();
        queue.Take([Row("a"), Row("b")], null, "", Noon);
        var before = queue.Rows.ToList();
        queue.Take([Row("a"), Row("n"), Row("b")], null, "", Noon);
        Assert.Equal(["a", "n", "b"], queue.Rows.Select(r => r.Row.Id));
        Assert.Same(before[0], queue.Rows[0]);
        Assert.Same(before[1], queue.Rows[2]);
    }

    [Fact]
    public void Take_WhileReading_AnnouncesInsteadOfMoving()
    {
        var queue = new DeskQueue();
        queue.Take([Row("a"), Row("b")], "b", "", Noon);
        queue.Take([Row("x"), Row("a"), Row("y")], "b", "", Noon);
        Assert.Equal(["a", "b"], queue.Rows.Select(r => r.Row.Id));
        Assert.Equal(2, queue.News);
        Assert.True(queue.Rows[1].Gone);
        queue.ShowAll();
        Assert.Equal(["x", "a", "y"], queue.Rows.Select(r => r.Row.Id));
        Assert.Equal(0, queue.News);
    }

    [Fact]
    public void Take_WhileReading_WhatOnlyMovedUpFollowsAtTheEndAndIsNoNews()
    {
        var queue = new DeskQueue();
        queue.Take([Row("a"), Row("b")], "a", "", Noon.AddMinutes(1));
        queue.Take([Row("a"), Row("c", due: 20)], "a", "", Noon.AddMinutes(2));
        Assert.Equal(["a", "c"], queue.Rows.Select(r => r.Row.Id));
        Assert.Equal(0, queue.News);
        queue.Take([Row("a"), Row("c", due: 20), Row("d", due: 25) with { RequestedAt = Noon.AddMinutes(2) }], "a", "", Noon.AddMinutes(3));
        Assert.Equal(["a", "c"], queue.Rows.Select(r => r.Row.Id));
        Assert.Equal(1, queue.News);
    }

    [Fact]
    public void After_Decided_IsNextOfMineElseNearestBefore()
    {
        var queue = new DeskQueue();
        queue.Take([Row("a"), Row("b"), Row("c", mine: false), Row("d")], null, "", Noon);
        Assert.Equal("d", queue.After("b")!.Row.Id);
        Assert.Equal("b", queue.After("d")!.Row.Id);
        queue.Take([Row("b")], null, "", Noon);
        Assert.Null(queue.After("b"));
    }

    [Fact]
    public void Step_FromSelection_WalksAndStopsAtTheEnds()
    {
        var queue = new DeskQueue();
        queue.Take([Row("a"), Row("b")], null, "?show=mine", Noon);
        Assert.Equal("/approvals/a?show=mine", queue.Step(1)!.Href);
        queue.Select("b");
        Assert.Null(queue.Step(1));
        Assert.Equal("a", queue.Step(-1)!.Row.Id);
        Assert.Equal([false, true], queue.Rows.Select(r => r.Selected));
    }

    [Fact]
    public void Take_SelectedIsGone_SelectsWhatMovedUp()
    {
        var queue = new DeskQueue();
        queue.Take([Row("a"), Row("b"), Row("c")], null, "", Noon);
        queue.Select("b");
        queue.Take([Row("a"), Row("c")], null, "", Noon);
        Assert.Equal("c", queue.SelectedId);
        queue.Take([Row("a")], null, "", Noon);
        Assert.Equal("a", queue.SelectedId);
        queue.Take([], null, "", Noon);
        Assert.Null(queue.SelectedId);
    }

    [Fact]
    public void Append_WhileReading_KeepsWhatIsShownAndWhatIsAnnounced()
    {
        var queue = new DeskQueue();
        queue.Take([Row("a"), Row("b")], "a", "", Noon);
        queue.Take([Row("x"), Row("a"), Row("b")], "a", "", Noon);
        var before = queue.Rows.ToList();
        queue.Append([Row("b"), Row("c")]);
        Assert.Equal(["a", "b", "c"], queue.Rows.Select(r => r.Row.Id));
        Assert.Same(before[0], queue.Rows[0]);
        Assert.Equal(1, queue.News);
        queue.ShowAll();
        Assert.Equal(["x", "a", "b", "c"], queue.Rows.Select(r => r.Row.Id));
    }

    internal static QueueRow Row(string id, bool mine = true, int due = 15) => new(id, "refund.create", "8812", "Support agent", "Support", false, true, "R-12", Noon, Noon.AddMinutes(due), 0, 1, mine, false);
}
