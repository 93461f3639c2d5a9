using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using OpsConsole.Data;
using OpsConsole.Platform.Realtime;
using OpsConsole.Tests.Support;

namespace OpsConsole.Features.Decisions;

/// <summary>Any number of listeners cost one reading of the log, and each hears everything once.</summary>
public sealed class EventTailTests
{
    [Fact]
    public async Task Listeners_Many_ReadTheLogOnce()
    {
        await using var data = await (await DataFixture.CreateAsync(Provider.Sqlite)).SeedAsync();
        var counted = new Counted(data.Database);
        await using var tail = await Tail.RunAsync(data, counted);
        var listeners = new List<EventTail.Listener>();
        for (var i = 0; i < 20; i++) listeners.Add(await tail.Events.ListenAsync(null, default));
        // The first may still be found by looking; from the second on all hear it from the one who reads.
        for (var i = 0; i < 2; i++)
        {
            var warm = listeners.ConvertAll(l => HearAsync(l, 1));
            await data.DecideAsync();
            await Task.WhenAll(warm);
        }
        var before = counted.Opened;
        var next = listeners.ConvertAll(l => HearAsync(l, 1));
        await data.DecideAsync();
        await Task.WhenAll(next);
        Assert.InRange(counted.Opened - before, 1, 3);
        foreach (var listener in listeners) listener.Dispose();
    }

    [Fact]
    public async Task Listener_TooSlow_CatchesUpByItself()
    {
        await using var data = await (await DataFixture.CreateAsync(Provider.Sqlite)).SeedAsync();
        await using var tail = await Tail.RunAsync(data, data.Database);
        using var slow = await tail.Events.ListenAsync(null, default);
        using var quick = await tail.Events.ListenAsync(null, default);
        List<long> asked = [(await data.DecideAsync()).Seq];
        Assert.Equal(asked, await HearAsync(slow, 1));
        Assert.Equal(asked, await HearAsync(quick, 1));
        asked.Clear();
        for (var i = 0; i < 20; i++)
        {
            asked.Add((await data.DecideAsync()).Seq);
            Assert.Equal([asked[^1]], await HearAsync(quick, 1));   // each a stretch of its own, more than are kept for the slow one
        }
        Assert.Equal(asked, await HearAsync(slow, 20));
        Assert.Equal(quick.At, slow.At);
    }

    [Fact]
    public async Task Listener_ResumedOrFromTheFuture_GoesOnWhereItWas()
    {
        await using var data = await (await DataFixture.CreateAsync(Provider.Sqlite)).SeedAsync();
        var (first, second) = (await data.DecideAsync(), await data.DecideAsync());
        await using var tail = await Tail.RunAsync(data, data.Database);
        using var resumed = await tail.Events.ListenAsync(first.Seq, default);
        using var future = await tail.Events.ListenAsync(1_000_000, default);
        Assert.Equal([second.Seq], await HearAsync(resumed, 1));
        var third = await data.DecideAsync();
        Assert.Equal([third.Seq], await HearAsync(resumed, 1));
        Assert.Equal([third.Seq], await HearAsync(future, 1));
        var quiet = QuietAsync(future);
        await data.PassUntilAsync(() => quiet.IsCompleted, "the end of the wait");
        await quiet;
    }

    private static async Task QuietAsync(EventTail.Listener listener)
    {
        while (await listener.NextAsync(TimeSpan.FromSeconds(15), default) is { } empty) Assert.Empty(empty.Lines);
    }

    private static async Task<List<long>> HearAsync(EventTail.Listener listener, int count)
    {
        List<long> heard = [];
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (heard.Count < count) heard.AddRange((await listener.NextAsync(TimeSpan.FromHours(1), limit.Token))!.Lines.Select(l => l.Seq));
        return heard;
    }

    private sealed class Tail(EventTail events) : IAsyncDisposable
    {
        public EventTail Events => events;

        public static async Task<Tail> RunAsync(DataFixture data, IDbContextFactory<OpsDbContext> factory)
        {
            // Signals run on real time here: between two of them lies a moment, not a step of the hand.
            var signals = new Signals(TimeProvider.System, NullLogger<Signals>.Instance);
            data.Writer.Committed += topics =>
            {
                foreach (var topic in topics) signals.Publish(topic);
            };
            var tail = new EventTail(new EventFeed(factory, data.Writer), signals, data.Time, NullLogger<EventTail>.Instance);
            await tail.StartAsync(default);
            return new Tail(tail);
        }

        public async ValueTask DisposeAsync()
        {
            await events.StopAsync(default);
            events.Dispose();
        }
    }

    private sealed class Counted(IDbContextFactory<OpsDbContext> inner) : IDbContextFactory<OpsDbContext>
    {
        private int _opened;
        public int Opened => Volatile.Read(ref _opened);

        public OpsDbContext CreateDbContext()
        {
            Interlocked.Increment(ref _opened);
            return inner.CreateDbContext();
        }
    }
}
