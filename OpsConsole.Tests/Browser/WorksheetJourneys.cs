using Microsoft.Playwright;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static Microsoft.Playwright.Assertions;
using static OpsConsole.Browser.Journey;

namespace OpsConsole.Browser;

/// <summary>A team fills in its worksheets, several people at once.</summary>
[Collection(SecondChromiumTests.Name)]
public sealed class WorksheetJourneys(Chromium chromium) : IAsyncLifetime
{
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync(new HostSettings { RealPort = true });
        _spine = await Spine.BuildAsync(_host, gates: "");
        foreach (var email in (string[])["dana@example.com", "lee@example.com"]) await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/members", new { email, roles = new[] { "member" } }, 201);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    private async Task<IPage> OpenAsync(IBrowserContext context, string email, string sheet = "canvas")
    {
        var page = await context.NewPageAsync();
        await SignInAsync(page, _host, email);
        await Journey.OpenAsync(page, $"{_host.Url}/rollouts/{_spine.Rollout}/worksheets/{sheet}");
        return page;
    }

    [Fact]
    public async Task TwoPeople_SeeEachOtherType_AndNobodysTextIsMovedOrLost()
    {
        await using var hers = await chromium.NewContextAsync();
        await using var his = await chromium.NewContextAsync();
        var (dana, lee) = (await OpenAsync(hers, "dana@example.com"), await OpenAsync(his, "lee@example.com"));
        await dana.Locator("#f-canvas-workflow").FillAsync("Refunds for damaged goods");
        await Expect(lee.Locator("#f-canvas-workflow")).ToHaveValueAsync("Refunds for damaged goods");

        // Lee types into another field meanwhile: his caret stays where it is.
        await lee.Locator("#f-canvas-users").ClickAsync();
        await lee.Keyboard.TypeAsync("First-level ");
        await dana.Locator("#f-canvas-workflow").FillAsync("Refunds in Austria");
        await Expect(lee.Locator("#f-canvas-workflow")).ToHaveValueAsync("Refunds in Austria");
        await lee.Keyboard.TypeAsync("support");
        await Expect(lee.Locator("#f-canvas-users")).ToHaveValueAsync("First-level support");
        await Expect(dana.Locator("#f-canvas-users")).ToHaveValueAsync("First-level support");
        await Expect(dana.Locator(".live-field", new() { Has = dana.Locator("#f-canvas-users") }).Locator(".chip.here")).ToContainTextAsync("lee");
    }

    [Fact]
    public async Task TheSameField_TypedIntoByTwoAtOnce_KeyByKey_LeavesTwoWholeTextsToChooseFrom()
    {
        await using var hers = await chromium.NewContextAsync();
        await using var his = await chromium.NewContextAsync();
        var (dana, lee) = (await OpenAsync(hers, "dana@example.com"), await OpenAsync(his, "lee@example.com"));
        foreach (var page in (IPage[])[dana, lee]) await page.Locator("#f-canvas-success").ClickAsync();
        const string first = "a wrong refund reaches a customer", second = "overrides exceed ten percent";
        await Task.WhenAll(dana.Keyboard.TypeAsync(first, new() { Delay = 170 }), lee.Keyboard.TypeAsync(second, new() { Delay = 210 }));
        Assert.Equal((first, second), (await dana.Locator("#f-canvas-success").InputValueAsync(), await lee.Locator("#f-canvas-success").InputValueAsync()));
        foreach (var page in (IPage[])[dana, lee])
        {
            var callout = page.Locator(".live-field", new() { Has = page.Locator("#f-canvas-success") }).Locator(".callout");
            foreach (var text in (string[])[first, second]) await Expect(callout.Locator("blockquote", new() { HasText = text })).ToHaveCountAsync(1);
            await Expect(callout.Locator("blockquote")).ToHaveCountAsync(2);
        }
    }

    [Fact]
    public async Task TheSameField_WrittenByTwoWhoDidNotSeeEachOther_ShowsBothTexts_UntilOneChooses()
    {
        await using var hers = await chromium.NewContextAsync();
        await using var his = await chromium.NewContextAsync();
        var (dana, lee) = (await OpenAsync(hers, "dana@example.com"), await OpenAsync(his, "lee@example.com"));
        await dana.EvaluateAsync("() => { window.held = WebSocket.prototype.send; WebSocket.prototype.send = () => {}; }");   // her line is dead, and she does not know
        await dana.Locator("#f-canvas-workflow").FillAsync("Dana's text");
        await lee.Locator("#f-canvas-workflow").FillAsync("Lee's text");
        await Expect(lee.Locator("[data-unsent]")).ToHaveCountAsync(0);
        await dana.EvaluateAsync("() => { WebSocket.prototype.send = window.held; }");
        await dana.ReloadAsync();   // she loads the page again: her text was kept in the browser
        await LiveAsync(dana);
        await Expect(dana.Locator(".rival")).ToHaveCountAsync(2);
        await Expect(lee.Locator(".rival")).ToHaveCountAsync(2);
        await lee.Locator(".rival", new() { HasText = "Dana's text" }).GetByRole(AriaRole.Button).ClickAsync();
        await Expect(dana.Locator("#f-canvas-workflow")).ToHaveValueAsync("Dana's text");
        await Expect(lee.Locator("#f-canvas-workflow")).ToHaveValueAsync("Dana's text");
        await Expect(dana.Locator(".rival")).ToHaveCountAsync(0);
        await dana.GetByRole(AriaRole.Button, new() { Name = "History of Workflow" }).ClickAsync();
        await ShowsAsync(Dialog(dana), "Lee's text");
        await Dialog(dana).GetByRole(AriaRole.Listitem).Filter(new() { HasText = "Lee's text" }).GetByRole(AriaRole.Button).ClickAsync();
        await Expect(lee.Locator("#f-canvas-workflow")).ToHaveValueAsync("Lee's text");
    }

