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

/// <summary>Two people, two browsers, one request: one of them decides, and the other is told who and what.</summary>
[Collection(ChromiumTests.Name)]
public sealed class TwoApproversTests(Chromium chromium) : IAsyncLifetime
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
    public async Task Decided_ByOne_ShowsTheOtherWhoAndWhat()
    {
        var asked = await _spine.RefundAsync(420, 202);
        await using var one = await chromium.NewContextAsync();
        await using var other = await chromium.NewContextAsync();
        var (dana, lee) = (await OpenedAsync(one, "dana@example.com", asked), await OpenedAsync(other, "lee@example.com", asked));
        await Button(lee, "Approve…").ClickAsync();
        await Dialog(lee).WaitForAsync();
        await Button(dana, "Reject…").ClickAsync();
        await Dialog(dana).Locator("select").SelectOptionAsync("wrong_target");
        await Dialog(dana).Locator("textarea").FillAsync("Wrong order");
        await Dialog(dana).Locator("button.primary").ClickAsync();

        await ShowsAsync(Request(lee), "Rejected by dana");
        await ShowsAsync(Request(lee), "Wrong order");
        await Expect(Dialog(lee)).ToHaveCountAsync(0);
        await Expect(lee.Locator(".sticky-actions")).ToHaveCountAsync(0);
        await AssertNotReloadedAsync(lee);
        Assert.Equal("deny", Spine.Outcome(await _spine.GetAsync(asked)));
    }

    [Fact]
    public async Task Decided_ByOne_WhileTheOtherWrites_LeavesThemTheirWords()
    {
        var asked = await _spine.RefundAsync(420, 202);
        await using var one = await chromium.NewContextAsync();
        await using var other = await chromium.NewContextAsync();
        var (dana, lee) = (await OpenedAsync(one, "dana@example.com", asked), await OpenedAsync(other, "lee@example.com", asked));
        await Button(lee, "Reject…").ClickAsync();
        await Dialog(lee).Locator("textarea").FillAsync("A long explanation");
        await Button(dana, "Approve…").ClickAsync();
        await Dialog(dana).Locator("button.primary").ClickAsync();

        await ShowsAsync(Dialog(lee).Locator(".meanwhile"), "Decided meanwhile: Approved by dana");
        await Expect(Dialog(lee).Locator("textarea")).ToHaveValueAsync("A long explanation");
        await Expect(Dialog(lee).Locator("button.primary")).ToHaveCountAsync(0);
        await Button(lee, "Copy your words").ClickAsync();
        await lee.Keyboard.PressAsync("Escape");
        await Expect(Dialog(lee)).ToHaveCountAsync(0);
        await ShowsAsync(Request(lee), "Approved by dana");
    }

    [Fact]
    public async Task Approve_WhatIsDecidedAlready_SaysWhoWasFasterAndChangesNothing()
    {
        var asked = await _spine.RefundAsync(420, 202);
        await using var context = await chromium.NewContextAsync();
        var lee = await OpenedAsync(context, "lee@example.com", asked);
        await Button(lee, "Approve…").ClickAsync();
        await Dialog(lee).WaitForAsync();

        var committed = new TaskCompletionSource();
        _host.Writer.Committed += topics =>
        {
            if (topics.Contains("decision:" + Spine.Id(asked))) committed.TrySetResult();
        };
        // Lee's page has not heard yet: what it wants to read now takes its time.
        var letRead = _database.HoldReads();
        var dana = new PersonCaller(_host.Writer.State.Directory.ByEmail["dana@example.com"], null, "test");
        var rejecting = _host.Services.GetRequiredService<ApprovalService>().DecideAsync(dana, asked.GetProperty("approval").GetProperty("id").GetString()!, new VerdictRequest(Verdict.Reject, "Wrong order", null, null, null));
        await committed.Task.WaitAsync(TimeSpan.FromSeconds(10));
        await Dialog(lee).Locator("button.primary").ClickAsync();
        await Expect(Dialog(lee).Locator("button.primary")).ToBeDisabledAsync();
        letRead();
        Assert.True((await rejecting).Ok);

        await ShowsAsync(Request(lee).Locator("[role=alert]"), "dana rejected this before your answer arrived");
        await ShowsAsync(Request(lee).Locator("[role=alert]"), "Your answer was not recorded.");
        await ShowsAsync(Request(lee), "Rejected by dana");
        await Expect(Dialog(lee)).ToHaveCountAsync(0);
        var view = await ConsoleHost.GetAsync(_host.Admin, "/api/v1/approvals/" + asked.GetProperty("approval").GetProperty("id").GetString());
        Assert.Equal(("rejected", 1), (view.GetProperty("status").GetString(), view.GetProperty("votes").GetArrayLength()));
    }

    private async Task<IPage> OpenedAsync(IBrowserContext context, string email, System.Text.Json.JsonElement asked)
    {
        var page = await context.NewPageAsync();
        await SignInAsync(page, _host, email, "/approvals/" + asked.GetProperty("approval").GetProperty("id").GetString());
        await Request(page).WaitForAsync();
        await MarkAsync(page);
        _time.Skip(TimeSpan.FromSeconds(1));
        return page;
    }
}
