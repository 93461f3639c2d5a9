using System.Diagnostics.Metrics;
using System.Globalization;

namespace OpsConsole.Bench;

/// <summary>Where slow answers of the console in this process come from: its commits, its changes beside decisions, the length of SQLite's log, and collections; since the last <see cref="Reset"/>.</summary>
internal sealed class WriterWatch : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Lock _gate = new();
    private Histogram _commits = new(), _changes = new();
    private long _pages;
    private TimeSpan _paused;
    private (int Any, int Second, int Third) _collected;

    public WriterWatch()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "OpsConsole.Writer" && instrument.Name is "commit.duration" or "change.duration" or "wal.pages") listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<double>((instrument, ms, _, _) =>
        {
            if (instrument.Name == "commit.duration") _listener.RecordObservableInstruments();
            lock (_gate) (instrument.Name == "commit.duration" ? _commits : _changes).Add((long)(ms * 1e6));
        });
        _listener.SetMeasurementEventCallback<long>((_, pages, _, _) =>
        {
            lock (_gate) _pages = Math.Max(_pages, pages);
        });
        _listener.Start();
        Reset();
    }

    public void Reset()
    {
        lock (_gate) (_commits, _changes, _pages, _paused, _collected) = (new(), new(), 0, GC.GetTotalPauseDuration(), Collected());
    }

    /// <summary>Waits until the console has nothing left to do of what was asked before (telling people, say): three seconds without a change.</summary>
    /// <exception cref="TimeoutException">It went on for ten minutes.</exception>
    public async Task RestedAsync()
    {
        for (var i = 0; i < 200; i++)
        {
            Reset();
            await Task.Delay(TimeSpan.FromSeconds(3));
            lock (_gate) if (_changes.Count == 0) return;
        }
        throw new TimeoutException("The console does not come to rest, so there is nothing to measure against.");
    }

    public void Dispose() => _listener.Dispose();

    public override string ToString()
    {
        var now = Collected();
        lock (_gate)
            return string.Create(CultureInfo.InvariantCulture, $"{_commits.Count} commits, p99 {Ms(_commits, 0.99):0.0} and at most {Ms(_commits, 1):0.0} ms; {_changes.Count} changes, p50 {Ms(_changes, 0.5):0.0} and at most {Ms(_changes, 1):0.0} ms; log at most {_pages} pages; "
                + $"{now.Any - _collected.Any} collections ({now.Second - _collected.Second} of the second generation, {now.Third - _collected.Third} of the third) paused {(GC.GetTotalPauseDuration() - _paused).TotalMilliseconds:0} ms");
    }

    private static (int Any, int Second, int Third) Collected() => (GC.CollectionCount(0), GC.CollectionCount(1), GC.CollectionCount(2));

    private static double Ms(Histogram of, double quantile) => of.At(quantile).TotalMilliseconds;
}
