using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Playwright;
using OpsConsole.Features.Reliability;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static Microsoft.Playwright.Assertions;
using static OpsConsole.Browser.Journey;

namespace OpsConsole.Browser;

/// <summary>Figures over several weeks: charts with their sentence, the same as a table, and from a figure to its records.</summary>
[Collection(ChromiumTests.Name)]
public sealed class ReliabilityJourney(Chromium chromium) : IAsyncLifetime
{
    private readonly SkipTime _time = new();
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _time.Midweek();
        _host = await ConsoleHost.StartAsync(new HostSettings { RealPort = true, Time = _time });
        _spine = await Spine.BuildAsync(_host);
        for (var week = 0; week < 4; week++)
        {
            var token = await ConsoleHost.PostAsync(_host.Nobody, "/api/v1/tokens", new { email = "dana@example.com", password = _host.PasswordOf("dana@example.com"), scopes = new[] { "*" }, expires_in_days = 1 }, 201);
            using var dana = _host.As(token.GetProperty("token").GetString()!);
            for (var i = 0; i < 6; i++)
            {
                var alone = await AskAsync(20 + i, week, 200);
                await ConsoleHost.PostAsync(_spine.Agent, $"/api/v1/decisions/{Spine.Id(alone)}/outcome", new { status = i == week ? "failed" : "succeeded", cost = new { usd = "0.02" } });
                var asked = await AskAsync(420 + i, week, 202);
                _time.Skip(TimeSpan.FromSeconds(20 + (i * 30)));
                await _spine.DecideAsync(dana, asked, i < week ? new { verdict = "reject" } : (object)new { verdict = "approve" });
                if (i >= week) await ConsoleHost.PostAsync(_spine.Agent, $"/api/v1/decisions/{Spine.Id(asked)}/outcome", new { status = "succeeded", cost = new { usd = "0.03" } });
            }
            if (week < 3) _time.Skip(TimeSpan.FromDays(7));
        }
        var clock = _host.Services.GetServices<IHostedService>().OfType<RollupClock>().Single();
        while (await clock.TurnAsync(default)) { }
    }

    private Task<System.Text.Json.JsonElement> AskAsync(double amount, int week, int expect) => _spine.AskAsync(new { action = "refund.create", resource = new { type = "order", id = $"o-{amount}-{week}" }, arguments = new { amount }, run_id = $"run-{week}-{amount}", confidence = 0.9 }, expect);

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData(Screen.Laptop, ColorScheme.Light)]
    [InlineData(Screen.Phone, ColorScheme.Dark)]
    public async Task Figures_AreSaidDrawnAndLeadToTheirRecords(Screen screen, ColorScheme scheme)
    {
        await using var context = await chromium.NewContextAsync(screen, scheme);
        var page = await context.NewPageAsync();
        await SignInAsync(page, _host, ConsoleHost.AdminEmail, "/rollouts/" + _spine.Rollout);
        await page.GetByRole(AriaRole.Link, new() { Name = "Reliability" }).ClickAsync();
        await ShowsAsync(page.Locator("h1"), "Reliability");
        await ShowsAsync(page.Locator("section[aria-labelledby=c-override]"), "Override rate 50 % (3 of 6) in week");
        await Expect(page.Locator(".trends svg path").First).ToBeAttachedAsync();
        await Expect(page.Locator("section[aria-labelledby=t-all] tbody tr")).ToHaveCountAsync(12);
        await AssertFitsAsync(page);
        await Accessibility.AssertNoViolationsAsync(page);
        if (Environment.GetEnvironmentVariable("OPSCONSOLE_SCREENSHOTS") is { Length: > 0 } folder) await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"reliability-{screen}-{scheme}.png"), FullPage = true });
        await page.Locator("section[aria-labelledby=t-all] tbody tr").First.GetByRole(AriaRole.Link).First.ClickAsync();
        await ShowsAsync(page.Locator("h1"), "Decisions");
        await Expect(page.Locator("main a.list-item")).ToHaveCountAsync(12);
    }
}
