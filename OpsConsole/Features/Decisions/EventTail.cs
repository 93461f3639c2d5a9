using System.Collections.Concurrent;
using OpsConsole.Platform.Realtime;

namespace OpsConsole.Features.Decisions;

/// <summary>
/// Reads the end of the log once for everybody who listens, while somebody does. Each listener keeps its own place: what is handed to it faster than it takes it is
/// dropped, and it reads that from the database itself.
/// </summary>
public sealed partial class EventTail(EventFeed feed, Signals signals, TimeProvider time, ILogger<EventTail> log) : BackgroundService
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(30);

    private readonly EventFeed _feed = feed;
    private readonly TimeProvider _time = time;
    private readonly ConcurrentDictionary<Listener, bool> _listeners = new();
    private readonly Wakeup _moved = new();

    /// <summary>Begins to listen behind an entry, or at the end of the log when it is null or not there yet.</summary>
    public async Task<Listener> ListenAsync(long? after, CancellationToken ct)
    {
        // Enrol before looking where the log ends: nothing falls in between.
        var listener = new Listener(this);
        _listeners[listener] = true;
        _moved.Set();
        try
        {
            var end = await _feed.EndAsync(ct);
            listener.At = after is { } at && at <= end ? at : end;
            return listener;
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var subscription = signals.Subscribe("log", _moved.SetAsync);
        long? at = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            var wait = LookAgain;
            try
            {
                if (_listeners.IsEmpty) at = null;
                else if (at is null)
                {
                    // Whoever stands before this place has to read up to it.
                    at = await _feed.EndAsync(stoppingToken);
                    Offer(new LogStretch([], at.Value, at.Value, false));
                    continue;
                }
                else
                {
                    var stretch = await _feed.ReadAsync(at.Value, stoppingToken);
                    at = stretch.Through;
                    if (stretch.Through > stretch.After) Offer(stretch);
                    if (stretch.More) continue;
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(e);
                wait = TimeSpan.FromSeconds(1);
            }
            await _moved.WaitAsync(wait, _time, stoppingToken);
        }
    }

    private void Offer(LogStretch stretch)
    {
        foreach (var (listener, _) in _listeners) listener.Offer(stretch);
    }

    [LoggerMessage(2121, LogLevel.Error, "The end of the log could not be read for those who listen; it is tried again in a second")]
    private partial void LogFailed(Exception e);

    /// <summary>One listener's place in the log.</summary>
    public sealed class Listener : IDisposable
    {
        private const int Most = 16;
        private readonly EventTail _tail;
        private readonly ConcurrentQueue<LogStretch> _offered = new();
        private readonly Wakeup _wakeup = new();
        private bool _caughtUp;

        internal Listener(EventTail tail) => _tail = tail;

        /// <summary>Everything up to here was taken.</summary>
        public long At { get; internal set; }

        internal void Offer(LogStretch stretch)
        {
            _offered.Enqueue(stretch);
            // The oldest go: the newest tells where the gap ends.
            while (_offered.Count > Most) _offered.TryDequeue(out _);
            _wakeup.Set();
        }

        /// <summary>Makes the listener look around, though the log did not move: <see cref="NextAsync"/> answers with an empty stretch. For <see cref="Signals.Subscribe"/>.</summary>
        public Task WakeAsync() => _wakeup.SetAsync();

        /// <summary>The next stretch, which moves the place (and may be empty); null when it was quiet for <paramref name="atMost"/>.</summary>
        public async Task<LogStretch?> NextAsync(TimeSpan atMost, CancellationToken ct)
        {
            var woken = false;
            while (true)
            {
                if (!_caughtUp)
                {
                    var stretch = await _tail._feed.ReadAsync(At, ct);
                    _caughtUp = !stretch.More;
                    if (stretch.Through == At) continue;
                    At = stretch.Through;
                    return stretch;
                }
                if (_offered.TryDequeue(out var offered))
                {
                    if (offered.Through <= At) continue;   // known from the database
                    if (offered.After > At)
                    {
                        _caughtUp = false;
                        continue;
                    }
                    var news = offered.After == At ? offered : offered with { After = At, Lines = [.. offered.Lines.Where(l => l.Seq > At)] };
                    At = offered.Through;
                    return news;
                }
                if (woken) return new LogStretch([], At, At, false);
                if (!await _wakeup.WaitAsync(atMost, _tail._time, ct)) return null;
                woken = true;
            }
        }

        public void Dispose() => _tail._listeners.TryRemove(this, out _);
    }
}
