namespace OpsConsole.Support;

/// <summary>A clock moved by hand; timers fire inside <see cref="Advance"/>, in order of their due time.</summary>
internal sealed class HandTime(DateTimeOffset start) : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<HandTimer> _timers = [];
    private DateTimeOffset _now = start;

    public HandTime() : this(new(2026, 3, 4, 9, 0, 0, TimeSpan.Zero)) { }

    public int Timers { get { lock (_gate) return _timers.Count(t => t.Due is not null); } }

    /// <summary>Whether a timer is due exactly then, counted from now.</summary>
    public bool IsDueIn(TimeSpan time) { lock (_gate) return _timers.Any(t => t.Due == _now + time); }

    public override DateTimeOffset GetUtcNow() { lock (_gate) return _now; }
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;
    public override long GetTimestamp() => GetUtcNow().Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new HandTimer(this, () => callback(state));
        lock (_gate) _timers.Add(timer);
        timer.Change(dueTime, period);
        return timer;
    }

    public void Advance(TimeSpan by)
    {
        var until = GetUtcNow() + by;
        while (true)
        {
            HandTimer? next;
            lock (_gate)
            {
                next = _timers.Where(t => t.Due <= until).MinBy(t => t.Due);
                if (next is null) { _now = until; return; }
                if (next.Due > _now) _now = next.Due!.Value;
                next.Due = next.Period > TimeSpan.Zero ? next.Due + next.Period : null;
            }
            next.Run();
        }
    }

    private sealed class HandTimer(HandTime owner, Action run) : ITimer
    {
        public DateTimeOffset? Due;
        public TimeSpan Period;
        public void Run() => run();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (owner._gate)
            {
                Due = dueTime == Timeout.InfiniteTimeSpan ? null : owner._now + dueTime;
                Period = period;
            }
            return true;
        }

        public void Dispose() { lock (owner._gate) { Due = null; owner._timers.Remove(this); } }
        public ValueTask DisposeAsync() { Dispose(); return ValueTask.CompletedTask; }
    }
}
