namespace OpsConsole.Bench;

/// <summary>A durable decision against a bare endpoint that records nothing, in one process.</summary>
internal static class G1
{
    public static async Task<int> RunAsync(Arguments arguments)
    {
        await using var bare = await BaselineServer.StartAsync();
        await using var subject = await Subject.StartAsync();
        var worst = 0;
        var only = arguments.Number("callers", 0);
        foreach (var (callers, goal) in ((int, double)[])[(32, 0.40), (256, 0.50)])
        {
            if (only != 0 && only != callers) continue;
            var (baseline, console) = (new Load(bare.Address, bare.Request(), callers, arguments.Duration), new Load(subject.Program.Address, subject.Ask(), callers, arguments.Duration));
            await LoadGenerator.RunAsync(console with { Duration = TimeSpan.FromSeconds(arguments.Number("warmup", 12)) });
            await LoadGenerator.RunAsync(baseline with { Duration = TimeSpan.FromSeconds(2) });
            var result = await Ratio.MeasureAsync($"g1: durable decision / bare endpoint, {callers} callers", goal, () => LegAsync("bare", baseline), () => LegAsync("console", console));
            worst = Math.Max(worst, result.ExitCode);
        }
        return worst;
    }

    public static async Task<int> ProfileAsync(Arguments arguments)
    {
        await using var subject = await Subject.StartAsync();
        var load = new Load(subject.Program.Address, subject.Ask(), arguments.Number("callers", 256), arguments.Duration);
        if (arguments.Number("alloc", 0) == 0) return (await LoadGenerator.RunAsync(load)).PrintedAs("console").AllSucceeded ? 0 : 1;
        using var sampler = new AllocationSampler();
        await LoadGenerator.RunAsync(load);
        sampler.Start();
        await LoadGenerator.RunAsync(load);
        sampler.Print();
        return 0;
    }

    private static async Task<double> LegAsync(string name, Load load)
    {
        var before = Environment.CpuUsage.TotalTime;
        var (young, old, paused, bytes) = (GC.CollectionCount(0), GC.CollectionCount(2), GC.GetTotalPauseDuration(), GC.GetTotalAllocatedBytes());
        var result = await LoadGenerator.RunAsync(load);
        var spent = Environment.CpuUsage.TotalTime - before;
        return result.PrintedAs($"{name} ({spent.TotalMicroseconds / result.Latency.Count:0.0} us of CPU per request, client included; {spent / result.Elapsed:0.00} cores busy; {(GC.GetTotalAllocatedBytes() - bytes) / 1024.0 / result.Latency.Count:0.0} KB each; {GC.CollectionCount(0) - young} collections, {GC.CollectionCount(2) - old} full, {(GC.GetTotalPauseDuration() - paused) / result.Elapsed:0.0%} of the time)").RequestsPerSecond;
    }
}
