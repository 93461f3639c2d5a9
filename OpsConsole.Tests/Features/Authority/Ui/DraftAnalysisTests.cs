using OpsConsole.Core.Authority;
using OpsConsole.Core.Shared;
using OpsConsole.Support;

namespace OpsConsole.Features.Authority.Ui;

public sealed class DraftAnalysisTests : IDisposable
{
    private readonly HandTime _time = new(DateTimeOffset.UnixEpoch);
    private readonly List<(string Draft, CancellationToken Token, TaskCompletionSource<Result<AnalysisView>> Answer)> _asked = [];
    private readonly DraftAnalysis _analysis;
    private int _changes;

    public DraftAnalysisTests() => _analysis = new((document, ct) =>
    {
        var answer = new TaskCompletionSource<Result<AnalysisView>>();
        _asked.Add((document.Rules[0].Id, ct, answer));
        return answer.Task;
    }, _time, () => _changes++);

    public void Dispose() => _analysis.Dispose();

    private static MatrixDocument Draft(string id) => new() { Rules = [new() { Id = id, Action = "order.get", Outcome = RuleOutcome.Allow }] };

    private static AnalysisView Says(string words) => new([new("rule.dead", words, "R-1", null, null, null)], [new("gap", "out of bounds?", null, null, "boundaries[2].when", null)]);

    private Task LookAfterThePauseAsync(string id)
    {
        var look = _analysis.LookAsync(Draft(id));
        _time.Advance(DraftAnalysis.Pause);
        return look;
    }

    [Fact]
    public async Task Look_ManyWithinThePause_AsksOnceForTheLast()
    {
        var first = _analysis.LookAsync(Draft("one"));
        _time.Advance(DraftAnalysis.Pause / 2);
        var second = LookAfterThePauseAsync("two");
        await first;
        Assert.True(_analysis.Looking);
        Assert.Equal("two", Assert.Single(_asked).Draft);
        _asked[0].Answer.SetResult(Says("dead"));
        await second;
        Assert.False(_analysis.Looking);
        Assert.Equal(1, _changes);
        Assert.Equal((new RowTrouble(true, "dead"), new RowTrouble(false, "out of bounds?")), (_analysis.Troubles["R-1"], _analysis.Troubles["boundaries[2]"]));
    }

    [Fact]
    public async Task Look_WhileAnotherRuns_EndsItAndIgnoresWhatItStillSays()
    {
        var first = LookAfterThePauseAsync("one");
        Assert.False(_asked[0].Token.IsCancellationRequested);
        var second = LookAfterThePauseAsync("two");
        Assert.True(_asked[0].Token.IsCancellationRequested);
        _asked[1].Answer.SetResult(Says("new"));
        await second;
        _asked[0].Answer.SetResult(Says("old"));
        await first;
        Assert.Equal("new", _analysis.Says.Errors[0].Message);
        Assert.Equal(1, _changes);
    }

    [Fact]
    public async Task Show_WhatIsKnown_GivesUpTheLookUnderWay()
    {
        var look = LookAfterThePauseAsync("one");
        _analysis.Show(Says("stored"));
        Assert.True(_asked[0].Token.IsCancellationRequested);
        Assert.False(_analysis.Looking);
        _asked[0].Answer.SetCanceled(_asked[0].Token);
        await look;
        Assert.Equal("stored", _analysis.Says.Errors[0].Message);
    }

    [Fact]
    public async Task Look_WithoutADatabase_SaysSoAndKeepsWhatStood()
    {
        _analysis.Show(Says("before"));
        var look = LookAfterThePauseAsync("one");
        _asked[0].Answer.SetException(new TimeoutException());
        await look;
        Assert.Contains("cannot be reached", _analysis.Problem);
        Assert.Equal("before", _analysis.Says.Errors[0].Message);
        look = LookAfterThePauseAsync("two");
        _asked[1].Answer.SetResult(Says("again"));
        await look;
        Assert.Null(_analysis.Problem);
    }

    [Fact]
    public async Task Look_WhenNobodyIsThereAnyMore_EndsAndSaysNothing()
    {
        var look = LookAfterThePauseAsync("one");
        _analysis.Dispose();
        Assert.True(_asked[0].Token.IsCancellationRequested);
        _asked[0].Answer.SetResult(Says("late"));
        await look;
        await _analysis.LookAsync(Draft("two"));
        Assert.Equal((0, 1), (_changes, _asked.Count));
    }
}
