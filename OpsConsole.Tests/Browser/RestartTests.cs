using System.Net.Http.Headers;
using Microsoft.Playwright;
using OpsConsole.Tests.Support;
using static Microsoft.Playwright.Assertions;
using static OpsConsole.Browser.Journey;

namespace OpsConsole.Browser;

/// <summary>The console is killed and started again while somebody looks at a request.</summary>
[Collection(ChromiumTests.Name)]
public sealed class RestartTests(Chromium chromium) : IAsyncLifetime
{
    private ConsoleHost _host = default!;
    private Spine _spine = default!;
    private ConsoleProcess _console = default!;
    private string _approval = "", _decision = "";

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync();
        _spine = await Spine.BuildAsync(_host);
        var asked = await _spine.RefundAsync(420, 202);
        (_decision, _approval) = (Spine.Id(asked), asked.GetProperty("approval").GetProperty("id").GetString()!);
        await _host.StopAsync();
        _console = new ConsoleProcess(_host.Folder);
        await _console.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _console.DisposeAsync();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task Restart_WhileARequestIsOpen_ComesBackByItselfAndItStillWaits()
    {
        await using var context = await chromium.NewContextAsync();
        var page = await OpenedAsync(context);
        await _console.StopAsync();
        await Expect(page.Locator("#components-reconnect-modal .when-lost")).ToBeVisibleAsync();
        await Expect(page.Locator(".connection .lost")).ToBeVisibleAsync();
        await _console.StartAsync();

        await page.WaitForFunctionAsync("() => !window.stillHere && document.documentElement.dataset.live", null, new() { Timeout = 30_000 });
        await Expect(page.Locator("#components-reconnect-modal")).ToBeHiddenAsync();
        await ShowsAsync(Request(page), "refund.create");
        using var agent = new HttpClient { BaseAddress = new Uri(_console.Url) };
        agent.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _spine.AgentKey);
        agent.DefaultRequestHeaders.Add("Prefer", "wait=60");
        var waiting = ConsoleHost.GetAsync(agent, "/api/v1/decisions/" + _decision);
        await Button(page, "Approve…").ClickAsync();
        await Dialog(page).WaitForAsync();
        await ConfirmAsync(page, page.Locator(".toasts").GetByText("Approved refund.create"));
        Assert.Equal("allow", Spine.Outcome(await PromptlyAsync(waiting)));
    }

    [Fact]
    public async Task Restart_WhileSomebodyTypes_KeepsTheirWords()
    {
        await using var context = await chromium.NewContextAsync();
        var page = await OpenedAsync(context);
        await Button(page, "Reject…").ClickAsync();
        await Dialog(page).Locator("textarea").FillAsync("A long explanation");
        await _console.StopAsync();
        await ShowsAsync(Dialog(page).Locator("#components-reconnect-modal .when-lost"), "has not been sent");
        await _console.StartAsync();
        await Expect(page.Locator("#components-reconnect-modal .when-rejected")).ToBeVisibleAsync(new() { Timeout = 30_000 });
        await AssertNotReloadedAsync(page);
        await Expect(page.Locator("dialog textarea")).ToHaveValueAsync("A long explanation");
        // The dialog makes the page behind it inert, but not the way out of here.
        await Button(page, "Reload the page").ClickAsync(new() { Timeout = 5_000 });
        await page.WaitForFunctionAsync("() => !window.stillHere && document.documentElement.dataset.live", null, new() { Timeout = 30_000 });
    }

    private async Task<IPage> OpenedAsync(IBrowserContext context)
    {
        var page = await context.NewPageAsync();
        await SignInAsync(page, _console.Url, "dana@example.com", _host.PasswordOf("dana@example.com"), "/approvals/" + _approval);
        await Request(page).WaitForAsync();
        await MarkAsync(page);
        return page;
    }
}
