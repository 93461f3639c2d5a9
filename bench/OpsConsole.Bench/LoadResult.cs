using System.Globalization;

namespace OpsConsole.Bench;

/// <summary>What a load did and how long its requests took.</summary>
/// <param name="Elapsed">Of the part that counts.</param>
/// <param name="Turns">Latencies of each turn.</param>
/// <param name="Statuses">HTTP status → number of answers.</param>
/// <param name="Failures">Connections that broke instead of answering; each ends its caller.</param>
internal sealed record LoadResult(TimeSpan Elapsed, IReadOnlyList<Histogram> Turns, IReadOnlyDictionary<int, long> Statuses, long Failures)
{
    public Histogram Latency { get; } = Histogram.Of(Turns);

    public double RequestsPerSecond => Latency.Count / Elapsed.TotalSeconds;

    /// <summary>Whether every request was answered, and with 2xx.</summary>
    public bool AllSucceeded => Failures == 0 && Statuses.All(status => status.Key is >= 200 and < 300);

    /// <summary>Prints itself as one line and is handed on. A leg that got anything but 2xx must not count, so it throws.</summary>
    public LoadResult PrintedAs(string name)
    {
        Console.WriteLine($"  {name}: {this}");
        return AllSucceeded ? this : throw new InvalidOperationException($"{name}: not every request succeeded; this measures nothing.");
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{RequestsPerSecond:0} requests/s, p50 {Ms(0.5)}, p90 {Ms(0.9)}, p99 {Ms(0.99)}, p99.9 {Ms(0.999)}, max {Latency.Max / 1e6:0.00} ms; "
        + $"{string.Join(", ", Statuses.OrderBy(s => s.Key).Select(s => $"{s.Value} × {s.Key}"))}{(Failures > 0 ? $", {Failures} broken" : "")}");

    private string Ms(double quantile) => string.Create(CultureInfo.InvariantCulture, $"{Latency.At(quantile).TotalMilliseconds:0.00} ms");
}
