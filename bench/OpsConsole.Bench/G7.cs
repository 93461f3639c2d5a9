using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;

namespace OpsConsole.Bench;

/// <summary>
/// A thousand reviewers follow the hub (SignalR's JSON protocol over bare WebSockets). From the question of an agent to the request at each of them;
/// and what the fan-out costs the agent, against nobody watching.
/// </summary>
internal static class G7
{
    private const double Goal = 100, PagesGoal = 300, AgentGoal = 2;
    private const char End = '\u001e';

    public static async Task<int> RunAsync(Arguments arguments)
    {
        var (watchers, rounds) = (arguments.Number("watchers", 1_000), arguments.Number("rounds", 40));
        await using var subject = await Subject.StartAsync();
        using var agent = new HttpClient { BaseAddress = subject.Program.Address };
        agent.DefaultRequestHeaders.Authorization = new("Bearer", subject.Seed.Key);
        for (var i = 0; i < 500; i++) await AskAsync(agent);   // everything is compiled

        await AloneAsync(agent, 4 * rounds);   // at this pace the first seconds are slower, whoever watches
        var before = await AloneAsync(agent, rounds);
        List<Watcher> all = [];
        for (var i = 0; i < watchers; i++) all.Add(await Watcher.OpenAsync(subject.Program.Address, subject.Seed.Token));
        for (var i = 0; i < 5; i++) await RoundAsync(agent, all, new Histogram());
        var (told, asked) = (new Histogram(), new Histogram());
        for (var i = 0; i < rounds; i++) asked.Add(await RoundAsync(agent, all, told));
        foreach (var watcher in all) await watcher.DisposeAsync();
        var after = await AloneAsync(agent, rounds);

        var ratio = Ratio.Judge(AgentGoal, Ms(before, 0.5), Ms(asked, 0.5), Ms(after, 0.5), atMost: true);
        var met = Ms(told, 0.99) <= Goal;
        Console.WriteLine($"g7: {watchers} on the hub, from the question to the request at each of them: p50 {Ms(told, 0.5):0.0} ms, p99 {Ms(told, 0.99):0.0} ms (goal <= {Goal:0}) {(met ? "met" : "MISSED")}");
        Console.WriteLine($"g7, the agent's POST: p50 {Ms(asked, 0.5):0.0} ms, without watchers {Ms(before, 0.5):0.0} then {Ms(after, 0.5):0.0} ms, ratio {ratio.Value:0.00} (goal <= {AgentGoal:0}, moved {ratio.Moved:0.0%}) {(ratio.Invalid ? "INVALID" : ratio.Met ? "met" : "MISSED")}");
        return ratio.Invalid ? 2 : met && ratio.Met ? 0 : 1;
    }

    /// <summary>Five hundred open approvals pages: from the question of an agent to the row at each of them.</summary>
    public static async Task<int> PagesAsync(Arguments arguments)
    {
        var (circuits, rounds) = (arguments.Number("circuits", 500), arguments.Number("rounds", 30));
        await using var subject = await Subject.StartAsync();
        await Readers.AddAsync(subject);
        using var agent = new HttpClient { BaseAddress = subject.Program.Address };
        agent.DefaultRequestHeaders.Authorization = new("Bearer", subject.Seed.Key);
        await AskAsync(agent, "order-first");
        var cookies = new CookieContainer();
        using var handler = new SocketsHttpHandler { CookieContainer = cookies };
        using var http = new HttpClient(handler) { BaseAddress = subject.Program.Address };
        await Readers.SignInAsync(http);
        List<CircuitClient> pages = [];
        for (var i = 0; i < circuits; i++) pages.Add(await CircuitClient.OpenAsync(http, cookies, new Uri(subject.Program.Address, "/approvals"), "order-first"u8.ToArray()));
        var told = new Histogram();
        for (var round = -5; round < rounds; round++)
        {
            var order = $"order-{round + 5:000}x";
            var shown = pages.Select(p => p.ShowsAsync(Encoding.UTF8.GetBytes(order))).ToList();
            var from = Stopwatch.GetTimestamp();
            await AskAsync(agent, order);
            foreach (var at in await Task.WhenAll(shown).WaitAsync(TimeSpan.FromSeconds(60)))
                if (round >= 0) told.Add((long)Stopwatch.GetElapsedTime(from, at).TotalNanoseconds);
            await Task.Delay(1_000);   // everything that follows a new row is over
        }
        foreach (var page in pages) await page.DisposeAsync();
        var met = Ms(told, 0.99) <= PagesGoal;
        Console.WriteLine($"g7: {circuits} open pages, from the question to the row at each of them: p50 {Ms(told, 0.5):0} ms, p90 {Ms(told, 0.9):0} ms, p99 {Ms(told, 0.99):0} ms (goal <= {PagesGoal:0}) {(met ? "met" : "MISSED")}");
        return met ? 0 : 1;
    }

