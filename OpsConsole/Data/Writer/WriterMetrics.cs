using System.Diagnostics.Metrics;

namespace OpsConsole.Data.Writer;

/// <summary>
/// What explains the writer's speed, for whatever listens to the meter <c>OpsConsole.Writer</c> (dotnet-counters, an OpenTelemetry collector):
/// <c>batch.size</c> (asks, reports or changes per transaction), <c>commit.duration</c> (ms until it is on disk), <c>change.duration</c> (ms that a change other than a decision takes before that, while decisions wait) and <c>queue.depth</c>; on SQLite the <see cref="Checkpointer"/> adds <c>wal.pages</c>.
/// </summary>
internal sealed class WriterMetrics : IDisposable
{
    public const string Name = "OpsConsole.Writer";
    private readonly Meter _meter = new(Name);
    private readonly Histogram<int> _size;
    private readonly Histogram<double> _commit, _change;

    public WriterMetrics(Func<int> depth)
    {
        _size = _meter.CreateHistogram<int>("batch.size");
        _commit = _meter.CreateHistogram<double>("commit.duration", "ms");
        _change = _meter.CreateHistogram<double>("change.duration", "ms");
        _meter.CreateObservableGauge("queue.depth", depth);
    }

    public void Committed(int items, TimeSpan took)
    {
        _size.Record(items);
        _commit.Record(took.TotalMilliseconds);
    }

    public void Changed(TimeSpan took) => _change.Record(took.TotalMilliseconds);

    public void Dispose() => _meter.Dispose();
}
