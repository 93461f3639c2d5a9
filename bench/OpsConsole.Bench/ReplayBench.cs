using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

namespace OpsConsole.Bench;

/// <summary>A draft replayed over a million recorded decisions: how long that takes while nobody asks, and what it does to the decisions of those who ask meanwhile.</summary>
internal static class ReplayBench
{
    // Two of three belong to the rollout that is replayed (HistoryWriter).
    private const int Poured = 1_500_000;

    // Without and with, in short turns under one load, so that what else the machine does meets both sides alike. Of the turns' p99 the median counts, so that one stall of the disk decides nothing.
    // Turns in which the host took the processors away count on neither side, and neither do those that begin with what it left behind.
    private static readonly string Order = string.Concat(Enumerable.Repeat("ABBA", 12));

    private const string Draft = """
    {"default":"deny","boundaries":[{"action":"payment.*","reason":"never"}],"rules":[
      {"id":"R-1","action":"crm.*","when":[{"field":"arguments.amount","op":"<=","value":90},{"field":"resource.type","op":"=","value":"contact"}],"consequence":"low","reversible":true,"outcome":"allow"},
      {"id":"R-2","action":"ticket.*","when":[{"field":"arguments.note","op":"contains","value":"customer"}],"consequence":"low","reversible":true,"outcome":"allow"},
      {"id":"R-3","action":"mail.send","outcome":"approve","approvers":["group:approvers"]},
      {"id":"R-4","action":"*","when":[{"field":"confidence","op":">=","value":0.5}],"consequence":"low","reversible":true,"outcome":"allow"}]}
    """;

