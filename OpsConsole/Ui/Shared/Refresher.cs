using System.Data.Common;
using System.Net.Sockets;
using Microsoft.AspNetCore.Components;
using OpsConsole.Platform.Realtime;

namespace OpsConsole.Ui.Shared;

/// <summary>
/// Without markup: calls <see cref="OnChange"/> on the page's own thread of work whenever one of <see cref="Topics"/> is signalled, never twice at a time.
/// Subscribes before the first await of the page that contains it can lose anything, and lets go when it leaves. When the database cannot be read the page
/// stays as it is (the banner says so) and is pulled anew as soon as the console is well again, at the latest after <see cref="Again"/>.
/// </summary>
public sealed partial class Refresher : ComponentBase, IDisposable
{
    public static readonly TimeSpan Again = TimeSpan.FromSeconds(5);

    // its own topic: a retry goes the way of every signal, so it cannot overtake one
    private readonly string _retryTopic = "retry:" + Guid.NewGuid().ToString("N");
    private IDisposable? _subscription;
    private ITimer? _retry;
    private string[] _subscribed = [];
    private volatile bool _disposed;

    [Parameter, EditorRequired] public IReadOnlyList<string> Topics { get; set; } = [];
    /// <summary>The least time between two pulls, where what is shown may be that old; by default that of <see cref="Signals"/>.</summary>
    [Parameter] public TimeSpan Every { get; set; }
    /// <summary>Pulls anew. Its failures reach the page's error boundary, except those of the database.</summary>
    [Parameter] public EventCallback OnChange { get; set; }
    [Inject] private Signals Signals { get; set; } = default!;
    [Inject] private TimeProvider Time { get; set; } = default!;
    [Inject] private ILogger<Refresher> Log { get; set; } = default!;

    protected override void OnParametersSet()
    {
        if (_subscribed.SequenceEqual(Topics, StringComparer.Ordinal)) return;
        _subscription?.Dispose();
        _subscribed = [.. Topics];
        // one subscriber for all: a commit that touches several topics must not load the page twice at a time, where the older answer may come last
        _subscription = Signals.Subscribe([.. _subscribed, "health", _retryTopic], Changed, Every);
    }

    protected override bool ShouldRender() => false;

    private async Task Changed()
    {
        if (_disposed) return;
        try
        {
            await InvokeAsync(async () =>
            {
                if (!_disposed) await OnChange.InvokeAsync();
            });
        }
        catch (Exception) when (_disposed) { /* the page left meanwhile; nobody waits for this */ }
        catch (Exception ex) when (IsDatabase(ex))
        {
            LogStale(Log, ex);
            TryAgain();
        }
        catch (Exception ex) { await DispatchExceptionAsync(ex); }
    }

    private void TryAgain()
    {
        if (_retry is null) _retry = Time.CreateTimer(static s => ((Refresher)s!).Retry(), this, Again, Timeout.InfiniteTimeSpan);
        else _retry.Change(Again, Timeout.InfiniteTimeSpan);
        if (_disposed) _retry.Dispose();   // the page left while the timer was made
    }

    private void Retry() => Signals.Publish(_retryTopic);

    /// <summary>The database cannot be read, which passes.</summary>
    internal static bool IsDatabase(Exception e)
    {
        for (var inner = e; inner is not null; inner = inner.InnerException)
        {
            if (inner is DbException or SocketException or TimeoutException or IOException) return true;
        }
        return false;
    }

    public void Dispose()
    {
        _disposed = true;
        _subscription?.Dispose();
        _retry?.Dispose();
    }

    [LoggerMessage(EventId = 9002, Level = LogLevel.Warning, Message = "A page could not be refreshed and stays as it was")]
    private static partial void LogStale(ILogger logger, Exception exception);
}
