using Microsoft.Extensions.Logging.Abstractions;
using OpsConsole.Support;
using Xunit;

namespace OpsConsole.Platform.Realtime;

public sealed class SignalsTests
{
    private readonly HandTime _time = new();
    private readonly Signals _signals;
    private int _calls;

    public SignalsTests() => _signals = new(_time, NullLogger<Signals>.Instance);

    private Task Count() { Interlocked.Increment(ref _calls); return Task.CompletedTask; }
    private int Calls => Volatile.Read(ref _calls);

    [Fact]
    public async Task Publish_FirstSignal_ArrivesAtOnceAndNeverInsidePublish()
    {
        using var release = new ManualResetEventSlim();
        using var s = _signals.Subscribe("a", () => { release.Wait(5000); return Count(); });

        _signals.Publish("a");   // would wait here if the callback ran inside
        Assert.Equal(0, Calls);
        release.Set();

        await Until.True(() => Calls == 1);
    }

    [Fact]
    public async Task Publish_Burst_CallsFirstAtOnceThenOncePerIntervalAndNeverLosesTheLast()
    {
        using var s = _signals.Subscribe("a", Count);
        _signals.Publish("a");
        await Until.True(() => Calls == 1);

        for (var i = 0; i < 1000; i++) _signals.Publish("a");
        await Until.True(() => _time.Timers == 1, "the trailing call is scheduled");
        _time.Advance(TimeSpan.FromMilliseconds(99));
        Assert.Equal(1, Calls);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await Until.True(() => Calls == 2);

        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(2, Calls);
    }

    [Fact]
    public async Task Publish_SubscriberOfItsOwnInterval_IsCalledAsSlowlyAsItAsked()
    {
        using var s = _signals.Subscribe(["a"], Count, TimeSpan.FromSeconds(5));
        _signals.Publish("a");
        await Until.True(() => Calls == 1);
        for (var i = 0; i < 10; i++) _signals.Publish("a");
        await Until.True(() => _time.Timers == 1, "the trailing call is scheduled");
        _time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.Equal(1, Calls);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        await Until.True(() => Calls == 2);
    }

    [Fact]
    public async Task Publish_WhileCallbackRuns_RunsOnceMoreAfterwardsNeverTwiceAtATime()
    {
        var gate = new TaskCompletionSource();
        int running = 0, most = 0;
        using var s = _signals.Subscribe("a", async () =>
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            Interlocked.Increment(ref _calls);
            await gate.Task;
            Interlocked.Decrement(ref running);
        });
        _signals.Publish("a");
        await Until.True(() => Calls == 1);
        _time.Advance(TimeSpan.FromSeconds(1));
        for (var i = 0; i < 50; i++) _signals.Publish("a");
        Assert.Equal(1, Calls);

        gate.SetResult();

        await Until.True(() => Calls == 2);
        Assert.Equal(1, most);
    }

    [Fact]
    public async Task Publish_CallbackThrows_OthersAndLaterSignalsStillArrive()
    {
        var failures = 0;
        using var bad = _signals.Subscribe("a", () => { Interlocked.Increment(ref failures); throw new InvalidOperationException("boom"); });
        using var good = _signals.Subscribe("a", Count);

        _signals.Publish("a");
        await Until.True(() => Calls == 1 && Volatile.Read(ref failures) == 1);
        _time.Advance(TimeSpan.FromSeconds(1));
        await Until.True(() => { _signals.Publish("a"); _time.Advance(Signals.Interval); return Calls >= 2 && Volatile.Read(ref failures) >= 2; });
    }

    [Fact]
    public async Task Dispose_WithCallPending_NothingIsCalledAfterwards()
    {
        var s = _signals.Subscribe("a", Count);
        _signals.Publish("a");
        await Until.True(() => Calls == 1);
        _signals.Publish("a");
        await Until.True(() => _time.Timers == 1);

        s.Dispose();
        s.Dispose();
        _signals.Publish("a");
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(0, _time.Timers);
        Assert.Equal(0, _signals.Count);
        Assert.Equal(1, Calls);
    }

    [Fact]
    public async Task Subscribe_ManyComingAndGoing_LeavesNothingBehindAndLosesNobody()
    {
        using var stays = _signals.Subscribe("b", Count);
        await Parallel.ForEachAsync(Enumerable.Range(0, 2000), (i, _) =>
        {
            using var s = _signals.Subscribe(i % 2 == 0 ? "a" : "b", () => Task.CompletedTask);
            _signals.Publish("a");
            return ValueTask.CompletedTask;
        });
        Assert.Equal(1, _signals.Count);
        _signals.Publish("b");
        await Until.True(() => Calls == 1);
    }

    [Fact]
    public async Task Publish_SeveralTopicsOfOneSubscriber_AreCoalescedAndNeverRunTwiceAtATime()
    {
        var gate = new TaskCompletionSource();
        int running = 0, most = 0;
        var s = _signals.Subscribe(["a", "b", "b", "c"], async () =>
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            Interlocked.Increment(ref _calls);
            await gate.Task;
            Interlocked.Decrement(ref running);
        });
        Assert.Equal(1, _signals.Count);
        _signals.Publish("a");
        await Until.True(() => Calls == 1);
        _time.Advance(TimeSpan.FromSeconds(1));
        foreach (var topic in (string[])["b", "c", "a"]) _signals.Publish(topic);
        Assert.Equal(1, Calls);

        gate.SetResult();

        await Until.True(() => Calls == 2);
        Assert.Equal(1, most);
        s.Dispose();
        foreach (var topic in (string[])["b", "c", "a"]) _signals.Publish(topic);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, _signals.Count);
        Assert.Equal(2, Calls);
    }

    [Fact]
    public void Publish_NobodyListens_DoesNothing() => _signals.Publish("nobody");
}
