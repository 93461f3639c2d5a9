using Microsoft.Playwright;
using OpsConsole.Http;
using OpsConsole.Tests.Support;
using static Microsoft.Playwright.Assertions;
using static OpsConsole.Browser.Journey;

namespace OpsConsole.Browser;

/// <summary>From four weeks to a signed memo and gate D: written at a desk, decided on a phone. And what keeps a memo from being approved is seen.</summary>
[Collection(ChromiumTests.Name)]
public sealed class MemoJourney(Chromium chromium) : IAsyncLifetime
{
    private MemoFixture _f = default!;

    public async Task InitializeAsync() => _f = await MemoFixture.BuildAsync(realPort: true);

    public async Task DisposeAsync() => await _f.Host.DisposeAsync();

    private string Rollout => "/rollouts/" + _f.Spine.Rollout;

    [Fact]
    public async Task FourWeeks_AreAskedAbout_ApprovedOnAPhone_AndOpenGateD()
    {
        await _f.WeeksAsync(4);
        await using var desk = await chromium.NewContextAsync(Screen.Laptop, ColorScheme.Light);
        await using var phone = await chromium.NewContextAsync(Screen.Phone, ColorScheme.Dark);
        var (page, read) = (await desk.NewPageAsync(), await phone.NewPageAsync());
        await SignInAsync(page, _f.Host, "owner@example.com", Rollout + "/memos");
        await Expect(page.Locator("main")).ToContainTextAsync("a full cycle stands behind it");
        await LooksAsync(page, "memos-empty");
        await page.GetByRole(AriaRole.Button, new() { Name = "Write the first memo" }).ClickAsync();
        foreach (var (section, text) in ((string, string)[])[("ask", MemoFixture.Ask), ("risks", "Refunds in another currency: the limit may be read wrongly."), ("undo", "Gate D is revoked, and the next decision asks a person again.")])
        {
            await page.Locator("#t-" + section).FillAsync(text);
            await page.Locator("#t-" + section).BlurAsync();
            await Expect(page.Locator("#t-" + section)).ToHaveValueAsync(text);
        }
        await Expect(page.Locator("section[aria-labelledby=m-thresholds] tbody tr").First).ToContainTextAsync("0 of 8");
        await LooksAsync(page, "memo-draft");
        await page.GetByRole(AriaRole.Button, new() { Name = "Submit to the sponsor" }).ClickAsync();
        await Expect(page.Locator("main")).ToContainTextAsync("Waits for sam.");
        await Expect(page.Locator("#t-ask")).ToHaveCountAsync(0);
        var memo = page.Url;

        await SignInAsync(read, _f.Host, "sam@example.com", "/");
        await read.GetByRole(AriaRole.Link, new() { Name = "Read and decide" }).ClickAsync();
        await Expect(read.Locator(".ask")).ToContainTextAsync("Austria");
        await Expect(read.Locator("section[aria-labelledby=r-figures] li").First).ToContainTextAsync("Override rate 0 %");
        await LooksAsync(read, "memo-read");
        await read.Locator(".sticky-actions button").Filter(new() { HasText = "Approve" }).ClickAsync();
        await Expect(Dialog(read).Locator("button.primary")).ToBeDisabledAsync();   // without words
        await Dialog(read).Locator("textarea").FillAsync("The cycle shows what we agreed on.");
        await LooksAsync(read, "memo-sign");
        await Dialog(read).Locator("button.primary").ClickAsync();
        await Expect(read.Locator(".ending")).ToContainTextAsync("signed by sam");
        await Expect(page.Locator(".ending")).ToContainTextAsync("signed by sam");   // it came by itself
        await LooksAsync(page, "memo-signed");

        await ConsoleHost.SendAsync(_f.Ron, HttpMethod.Put, _f.Path + "/confirmations/scale-holds", new { words = "I looked at every incident of the cycle.", link = "https://wiki.example.com/holds" }, 200);
        await OpenAsync(read, _f.Host.Url + Rollout);
        await Expect(read.Locator("#c-memo")).ToContainTextAsync("approved by sam");
        await read.GetByRole(AriaRole.Button, new() { Name = "Pass gate D" }).ClickAsync();
        await Dialog(read).Locator("textarea").FillAsync("The memo is approved");
        await Dialog(read).Locator("button.primary").ClickAsync();
        await Expect(read.Locator(".gates > li").Nth(3)).ToContainTextAsync("In force");
        await OpenAsync(page, _f.Host.Url + Rollout + "/memos");
        await Expect(page.Locator("tbody tr").First).ToContainTextAsync("approved");
        await PressUntilAsync(page, "j", page.Locator("tr.selected"));
        await page.Keyboard.PressAsync("Enter");
        await Expect(page).ToHaveURLAsync(memo);
        await Expect(page.Locator(".ending")).ToBeVisibleAsync();
        await PressOnceAsync(page, "r");
        await Expect(page).ToHaveURLAsync(memo + "/read");
    }

