using OpsConsole.Core.Authority;
using OpsConsole.Core.Shared;

namespace OpsConsole.Features.Authority.Ui;

/// <summary>One person's work on a draft that others save too; the store is a variable.</summary>
public sealed class DraftSessionTests
{
    private MatrixDocument _stored = new() { Rules = [Rule("R-1", "order.get")] };
    private long _version = 1;
    private Task _disk = Task.CompletedTask;
    private Exception? _down;

    private static MatrixRule Rule(string id, string action) => new() { Id = id, Action = action, Outcome = RuleOutcome.Approve };

    private DraftSheet Stored => new(_stored, _version);

    private DraftSession Open() => new(Stored, SaveAsync, () => Task.FromResult<Result<DraftSheet>>(Stored), _ => null);

    private async Task<Result<MatrixDraft>> SaveAsync(MatrixDocument document, long basedOn)
    {
        await _disk;
        if (_down is not null) throw _down;
        if (basedOn != _version) return new Fault(FaultKind.Stale, "matrix.stale", "stale");
        (_stored, _version) = (document, _version + 1);
        return new MatrixDraft("", _version, 1);
    }

    private string Actions => string.Join(' ', _stored.Rules.Select(r => $"{r.Id}:{r.Action}"));

    private static void Add(DraftSession session, string action) => session.Editor.Type(session.Editor.AddRule(null), RuleColumn.Action, action);

    [Fact]
    public async Task Save_WhatIsTypedWhileASaveRuns_IsSavedByTheSame()
    {
        var session = Open();
        var slow = new TaskCompletionSource();
        _disk = slow.Task;
        Add(session, "ticket.get");
        var first = session.SaveAsync();
        await Task.Yield();
        Add(session, "ticket.close");
        var second = session.SaveAsync();
        Assert.True(session.Saving);
        slow.SetResult();
        await Task.WhenAll(first, second);
        Assert.Equal("R-1:order.get R-2:ticket.get R-3:ticket.close", Actions);
        Assert.False(session.Dirty);
    }

    [Fact]
    public async Task Save_TwoNewRowsOfOneName_AreBothKept()
    {
        var (mine, theirs) = (Open(), Open());
        Add(mine, "ticket.get");
        Add(theirs, "ticket.close");
        await theirs.SaveAsync();
        await mine.SaveAsync();
        Assert.Equal("R-1:order.get R-2:ticket.close R-3:ticket.get", Actions);
        theirs.See(Stored);
        Assert.Equal(3, theirs.Editor.Rules.Select(r => r.Key).Distinct().Count());
    }

    [Fact]
    public async Task Save_OneCellOfBoth_WaitsForAChoice_AndBothStayWhereNobodyChooses()
    {
        var (mine, theirs) = (Open(), Open());
        mine.Editor.Type(mine.Editor.Rules[0].Key, RuleColumn.Note, "mine");
        theirs.Editor.Type(theirs.Editor.Rules[0].Key, RuleColumn.Note, "theirs");
        await theirs.SaveAsync();
        await mine.SaveAsync();
        Assert.NotNull(mine.Stale);
        var waiting = mine.Stale;
        mine.See(Stored);
        Assert.Same(waiting, mine.Stale);   // the choice that somebody is making is not begun anew
        mine.SettleWithBoth();
        await mine.SaveAsync();
        Assert.Equal(["mine", "theirs"], _stored.Rules.Select(r => r.Note).Order());
    }

    // The save of whoever leaves is the first to hear of the other's; nobody is there to choose afterwards.
    [Fact]
    public async Task Leave_WhatTurnsOutToStandAgainstItWhileItSaves_StaysBesideTheirs()
    {
        var (mine, theirs) = (Open(), Open());
        mine.Editor.Type(mine.Editor.Rules[0].Key, RuleColumn.Note, "mine");
        theirs.Editor.Type(theirs.Editor.Rules[0].Key, RuleColumn.Note, "theirs");
        await theirs.SaveAsync();
        await mine.LeaveAsync();
        Assert.Equal(["mine", "theirs"], _stored.Rules.Select(r => r.Note).Order());
        Assert.False(mine.Dirty);
    }

    [Fact]
    public async Task Leave_WithoutADatabase_ComesToAnEnd()
    {
        var session = Open();
        Add(session, "ticket.get");
        _down = new TimeoutException();
        await session.LeaveAsync();
        Assert.NotNull(session.Fault);
    }

    [Fact]
    public async Task Save_WithoutADatabase_KeepsEverythingAndSavesWhenItIsBack()
    {
        var session = Open();
        Add(session, "ticket.get");
        _down = new TimeoutException();
        await session.SaveAsync();
        Assert.Contains("kept here", session.Fault!.Message);
        Assert.True(session.Dirty);
        _down = null;
        await session.SaveAsync();
        Assert.Null(session.Fault);
        Assert.Equal("R-1:order.get R-2:ticket.get", Actions);
    }

    [Fact]
    public void See_AnOldLook_IsNoNews()
    {
        var session = Open();
        var old = Stored;
        _version = 2;
        session.See(Stored);
        session.See(old);
        Assert.Equal(2, session.Base.Version);
    }
}