    public static async Task<int> RunAsync(Arguments arguments)
    {
        var kept = arguments.Text("data");
        var folder = kept ?? Path.Combine(Path.GetTempPath(), "opsconsole-bench-" + Guid.NewGuid().ToString("N"));
        try
        {
            var history = await History.InAsync(folder, arguments.Number("decisions", Poured), pending: 1_000);
            if (arguments.Text("only") == "fill") return 0;
            await using var program = await ConsoleProgram.StartAsync("OpsConsole:Data:Directory=" + folder);
            using var admin = new HttpClient { BaseAddress = program.Address };
            admin.DefaultRequestHeaders.Authorization = new("Bearer", history.Seed.Token);
            var replay = new Replays(admin, $"/api/v1/rollouts/{history.Rollouts[0]}/matrix/simulation", history.Began);

            var alone = await replay.ToTheEndAsync();
            var answers = alone.GetProperty("result").GetProperty("answers");
            Console.WriteLine($"  nobody asks: {alone.GetProperty("read").GetInt64():N0} decisions in {alone.GetProperty("seconds").GetDouble():0.0} s, {alone.GetProperty("per_second").GetDouble():N0}/s; {answers.GetProperty("changed").GetInt64():N0} would change");

            var load = new Load(program.Address, RequestTemplate.Post(program.Address, "/api/v1/decisions", BaselineServer.Body, history.Seed.Key), arguments.Number("callers", 64), arguments.Duration);
            await LoadGenerator.RunAsync(load with { Duration = TimeSpan.FromSeconds(arguments.Number("warmup", 12)) });
            var peak = (await LoadGenerator.RunAsync(load with { Duration = TimeSpan.FromSeconds(5) })).PrintedAs("peak").RequestsPerSecond;
            var half = load with { RequestsPerSecond = peak / 2, Duration = arguments.Duration / 5, Turns = Order.Length };
            using var writer = new WriterWatch();
            var (replayed, seconds) = (0L, 0.0);
            var notes = new List<(bool Counts, long Away, string Text)>();
            var stolen = 0L;
            var result = await LoadGenerator.RunAsync(half, BeginAsync);
            await EndAsync(Order.Length);
            if (!result.AllSucceeded) throw new InvalidOperationException("Not every request succeeded; this measures nothing.");
            foreach (var (turn, latency) in result.Turns.Index()) Console.WriteLine($"  {(Order[turn] == 'B' ? "with   " : "without")} p99 {Ms(latency, 0.99):0.00} ms, max {Ms(latency, 1):0.0} ms; {notes[turn].Text}{(notes[turn].Counts ? "" : "; not counted")}");
            List<Histogram> Legs(char kind, Range part) => [.. result.Turns.Index().Take(part).Where(t => Order[t.Index] == kind && notes[t.Index].Counts).Select(t => t.Item)];
            if (notes.Count(n => n.Counts) < Order.Length / 3) throw new InvalidOperationException("The host took the processors away in most turns; run it again.");
            var (early, late, meanwhile) = (Legs('A', ..(Order.Length / 2)), Legs('A', (Order.Length / 2)..), Legs('B', ..));
            var (before, with, after) = (Ms(early, 0.99), Ms(meanwhile, 0.99), Ms(late, 0.99));
            var verdict = Ratio.Judge(1.25, before, with, after, atMost: true);
            Console.WriteLine($"  at {peak / 2:N0} decisions/s: {replayed / seconds:N0} replayed/s; p50 {Ms(early, 0.5):0.00} then {Ms(late, 0.5):0.00} ms without, {Ms(meanwhile, 0.5):0.00} ms with; p99.9 {Ms(early, 0.999):0.00} then {Ms(late, 0.999):0.00} ms without, {Ms(meanwhile, 0.999):0.00} ms with");
            Console.WriteLine($"replay: p99 of decisions at half of the peak rate, with a replay / without: ratio {verdict.Value:0.00} (goal <= 1.25; {with:0.00} ms, baseline {before:0.00} then {after:0.00} ms, moved {verdict.Moved:0.0%}) {(verdict.Invalid ? "INVALID" : verdict.Met ? "met" : "MISSED")}");
            return verdict.ExitCode;

            async Task BeginAsync(int turn)
            {
                await EndAsync(turn);
                if (Order[turn] == 'B' && (turn == 0 || Order[turn - 1] == 'A')) await replay.StartAsync();
                stolen = ProcessWatch.Stolen();
                writer.Reset();
            }

            async Task EndAsync(int next)
            {
                if (next == 0) return;
                var away = ProcessWatch.Stolen() - stolen;
                notes.Add((away == 0 && notes is not [.., { Away: > 0 }], away, $"{writer}{(away > 0 ? $", the host took {away * 10} ms away" : "")}"));
                if (Order[next - 1] == 'A' || (next < Order.Length && Order[next] == 'B')) return;
                var part = await replay.CancelAsync();
                // A replay that had nothing left to do would measure nothing.
                if (part.GetProperty("status").GetString() != "cancelled") throw new InvalidOperationException("The replay was over before the turn was; pour more decisions (--decisions) or take shorter turns (--seconds).");
                (replayed, seconds) = (replayed + part.GetProperty("read").GetInt64(), seconds + part.GetProperty("seconds").GetDouble());
            }
        }
        finally
        {
            if (kept is null) Directory.Delete(folder, recursive: true);
        }
    }

    private static double Ms(Histogram latencies, double quantile) => latencies.At(quantile).TotalMilliseconds;

    private static double Ms(List<Histogram> legs, double quantile)
    {
        var sorted = legs.Select(l => Ms(l, quantile)).Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }

    /// <summary>The replay as people start it.</summary>
    private sealed class Replays(HttpClient admin, string path, DateTimeOffset from)
    {
        private string _address = "";

        public async Task StartAsync()
        {
            using var response = await admin.PostAsJsonAsync(path, new { from, matrix = JsonElement.Parse(Draft) });
            if (!response.IsSuccessStatusCode) throw new InvalidOperationException(await response.Content.ReadAsStringAsync());
            _address = response.Headers.Location!.ToString();
        }

        public async Task<JsonElement> ToTheEndAsync()
        {
            await StartAsync();
            while (true)
            {
                var now = await admin.GetFromJsonAsync<JsonElement>(_address);
                var status = now.GetProperty("status").GetString();
                if (status == "done") return now;
                if (status != "running") throw new InvalidOperationException($"The replay ended as {status}.");
                await Task.Delay(200);
            }
        }

        public async Task<JsonElement> CancelAsync()
        {
            using var response = await admin.DeleteAsync(_address);
            return await response.Content.ReadFromJsonAsync<JsonElement>();
        }
    }
}