    private static double Ms(Histogram latencies, double share) => latencies.At(share).TotalMilliseconds;

    private static async Task<Histogram> AloneAsync(HttpClient agent, int rounds)
    {
        var took = new Histogram();
        for (var i = 0; i < rounds; i++)
        {
            var from = Stopwatch.GetTimestamp();
            await AskAsync(agent);
            took.Add((long)Stopwatch.GetElapsedTime(from).TotalNanoseconds);
            await Task.Delay(50);
        }
        return took;
    }

    /// <summary>One question, until everybody has it. Returns how long the agent waited for its answer, in nanoseconds.</summary>
    private static async Task<long> RoundAsync(HttpClient agent, List<Watcher> all, Histogram latencies)
    {
        var heard = all.Select(w => w.NextAsync()).ToList();
        var from = Stopwatch.GetTimestamp();
        await AskAsync(agent);
        var asked = (long)Stopwatch.GetElapsedTime(from).TotalNanoseconds;
        foreach (var at in await Task.WhenAll(heard).WaitAsync(TimeSpan.FromSeconds(30))) latencies.Add((long)Stopwatch.GetElapsedTime(from, at).TotalNanoseconds);
        await Task.Delay(250);   // the next is a first signal again, not one that waits for its turn
        return asked;
    }

    private static async Task AskAsync(HttpClient agent, string order = "order-1")
    {
        using var response = await agent.PostAsJsonAsync("/api/v1/decisions", new { action = "refund.create", resource = new { type = "order", id = order }, arguments = new { amount = 500, n = Guid.NewGuid().ToString("N") } });
        if ((int)response.StatusCode != 202) throw new InvalidOperationException(await response.Content.ReadAsStringAsync());
    }

    /// <summary>One connection.</summary>
    private sealed class Watcher : IAsyncDisposable
    {
        private readonly ClientWebSocket _socket = new();
        private readonly byte[] _buffer = new byte[16 * 1024];

        public static async Task<Watcher> OpenAsync(Uri console, string token)
        {
            var watcher = new Watcher();
            watcher._socket.Options.SetRequestHeader("Authorization", "Bearer " + token);
            await watcher._socket.ConnectAsync(new UriBuilder(console) { Scheme = "ws", Path = "/hubs/approvals" }.Uri, default);
            await watcher.SendAsync(Encoding.UTF8.GetBytes("""{"protocol":"json","version":1}""" + End));
            await watcher.ReadAsync(_ => true);
            return watcher;
        }

        /// <summary>When it was told of a new request.</summary>
        public async Task<long> NextAsync()
        {
            await ReadAsync(message => message.Contains("\"requested\"", StringComparison.Ordinal));
            return Stopwatch.GetTimestamp();
        }

        public async ValueTask DisposeAsync()
        {
            await _socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, default);
            _socket.Dispose();
        }

        private ValueTask SendAsync(ReadOnlyMemory<byte> message) => _socket.SendAsync(message, WebSocketMessageType.Text, true, default);

        private async Task ReadAsync(Func<string, bool> wanted)
        {
            while (true)
            {
                var length = 0;
                ValueWebSocketReceiveResult part;
                do
                {
                    part = await _socket.ReceiveAsync(_buffer.AsMemory(length), default);
                    length += part.Count;
                }
                while (!part.EndOfMessage);
                if (part.MessageType == WebSocketMessageType.Close) throw new InvalidOperationException("The hub closed a connection.");
                if (Encoding.UTF8.GetString(_buffer, 0, length).Split(End, StringSplitOptions.RemoveEmptyEntries).Any(wanted)) return;
            }
        }
    }
}
