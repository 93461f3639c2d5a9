using Microsoft.Playwright;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static Microsoft.Playwright.Assertions;
using static OpsConsole.Browser.Journey;

namespace OpsConsole.Browser;

/// <summary>An agent waits at the API, a person decides in a browser: without a reload, without a mouse, or with a thumb.</summary>
[Collection(ChromiumTests.Name)]
public sealed class ApprovalJourneys(Chromium chromium) : IAsyncLifetime
{
    private const string Dana = "dana@example.com";
    private readonly SkipTime _time = new();
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync(new HostSettings { RealPort = true, Time = _time });
        _spine = await Spine.BuildAsync(_host);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Approve_WithKeysOnly_ReleasesTheWaitingAgentAtOnce()
    {
        await using var context = await chromium.NewContextAsync();
        var page = await context.NewPageAsync();
        await SignInAsync(page, _host, Dana);
        await MarkAsync(page);
        await page.Keyboard.PressAsync("g");
        await page.Keyboard.PressAsync("a");
        await ShowsAsync(page.Locator(".split-list"), "Nothing waits");

        var waiting = AskAndWaitAsync(_spine.Agent, 420);
        await Expect(Rows(page)).ToHaveCountAsync(1);
        await ShowsAsync(Rows(page).First, "refund.create 8812");
        await OpenFirstAsync(page);
        await PressUntilAsync(page, "a", Dialog(page));
        await ShowsAsync(Dialog(page), "with exactly these arguments");
        Assert.False(waiting.IsCompleted);
        await page.Keyboard.PressAsync("Enter");

        var answer = await PromptlyAsync(waiting);
        Assert.Equal("allow", Spine.Outcome(answer));
        await ShowsAsync(page.Locator(".toasts"), "Approved refund.create");
        await Expect(Rows(page)).ToHaveCountAsync(0);
        await AssertNotReloadedAsync(page);
        await OpenAsync(page, Address(answer));
        await ShowsAsync(Request(page), "Approved by dana");
        await ShowsAsync(Request(page), "The agent was allowed to act");
    }

