using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Playwright;
using OpsConsole.Tests.Support;
using static Microsoft.Playwright.Assertions;
using static OpsConsole.Browser.Journey;

namespace OpsConsole.Browser;

/// <summary>Five people write on the same worksheet for two minutes; their lines drop now and then, and the console is killed and started again in the middle. Nothing typed is lost.</summary>
[Collection("Five browsers")]   // beside the other browser tests: it mostly waits
public sealed class FiveBrowsersTests(Chromium chromium) : IClassFixture<Chromium>, IAsyncLifetime
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(120);
    private static readonly string[] Fields = ["workflow", "users", "in_scope", "out_of_bounds"], People = ["dana@example.com", "lee@example.com", "owner@example.com", "mia@example.com", "tom@example.com"];

    // What Blazor says by itself to a click or a key in the moment in which the line goes.
    private static readonly string[] LineIsGone = ["Cannot send data if the connection is not in the 'Connected' State", "WebSocket is not in the OPEN state"];
    private const string Circuit = "**/_blazor/negotiate*";

    private readonly ConcurrentBag<(string Field, string Word)> _typed = [];
    private readonly ConcurrentBag<string> _errors = [];
    private ConsoleHost _host = default!;
    private ConsoleProcess _console = default!;
    private string _rollout = "";

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync();
        _rollout = (await Spine.BuildAsync(_host, gates: "")).Rollout;
        foreach (var email in People[3..]) await _host.PersonAsync(email, "member");
        foreach (var email in People) await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/rollouts/{_rollout}/members", new { email, roles = new[] { "member" } }, 201);
        await _host.StopAsync();
        _console = new ConsoleProcess(_host.Folder);
        await _console.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _console.DisposeAsync();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task FivePeople_TwoMinutes_DroppedLinesAndARestart_NothingTypedIsLost_AndAllSeeTheSame()
    {
        var contexts = await Task.WhenAll(People.Select(_ => chromium.NewContextAsync()));
        var pages = await Task.WhenAll(contexts.Zip(People, OpenAsync));
        var clock = Stopwatch.StartNew();
        await Task.WhenAll([.. pages.Select((page, i) => WriteAsync(page, contexts[i], i, clock)), RestartAsync(clock)]);

        foreach (var page in pages)
        {
            await page.WaitForFunctionAsync("() => document.documentElement.dataset.live && document.querySelector('#f-canvas-workflow')", null, new() { Timeout = 30_000 });
            await Expect(page.Locator("[data-unsent]")).ToHaveCountAsync(0, new() { Timeout = 20_000 });
            await Expect(page.Locator("#blazor-error-ui")).ToBeHiddenAsync();
            await page.EvaluateAsync("() => document.activeElement?.blur()");   // whoever stands in a field keeps their own text before them
        }
        Assert.Empty(_errors);
        Assert.InRange(_typed.Count, 100, int.MaxValue);

        using var admin = new HttpClient { BaseAddress = new Uri(_console.Url) };
        admin.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ConsoleHost.AdminToken);
        foreach (var field in Fields)
        {
            var texts = await HistoryAsync(admin, "canvas/" + field);
            foreach (var (_, word) in _typed.Where(t => t.Field == field)) Assert.True(texts.Any(t => t.Contains(word, StringComparison.Ordinal)), $"'{word}' was typed into {field} and is in none of its {texts.Count} texts");
        }
        var stands = await ConsoleHost.GetAsync(admin, $"/api/v1/rollouts/{_rollout}/worksheets/canvas");
        foreach (var field in Fields)
        {
            var value = stands.GetProperty("rows")[0].GetProperty("fields").EnumerateArray().Single(f => f.GetProperty("name").GetString() == field).GetProperty("value").GetString()!;
            var standing = stands.GetProperty("rows")[0].GetProperty("fields").EnumerateArray().Single(f => f.GetProperty("name").GetString() == field).GetProperty("standing").EnumerateArray().Select(s => s.GetProperty("value").GetString()).Distinct().Count();
            foreach (var page in pages)
            {
                await Expect(page.Locator("#f-canvas-" + field)).ToHaveValueAsync(value);
                // Where several wrote at once all of it is there to choose from, and of each person one text.
                await Expect(page.Locator(".live-field", new() { Has = page.Locator("#f-canvas-" + field) }).Locator(".rival")).ToHaveCountAsync(standing == 1 ? 0 : standing);
            }
            Assert.InRange(standing, 1, People.Length);
        }
        foreach (var context in contexts) await context.DisposeAsync();
    }

    private async Task<IPage> OpenAsync(IBrowserContext context, string email)
    {
        var page = await context.NewPageAsync();
        page.PageError += (_, error) => { if (!LineIsGone.Any(l => error.Contains(l, StringComparison.Ordinal))) _errors.Add(error); };
        // So that the test can cut the line: the browser's own 'offline' leaves open sockets alone, and a page that is loaded anew while it holds is lost for good.
        await page.AddInitScriptAsync("window.lines = []; window.WebSocket = class extends WebSocket { constructor(...a) { super(...a); window.lines.push(this); } };");
        await SignInAsync(page, _console.Url, email, _host.PasswordOf(email), $"/rollouts/{_rollout}/worksheets/canvas");
        await page.WaitForSelectorAsync("#f-canvas-workflow");
        await LoadedAsync(page);
        return page;
    }

    /// <summary>Puts words into fields, most often into one of their own, sometimes into one that everybody writes in; now and then the line drops for a while.</summary>
    private async Task WriteAsync(IPage page, IBrowserContext context, int person, Stopwatch clock)
    {
        var random = new Random(person + 1);
        for (var n = 0; clock.Elapsed < Long; n++)
        {
            var field = random.Next(3) == 0 ? Fields[0] : Fields[random.Next(Fields.Length)];
            var word = $"p{person}w{n}";
            var dropped = false;
            try
            {
                if (n % 12 == 5 + person && await page.EvaluateAsync<bool>("() => 'live' in document.documentElement.dataset"))
                {
                    dropped = true;
                    await context.RouteAsync(Circuit, route => route.AbortAsync());
                    await page.EvaluateAsync("() => window.lines.forEach((l) => l.close())");
                }
                var input = page.Locator("#f-canvas-" + field);
                await input.FocusAsync(new() { Timeout = 3_000 });
                await page.Keyboard.PressAsync("Control+End");
                await page.Keyboard.TypeAsync(" " + word, new() { Delay = 15 });
                if (await input.EvaluateAsync<bool>("(e, word) => e.value.includes(word)", word, new() { Timeout = 1_000 })) _typed.Add((field, word));
            }
            catch (Exception e) when (e is PlaywrightException or TimeoutException)
            {
                // the page was being loaded again, or the bar about the lost line lay over it
            }
            await Task.Delay(random.Next(100, 700));
            if (!dropped) continue;
            await Task.Delay(random.Next(1_000, 4_000));
            await context.UnrouteAsync(Circuit);
        }
    }

    private async Task RestartAsync(Stopwatch clock)
    {
        await Task.Delay(Long / 2);
        await _console.StopAsync();
        await Task.Delay(2_000);
        await _console.StartAsync();
        Assert.True(clock.Elapsed < Long, "the restart was meant to be in the middle");
    }

    private async Task<List<string>> HistoryAsync(HttpClient admin, string field)
    {
        List<string> texts = [];
        for (string? after = null; ;)
        {
            var page = await ConsoleHost.GetAsync(admin, $"/api/v1/rollouts/{_rollout}/worksheets/history?field={field}&limit=200{(after is null ? "" : "&after=" + after)}");
            texts.AddRange(page.GetProperty("items").EnumerateArray().Select(p => p.GetProperty("value").GetString()!));
            if (page.GetProperty("next") is not { ValueKind: JsonValueKind.String } next) return texts;
            after = next.GetString();
        }
    }
}
