using Microsoft.Playwright;
using OpsConsole.Tests.Support;
using static Microsoft.Playwright.Assertions;
using static OpsConsole.Browser.Journey;

namespace OpsConsole.Browser;

/// <summary>Somebody is told: by the bell, the browser's own notification and their notices, from which they reach the request by keyboard.</summary>
[Collection(ChromiumTests.Name)]
public sealed class NoticeJourneys(Chromium chromium) : IAsyncLifetime
{
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync(new HostSettings { RealPort = true });
        _spine = await Spine.BuildAsync(_host);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData(Screen.Laptop, ColorScheme.Light)]
    [InlineData(Screen.Phone, ColorScheme.Dark)]
    public async Task ARequest_RingsTheBell_AndIsReachedFromTheNotices(Screen screen, ColorScheme scheme)
    {
        await using var context = await chromium.NewContextAsync(screen, scheme);
        // What a browser without a screen would show, kept where the test can read it.
        await context.AddInitScriptAsync("""
            window.shown = [];
            window.Notification = class { static permission = sessionStorage.getItem('allowed') ?? 'default'; static requestPermission() { sessionStorage.setItem('allowed', 'granted'); this.permission = 'granted'; return Promise.resolve('granted'); }
              constructor(title, options) { window.shown.push([title, options.body, options.tag]); window.last = this; } close() {} };
            """);
        var page = await context.NewPageAsync();
        await SignInAsync(page, _host, "dana@example.com");
        await OpenAsync(page, _host.Url + "/account/notifications");
        var allow = Button(page, "Allow in this browser");
        await allow.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByText("This browser shows them.")).ToBeVisibleAsync();
        await Accessibility.AssertNoViolationsAsync(page);
        await AssertFitsAsync(page);

        var asked = await _spine.RefundAsync(420, 202);
        var bell = page.GetByRole(AriaRole.Link, new() { Name = "Notices, 1 unread" });
        await Expect(bell).ToBeVisibleAsync();
        await page.WaitForFunctionAsync("() => window.shown.length === 1");
        Assert.StartsWith("A request waits|refund.create order 8812 · Support · due ", await page.EvaluateAsync<string>("() => window.shown[0].slice(0, 2).join('|')"));

        await bell.ClickAsync();
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/notices$"));
        await Expect(page.Locator(".list-item")).ToHaveCountAsync(1);
        await Accessibility.AssertNoViolationsAsync(page);
        await AssertFitsAsync(page);
        if (Environment.GetEnvironmentVariable("OPSCONSOLE_SHOTS") is { Length: > 0 } folder) await page.ScreenshotAsync(new() { Path = System.IO.Path.Combine(folder, $"notices-{screen}-{scheme}.png"), FullPage = true });
        await PressUntilAsync(page, "j", page.Locator("li.selected"));
        await page.Keyboard.PressAsync("Enter");
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/approvals/" + asked.GetProperty("approval").GetProperty("id").GetString()));
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Notices, none unread" })).ToBeVisibleAsync();
        if (Environment.GetEnvironmentVariable("OPSCONSOLE_SHOTS") is { Length: > 0 } shots)
        {
            await OpenAsync(page, _host.Url + "/account/notifications");
            await page.ScreenshotAsync(new() { Path = System.IO.Path.Combine(shots, $"notifications-{screen}-{scheme}.png"), FullPage = true });
        }
    }
}
