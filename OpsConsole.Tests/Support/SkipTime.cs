namespace OpsConsole.Support;

/// <summary>The real clock, which can be moved. Timers run by it: what would have been due in the time skipped is due at once; where it is put back, they wait no longer for that, as real ones do not.</summary>
internal sealed class SkipTime : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly HashSet<SkipTimer> _timers = [];
    private TimeSpan _ahead, _run;

    public override DateTimeOffset GetUtcNow() { lock (_gate) return base.GetUtcNow() + _ahead; }
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;
    public override long GetTimestamp() { lock (_gate) return (base.GetUtcNow() + _run).Ticks; }

    /// <summary>Goes on to the next Wednesday, a few minutes past nine in UTC: far from where an hour, a day or a week ends.</summary>
    public void Midweek()
    {
        var now = GetUtcNow();
        Skip(new DateTimeOffset(now.Date, TimeSpan.Zero).AddDays(((int)DayOfWeek.Wednesday - (int)now.DayOfWeek + 7) % 7 + 7).AddHours(9).AddMinutes(5) - now);
    }

    public void Skip(TimeSpan by)
    {
        List<SkipTimer> timers;
        lock (_gate)
        {
            _ahead += by;
            if (by > TimeSpan.Zero) _run += by;
            timers = [.. _timers];
        }
        foreach (var timer in timers) timer.Rearm(by);
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SkipTimer(this, callback, state);
        lock (_gate) _timers.Add(timer);
        timer.Change(dueTime, period);
        return timer;
    }

    private ITimer StartReal(TimerCallback callback) => base.CreateTimer(callback, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    private sealed class SkipTimer : ITimer
    {
        private readonly Lock _gate = new();
        private readonly SkipTime _owner;
        private readonly ITimer _real;
        private DateTimeOffset? _due;
        private TimeSpan _period;

        public SkipTimer(SkipTime owner, TimerCallback callback, object? state)
        {
            _owner = owner;
            _real = owner.StartReal(_ =>
            {
                lock (_gate)
                {
                    if (_due is null) return;   // stopped while it was on its way
                    _due = _period > TimeSpan.Zero ? owner.GetUtcNow() + _period : null;
                }
                callback(state);
            });
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (_gate)
            {
                (_due, _period) = (dueTime == Timeout.InfiniteTimeSpan ? null : _owner.GetUtcNow() + dueTime, period);
                return _real.Change(dueTime, period);
            }
        }

        public void Rearm(TimeSpan by)
        {
            lock (_gate)
            {
                if (by < TimeSpan.Zero) _due += by;
                if (_due is not { } due) return;
                var left = due - _owner.GetUtcNow();
                _real.Change(left > TimeSpan.Zero ? left : TimeSpan.Zero, _period);
            }
        }

        public void Dispose()
        {
            lock (_owner._gate) _owner._timers.Remove(this);
            _real.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
