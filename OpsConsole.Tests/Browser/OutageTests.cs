using Microsoft.Playwright;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static Microsoft.Playwright.Assertions;
using static OpsConsole.Browser.Journey;

namespace OpsConsole.Browser;

/// <summary>What people see while the database is away, and that it comes back without them.</summary>
[Collection(SecondChromiumTests.Name)]
public sealed class OutageTests(Chromium chromium) : IAsyncLifetime
{
    private readonly SkipTime _time = new();
    private readonly FrailDatabase _database = new();
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync(new HostSettings { RealPort = true, Time = _time, Services = _database.Install });
        _spine = await Spine.BuildAsync(_host);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Database_CannotBeWritten_SaysThatNothingIsDecidedAndRecovers()
    {
        var asked = await _spine.RefundAsync(420, 202);
        await using var context = await chromium.NewContextAsync();
        var page = await OpenedAsync(context, asked);
        _database.WritesFail = true;
        await Button(page, "Approve…").ClickAsync();
        await Dialog(page).Locator("button.primary").ClickAsync();
        await ShowsAsync(Dialog(page).Locator("[role=alert]"), "nothing is decided or changed");
        await ShowsAsync(page.Locator(".banner.denied"), "The database cannot be written: no decision is given.");
        await _spine.RefundAsync(20, 503);
        Assert.Equal("pending", Spine.Outcome(await _spine.GetAsync(asked)));

        _database.WritesFail = false;
        await Expect(page.Locator(".banner.denied")).ToHaveCountAsync(0);
        await Dialog(page).Locator("button.primary").ClickAsync();
        await ShowsAsync(page.Locator(".toasts"), "Approved refund.create");
        await AssertNotReloadedAsync(page);
        Assert.Equal("allow", Spine.Outcome(await _spine.GetAsync(asked)));
    }

    [Fact]
    public async Task Database_IsGone_EveryPageSaysSoAndRecoversByItself()
    {
        var asked = await _spine.RefundAsync(420, 202);
        await using var context = await chromium.NewContextAsync();
        var desk = await OpenedAsync(context, asked, ConsoleHost.AdminEmail);
        (_database.WritesFail, _database.ReadsFail) = (true, true);
        await _spine.RefundAsync(20, 503);
        await ShowsAsync(desk.Locator(".banner.denied"), "no decision is given");
        await ShowsAsync(desk.Locator("main [role=alert]").First, "Nothing was decided");

        List<IPage> pages = [];
        foreach (var path in (string[])["/", "/decisions", "/decisions/" + Spine.Id(asked), "/approvals/" + asked.GetProperty("approval").GetProperty("id").GetString(), "/runs/run-1", "/rollouts", "/rollouts/" + _spine.Rollout, $"/rollouts/{_spine.Rollout}/steps", $"/rollouts/{_spine.Rollout}/drill", $"/rollouts/{_spine.Rollout}/worksheets", $"/rollouts/{_spine.Rollout}/worksheets/escalation", $"/rollouts/{_spine.Rollout}/session", "/join", $"/rollouts/{_spine.Rollout}/matrix", $"/rollouts/{_spine.Rollout}/matrix/versions", $"/rollouts/{_spine.Rollout}/actions", "/agents", "/agents/" + _spine.AgentId, $"/agents/{_spine.AgentId}/promotions", $"/rollouts/{_spine.Rollout}/reliability", $"/rollouts/{_spine.Rollout}/reviews", $"/rollouts/{_spine.Rollout}/shadow", $"/rollouts/{_spine.Rollout}/monitoring", $"/rollouts/{_spine.Rollout}/memos", "/portfolio", "/templates", "/people", "/account", "/audit", "/search?q=refund"])
        {
            var page = await context.NewPageAsync();
            await page.GotoAsync(_host.Url + path);
            try { await LiveAsync(page); }
            catch (TimeoutException e) { throw new TimeoutException(path + " did not come alive: " + (await page.Locator("body").InnerTextAsync())[..200], e); }
            await ShowsAsync(page.Locator(".banner.denied"), "no decision is given");
            await MarkAsync(page);
            pages.Add(page);
        }
        foreach (var page in pages) await Expect(page.Locator("#blazor-error-ui")).ToBeHiddenAsync();

        (_database.WritesFail, _database.ReadsFail) = (false, false);
        foreach (var page in (IEnumerable<IPage>)[desk, .. pages])
        {
            await Expect(page.Locator(".banner.denied")).ToHaveCountAsync(0);
            try { await page.WaitForSelectorAsync("h1"); }
            catch (TimeoutException e) { throw new TimeoutException(page.Url + " shows no page: " + await page.Locator("body").InnerTextAsync(), e); }
            try { await Expect(page.Locator("main .state.error")).ToHaveCountAsync(0); }
            catch (PlaywrightException) { Assert.Fail($"{page.Url} still says: {await page.Locator("main .state.error").InnerTextAsync()}"); }
            await AssertNotReloadedAsync(page);
        }
        await Expect(Request(desk)).ToContainTextAsync("refund.create");
    }

    private async Task<IPage> OpenedAsync(IBrowserContext context, System.Text.Json.JsonElement asked, string email = "dana@example.com")
    {
        var page = await context.NewPageAsync();
        await SignInAsync(page, _host, email, "/approvals/" + asked.GetProperty("approval").GetProperty("id").GetString());
        await Request(page).WaitForAsync();
        await MarkAsync(page);
        _time.Skip(TimeSpan.FromSeconds(1));
        return page;
    }
}
