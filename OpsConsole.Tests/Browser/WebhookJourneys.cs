using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using OpsConsole.Core.Webhooks;
using OpsConsole.Features.Webhooks;
using OpsConsole.Tests.Support;
using static Microsoft.Playwright.Assertions;
using static OpsConsole.Browser.Journey;

namespace OpsConsole.Browser;

/// <summary>From the rollout's page to a webhook that was tried out, by keyboard, and its delivery log on a phone.</summary>
[Collection(ChromiumTests.Name)]
public sealed class WebhookJourneys(Chromium chromium) : IAsyncLifetime
{
    private readonly Postbox _box = new();
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync(new HostSettings { RealPort = true, Services = s => s.AddSingleton<IOutbound>(_box) });
        _spine = await Spine.BuildAsync(_host);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData(Screen.Laptop, ColorScheme.Light)]
    [InlineData(Screen.Phone, ColorScheme.Dark)]
    public async Task AWebhook_IsAdded_TriedOut_AndItsLogRead_ByKeyboard(Screen screen, ColorScheme scheme)
    {
        await using var context = await chromium.NewContextAsync(screen, scheme);
        var page = await context.NewPageAsync();
        await SignInAsync(page, _host, ConsoleHost.AdminEmail);
        await OpenAsync(page, $"{_host.Url}/rollouts/{_spine.Rollout}");
        await page.Locator("main").GetByRole(AriaRole.Link, new() { Name = "Webhooks" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Nobody is told yet" })).ToBeVisibleAsync();
        var add = Button(page, "Add a webhook");
        await PressAsync(page, add);
        await Expect(page.Locator("#w-url")).ToBeFocusedAsync();
        await Accessibility.AssertNoViolationsAsync(page);
        await AssertFitsAsync(page);
        await page.Keyboard.TypeAsync("https://hooks.example.com/ops");
        await PressAsync(page, page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Add the webhook" }));
        var secret = page.Locator(".secret code");
        await Expect(secret).ToContainTextAsync("whsec_");
        await Accessibility.AssertNoViolationsAsync(page);
        await AssertFitsAsync(page);
        var key = WebhookSignature.Key(await secret.InnerTextAsync());
        await PressAsync(page, Button(page, "I have stored it"));
        await Expect(secret).ToHaveCountAsync(0);

        await PressAsync(page, Button(page, "Send a test to hooks.example.com"));
        await Expect(page.Locator(".attempts")).ToContainTextAsync("Delivered.");
        await Accessibility.AssertNoViolationsAsync(page);
        await AssertFitsAsync(page);
        var sent = Assert.Single(_box.Sent);
        Assert.Equal(WebhookSignature.Header(Postbox.Header(sent, "webhook-id"), long.Parse(Postbox.Header(sent, "webhook-timestamp")), sent.Body, [key!]), Postbox.Header(sent, "webhook-signature"));

        // What happens meanwhile appears by itself.
        await _spine.RefundAsync(420, 202);
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(2);
        await page.GetByLabel("Event", new() { Exact = true }).SelectOptionAsync("approval.requested");
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(1);
        await PressUntilAsync(page, "j", page.Locator("tr.current"));
        await PressUntilAsync(page, "Enter", page.Locator("#delivery"));
        await Expect(page.Locator("#delivery")).ToHaveTextAsync("approval.requested");
        await PressAsync(page, Button(page, "Replay"));
        await Expect(page.Locator(".attempts li")).ToHaveCountAsync(2);
        await Accessibility.AssertNoViolationsAsync(page);
        if (Environment.GetEnvironmentVariable("OPSCONSOLE_SHOTS") is { Length: > 0 } folder) await page.ScreenshotAsync(new() { Path = System.IO.Path.Combine(folder, $"webhooks-{screen}-{scheme}.png"), FullPage = true });
        await OpenAsync(page, $"{_host.Url}/rollouts/{_spine.Rollout}/webhooks");
        if (Environment.GetEnvironmentVariable("OPSCONSOLE_SHOTS") is { Length: > 0 } shots) await page.ScreenshotAsync(new() { Path = System.IO.Path.Combine(shots, $"webhooks-list-{screen}-{scheme}.png"), FullPage = true });
    }

    private static async Task PressAsync(IPage page, ILocator control)
    {
        await control.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
    }
}
