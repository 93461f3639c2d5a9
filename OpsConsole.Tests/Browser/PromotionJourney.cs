using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Playwright;
using OpsConsole.Features.Promotions;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static Microsoft.Playwright.Assertions;
using static OpsConsole.Browser.Journey;

namespace OpsConsole.Browser;

/// <summary>A tier is proposed with its test, the runs are watched, a second person gives it, and somebody lowers it again.</summary>
[Collection(ChromiumTests.Name)]
public sealed class PromotionJourney(Chromium chromium) : IAsyncLifetime
{
    private readonly SkipTime _time = new();
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _time.Midweek();
        _host = await ConsoleHost.StartAsync(new HostSettings { RealPort = true, Time = _time });
        _spine = await Spine.BuildAsync(_host, tier: "contributor");
        await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/agents/{_spine.AgentId}/grants", new { capability = "refund.*", tier = "contributor", reason = "Refunds, with a person" }, 201);
        await _host.PersonAsync("risk@example.com", "member");
        await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/members", new { email = "risk@example.com", roles = new[] { "risk_lead" } }, 201);
        await ConsoleHost.SendAsync(_host.Admin, HttpMethod.Patch, "/api/v1/rollouts/" + _spine.Rollout, new { thresholds = new { promotion_target = 0.45 } }, 200);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    private string Address => $"/agents/{_spine.AgentId}/promotions";

    private async Task RefundsAsync(int count, double amount, string verdict = "approve")
    {
        for (var i = 0; i < count; i++)
        {
            _time.Skip(TimeSpan.FromMinutes(3));
            var asked = await _spine.AskAsync(new { action = "refund.create", resource = new { type = "order", id = $"o-{amount + i}" }, arguments = new { amount = amount + i }, run_id = $"run-{amount + i}", confidence = 0.9 }, 202);
            await _spine.DecideAsync(amount > 200 ? _spine.Dana : _host.Admin, asked, new { verdict, reason = verdict == "reject" ? "Paid already" : null });
            if (verdict != "reject") await ConsoleHost.PostAsync(_spine.Agent, $"/api/v1/decisions/{Spine.Id(asked)}/outcome", new { status = "succeeded" });
        }
    }

