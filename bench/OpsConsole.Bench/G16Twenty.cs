using System.Diagnostics;
using System.Globalization;
using OpsConsole.Features.Toolkit;
using OpsConsole.Integrations.Browser;

namespace OpsConsole.Bench;

/// <summary>Twenty people export the toolkit at the same moment while agents ask: what that does to the decisions, whether everybody gets a file, and how much memory it takes.</summary>
internal static class G16Twenty
{
    private const int Exports = 20;
    private const double Goal = 2;

    public static async Task<int> RunAsync(ToolkitSubject toolkit, Arguments arguments)
    {
        await using var console = await toolkit.StartAsync();
        using var person = toolkit.Person(console);
        var people = await toolkit.PeopleAsync(console, (Exports + ToolkitTurns.MostOfOne - 1) / ToolkitTurns.MostOfOne);
        await using (var two = new ProcessWatch(console.Id, proportional: true))
        {
            for (var i = 0; i < 60; i++) await person.GetByteArrayAsync(toolkit.Path + ".html");   // everything is compiled before the count begins
            for (var i = 0; i < 4; i++) await ExportAsync([person], toolkit, 2);
            Console.WriteLine($"  two exports, nobody asks: {Mb(two.Own)} MB of their own in {two.Most} processes of the press, {Mb(two.Proportional)} MB with their shares in what they share");
        }
        var load = new Load(console.Address, RequestTemplate.Post(console.Address, "/api/v1/decisions", BaselineServer.Body, toolkit.Seed.Key), arguments.Number("callers", 64), TimeSpan.FromSeconds(1));
        await LoadGenerator.RunAsync(load with { Duration = TimeSpan.FromSeconds(arguments.Number("warmup", 8)) });
        var peak = (await LoadGenerator.RunAsync(load with { Duration = TimeSpan.FromSeconds(5) })).PrintedAs("peak").RequestsPerSecond;

        // A third: at half of the peak rate agents, client and console leave a quarter of the processors to everybody else, and the ratio measures who is turned away first.
        var rate = arguments.Number("rate", (int)(peak / 3));
        // All three as long as twenty exports take at least: what the console does by itself every half minute or so (it counts what was asked) is in each of them.
        var leg = load with { RequestsPerSecond = rate, Turns = arguments.Number("seconds", 30) };
        var before = (await LoadGenerator.RunAsync(leg)).PrintedAs("without");
        Task<bool[]>? exports = null;
        var (began, done, stolen) = (0L, 0, ProcessWatch.Stolen());
        await using var watch = new ProcessWatch(console.Id);
        var with = (await LoadGenerator.RunAsync(leg, turn =>
        {
            if (turn == 0) (began, exports) = (Stopwatch.GetTimestamp(), ExportAsync(people, toolkit, Exports, () => Interlocked.Increment(ref done)));
            return Task.CompletedTask;
        })).PrintedAs("with   ");
        var (meanwhile, away) = (done, (ProcessWatch.Stolen() - stolen) * 10);
        if (exports!.IsCompleted) throw new InvalidOperationException("The exports were over before the load was; take shorter ones (--seconds).");
        var failed = (await exports).Count(whole => !whole);
        var took = Stopwatch.GetElapsedTime(began).TotalSeconds;
        var after = (await LoadGenerator.RunAsync(leg)).PrintedAs("without");

        var verdict = Ratio.Judge(Goal, Ms(before.Latency), Ms(with.Latency), Ms(after.Latency), atMost: true);
        var options = new PressOptions();
        Console.WriteLine($"  {Exports} exports at once, {meanwhile} of them in the {leg.Turns} s of load at {rate:N0} decisions/s, all in {took:0} s; p99 second by second {Seconds(with)} ms, without {Seconds(before)} and {Seconds(after)} ms; the host took {away} ms away");
        Console.WriteLine($"  memory at most: {Mb(watch.Own)} MB of their own in {watch.Most} processes of the press ({options.PrintsAtOnce} at once x {options.PrintMegabytes} MB = {options.PrintsAtOnce * options.PrintMegabytes} MB may be), the console {Mb(watch.Root)} MB resident");
        Console.WriteLine($"g16, twenty at once: {failed} failed (goal 0); p99 of decisions at {rate:N0}/s, with / without: ratio {verdict.Value:0.00} (goal <= {Goal:0}; {Ms(with.Latency):0.00} ms, baseline {Ms(before.Latency):0.00} then {Ms(after.Latency):0.00} ms, moved {verdict.Moved:0.0%}) {(verdict.Invalid ? "INVALID" : verdict.Met && failed == 0 ? "met" : "MISSED")}");
        return verdict.Invalid ? 2 : verdict.Met && failed == 0 ? 0 : 1;
    }

    /// <returns>For each whether it came back as a PDF.</returns>
    private static Task<bool[]> ExportAsync(IReadOnlyList<HttpClient> people, ToolkitSubject toolkit, int many, Action? ended = null)
        => Task.WhenAll(Enumerable.Range(0, many).Select(async i =>
        {
            using var answer = await people[i % people.Count].GetAsync(toolkit.Path + ".pdf");
            var bytes = await answer.Content.ReadAsByteArrayAsync();
            if (!answer.IsSuccessStatusCode) Console.WriteLine($"  an export failed: {System.Text.Encoding.UTF8.GetString(bytes)}");
            ended?.Invoke();
            return answer.IsSuccessStatusCode && bytes.AsSpan().StartsWith("%PDF-"u8);
        }));

    private static double Ms(Histogram latencies) => latencies.At(0.99).TotalMilliseconds;

    private static string Seconds(LoadResult result) => string.Join(", ", result.Turns.Select(t => Ms(t).ToString("0", CultureInfo.InvariantCulture)));

    private static string Mb(long bytes) => (bytes / 1048576.0).ToString("N0", CultureInfo.InvariantCulture);
}
