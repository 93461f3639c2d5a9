using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Tests.Support;
using static OpsConsole.Browser.Journey;

namespace OpsConsole.Browser;

/// <summary>Two instances of the program, each a process of its own, on one PostgreSQL: agents ask at the one, people decide at the other, and one of them is killed meanwhile.</summary>
[Collection(ChromiumTests.Name)]
public sealed class TwoInstancesTests(Chromium chromium) : IAsyncLifetime
{
    private readonly List<HttpClient> _clients = [];
    private ConsoleHost _host = default!;
    private Spine _spine = default!;
    private string _dana = "", _lee = "";
    private ConsoleProcess _first = default!, _second = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync(new HostSettings { Postgres = true });
        _spine = await Spine.BuildAsync(_host);
        (_dana, _lee) = (_spine.Dana.DefaultRequestHeaders.Authorization!.Parameter!, _spine.Lee.DefaultRequestHeaders.Authorization!.Parameter!);
        var postgres = _host.Services.GetRequiredService<IConfiguration>()["ConnectionStrings:Postgres"];
        await _host.StopAsync();
        (_first, _second) = (new ConsoleProcess(_host.Folder, postgres), new ConsoleProcess(_host.Folder, postgres));
        await Task.WhenAll(_first.StartAsync(), _second.StartAsync());
    }

    public async Task DisposeAsync()
    {
        foreach (var client in _clients) client.Dispose();
        await _first.DisposeAsync();
        await _second.DisposeAsync();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task AskedAtOne_DecidedAtTheDeskOfTheOther_AnsweredAtTheFirst()
    {
        await using var context = await chromium.NewContextAsync();
        var page = await context.NewPageAsync();
        await SignInAsync(page, _second.Url, "dana@example.com", _host.PasswordOf("dana@example.com"), "/approvals");
        await page.GetByText("Nothing waits").First.WaitForAsync();

        var waiting = AskAndWaitAsync(At(_first, _spine.AgentKey), 420);
        await Rows(page).First.WaitForAsync();   // by itself, without a key pressed or the page loaded again
        await PressUntilAsync(page, "j", Rows(page).First);
        await PressUntilAsync(page, "Enter", Request(page));
        await PressUntilAsync(page, "a", Dialog(page));
        await ConfirmAsync(page, page.Locator(".toasts").GetByText("Approved refund.create"));

        var answer = await waiting.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(("allow", "approved"), (Spine.Outcome(answer), answer.GetProperty("approval").GetProperty("status").GetString()));
    }

    [Fact]
    public async Task KilledInTheMiddle_NothingIsLostOrDecidedTwice()
    {
        const int requests = 24;
        var (agent, dana, lee) = (At(_first, _spine.AgentKey), At(_second, _dana), At(_second, _lee));
        var asked = await Task.WhenAll(Enumerable.Range(0, requests).Select(i => ConsoleHost.PostAsync(agent, "/api/v1/decisions", new { action = "refund.create", arguments = new { amount = 300 + i }, confidence = 0.9 }, 202)));
        var held = asked.Select(a => WaitAsync(agent, Spine.Id(a))).ToList();   // the agent waits at the first for all of them

        // Both decide each request at once at the second, one yes and one no, and the first is killed between them.
        var verdicts = asked.SelectMany((a, i) => new[] { DecideAsync(dana, a, "approve"), DecideAsync(lee, a, "reject"), i == requests / 2 ? _first.StopAsync().ContinueWith(_ => 0, TaskScheduler.Default) : Task.FromResult(0) }).ToList();
        var codes = (await Task.WhenAll(verdicts)).Where(c => c != 0).ToList();
        Assert.Equal((requests, requests), (codes.Count(c => c == 200), codes.Count(c => c == 409)));
        await Task.WhenAll(held.Select(h => h.ContinueWith(_ => { }, TaskScheduler.Default)));   // some were answered before, the others were cut off

        // Whoever was cut off asks the other instance, and hears what was decided; the record has one winning vote for each.
        var there = At(_second, _spine.AgentKey);
        for (var i = 0; i < requests; i++)
        {
            var now = await ConsoleHost.GetAsync(there, "/api/v1/decisions/" + Spine.Id(asked[i]));
            var approval = await ConsoleHost.GetAsync(dana, "/api/v1/approvals/" + Approval(asked[i]));
            var vote = Assert.Single(approval.GetProperty("votes").EnumerateArray());
            Assert.Equal(vote.GetProperty("verdict").GetString() == "approve" ? "allow" : "deny", Spine.Outcome(now));
            if (held[i].IsCompletedSuccessfully && await held[i] is { } told) Assert.Equal(Spine.Outcome(now), told);
        }

        // A decision taken while the first was gone is known to it when it comes back, and the chain is one.
        await _first.StartAsync();
        Assert.Equal(requests, (await ConsoleHost.GetAsync(At(_first, _dana), "/api/v1/approvals?limit=200")).GetProperty("items").EnumerateArray().Count(a => a.GetProperty("status").GetString() is "approved" or "rejected"));
        Assert.True((await ConsoleHost.GetAsync(At(_first, ConsoleHost.AdminToken), "/api/v1/audit/verify")).GetProperty("intact").GetBoolean());
    }

    [Fact]
    public async Task Pause_UnderFullLoadOfBoth_HoldsEveryAskThatComesAfterItsAnswer_AndWhatWaitedIsHeld()
    {
        const int askers = 16;   // at each
        var (first, second) = (At(_first, _spine.AgentKey), At(_second, _spine.AgentKey));
        var waiting = await ConsoleHost.PostAsync(first, "/api/v1/decisions", new { action = "refund.create", arguments = new { amount = 420 } }, 202);
        var (paused, resumed) = (long.MaxValue, long.MaxValue);
        using var over = new CancellationTokenSource();
        var loads = Enumerable.Range(0, 2 * askers).Select(i => Task.Run(async () =>
        {
            List<(long Sent, long Answered, string Outcome, string Code)> seen = [];
            while (!over.IsCancellationRequested)
            {
                var sent = Stopwatch.GetTimestamp();
                var answer = await ConsoleHost.PostAsync(i % 2 == 0 ? first : second, "/api/v1/decisions", new { action = "refund.create", arguments = new { amount = 20, order = $"o-{i}-{seen.Count}" } });
                seen.Add((sent, Stopwatch.GetTimestamp(), Spine.Outcome(answer), Spine.Code(answer)));
            }
            return seen;
        })).ToList();
        await Task.Delay(1_500);
        await ConsoleHost.PostAsync(At(_second, ConsoleHost.AdminToken), $"/api/v1/agents/{_spine.AgentId}/pause", new { reason = "looks odd" });
        paused = Stopwatch.GetTimestamp();
        // Somebody says yes meanwhile, at the instance that did not take the pause: it is held, not released.
        Assert.Equal(200, await DecideAsync(At(_first, _dana), waiting, "approve"));
        var held = await ConsoleHost.GetAsync(first, "/api/v1/decisions/" + Spine.Id(waiting));
        await Task.Delay(1_000);
        resumed = Stopwatch.GetTimestamp();
        await ConsoleHost.PostAsync(At(_first, ConsoleHost.AdminToken), $"/api/v1/agents/{_spine.AgentId}/resume", new { reason = "it was nothing" });
        await Task.Delay(1_000);
        await over.CancelAsync();
        var all = (await Task.WhenAll(loads)).SelectMany(s => s).ToList();

        var (before, during) = (all.Where(a => a.Answered < paused).ToList(), all.Where(a => a.Sent > paused && a.Answered < resumed).ToList());
        Assert.Contains(before, a => a.Outcome == "allow");
        Assert.True(during.Count > 50, $"{during.Count} asks while it was paused");
        Assert.All(during, a => Assert.Equal(("deny", "paused"), (a.Outcome, a.Code)));
        Assert.Contains(all, a => a.Sent > resumed && a.Outcome == "allow");
        Assert.NotEqual("allow", Spine.Outcome(held));
        Assert.True((await ConsoleHost.GetAsync(At(_second, ConsoleHost.AdminToken), "/api/v1/audit/verify")).GetProperty("intact").GetBoolean());
    }

    private HttpClient At(ConsoleProcess console, string credential)
    {
        var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 100 }) { BaseAddress = new Uri(console.Url) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", credential);
        _clients.Add(client);
        return client;
    }

    private static string Approval(JsonElement asked) => asked.GetProperty("approval").GetProperty("id").GetString()!;

    /// <summary>The outcome that the agent is told; null when the connection broke.</summary>
    private static async Task<string?> WaitAsync(HttpClient agent, string decision)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/decisions/" + decision);
            request.Headers.Add("Prefer", "wait=60");
            using var response = await agent.SendAsync(request);
            return Spine.Outcome(JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException)
        {
            return null;
        }
    }

    private static async Task<int> DecideAsync(HttpClient person, JsonElement asked, string verdict)
    {
        using var response = await person.PostAsJsonAsync($"/api/v1/approvals/{Approval(asked)}/decision", new { verdict });
        return (int)response.StatusCode;
    }
}