    [Fact]
    public async Task Edit_WithKeysOnly_GivesTheAgentTheNewArguments()
    {
        await using var context = await chromium.NewContextAsync();
        var page = await context.NewPageAsync();
        await SignInAsync(page, _host, Dana, "/approvals");
        var waiting = AskAndWaitAsync(_spine.Agent, 420);
        await Expect(Rows(page)).ToHaveCountAsync(1);
        await OpenFirstAsync(page);
        await PressUntilAsync(page, "e", Dialog(page));
        await Expect(Dialog(page).Locator("textarea")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Control+A");
        await page.Keyboard.InsertTextAsync("""{"amount": 300, "order": "8812"}""");
        await TabToAsync(page, "Show what changes");
        await ShowsAsync(Dialog(page).Locator("del"), "420");
        await ShowsAsync(Dialog(page).Locator("ins"), "300");
        await TabToAsync(page, "Approve with these changes");

        var answer = await PromptlyAsync(waiting);
        Assert.Equal(("allow", 300), (Spine.Outcome(answer), answer.GetProperty("arguments").GetProperty("amount").GetInt32()));
        await Expect(Rows(page)).ToHaveCountAsync(0);
        await OpenAsync(page, Address(answer));
        await ShowsAsync(Request(page), "Edited and approved by dana");
    }

    [Fact]
    public async Task Edit_OnAPhone_LongWordsStayInTheirBox()
    {
        var word = new string('W', 300);
        await ConsoleHost.SendAsync(_host.Admin, HttpMethod.Put, $"/api/v1/rollouts/{_spine.Rollout}/actions", System.Text.Json.JsonElement.Parse("""[{"action":"refund.create","arguments_schema":{"type":"object","properties":{"amount":{"type":"number"}}}}]"""), 200);
        var asked = await _spine.AskAsync(new { action = "refund.create", resource = new { type = "order", id = "8812" }, arguments = new Dictionary<string, object> { ["amount"] = 420, ["words"] = "two\nlines", [new string('n', 60)] = word, ["list"] = new[] { word } } }, 202);
        await using var context = await chromium.NewContextAsync(Screen.Phone);
        var page = await context.NewPageAsync();
        await SignInAsync(page, _host, Dana, Address(asked)[_host.Url!.Length..]);
        await Request(page).WaitForAsync();
        await PressUntilAsync(page, "e", Dialog(page));
        await Expect(Dialog(page).GetByLabel("words")).ToHaveValueAsync("two\nlines");
        await FitsAsync(page, "edit-fields");
        await Dialog(page).GetByLabel("amount").FillAsync("430");
        await Button(page, "Edit as JSON").ClickAsync();
        await FitsAsync(page, "edit-json");
        await Button(page, "Show what changes").ClickAsync();
        await ShowsAsync(Dialog(page).Locator("ins"), "430");
        await FitsAsync(page, "edit-review");

        static async Task FitsAsync(IPage page, string picture)
        {
            await AssertFitsAsync(page);
            Assert.Equal("", await page.EvaluateAsync<string>("() => [...document.querySelectorAll('dialog:modal .dialog-body, dialog:modal .dialog-body :is(textarea, .field, label)')].filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.outerHTML.slice(0, 80)).join()"));
            await Accessibility.AssertNoViolationsAsync(page);
            if (Environment.GetEnvironmentVariable("OPSCONSOLE_SCREENSHOTS") is { Length: > 0 } folder) await page.ScreenshotAsync(new() { Path = Path.Combine(folder, picture + ".png") });
        }
    }

    [Fact]
    public async Task Reject_WithWords_ReachesTheAgentWordForWord()
    {
        await using var context = await chromium.NewContextAsync();
        var page = await context.NewPageAsync();
        await SignInAsync(page, _host, Dana, "/approvals");
        var waiting = AskAndWaitAsync(_spine.Agent, 420);
        await Expect(Rows(page)).ToHaveCountAsync(1);
        await OpenFirstAsync(page);
        await PressUntilAsync(page, "r", Dialog(page));
        await Expect(Dialog(page).Locator("select")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("Done");   // already, or asked twice
        await Expect(Dialog(page).Locator("select")).ToHaveValueAsync("duplicate");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.TypeAsync("It was refunded yesterday");
        await TabToAsync(page, "Reject");

        var answer = await PromptlyAsync(waiting);
        Assert.Equal(("deny", "approval.rejected"), (Spine.Outcome(answer), Spine.Code(answer)));
        Assert.Contains("It was refunded yesterday", answer.GetProperty("reasons")[0].GetProperty("message").GetString());
        await Expect(Rows(page)).ToHaveCountAsync(0);
        await OpenAsync(page, Address(answer));
        await ShowsAsync(Request(page), "Rejected by dana");
        await ShowsAsync(Request(page), "It was refunded yesterday");
    }

    [Fact]
    public async Task Phone_WithTaps_ApprovesAndNoPageOfTheMenuScrollsSideways()
    {
        await using var context = await chromium.NewContextAsync(Screen.Phone);
        var page = await context.NewPageAsync();
        await SignInAsync(page, _host, Dana, "/approvals");
        var waiting = AskAndWaitAsync(_spine.Agent, 420);
        await page.Locator(".desk-more > summary").TapAsync();
        await AssertFitsAsync(page);
        Assert.True(await page.EvaluateAsync<bool>("() => [...document.querySelectorAll('.filters')].every(f => f.scrollWidth <= f.clientWidth)"), "filters scroll sideways");
        await Rows(page).First.TapAsync();
        await Request(page).WaitForAsync();
        await AssertFitsAsync(page);
        Assert.InRange((await Request(page).BoundingBoxAsync())!.Y, 0, page.ViewportSize!.Height / 3);   // nothing stands before what will be done but the console's own bars
        // Under the thumb, whatever the length of the evidence above, and large enough for it.
        foreach (var button in await page.Locator(".sticky-actions button").AllAsync())
        {
            var box = (await button.BoundingBoxAsync())!;
            Assert.True(box.Y > page.ViewportSize!.Height / 2 && box.Y + box.Height <= page.ViewportSize.Height && box.Height >= 44, $"{await button.TextContentAsync()} is at {box.Y}, {box.Height} px high");
        }
        _time.Skip(TimeSpan.FromSeconds(1));
        await page.Locator(".sticky-actions button.primary").TapAsync();
        await Dialog(page).WaitForAsync();
        await AssertFitsAsync(page);
        await Dialog(page).Locator("button.primary").TapAsync();
        Assert.Equal("allow", Spine.Outcome(await PromptlyAsync(waiting)));
        await ShowsAsync(page.Locator(".split-list"), "Nothing waits");

        var menu = page.Locator("nav.rail a.rail-link");
        for (var at = 0; at < await menu.CountAsync(); at++)
        {
            var entry = menu.Nth(at);
            if (!await entry.IsVisibleAsync()) await page.Locator(".more-button").TapAsync();
            var path = await entry.GetAttributeAsync("href");
            await entry.TapAsync();
            await Expect(page).ToHaveURLAsync(_host.Url + path);
            await page.WaitForSelectorAsync("h1");
            await LoadedAsync(page);
            await AssertFitsAsync(page);
        }
    }

    [Fact]
    public async Task Expiry_WhileTheRequestIsOpen_IsNobodysNo()
    {
        await using var context = await chromium.NewContextAsync();
        var page = await context.NewPageAsync();
        await SignInAsync(page, _host, Dana, "/approvals");
        var asked = await _spine.RefundAsync(420, 202);
        await Rows(page).First.ClickAsync();
        await Request(page).WaitForAsync();
        await MarkAsync(page);
        _time.Skip(TimeSpan.FromMinutes(16));

        var answer = await PromptlyAsync(_spine.WaitAsync(asked));
        Assert.Equal(("deny", "approval.expired", "expired"), (Spine.Outcome(answer), Spine.Code(answer), answer.GetProperty("approval").GetProperty("status").GetString()));
        await ShowsAsync(Request(page), "Nobody decided in time");
        await ShowsAsync(Request(page), "nobody's no");
        await Expect(Request(page)).Not.ToContainTextAsync("Rejected");
        await Expect(page.Locator(".sticky-actions")).ToHaveCountAsync(0);
        await AssertNotReloadedAsync(page);
    }

    private async Task OpenFirstAsync(IPage page)
    {
        await PressUntilAsync(page, "j", page.Locator(".split-list a[aria-current=true]"));
        await PressUntilAsync(page, "Enter", Request(page));
        _time.Skip(TimeSpan.FromSeconds(1));   // a person looks at it first; the desk insists on that
    }

    private string Address(System.Text.Json.JsonElement answer) => _host.Url + "/approvals/" + answer.GetProperty("approval").GetProperty("id").GetString();
}
