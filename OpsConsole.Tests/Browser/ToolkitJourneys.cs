using Microsoft.Playwright;
using OpsConsole.Tests.Support;
using static Microsoft.Playwright.Assertions;
using static OpsConsole.Browser.Journey;

namespace OpsConsole.Browser;

/// <summary>From choosing documents to a file that somebody else verifies.</summary>
[Collection(ChromiumTests.Name)]
public sealed class ToolkitJourneys(Chromium chromium) : IAsyncLifetime
{
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync(new HostSettings { RealPort = true });
        _spine = await Spine.BuildAsync(_host);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task ABundle_IsMade_Shared_AndVerified()
    {
        await using var context = await chromium.NewContextAsync(Screen.Phone);
        var page = await context.NewPageAsync();
        await SignInAsync(page, _host, ConsoleHost.AdminEmail);
        await OpenAsync(page, $"{_host.Url}/rollouts/{_spine.Rollout}/toolkit");
        await Button(page, "None").ClickAsync();
        await Expect(Button(page, "Make the PDF")).ToBeDisabledAsync();
        await page.GetByLabel("Launch canvas").CheckAsync();
        await page.GetByLabel("Gate record").CheckAsync();
        await ShowsAsync(page.Locator("section[aria-labelledby=choose]"), "A bundle of 2");
        await Button(page, "Make the PDF").ClickAsync();
        var download = page.GetByRole(AriaRole.Link, new() { Name = "Download" });
        await Expect(download).ToBeVisibleAsync(new() { Timeout = 150_000 });
        await AssertFitsAsync(page);
        await Accessibility.AssertNoViolationsAsync(page);
        var fetched = await page.RunAndWaitForDownloadAsync(() => download.ClickAsync());
        var file = Path.Combine(Path.GetTempPath(), $"toolkit-{Guid.NewGuid():N}.pdf");
        await fetched.SaveAsAsync(file);
        try
        {
            await Button(page, "Make a link").ClickAsync();
            var link = await page.GetByLabel("The link").InputValueAsync();
            await using var outside = await chromium.NewContextAsync();
            var shared = await outside.APIRequest.GetAsync(link);
            Assert.Equal(await File.ReadAllBytesAsync(file), await shared.BodyAsync());

            // It shows that it was opened; who ends it is asked first.
            var links = page.Locator("section[aria-labelledby=links]");
            await ShowsAsync(links, "once, last");
            await AssertFitsAsync(page);
            await Accessibility.AssertNoViolationsAsync(page);
            var end = links.GetByRole(AriaRole.Button, new() { Name = "End the link" });
            await end.FocusAsync();
            await page.Keyboard.PressAsync("Enter");
            await Accessibility.AssertNoViolationsAsync(page);
            await AssertFitsAsync(page);
            await Button(page, "Leave it as it is").ClickAsync();
            await Expect(end).ToBeFocusedAsync();
            Assert.Equal(200, (await outside.APIRequest.GetAsync(link)).Status);
            await end.ClickAsync();
            await Dialog(page).GetByRole(AriaRole.Button, new() { Name = "End the link" }).ClickAsync();
            await ShowsAsync(links, "No file of this rollout is opened by a link.");
            await Expect(page.GetByLabel("The link")).ToHaveCountAsync(0);
            Assert.Equal(404, (await outside.APIRequest.GetAsync(link)).Status);

            await OpenAsync(page, _host.Url + "/verify");
            await page.SetInputFilesAsync("#file", file);
            await Expect(page.GetByText("Ours, unaltered")).ToBeVisibleAsync();
            await page.SetInputFilesAsync("#file", new FilePayload { Name = "altered.pdf", MimeType = "application/pdf", Buffer = [.. await File.ReadAllBytesAsync(file), (byte)'x'] });
            await Expect(page.GetByText("Not verified")).ToBeVisibleAsync();
            await Accessibility.AssertNoViolationsAsync(page);
        }
        finally { File.Delete(file); }

        // The same pages for the reader's own browser: no script, and nothing from anywhere.
        await page.GotoAsync($"{_host.Url}/rollouts/{_spine.Rollout}/toolkit/preview?documents=canvas,gates&blank=true");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Launch canvas" })).ToBeVisibleAsync();
        Assert.Equal(0, await page.Locator("script").CountAsync());
        await AssertFitsAsync(page);
    }

    [Fact]
    public async Task TheTeamsLook_IsSet_AndTakenBack()
    {
        await using var context = await chromium.NewContextAsync(Screen.Phone);
        var page = await context.NewPageAsync();
        await SignInAsync(page, _host, ConsoleHost.AdminEmail);
        await OpenAsync(page, $"{_host.Url}/rollouts/{_spine.Rollout}/toolkit");
        var card = page.Locator("section[aria-labelledby=livery]");
        await ShowsAsync(card, "The console's look");
        await Expect(Button(page, "Save the look")).ToBeDisabledAsync();
        await page.SetInputFilesAsync("#livery-logo", new FilePayload { Name = "logo.png", MimeType = "image/png", Buffer = "GIF89a, in truth"u8.ToArray() });
        await ShowsAsync(card, "The logo must be a PNG, JPEG or SVG picture.");
        await page.SetInputFilesAsync("#livery-logo", new FilePayload { Name = "logo.svg", MimeType = "image/svg+xml", Buffer = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"80\" height=\"30\"><rect width=\"80\" height=\"30\" fill=\"#204\"/></svg>"u8.ToArray() });
        await Expect(card.Locator("img")).ToBeVisibleAsync();
        await page.FillAsync("#livery-accent", "#aa0044");
        await page.FillAsync("#livery-line", "Only for the board");
        await Button(page, "Save the look").ClickAsync();
        await ShowsAsync(card, "The team's own look");
        await AssertFitsAsync(page);
        await Accessibility.AssertNoViolationsAsync(page);
        var html = await (await page.APIRequest.GetAsync($"{_host.Url}/rollouts/{_spine.Rollout}/toolkit/preview?documents=canvas")).TextAsync();
        Assert.Contains("--accent: #aa0044", html, StringComparison.Ordinal);
        Assert.Contains("class=\"logo\"", html, StringComparison.Ordinal);
        await Button(page, "Use the console's look").ClickAsync();
        await Accessibility.AssertNoViolationsAsync(page);
        await Dialog(page).GetByRole(AriaRole.Button, new() { Name = "Use it" }).ClickAsync();
        await ShowsAsync(card, "The console's look");
        await Expect(card.Locator("img")).ToHaveCountAsync(0);
    }
}
