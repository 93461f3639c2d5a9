namespace OpsConsole.Bench;

/// <summary>The start of the program, as a process of its own: until the first page of what waits is answered, and until it says that it can decide.</summary>
internal static class G11Start
{
    private const int Starts = 3;

    public static async Task<int> RunAsync(string few, History small, string many, History large)
    {
        var (before, subject, after) = (await MedianAsync(few, small), await MedianAsync(many, large), await MedianAsync(few, small));
        var (baseline, moved) = ((before + after) / 2, Math.Max(before, after) / Math.Min(before, after) - 1);
        var met = subject <= baseline * 1.10;
        Console.WriteLine($"g11: start to the first answer: {subject:0} ms, ratio {subject / baseline:0.00} (goal <= 1.10; baseline {before:0} then {after:0}) {(moved > 0.25 ? "INVALID" : met ? "met" : "MISSED")}");
        return moved > 0.25 ? 2 : met ? 0 : 1;
    }

    private static async Task<double> MedianAsync(string folder, History history)
    {
        List<double> times = [];
        for (var i = 0; i < Starts; i++) times.Add(await OneAsync(folder, history));
        times.Sort();
        return times[times.Count / 2];
    }

    private static async Task<double> OneAsync(string folder, History history)
    {
        await using var console = await ConsoleProcess.StartAsync(folder, history.Seed.Token);
        return console.Took.TotalMilliseconds;
    }
}
