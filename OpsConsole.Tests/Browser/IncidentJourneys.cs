using Microsoft.Playwright;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static Microsoft.Playwright.Assertions;
using static OpsConsole.Browser.Journey;

namespace OpsConsole.Browser;

/// <summary>From a wrong decision to a closed incident: reported, told, taken with a key, answered and moved on.</summary>
[Collection(SecondChromiumTests.Name)]
public sealed class IncidentJourneys(Chromium chromium) : IAsyncLifetime
{
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync(new HostSettings { RealPort = true });
        _spine = await Spine.BuildAsync(_host);
        await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/worksheets/escalation/start", null);
        await ConsoleHost.SendAsync(_host.Admin, HttpMethod.Patch, "/api/v1/rollouts/" + _spine.Rollout, new { owners = new { incident_owner = "dana@example.com" } }, 200);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData(Screen.Laptop, ColorScheme.Light)]
    [InlineData(Screen.Phone, ColorScheme.Dark)]
    public async Task WrongDecision_IsReported_Taken_AndClosed(Screen screen, ColorScheme scheme)
    {
        var decision = Spine.Id(await _spine.RefundAsync(20));
        await using var context = await chromium.NewContextAsync(screen, scheme);
        var page = await context.NewPageAsync();
        await SignInAsync(page, _host, ConsoleHost.AdminEmail, "/decisions/" + decision);
        await page.GetByRole(AriaRole.Link, new() { Name = "Report a failure" }).Last.ClickAsync();
        await ShowsAsync(page.Locator("h1"), "Report a failure");
        await page.FillAsync("#r-title", "The wrong customer got the money");
        await page.GetByText("High-risk output reached a customer").ClickAsync();
        await page.FillAsync("#r-customers", "Rossi");
        await ShowsAsync(page.Locator(".callout"), "Told at once: dana");
        await ShowsAsync(page.Locator(".callout"), "pause the agent, route everything to a person, notify the sponsor");
        await LooksRightAsync(page, $"incident-report-{screen}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Report it" }).ClickAsync();
        await ShowsAsync(page.Locator("h1"), "The wrong customer got the money");
        await ShowsAsync(page.Locator(".clock-card"), "the next people are told");
        await ShowsAsync(page.Locator("[aria-label='What the console does']"), "Paused Agent.");
        await LooksRightAsync(page, $"incident-open-{screen}");

        // Whoever is told finds it by the notice, and takes it.
        await using var other = await chromium.NewContextAsync(screen, scheme);
        var dana = await other.NewPageAsync();
        await SignInAsync(dana, _host, "dana@example.com", "/notices");
        await dana.Locator("a.list-item", new() { HasText = "An incident waits for you" }).ClickAsync();
        await ShowsAsync(dana.Locator("h1"), "The wrong customer got the money");
        await PressOnceAsync(dana, "o");
        await ShowsAsync(dana.Locator("main"), "dana has it");
        await ShowsAsync(page.Locator(".timeline"), "dana has it.");
        await dana.FillAsync("#say", "We call them");
        await dana.GetByLabel("An update for those who follow it").CheckAsync();
        await dana.GetByRole(AriaRole.Button, new() { Name = "Add" }).ClickAsync();
        await ShowsAsync(dana.Locator(".timeline"), "We call them");
        await MoveAsync("Mark mitigated", "mitigated");
        await MoveAsync("Resolve", "resolved");
        await dana.GetByRole(AriaRole.Link, new() { Name = "Review", Exact = true }).ClickAsync();
        foreach (var key in new[] { "factors", "well", "badly" }) await dana.FillAsync("#t-" + key, "Said together");
        await dana.FillAsync("#a-text", "Check the account first");
        await dana.SelectOptionAsync("#a-owner", new SelectOptionValue { Label = "lee" });
        await dana.FillAsync("#a-due", "2030-01-02");
        await dana.GetByRole(AriaRole.Button, new() { Name = "Add the action" }).ClickAsync();
        await ShowsAsync(dana.Locator("tbody"), "Check the account first");
        await dana.GetByRole(AriaRole.Button, new() { Name = "Publish the review" }).ClickAsync();
        await Dialog(dana).Locator("button.primary").ClickAsync();
        await ShowsAsync(dana.Locator("main"), "published");
        await LooksRightAsync(dana, $"incident-review-{screen}");
        await dana.Locator("main").GetByRole(AriaRole.Link, new() { Name = "The wrong customer got the money" }).ClickAsync();
        await MoveAsync("Close it", "closed");
        await LooksRightAsync(dana, $"incident-closed-{screen}");

        await OpenAsync(page, _host.Url + "/incidents");
        await ShowsAsync(page.Locator("main"), "Nothing is under way");
        await page.GetByRole(AriaRole.Navigation, new() { Name = "Which incidents" }).GetByRole(AriaRole.Link, new() { Name = "Review log" }).ClickAsync();
        await ShowsAsync(page.Locator("a.list-item"), "dana has it");
        await LooksRightAsync(page, $"incidents-{screen}");

        async Task MoveAsync(string verb, string status)
        {
            await dana.Locator(".actions").GetByRole(AriaRole.Button, new() { Name = verb }).ClickAsync();
            await Dialog(dana).Locator("button.primary").ClickAsync();
            await ShowsAsync(dana.Locator(".timeline"), $"to {status}");
            await Dialog(dana).WaitForAsync(new() { State = WaitForSelectorState.Hidden });
        }
    }

    [Fact]
    public async Task WhatIsSaid_IsCorrected_WithItsHistory()
    {
        var opened = await ConsoleHost.PostAsync(_host.Admin, "/api/v1/incidents", new { rollout_id = _spine.Rollout, title = "Wrong" }, 201);
        await using var context = await chromium.NewContextAsync();
        var page = await context.NewPageAsync();
        await SignInAsync(page, _host, ConsoleHost.AdminEmail, "/incidents/" + Spine.Id(opened));
        await PressUntilAsync(page, "e", Dialog(page));
        await LooksRightAsync(page, "incident-edit");
        await page.FillAsync("#i-title", "Wrong refund");
        await page.SelectOptionAsync("#i-severity", "sev1");
        await page.SelectOptionAsync("#i-Scribe", new SelectOptionValue { Label = "lee" });
        await page.FillAsync("#i-customers", "Rossi\nBianchi");
        await Dialog(page).Locator("button.primary").ClickAsync();
        await ShowsAsync(page.Locator("h1"), "Wrong refund");
        foreach (var line in new[] { "lee is scribe.", "From SEV-3 to SEV-1.", "2 records and customers affected." }) await ShowsAsync(page.Locator(".timeline"), line);
    }

    [Theory]
    [InlineData(Screen.Laptop, ColorScheme.Light)]
    [InlineData(Screen.Phone, ColorScheme.Dark)]
    public async Task ActionOfAReview_BecomesACase_ARow_AndABetterRunbook(Screen screen, ColorScheme scheme)
    {
        var decision = Spine.Id(await _spine.RefundAsync(20));
        var opened = Spine.Id(await ConsoleHost.PostAsync(_host.Admin, "/api/v1/incidents", new { rollout_id = _spine.Rollout, title = "Wrong refund", severity = "sev3" }, 201));
        await using var context = await chromium.NewContextAsync(screen, scheme);
        var page = await context.NewPageAsync();
        await SignInAsync(page, _host, ConsoleHost.AdminEmail, $"/incidents/{opened}");
        await page.FillAsync("#link", decision);
        await page.GetByRole(AriaRole.Button, new() { Name = "Link it" }).ClickAsync();
        await ShowsAsync(page.Locator(".timeline"), "Linked: decision " + decision);
        await LooksRightAsync(page, $"incident-linked-{screen}");
        await page.GetByRole(AriaRole.Link, new() { Name = "Review", Exact = true }).ClickAsync();
        await page.FillAsync("#a-text", "Look at the photo first");
        await page.SelectOptionAsync("#a-owner", new SelectOptionValue { Label = "lee" });
        await page.FillAsync("#a-due", "2030-01-02");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add the action" }).ClickAsync();
        var row = page.Locator("tbody tr");

        await row.GetByRole(AriaRole.Button, new() { Name = "Eval case…" }).ClickAsync();
        await ShowsAsync(Dialog(page), "refund.create on order 8812");
        await LooksRightAsync(page, $"lesson-case-{screen}");
        await Dialog(page).GetByLabel("a person is asked first").CheckAsync();
        await Dialog(page).Locator("button.primary").ClickAsync();
        await ShowsAsync(row, "an eval case");

        await row.GetByRole(AriaRole.Button, new() { Name = "Rule…" }).ClickAsync();
        await Dialog(page).GetByLabel("a person decides").CheckAsync();
        await ShowsAsync(Dialog(page).Locator(".says"), "refund.create");
        await LooksRightAsync(page, $"lesson-rule-{screen}");
        await Dialog(page).Locator("button.primary").ClickAsync();
        await ShowsAsync(row, "of the matrix's draft");

        await row.GetByRole(AriaRole.Button, new() { Name = "Runbook…" }).ClickAsync();
        await page.FillAsync("#l-response", "Look at the photo, then pay");
        await LooksRightAsync(page, $"lesson-runbook-{screen}");
        await Dialog(page).Locator("button.primary").ClickAsync();
        await ShowsAsync(row, "the runbook was changed");
        await LooksRightAsync(page, $"lessons-{screen}");

        await row.GetByRole(AriaRole.Link, new() { Name = "an eval case" }).ClickAsync();
        await ShowsAsync(page.Locator(".cases"), "kept it after an incident");
        await ShowsAsync(page.Locator(".cases"), "Expected: a person is asked");
        await LooksRightAsync(page, $"lesson-cases-{screen}");
    }
}
