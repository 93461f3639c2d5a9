using System.Net.Http.Json;
using System.Text.Json;

namespace OpsConsole.Bench;

/// <summary>A draft replayed over a million recorded decisions: how long that takes while nobody asks, and what it does to the decisions of those who ask meanwhile.</summary>
internal static class ReplayBench
{
    // Two of three belong to the rollout that is replayed (HistoryWriter).
    private const int Poured = 1_500_000;

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
            var replay = new Subjected(admin, $"/api/v1/rollouts/{history.Rollouts[0]}/matrix/simulation", history.Began);

            var alone = await replay.ToTheEndAsync();
            var answers = alone.GetProperty("result").GetProperty("answers");
            Console.WriteLine($"  nobody asks: {alone.GetProperty("read").GetInt64():N0} decisions in {alone.GetProperty("seconds").GetDouble():0.0} s, {alone.GetProperty("per_second").GetDouble():N0}/s; {answers.GetProperty("changed").GetInt64():N0} would change");

            var load = new Load(program.Address, RequestTemplate.Post(program.Address, "/api/v1/decisions", BaselineServer.Body, history.Seed.Key), arguments.Number("callers", 64), arguments.Duration);
            await LoadGenerator.RunAsync(load with { Duration = TimeSpan.FromSeconds(arguments.Number("warmup", 12)) });
            var peak = (await LoadGenerator.RunAsync(load with { Duration = TimeSpan.FromSeconds(5) })).PrintedAs("peak").RequestsPerSecond;
            var half = load with { RequestsPerSecond = peak / 2 };
            return (await Ratio.MeasureAsync("replay: p99 of decisions at half of the peak rate, with a replay / without (ms)", 1.25,
                async () => (await LoadGenerator.RunAsync(half)).PrintedAs("without").Latency.At(0.99).TotalMilliseconds,
                async () =>
                {
                    await replay.StartAsync();
                    var with = (await LoadGenerator.RunAsync(half)).PrintedAs("with");
                    var part = await replay.CancelAsync();
                    // A replay that had nothing left to do would measure nothing.
                    if (part.GetProperty("status").GetString() != "cancelled") throw new InvalidOperationException("The replay was over before the leg was; pour more decisions (--decisions) or take shorter legs (--seconds).");
                    Console.WriteLine($"  meanwhile replayed: {part.GetProperty("per_second").GetDouble():N0}/s");
                    return with.Latency.At(0.99).TotalMilliseconds;
                }, atMost: true)).ExitCode;
        }
        finally
        {
            if (kept is null) Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The replay as people start it.</summary>
    private sealed class Subjected(HttpClient admin, string path, DateTimeOffset from)
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
