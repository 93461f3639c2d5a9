namespace OpsConsole.Bench;

/// <summary>The null experiment: both sides are the same endpoint, so the ratio says how far this machine can be trusted at the moment.</summary>
internal static class Check
{
    public static async Task<int> RunAsync(Arguments arguments)
    {
        await using var server = await BaselineServer.StartAsync();
        var load = new Load(server.Address, server.Request(), arguments.Number("callers", 32), arguments.Duration);
        await LoadGenerator.RunAsync(load with { Duration = TimeSpan.FromSeconds(3) });
        var rate = arguments.Number("rate", 0);
        if (rate > 0)
        {
            var paced = await LoadGenerator.RunAsync(load with { RequestsPerSecond = rate });
            Console.WriteLine($"at {rate}/s: {paced}");
            return paced.Failures == 0 ? 0 : 1;
        }
        return (await Ratio.MeasureAsync("check: bare endpoint / bare endpoint", 0.8, () => LegAsync(load), () => LegAsync(load))).ExitCode;
    }

    private static async Task<double> LegAsync(Load load) => (await LoadGenerator.RunAsync(load)).PrintedAs("bare").RequestsPerSecond;
}