    [Fact]
    public async Task Tier_IsProposedWatchedGivenAndLowered()
    {
        await using var context = await chromium.NewContextAsync();
        var page = await context.NewPageAsync();
        await SignInAsync(page, _host, ConsoleHost.AdminEmail, "/agents/" + _spine.AgentId);
        await page.GetByRole(AriaRole.Link, new() { Name = "Promotions" }).ClickAsync();
        await ShowsAsync(page.Locator("main"), "Nothing was proposed yet");
        await AssertFitsAsync(page);
        await Accessibility.AssertNoViolationsAsync(page);

        // The test is chosen, said as a sentence, and refused while it could prove nothing.
        await page.Locator("tr", new() { HasText = "refund.*" }).GetByRole(AriaRole.Button, new() { Name = "Propose executor" }).ClickAsync();
        await ShowsAsync(Dialog(page).Locator("[role=status]"), "At 73 runs the lower bound of the share of clean ones is at least 95 %");
        await Dialog(page).GetByLabel("Runs that decide").FillAsync("50");
        await ShowsAsync(Dialog(page).Locator("[role=status]"), "choose 73 to 2,000 runs");
        await Dialog(page).GetByLabel("What decides").SelectOptionAsync("sequential");
        await Dialog(page).GetByLabel("Share that is not, %").FillAsync("30");
        await Dialog(page).GetByLabel("Each at least so many times").FillAsync("1");
        await Dialog(page).GetByLabel("Why? This goes on record.").FillAsync("It has asked for months and was right");
        await ShowsAsync(Dialog(page).Locator("[role=status]"), "5 % of faults is good enough, 30 % is not");
        await LooksRightAsync(page, "promotion-propose");
        await Dialog(page).GetByRole(AriaRole.Button, new() { Name = "Fix the test and propose" }).ClickAsync();
        await ShowsAsync(page.Locator("section[aria-labelledby=promotion]"), "0 of 0 runs clean so far. 6 more runs are needed if all of them are clean");
        await ShowsAsync(page.Locator("section[aria-labelledby=promotion]"), "You proposed it, so somebody else confirms it.");

        await RefundsAsync(3, 20);
        await RefundsAsync(1, 620, "reject");
        await page.ReloadAsync();
        await ShowsAsync(page.Locator("section[aria-labelledby=promotion]"), "3 of 4 runs clean so far.");
        await Expect(page.Locator("section[aria-labelledby=runs] tbody tr")).ToHaveCountAsync(4);
        await ShowsAsync(page.Locator("section[aria-labelledby=runs] tbody tr").Nth(3), "rejected by a person");
        await LooksRightAsync(page, "promotion-open");
        await OpenAsync(page, _host.Url + "/agents/" + _spine.AgentId);
        await ShowsAsync(page.Locator("section[aria-labelledby=authority] .proof"), "3 of 11 clean runs needed");
        await LooksRightAsync(page, "promotion-agent");

        // Each figure leads to the decision behind it; the phone shows the same.
        await RefundsAsync(1, 430);
        await OpenAsync(page, _host.Url + "/agents/" + _spine.AgentId);   // a session lasts half an hour from its last renewal, and is renewed in its second half
        await RefundsAsync(7, 40);
        await using (var phone = await chromium.NewContextAsync(Screen.Phone, ColorScheme.Dark))
        {
            var risk = await phone.NewPageAsync();
            await SignInAsync(risk, _host, "risk@example.com", Address);
            await ShowsAsync(risk.Locator("section[aria-labelledby=promotion]"), "Passed: 11 of 12 runs clean, and every row was met.");
            await ShowsAsync(risk.Locator("figcaption"), "1 fault in 12 runs. The line of the runs has crossed the boundary");
            await AssertFitsAsync(risk);
                await LooksRightAsync(risk, "promotion-phone");
            await risk.Locator("section[aria-labelledby=runs] tbody a").First.ClickAsync();
            await ShowsAsync(risk.Locator("h1"), "refund.create");
            await risk.GoBackAsync();
            await risk.GetByRole(AriaRole.Button, new() { Name = "Confirm executor" }).ClickAsync();
            await Dialog(risk).Locator("textarea").FillAsync("Read all twelve");
            await Dialog(risk).GetByRole(AriaRole.Button, new() { Name = "Give executor" }).ClickAsync();
            await ShowsAsync(risk.Locator("section[aria-labelledby=promotion]"), "confirmed by risk");
        }

        // One click on the agent's page lowers it; then it cools.
        var row = page.Locator("section[aria-labelledby=authority] tr", new() { HasText = "refund.*" });
        await ShowsAsync(row, "proven");
        await row.GetByRole(AriaRole.Button, new() { Name = "Review" }).ClickAsync();
        await Dialog(page).Locator("textarea").FillAsync("Looked at the week");
        await Dialog(page).GetByLabel("Review next by").FillAsync(_time.GetUtcNow().AddDays(40).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
        await Dialog(page).GetByRole(AriaRole.Button, new() { Name = "Keep the tier" }).ClickAsync();
        await ShowsAsync(page.Locator(".toasts"), "refund.* was reviewed and stays executor");
        await row.GetByRole(AriaRole.Button, new() { Name = "Lower" }).ClickAsync();
        await Dialog(page).Locator("textarea").FillAsync("Two customers complained");
        await Dialog(page).GetByRole(AriaRole.Button, new() { Name = "Lower to contributor" }).ClickAsync();
        await ShowsAsync(page.Locator(".toasts"), "refund.* is contributor now");
        await OpenAsync(page, _host.Url + Address);
        await ShowsAsync(page.Locator("section[aria-labelledby=capabilities]"), "cools down, may be proposed again in 14 days");
        await LooksRightAsync(page, "promotion-cooling");
        Assert.True(await _host.Services.GetServices<IHostedService>().OfType<PromotionClock>().Single().TurnAsync(default));
    }
}
