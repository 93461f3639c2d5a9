using System.Collections.Concurrent;

namespace OpsConsole.Platform.Realtime;

/// <summary>
/// In-process 'something changed' by topic ("approvals", "decision:dec_…", "state"). A signal carries no data: who hears it pulls.
/// Publishing is cheap and never runs a subscriber's code on the publisher's thread. Per subscriber the first signal is passed on
/// at once, further ones at most every <see cref="Interval"/> or as slowly as it asks for, never two at a time, and the last one is never lost.
/// </summary>
public sealed partial class Signals(TimeProvider time, ILogger<Signals> log)
{
    /// <summary>The least time between the starts of two callbacks of one subscriber.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<string, Topic> _topics = new(StringComparer.Ordinal);

    /// <summary>Calls <paramref name="onSignal"/> on the thread pool after each published signal, coalesced. Disposing stops it:
    /// no callback starts afterwards (one that is running is not waited for). What it throws is logged and goes nowhere else.</summary>
    public IDisposable Subscribe(string topic, Func<Task> onSignal) => Subscribe([topic], onSignal);

    /// <summary>As one subscriber to several topics: what is published to all of them within an interval is one call, and no two calls overlap.</summary>
    /// <param name="interval">The least time between the starts of two calls; at least <see cref="Interval"/>.</param>
    public IDisposable Subscribe(IReadOnlyList<string> topics, Func<Task> onSignal, TimeSpan interval = default)
    {
        ArgumentNullException.ThrowIfNull(onSignal);
        string[] distinct = [.. topics.Distinct(StringComparer.Ordinal)];
        foreach (var topic in distinct) ArgumentException.ThrowIfNullOrEmpty(topic, nameof(topics));
        var subscriber = new Subscriber(this, distinct, onSignal, interval > Interval ? interval : Interval);
        foreach (var topic in distinct)
        {
            while (!_topics.GetOrAdd(topic, static _ => new Topic()).TryAdd(subscriber))
                Thread.Yield();   // the topic lost its last subscriber just now and is being replaced
        }
        return subscriber;
    }

    /// <summary>Tells everybody who has subscribed to <paramref name="topic"/>; nobody is fine too.</summary>
    public void Publish(string topic)
    {
        if (!_topics.TryGetValue(topic, out var entry)) return;
        foreach (var subscriber in entry.Current) subscriber.Signal();
    }

    /// <summary>How many subscriptions live now; for telemetry and leak tests.</summary>
    public int Count => _topics.Values.SelectMany(t => t.Current).Distinct().Count();

    private void Remove(string topic, Subscriber subscriber)
    {
        if (_topics.TryGetValue(topic, out var entry) && entry.Remove(subscriber))
            _topics.TryRemove(KeyValuePair.Create(topic, entry));
    }

    [LoggerMessage(EventId = 9001, Level = LogLevel.Error, Message = "A subscriber of '{Topic}' failed")]
    private static partial void LogFailed(ILogger logger, string topic, Exception exception);

    private sealed class Topic
    {
        private readonly Lock _gate = new();
        private bool _closed;
        public volatile Subscriber[] Current = [];

        public bool TryAdd(Subscriber subscriber)
        {
            lock (_gate)
            {
                if (_closed) return false;
                Current = [.. Current, subscriber];
                return true;
            }
        }

        /// <summary>True when the last one left; the topic takes nobody any more.</summary>
        public bool Remove(Subscriber subscriber)
        {
            lock (_gate)
            {
                Current = [.. Current.Where(s => s != subscriber)];
                return _closed = Current.Length == 0;
            }
        }
    }

    private sealed class Subscriber(Signals owner, string[] topics, Func<Task> onSignal, TimeSpan interval) : IDisposable
    {
        private readonly Lock _gate = new();
        private bool _busy, _again, _disposed;
        private long? _lastStart;
        private ITimer? _timer;

        public void Signal()
        {
            lock (_gate)
            {
                if (_disposed) return;
                if (_busy) { _again = true; return; }
                _busy = true;
                Schedule();
            }
        }

        private void Schedule()
        {
            var wait = _lastStart is { } last ? interval - owner.TimePassed(last) : TimeSpan.Zero;
            if (wait <= TimeSpan.Zero) Queue();
            else if (_timer is null) _timer = owner.StartTimer(Queue, wait);
            else _timer.Change(wait, Timeout.InfiniteTimeSpan);
        }

        private void Queue() => ThreadPool.UnsafeQueueUserWorkItem(static s => _ = s.RunAsync(), this, preferLocal: false);

        private async Task RunAsync()
        {
            lock (_gate)
            {
                if (_disposed) return;
                _again = false;
                _lastStart = owner.Timestamp;
            }
            try { await onSignal(); }
            catch (Exception ex) { owner.Failed(string.Join(", ", topics), ex); }
            lock (_gate)
            {
                if (_disposed) return;
                if (_again) Schedule(); else _busy = false;
            }
        }

        public void Dispose()
        {
            lock (_gate)
            {
                if (_disposed) return;
                _disposed = true;
                _timer?.Dispose();
            }
            foreach (var topic in topics) owner.Remove(topic, this);
        }
    }

    private long Timestamp => time.GetTimestamp();
    private TimeSpan TimePassed(long since) => time.GetElapsedTime(since);
    private ITimer StartTimer(Action run, TimeSpan wait) => time.CreateTimer(static s => ((Action)s!)(), run, wait, Timeout.InfiniteTimeSpan);
    private void Failed(string topic, Exception exception) => LogFailed(log, topic, exception);
}