    [Fact]
    public async Task HoldMissingWeekAndMovedThreshold_AreShownFirst()
    {
        await _f.WeeksAsync(3, async week =>
        {
            if (week == 1) await ConsoleHost.SendAsync(_f.Admin, HttpMethod.Patch, _f.Path, new { thresholds = new { override_rate = 0.9 } }, 200);
        });
        var memo = await _f.MemoAsync();
        await _f.HoldAsync();
        await using var phone = await chromium.NewContextAsync(Screen.Phone, ColorScheme.Dark);
        await using var desk = await chromium.NewContextAsync(Screen.Laptop, ColorScheme.Dark);
        var (read, page) = (await phone.NewPageAsync(), await desk.NewPageAsync());
        await SignInAsync(read, _f.Host, "sam@example.com", $"{Rollout}/memos/{MemoFixture.Word(memo, "id")}/read");
        await Expect(read.Locator("section[aria-label='Changed after the fact']")).ToContainTextAsync("Override rate: 5 % became 90 %");
        await Expect(read.Locator("#memo-bars")).ToContainTextAsync("A wrong refund reached a customer");
        await Expect(read.Locator("#memo-bars")).ToContainTextAsync("has no review");
        await Expect(read.Locator("section[aria-labelledby=r-weeks] li").First).ToContainTextAsync("missing");
        await Expect(read.Locator(".sticky-actions button").Filter(new() { HasText = "Approve" })).ToBeDisabledAsync();
        await LooksAsync(read, "memo-barred");
        await SignInAsync(page, _f.Host, "sam@example.com", $"{Rollout}/memos/{MemoFixture.Word(memo, "id")}");
        await Expect(page.Locator("section[aria-label='What came later']")).ToContainTextAsync("A wrong refund reached a customer");
        await LooksAsync(page, "memo-barred");
        await PressOnceAsync(page, "h");
        await Dialog(page).Locator("textarea").FillAsync("Come back with all four weeks, and the hold lifted.");
        await Dialog(page).Locator("button.primary").ClickAsync();
        await Expect(read.Locator(".ending")).ToContainTextAsync("held");
        await OpenAsync(read, $"{_f.Host.Url}{Rollout}/memos/{MemoFixture.Word(memo, "id")}");
        await LooksAsync(read, "memo-held");
        await OpenAsync(read, $"{_f.Host.Url}{Rollout}/memos");
        await LooksAsync(read, "memos");
    }

    private static async Task LooksAsync(IPage page, string name)
    {
        await AssertFitsAsync(page);
        await Accessibility.AssertNoViolationsAsync(page);
        if (Environment.GetEnvironmentVariable("OPSCONSOLE_SCREENSHOTS") is { Length: > 0 } folder) await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}-{(page.ViewportSize!.Width < 640 ? "phone" : "laptop")}.png"), FullPage = true });
    }
}
