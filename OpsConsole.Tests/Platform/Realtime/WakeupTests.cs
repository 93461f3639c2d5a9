using OpsConsole.Support;

namespace OpsConsole.Platform.Realtime;

public sealed class WakeupTests
{
    private readonly HandTime _time = new();
    private readonly Wakeup _wakeup = new();

    [Fact]
    public async Task Wait_SetBefore_IsWokenOnce()
    {
        _wakeup.Set();
        _wakeup.Set();
        Assert.True(await _wakeup.WaitAsync(TimeSpan.FromSeconds(1), _time, default));
        var second = _wakeup.WaitAsync(TimeSpan.FromSeconds(1), _time, default);
        Assert.False(second.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(await second);
        Assert.Equal(0, _time.Timers);
    }

    [Fact]
    public async Task Wait_NoTimeLeft_IsOver()
        => Assert.False(await _wakeup.WaitAsync(TimeSpan.FromSeconds(-1), _time, default));

    [Fact]
    public async Task Wait_Cancelled_Throws()
    {
        using var stop = new CancellationTokenSource();
        var wait = _wakeup.WaitAsync(TimeSpan.FromSeconds(1), _time, stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
    }

    [Fact]
    public async Task Set_FromManyThreadsWhileTimeRunsOut_NeverFailsAndIsNeverLost()
    {
        for (var round = 0; round < 200; round++)
        {
            var wait = _wakeup.WaitAsync(TimeSpan.FromSeconds(1), _time, default);
            await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(() =>
            {
                if (i == 0) _time.Advance(TimeSpan.FromSeconds(1)); else _wakeup.Set();
            })));
            // Either it was woken, or time ran out first and the next wait is.
            Assert.True(await wait || await _wakeup.WaitAsync(TimeSpan.Zero, _time, default));
            while (await _wakeup.WaitAsync(TimeSpan.Zero, _time, default)) { }
        }
    }
}
