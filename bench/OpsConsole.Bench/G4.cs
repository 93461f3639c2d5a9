namespace OpsConsole.Bench;

/// <summary>Latencies at half of the peak rate: what a console that is used, but not overrun, answers in.</summary>
internal static class G4
{
    public static async Task<int> RunAsync(Arguments arguments)
    {
        await using var subject = await Subject.StartAsync();
        var load = new Load(subject.Program.Address, subject.Ask(), arguments.Number("callers", 64), arguments.Duration);
        await LoadGenerator.RunAsync(load with { Duration = TimeSpan.FromSeconds(arguments.Number("warmup", 12)) });
        var before = (await LoadGenerator.RunAsync(load with { Duration = TimeSpan.FromSeconds(5) })).PrintedAs("peak").RequestsPerSecond;
        var half = (await LoadGenerator.RunAsync(load with { RequestsPerSecond = before / 2 })).PrintedAs("half of it");
        var after = (await LoadGenerator.RunAsync(load with { Duration = TimeSpan.FromSeconds(5) })).PrintedAs("peak again").RequestsPerSecond;
        var (p50, p99, p999) = (half.Latency.At(0.5).TotalMilliseconds, half.Latency.At(0.99).TotalMilliseconds, half.Latency.At(0.999).TotalMilliseconds);
        var moved = Math.Max(before, after) / Math.Min(before, after) - 1;
        var met = p99 <= 5 && p999 <= 10 * p50;
        Console.WriteLine($"g4: at half of the peak rate: p99 {p99:0.00} ms (goal <= 5), p99.9 / p50 = {p999 / p50:0.0} (goal <= 10); peak moved {moved:0.0%} {(moved > 0.25 ? "INVALID" : met ? "met" : "MISSED")}");
        return moved > 0.25 ? 2 : met ? 0 : 1;
    }
}
