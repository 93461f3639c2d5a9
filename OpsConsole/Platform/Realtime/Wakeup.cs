using System.Threading.Channels;

namespace OpsConsole.Platform.Realtime;

/// <summary>
/// Wakes one waiter, from any thread and as often as one likes: what comes before the wait, or while another is taken, is remembered once.
/// There is nothing to dispose of, so nobody can come too late.
/// </summary>
public sealed class Wakeup
{
    private readonly Channel<bool> _set = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Set() => _set.Writer.TryWrite(true);

    /// <summary>For <see cref="Signals.Subscribe"/>.</summary>
    public Task SetAsync()
    {
        Set();
        return Task.CompletedTask;
    }

    /// <summary>True when it was woken (now or since the last wait), false after <paramref name="atMost"/>.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> was cancelled.</exception>
    public async Task<bool> WaitAsync(TimeSpan atMost, TimeProvider time, CancellationToken ct)
    {
        if (_set.Reader.TryRead(out _)) return true;
        // A source that has a time limit may be disposed of while it runs out; one that a timer of ours cancels may not.
        using var limit = new CancellationTokenSource(atMost > TimeSpan.Zero ? atMost : TimeSpan.Zero, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            return await _set.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return false;
        }
    }
}
