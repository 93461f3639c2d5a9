using System.Diagnostics.Metrics;

namespace OpsConsole.Data.Writer;

/// <summary>
/// What explains the writer's speed, for whatever listens to the meter <c>OpsConsole.Writer</c> (dotnet-counters, an OpenTelemetry collector):
/// <c>batch.size</c> (asks, reports or changes per transaction), <c>commit.duration</c> (ms until it is on disk), <c>queue.depth</c> and, on SQLite, <c>wal.pages</c>.
/// </summary>
internal sealed class WriterMetrics : IDisposable
{
    private readonly Meter _meter = new("OpsConsole.Writer");
    private readonly Histogram<int> _size;
    private readonly Histogram<double> _commit;

    public WriterMetrics(Func<int> depth)
    {
        _size = _meter.CreateHistogram<int>("batch.size");
        _commit = _meter.CreateHistogram<double>("commit.duration", "ms");
        _meter.CreateObservableGauge("queue.depth", depth);
        _meter.CreateObservableGauge("wal.pages", () => LogPages);
    }

    /// <summary>Pages in SQLite's log at the last checkpoint.</summary>
    public static long LogPages { get; set; }

    public void Committed(int items, TimeSpan took)
    {
        _size.Record(items);
        _commit.Record(took.TotalMilliseconds);
    }

    public void Dispose() => _meter.Dispose();
}
