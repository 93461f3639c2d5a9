using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Playwright;
using OpsConsole.Features.Reliability;
using OpsConsole.Http;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static Microsoft.Playwright.Assertions;
using static OpsConsole.Browser.Journey;

namespace OpsConsole.Browser;

/// <summary>A baseline is fixed with a day left out and its reason; what lies outside is marked, said, and leads to its decisions.</summary>
[Collection(ChromiumTests.Name)]
public sealed class MonitoringJourney(Chromium chromium) : IAsyncLifetime
{
    private readonly SkipTime _time = new();
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _time.Midweek();
        _host = await ConsoleHost.StartAsync(new HostSettings { RealPort = true, Time = _time });
        _spine = await Spine.BuildAsync(_host);
        _time.Skip(TimeSpan.FromDays(25));
        await MonitoringSeed.DaysAsync(_host, _spine, 24, 11, 12);
        var clock = _host.Services.GetServices<IHostedService>().OfType<RollupClock>().Single();
        while (await clock.TurnAsync(default)) { }
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData(Screen.Laptop, ColorScheme.Light)]
    [InlineData(Screen.Phone, ColorScheme.Dark)]
    public async Task Baseline_IsFixed_AndWhatLeavesItsLimitsIsSaid(Screen screen, ColorScheme scheme)
    {
        await using var context = await chromium.NewContextAsync(screen, scheme);
        var page = await context.NewPageAsync();
        await SignInAsync(page, _host, ConsoleHost.AdminEmail, $"/rollouts/{_spine.Rollout}/monitoring");
        await ShowsAsync(page.Locator("h1"), "Monitoring");
        await Expect(page.Locator("tbody tr").First).ToContainTextAsync("no baseline");
        await page.Locator("tbody tr").First.GetByRole(AriaRole.Link).First.ClickAsync();
        await ShowsAsync(page.Locator("h1"), "Override rate");
        await page.GetByRole(AriaRole.Button, new() { Name = "Fix a baseline…" }).ClickAsync();
        await Expect(Dialog(page)).ToContainTextAsync("24 days");
        await Dialog(page).Locator("#fb-to").SelectOptionAsync(new SelectOptionValue { Index = 2 });   // before it went wrong
        await Dialog(page).Locator("summary").ClickAsync();
        await Dialog(page).Locator(".points input[type=checkbox]").Nth(3).CheckAsync();
        await Dialog(page).Locator("#fb-reason").FillAsync("Three quiet weeks at this tier.");
        await Expect(Dialog(page).Locator("button.primary")).ToBeDisabledAsync();   // a point is left out only with its reason
        await Dialog(page).Locator(".points input.input").FillAsync("A test by the team");
        await Dialog(page).Locator("#fb-reason").ClickAsync();
        await Expect(Dialog(page)).ToContainTextAsync("from 21 days");
        await Accessibility.AssertNoViolationsAsync(page);
        await Dialog(page).Locator("button.primary").ClickAsync();
        await Expect(page.Locator("section[aria-labelledby=w-chart] figcaption")).ToContainTextAsync("Out of control since");
        await Expect(page.Locator(".outside li")).ToHaveCountAsync(2);
        await Expect(page.Locator("section[aria-labelledby=w-table]")).ToContainTextAsync("left out of the baseline: A test by the team");
        await LooksAsync(page, $"watch-{screen}-{scheme}");
        await OpenAsync(page, $"{_host.Url}/rollouts/{_spine.Rollout}/monitoring");
        await Expect(page.Locator("tbody tr").First).ToContainTextAsync("out of control");
        await LooksAsync(page, $"monitoring-{screen}-{scheme}");
        await OpenAsync(page, $"{_host.Url}/rollouts/{_spine.Rollout}/reliability?by=day");
        await Expect(page.Locator("section[aria-labelledby=c-override] .outside li")).ToHaveCountAsync(2);
        await Expect(page.Locator("section[aria-labelledby=t-limits]")).ToContainTextAsync("out of control");
        await LooksAsync(page, $"reliability-days-{screen}-{scheme}");
        await page.Locator("section[aria-labelledby=c-override] .outside a").First.ClickAsync();
        await ShowsAsync(page.Locator("h1"), "Decisions");
        // For the other screen: ended by hand, with a reason.
        await OpenAsync(page, $"{_host.Url}/rollouts/{_spine.Rollout}/monitoring/{_spine.AgentId}/override");
        await page.GetByRole(AriaRole.Button, new() { Name = "End the baseline…" }).ClickAsync();
        await Dialog(page).Locator("textarea").FillAsync("Done with it.");
        await Dialog(page).Locator("button.primary").ClickAsync();
        await Expect(page.Locator("section[aria-labelledby=w-baseline]")).ToContainTextAsync("Done with it.");
    }

    private static async Task LooksAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("OPSCONSOLE_SCREENSHOTS") is { Length: > 0 } folder) await page.ScreenshotAsync(new() { Path = System.IO.Path.Combine(folder, name + ".png"), FullPage = true });
        await AssertFitsAsync(page);
        await Accessibility.AssertNoViolationsAsync(page);
    }
}