    [Fact]
    public async Task WhoeverGoesElsewhereAtOnce_LosesNothing()
    {
        await using var hers = await chromium.NewContextAsync();
        await using var his = await chromium.NewContextAsync();
        var (dana, lee) = (await OpenAsync(hers, "dana@example.com"), await OpenAsync(his, "lee@example.com"));
        await dana.EvaluateAsync("""
            () => {
              const field = document.querySelector('#f-canvas-workflow');
              field.value = 'Typed and gone';
              field.dispatchEvent(new Event('input', { bubbles: true }));
              document.querySelector('nav.tabs a[href$="/matrix"]').click();
            }
            """);
        await Expect(lee.Locator("#f-canvas-workflow")).ToHaveValueAsync("Typed and gone");
        await Expect(dana).ToHaveURLAsync($"{_host.Url}/rollouts/{_spine.Rollout}/matrix");
    }

    [Fact]
    public async Task Rows_AreAddedMovedAndTakenOut_OnBothScreens()
    {
        await using var hers = await chromium.NewContextAsync();
        await using var his = await chromium.NewContextAsync(Screen.Phone);
        var (dana, lee) = (await OpenAsync(hers, "dana@example.com", "parking"), await OpenAsync(his, "lee@example.com", "parking"));
        foreach (var text in (string[])["Italian?", "Night shift?"])
        {
            var count = await dana.Locator(".sheet-row").CountAsync();
            await Button(dana, "Add an item").ClickAsync();
            await Expect(dana.Locator(".sheet-row")).ToHaveCountAsync(count + 1);
            await dana.Locator(".sheet-row").Last.GetByLabel("What", new() { Exact = true }).FillAsync(text);
        }
        await Expect(lee.Locator(".sheet-row").Last.GetByLabel("What", new() { Exact = true })).ToHaveValueAsync("Night shift?");
        await Button(lee, "Move item 2 up").ClickAsync();
        await Expect(dana.Locator(".sheet-row").First.GetByLabel("What", new() { Exact = true })).ToHaveValueAsync("Night shift?");
        await Button(dana, "Take out item 2").ClickAsync();
        await Expect(lee.Locator(".sheet-row")).ToHaveCountAsync(1);
        await Button(dana, "Bring back “Italian?”").ClickAsync();
        await Expect(lee.Locator(".sheet-row").Last.GetByLabel("What", new() { Exact = true })).ToHaveValueAsync("Italian?");
        await AssertFitsAsync(lee);
    }

    [Fact]
    public async Task AWorksheet_GoesOutAsAFile_IsChangedElsewhere_AndBroughtBack_WithKeysOnAPhone()
    {
        await using var hers = await chromium.NewContextAsync();
        await using var his = await chromium.NewContextAsync(Screen.Phone, ColorScheme.Dark);
        var (dana, lee) = (await OpenAsync(hers, "dana@example.com", "parking"), await OpenAsync(his, "lee@example.com", "parking"));
        await Button(dana, "Add an item").ClickAsync();
        await dana.Locator(".sheet-row").GetByLabel("What", new() { Exact = true }).FillAsync("Italian?");
        await Expect(lee.Locator(".sheet-row").GetByLabel("What", new() { Exact = true })).ToHaveValueAsync("Italian?");

        var menu = lee.Locator("details.menu", new() { HasText = "Bring back a file" });
        await menu.Locator("summary").FocusAsync();
        await lee.Keyboard.PressAsync("Enter");
        await Expect(menu.Locator(".menu-body")).ToBeInViewportAsync(new() { Ratio = 1 });
        await Accessibility.AssertNoViolationsAsync(lee);
        var download = await lee.RunAndWaitForDownloadAsync(() => lee.GetByRole(AriaRole.Link, new() { Name = "Download as CSV" }).ClickAsync());
        Assert.Equal("support-parking.csv", download.SuggestedFilename);
        var file = await File.ReadAllTextAsync((await download.PathAsync())!);
        Assert.Contains(",Italian?,\r\n", file);

        await menu.Locator("summary").FocusAsync();
        await lee.Keyboard.PressAsync("Enter");
        await lee.Keyboard.PressAsync("Tab");
        await lee.Keyboard.PressAsync("Tab");
        await lee.Keyboard.PressAsync("Tab");
        await lee.Keyboard.PressAsync("Enter");
        await Dialog(lee).Locator("input[type=file]").SetInputFilesAsync(new FilePayload { Name = "parking.csv", MimeType = "text/csv", Buffer = System.Text.Encoding.UTF8.GetBytes(file.Replace("Italian?", "Italian and French?") + ",Weekends?,Dana\r\n") });
        await ShowsAsync(Dialog(lee), "2 changes");
        await AssertFitsAsync(lee);
        await Accessibility.AssertNoViolationsAsync(lee);
        await Button(lee, "Take over 2 changes").FocusAsync();
        await lee.Keyboard.PressAsync("Enter");
        await ShowsAsync(lee.Locator(".toasts"), "2 changes taken over");
        await Expect(dana.Locator(".sheet-row")).ToHaveCountAsync(2);
        await Expect(dana.Locator(".sheet-row").First.GetByLabel("What", new() { Exact = true })).ToHaveValueAsync("Italian and French?");
        await Expect(dana.Locator(".sheet-row").Last.GetByRole(AriaRole.Textbox, new() { Name = "Where it goes" })).ToHaveValueAsync("Dana");
    }
}
