using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Features.Approvals;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static Microsoft.Playwright.Assertions;
using static OpsConsole.Browser.Journey;

namespace OpsConsole.Browser;

/// <summary>How people decide, for those who answer for it and for each about themselves; second looks; views of the desk by name.</summary>
[Collection(ChromiumTests.Name)]
public sealed class OversightJourneys(Chromium chromium) : IAsyncLifetime
{
    private const string Dana = "dana@example.com", Lee = "lee@example.com";
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync(new HostSettings { RealPort = true, More = new Dictionary<string, string?> { ["OpsConsole:Approvals:SecondLooks"] = "1", ["OpsConsole:Approvals:HasteLeast"] = "3" } });
        _spine = await Spine.BuildAsync(_host);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData(Screen.Laptop, ColorScheme.Light)]
    [InlineData(Screen.Phone, ColorScheme.Dark)]
    public async Task Figures_WarnOfHaste_AndLeadToTheirRecords(Screen screen, ColorScheme scheme)
    {
        var approvals = _host.Services.GetRequiredService<ApprovalService>();
        var dana = new PersonCaller(_host.Writer.State.Directory.ByEmail[Dana], null, "token");
        for (var i = 0; i < 5; i++)
        {
            var asked = (await _spine.RefundAsync(210 + i, 202)).GetProperty("approval").GetProperty("id").GetString()!;
            Assert.Null((await approvals.DecideAsync(dana, asked, new VerdictRequest(Verdict.Approve, null, null, null, null) { Looked = TimeSpan.FromSeconds(2) })).Fault);
        }

        await using var context = await chromium.NewContextAsync(screen, scheme);
        var page = await context.NewPageAsync();
        await SignInAsync(page, _host, ConsoleHost.AdminEmail, "/oversight");
        await ShowsAsync(page.Locator(".callout"), "approves everything in seconds");
        await ShowsAsync(page.Locator("td[data-label=Approved]"), "100 % (5)");
        await ShowsAsync(page.Locator("td[data-label='Was on screen']"), "half at most 2 s");
        await LooksRightAsync(page, $"oversight-{screen}");
        await page.Locator("td[data-label=Decided] a").ClickAsync();
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(5);
        await LooksRightAsync(page, $"oversight-records-{screen}");
        await page.Locator("td[data-label=Request] a").First.ClickAsync();
        await Request(page).WaitForAsync();

        // Somebody who answers for nothing reads of themselves.
        await using var other = await chromium.NewContextAsync(screen, scheme);
        var mine = await other.NewPageAsync();
        await SignInAsync(mine, _host, Lee, "/oversight");
        await ShowsAsync(mine.Locator("main"), "You decided nothing");
        await Expect(mine.Locator("main")).Not.ToContainTextAsync("dana");
        await LooksRightAsync(mine, null);
    }

    [Fact]
    public async Task SecondLook_IsTakenByWhoHadNoSay_AndItsWordsStandBesideTheRecord()
    {
        for (var i = 0; i < 2; i++) await _spine.DecideAsync(_spine.Dana, await _spine.RefundAsync(210 + i, 202), new { verdict = "approve" });
        await using var context = await chromium.NewContextAsync(Screen.Phone);
        var page = await context.NewPageAsync();
        await SignInAsync(page, _host, Lee, "/oversight/looks");
        await Expect(page.Locator(".look")).ToHaveCountAsync(2);
        await page.Locator(".look").First.GetByRole(AriaRole.Button, new() { Name = "Agree", Exact = true }).ClickAsync();
        await Expect(page.Locator(".look")).ToHaveCountAsync(1);
        await page.GetByRole(AriaRole.Button, new() { Name = "Disagree…" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Disagree", Exact = true })).ToBeDisabledAsync();
        await page.FillAsync("#look-words", "The parcel had arrived");
        await LooksRightAsync(page, "looks");
        await page.GetByRole(AriaRole.Button, new() { Name = "Disagree", Exact = true }).ClickAsync();
        await ShowsAsync(page.Locator("main"), "Nothing waits for a second look");
        await LooksRightAsync(page, null);

        await using var danas = await chromium.NewContextAsync();
        var hers = await danas.NewPageAsync();
        await SignInAsync(hers, _host, Dana, "/oversight/me");
        await hers.Locator("td[data-label='Others disagreed'] a").ClickAsync();
        await Expect(hers.Locator("tbody tr")).ToHaveCountAsync(1);
        await ShowsAsync(hers.Locator("tbody"), "disagreed: “The parcel had arrived”");
    }

    [Theory]
    [InlineData(Screen.Laptop)]
    [InlineData(Screen.Phone)]
    public async Task View_IsSaved_ComesBackByItsKey_AndFirst(Screen screen)
    {
        await _spine.RefundAsync(210, 202);
        await _spine.RefundAsync(900, 202);
        await using var context = await chromium.NewContextAsync(screen);
        var page = await context.NewPageAsync();
        await SignInAsync(page, _host, Dana, "/approvals?sort=amount");
        await Expect(Rows(page)).ToHaveCountAsync(2);
        var menu = page.Locator("details.views");
        await menu.Locator("summary").ClickAsync();
        await menu.GetByLabel("Name for what is shown now").FillAsync("By amount");
        await menu.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(menu.Locator("a.menu-item")).ToHaveCountAsync(1);
        await menu.GetByRole(AriaRole.Button, new() { Name = "First" }).ClickAsync();
        await Expect(menu.Locator("[aria-pressed=true]")).ToHaveCountAsync(1);
        await LooksRightAsync(page, $"views-{screen}");

        await OpenAsync(page, _host.Url + "/approvals");
        await Expect(page.Locator("select[aria-label=Order]")).ToHaveValueAsync("amount");
        await Expect(Rows(page).First).ToContainTextAsync("amount 900");
        await page.GetByRole(AriaRole.Link, new() { Name = "Show all" }).ClickAsync();
        await Expect(page.Locator("select[aria-label=Order]")).ToHaveValueAsync("");
        await OpenAsync(page, _host.Url + "/approvals?show=high");
        await PressOnceAsync(page, "1");
        await Expect(page).ToHaveURLAsync(_host.Url + "/approvals?sort=amount");

        await menu.Locator("summary").ClickAsync();
        await menu.GetByRole(AriaRole.Button, new() { Name = "Remove the view By amount" }).ClickAsync();
        await ShowsAsync(menu, "Removed ‘By amount’.");
        await menu.GetByRole(AriaRole.Button, new() { Name = "Undo" }).ClickAsync();
        await Expect(menu.Locator("a.menu-item")).ToHaveCountAsync(1);
    }
}
