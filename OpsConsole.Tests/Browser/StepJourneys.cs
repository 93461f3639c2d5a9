using Microsoft.Playwright;
using OpsConsole.Tests.Support;
using static Microsoft.Playwright.Assertions;
using static OpsConsole.Browser.Journey;

namespace OpsConsole.Browser;

/// <summary>A team takes its steps, practises a failure and passes a gate, in several browsers at once.</summary>
[Collection(SecondChromiumTests.Name)]
public sealed class StepJourneys(Chromium chromium) : IAsyncLifetime
{
    private ConsoleHost _host = default!;
    private Team _team = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync(new HostSettings { RealPort = true });
        _team = await Team.BuildAsync(_host);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    private async Task<IPage> OpenAsync(IBrowserContext context, string who, string path)
    {
        var page = await context.NewPageAsync();
        await SignInAsync(page, _host, who + "@example.com");
        await Journey.OpenAsync(page, _host.Url + path);
        return page;
    }

    [Fact]
    public async Task StepOne_IsConfirmedByName_AndGateAIsPassed_WithWhatTheScreensOffer()
    {
        var rollout = "/rollouts/" + _team.Spine.Rollout;
        await using var laptop = await chromium.NewContextAsync();
        await using var phone = await chromium.NewContextAsync(Screen.Phone, ColorScheme.Dark);
        var (rita, will) = (await OpenAsync(laptop, "rita", rollout + "/steps"), await OpenAsync(phone, "will", rollout + "/steps"));
        await ShowsAsync(rita.Locator("#step-1"), "12 fields missing");
        await _team.FillAsync("canvas");   // the page follows the sheet
        await ShowsAsync(rita.Locator("#step-1"), "Open: 1 thing to go");
        await _team.ConfirmAsync("ines", "boundary");
        foreach (var page in (IPage[])[rita, will])
        {
            await page.Locator("#boundary").GetByRole(AriaRole.Button, new() { Name = "Confirm by name" }).ClickAsync();
            await Dialog(page).Locator("textarea").FillAsync("It drafts answers, and never touches bank details.");
            await Accessibility.AssertNoViolationsAsync(page);
            await Dialog(page).GetByRole(AriaRole.Button, new() { Name = "Confirm", Exact = true }).ClickAsync();
            await Expect(Dialog(page)).ToHaveCountAsync(0);
        }
        await ShowsAsync(rita.Locator("#step-1 .verdict"), "Done");
        await ShowsAsync(will.Locator("h1 + .purpose"), "1 of 6 steps");
        await AssertFitsAsync(will);
        foreach (var page in (IPage[])[rita, will]) await Accessibility.AssertNoViolationsAsync(page);

        await Journey.OpenAsync(rita, _host.Url + rollout);
        await Button(rita, "Pass gate A").ClickAsync();
        await Expect(Dialog(rita).Locator("input[type=checkbox]")).ToHaveCountAsync(0);   // there is nothing to waive
        await Dialog(rita).Locator("textarea").FillAsync("All of it is there");
        await Dialog(rita).Locator("button.primary").ClickAsync();
        await ShowsAsync(rita.Locator(".gates > li").First, "In force");

        // An owner leaves while the page is open: the gate falls before her eyes.
        await ConsoleHost.SendAsync(_host.Admin, HttpMethod.Patch, "/api/v1/people/" + _team.People["ines"].Id, new { disabled = true }, 200);
        await ShowsAsync(rita.Locator(".gates > li").First, "Let fall by console");
        await rita.Locator(".gates > li").First.Locator("summary").ClickAsync();
        await ShowsAsync(rita.Locator(".gates > li").First, "Fell by itself");
        await Accessibility.AssertNoViolationsAsync(rita);
        await Journey.OpenAsync(will, _host.Url + rollout);
        await AssertFitsAsync(will);
    }

    [Fact]
    public async Task Drill_TwoPeople_OneReports_TheOtherHasIt()
    {
        await _team.FillAsync("escalation");
        await using var laptop = await chromium.NewContextAsync();
        await using var phone = await chromium.NewContextAsync(Screen.Phone, ColorScheme.Dark);
        var mia = await OpenAsync(laptop, "mia", $"/rollouts/{_team.Spine.Rollout}/drill");
        var ines = await OpenAsync(phone, "ines", "/");
        await Accessibility.AssertNoViolationsAsync(mia);
        await Button(mia, "Report this failure").ClickAsync();
        await ShowsAsync(mia.Locator(".running"), "On-call phone");
        var clock = mia.Locator(".running .countdown");
        await Expect(clock).ToContainTextAsync("4:5");   // it runs, and where it stands nothing moves
        await ShowsAsync(ines.Locator(".banner.denied"), "mia reported it. You are to take it.");
        await AssertFitsAsync(ines);
        foreach (var page in (IPage[])[mia, ines]) await Accessibility.AssertNoViolationsAsync(page);
        await ines.Locator(".banner.denied").GetByRole(AriaRole.Button, new() { Name = "I have it" }).ClickAsync();
        await ShowsAsync(ines.Locator(".toasts"), "the drill passed");
        await ShowsAsync(mia.Locator("section[aria-labelledby=past] tbody tr"), "Passed");
        await ShowsAsync(mia.Locator("section[aria-labelledby=past] tbody tr"), "ines");
        await Expect(mia.Locator(".running")).ToHaveCountAsync(0);
        await Expect(ines.Locator(".banner.denied")).ToHaveCountAsync(0);
        await Accessibility.AssertNoViolationsAsync(mia);
    }
}
