using Microsoft.Playwright;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static Microsoft.Playwright.Assertions;
using static OpsConsole.Browser.Journey;

namespace OpsConsole.Browser;

/// <summary>A person asks back, the agent answers at the API, the person says yes, takes it back and says yes again; with keys, and without a reload.</summary>
[Collection(ChromiumTests.Name)]
public sealed class MeanwhileJourney(Chromium chromium) : IAsyncLifetime
{
    private const string Matrix = """
    { "rules": [ { "id": "H", "action": "note.add", "outcome": "approve", "consequence": "low", "reversible": true, "approvers": ["group:leads"], "sla": "PT15M", "hold": "PT2M" } ] }
    """;

    private readonly SkipTime _time = new();
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync(new HostSettings { RealPort = true, Time = _time });
        _spine = await Spine.BuildAsync(_host, Matrix);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task AskBack_Answer_Approve_TakeBack_Approve()
    {
        await using var context = await chromium.NewContextAsync(Screen.Phone);
        var page = await context.NewPageAsync();
        var asked = await _spine.AskAsync(new { action = "note.add", resource = new { type = "order", id = "8812" } }, 202);
        var id = asked.GetProperty("approval").GetProperty("id").GetString();
        var agent = _spine.WaitAsync(asked, 60);
        await SignInAsync(page, _host, "dana@example.com", "/approvals/" + id);
        await Request(page).WaitForAsync();
        await MarkAsync(page);
        await ShowsAsync(Request(page), "Waits for approvers");
        await PressOnceAsync(page, "c");
        await ShowsAsync(Request(page), "You are looking at this");

        await PressUntilAsync(page, "q", Dialog(page));
        await Expect(Dialog(page).Locator("textarea")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("Which order?");
        await AssertFitsAsync(page);
        await TabToAsync(page, "Ask");
        await ShowsAsync(Request(page), "Waits for the agent's answer");
        var question = (await PromptlyAsync(agent)).GetProperty("approval").GetProperty("question");
        Assert.Equal("Which order?", question.GetProperty("text").GetString());
        await ConsoleHost.PostAsync(_spine.Agent, $"/api/v1/decisions/{Spine.Id(asked)}/answer", new { question = question.GetProperty("id").GetString(), answer = "Order 8812, charged twice" });
        await ShowsAsync(Request(page), "Order 8812, charged twice");
        await ShowsAsync(Request(page), "Waits for approvers");
        await AssertFitsAsync(page);
        await Accessibility.AssertNoViolationsAsync(page);

        _time.Skip(TimeSpan.FromSeconds(1));
        await PressOnceAsync(page, "a");
        await ShowsAsync(page.Locator(".take-back"), "to take it back");
        Assert.Equal("pending", Spine.Outcome(await _spine.GetAsync(asked)));
        await AssertFitsAsync(page);
        await PressOnceAsync(page, "z");
        await ShowsAsync(Request(page), "taken back; no longer counts");
        await ShowsAsync(Request(page), "Waits for approvers");

        _time.Skip(TimeSpan.FromSeconds(1));
        await PressOnceAsync(page, "a");
        await page.Locator(".take-back").WaitForAsync();
        _time.Skip(TimeSpan.FromMinutes(3));
        Assert.Equal("allow", Spine.Outcome(await PromptlyAsync(_spine.WaitAsync(asked))));
        await Expect(page.Locator(".take-back")).ToHaveCountAsync(0);
        await AssertNotReloadedAsync(page);
    }
}
