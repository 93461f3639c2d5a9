using Microsoft.Playwright;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static Microsoft.Playwright.Assertions;
using static OpsConsole.Browser.Journey;

namespace OpsConsole.Browser;

/// <summary>From a wrong write to a closed incident: reported, the agent paused, everything undone by the agent and by a person, learned.</summary>
[Collection(SecondChromiumTests.Name)]
public sealed class UndoJourneys(Chromium chromium) : IAsyncLifetime
{
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync(new HostSettings { RealPort = true });
        _spine = await Spine.BuildAsync(_host);
        await ConsoleHost.SendAsync(_host.Admin, HttpMethod.Patch, "/api/v1/rollouts/" + _spine.Rollout, new { owners = new { incident_owner = "dana@example.com" } }, 200);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData(Screen.Laptop, ColorScheme.Light)]
    [InlineData(Screen.Phone, ColorScheme.Dark)]
    public async Task WrongWrite_IsUndone_FromItsIncident(Screen screen, ColorScheme scheme)
    {
        var decision = Spine.Id(await _spine.RefundAsync(20));
        await ConsoleHost.PostAsync(_spine.Agent, $"/api/v1/decisions/{decision}/outcome", new
        {
            status = "succeeded",
            writes = new object[]
            {
                new { system = "crm", record = "note/8812", operation = "create", after = new { text = "Refunded, as agreed on the phone" }, undo = new { kind = "manual", description = "Strike the note out; notes are never deleted" } },
                new { system = "billing", record = "order/8812", operation = "update", before = new { refunded = 0, status = "paid" }, after = new { refunded = 20, status = "refunded" }, undo = new { kind = "reverse_write", action = "refund.create", arguments = new { order = "8812", amount = -20 } } },
            },
        });
        await using var context = await chromium.NewContextAsync(screen, scheme);
        var page = await context.NewPageAsync();
        await SignInAsync(page, _host, ConsoleHost.AdminEmail, "/decisions/" + decision);
        await ShowsAsync(page.Locator("main"), "Undo what it wrote");
        await LooksRightAsync(page, $"undo-decision-{screen}");
        await page.GetByRole(AriaRole.Link, new() { Name = "Report a failure" }).Last.ClickAsync();
        await page.FillAsync("#r-title", "The wrong customer got the money");
        await page.GetByRole(AriaRole.Button, new() { Name = "Report it" }).ClickAsync();
        await ShowsAsync(page.Locator("h1"), "The wrong customer got the money");
        var incident = page.Url;

        // Whoever is told takes it, pauses the agent, and looks what would be undone.
        await using var other = await chromium.NewContextAsync(screen, scheme);
        var dana = await other.NewPageAsync();
        await SignInAsync(dana, _host, "dana@example.com", new Uri(incident).PathAndQuery);
        await ShowsAsync(dana.Locator("h1"), "The wrong customer got the money");
        await PressOnceAsync(dana, "o");
        await ShowsAsync(dana.Locator("main"), "dana has it");
        await dana.SelectOptionAsync("#respond", "pause_agent");
        await dana.GetByRole(AriaRole.Button, new() { Name = "Do it" }).ClickAsync();
        await Dialog(dana).Locator("button.primary").ClickAsync();
        await ShowsAsync(dana.Locator("[aria-label='What the console does']"), "Paused Agent.");
        var undo = dana.Locator("[aria-label='Affected writes and undo']");
        await LooksRightAsync(dana, $"undo-incident-before-{screen}");
        await undo.GetByRole(AriaRole.Link, new() { Name = "Undo" }).ClickAsync();
        await ShowsAsync(dana.Locator("main"), "1 write by the agent that wrote it; 1 write by people");
        await dana.FillAsync("#reason", "The refund was for order 8821");
        await LooksRightAsync(dana, $"undo-preview-{screen}");
        await dana.Keyboard.PressAsync("Escape");
        await PressUntilAsync(dana, "s", Dialog(dana));
        await LooksRightAsync(dana, $"undo-start-{screen}");
        await Dialog(dana).Locator("button.primary").ClickAsync();
        await ShowsAsync(dana.Locator(".page-header"), "0 of 2 writes undone");
        await Expect(dana).ToHaveTitleAsync("Undo refund.create on order 8812 · OpsConsole");
        await OpenAsync(page, _host.Url + "/");
        await ShowsAsync(page.Locator("[aria-label='Needs you']"), "1 undo step needs somebody");
        await LooksRightAsync(page, $"undo-home-{screen}");
        await page.Locator("[aria-label='Needs you']").GetByRole(AriaRole.Link, new() { Name = "See to it" }).ClickAsync();
        await ShowsAsync(page.Locator("a.list-item"), "Undo refund.create on order 8812");
        await LooksRightAsync(page, $"undo-needs-{screen}");
        await LooksRightAsync(dana, $"undo-plan-{screen}");

        // The agent, paused as it is, takes its step back; dana sees it happen.
        var task = (await ConsoleHost.GetAsync(_spine.Agent, "/api/v1/undo")).GetProperty("items")[0];
        await ShowsAsync(dana.Locator(".split-list"), "under way");
        await ConsoleHost.PostAsync(_spine.Agent, $"/api/v1/undo/{Spine.Id(task)}/outcome", new { status = "undone" });
        await ShowsAsync(dana.Locator(".page-header"), "1 of 2 writes undone");
        await PressOnceAsync(dana, "Enter");
        await ShowsAsync(dana.Locator(".split-detail h2"), "note/8812");
        await ShowsAsync(dana.Locator(".split-detail"), "Refunded, as agreed on the phone");
        await LooksRightAsync(dana, $"undo-step-{screen}");
        await PressUntilAsync(dana, "u", Dialog(dana));
        await LooksRightAsync(dana, $"undo-tick-{screen}");
        await dana.Locator("#tick-words").FillAsync("Struck out");
        await dana.Keyboard.PressAsync("Control+Enter");
        await ShowsAsync(dana.Locator(".page-header"), "2 of 2 writes undone");
        await Expect(dana.Locator(".acts")).ToHaveCountAsync(0);
        await LooksRightAsync(dana, $"undo-done-{screen}");

        await dana.GetByRole(AriaRole.Link, new() { Name = "Its incident" }).ClickAsync();
        await ShowsAsync(undo, "2 of 2 writes undone");
        await ShowsAsync(dana.Locator(".timeline"), "note/8812 in crm: undone");
        await MoveAsync("Mark mitigated", "mitigated");
        await MoveAsync("Resolve", "resolved");
        await LooksRightAsync(dana, $"undo-incident-after-{screen}");
        await dana.GetByRole(AriaRole.Link, new() { Name = "Review", Exact = true }).ClickAsync();
        foreach (var key in new[] { "factors", "well", "badly" }) await dana.FillAsync("#t-" + key, "Said together");
        await dana.FillAsync("#a-text", "Check the order first");
        await dana.SelectOptionAsync("#a-owner", new SelectOptionValue { Label = "lee" });
        await dana.FillAsync("#a-due", "2030-01-02");
        await dana.GetByRole(AriaRole.Button, new() { Name = "Add the action" }).ClickAsync();
        await ShowsAsync(dana.Locator("tbody"), "Check the order first");
        await dana.GetByRole(AriaRole.Button, new() { Name = "Publish the review" }).ClickAsync();
        await Dialog(dana).Locator("button.primary").ClickAsync();
        await ShowsAsync(dana.Locator("main"), "published");
        await dana.Locator("main").GetByRole(AriaRole.Link, new() { Name = "The wrong customer got the money" }).ClickAsync();
        await MoveAsync("Close it", "closed");

        // What was undone is found again from the rail, by keys alone.
        await OpenAsync(page, _host.Url + "/decisions/" + decision);
        await PressUntilAsync(page, "g", page.Locator("h1"));
        await page.Keyboard.PressAsync("z");
        await ShowsAsync(page.Locator("a.list-item .chip").Last, "done");
        await LooksRightAsync(page, $"undo-list-{screen}");
        await PressUntilAsync(page, "j", page.Locator("li.selected"));
        await page.Keyboard.PressAsync("Enter");
        await ShowsAsync(page.Locator(".page-header"), "2 of 2 writes undone");

        async Task MoveAsync(string verb, string status)
        {
            await dana.Locator(".actions").GetByRole(AriaRole.Button, new() { Name = verb }).ClickAsync();
            await Dialog(dana).Locator("button.primary").ClickAsync();
            await ShowsAsync(dana.Locator(".timeline"), $"to {status}");
            await Dialog(dana).WaitForAsync(new() { State = WaitForSelectorState.Hidden });
        }
    }
}
