using Microsoft.Playwright;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static Microsoft.Playwright.Assertions;
using static OpsConsole.Browser.Journey;

namespace OpsConsole.Browser;

/// <summary>What an agent wrote is vetoed by keys from the list, and confirmed from its decision.</summary>
[Collection(ChromiumTests.Name)]
public sealed class ProvisionalJourney(Chromium chromium) : IAsyncLifetime
{
    private const string Matrix = """
    { "default": "deny", "rules": [
        { "id": "R-1", "action": "crm.contact.update", "outcome": "allow", "consequence": "low", "reversible": true },
        { "id": "R-2", "action": "crm.contact.merge", "outcome": "allow", "consequence": "low", "reversible": true, "confirm": "required", "approvers": ["group:leads"] } ] }
    """;

    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync(new HostSettings { RealPort = true });
        _spine = await Spine.BuildAsync(_host, Matrix);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData(Screen.Laptop, ColorScheme.Light)]
    [InlineData(Screen.Phone, ColorScheme.Dark)]
    public async Task Writes_AreVetoedAndConfirmed(Screen screen, ColorScheme scheme)
    {
        await ActAsync("crm.contact.update", "contact/41");
        var merged = await ActAsync("crm.contact.merge", "contact/42");
        await using var context = await chromium.NewContextAsync(screen, scheme);
        var page = await context.NewPageAsync();
        await SignInAsync(page, _host, ConsoleHost.AdminEmail, "/provisional");
        await ShowsAsync(page.Locator("ul.list"), "Without a veto by then it is permanent.");
        await ShowsAsync(page.Locator("ul.list"), "Unless somebody confirms it by then, its undoing begins.");
        await LooksRightAsync(page, $"provisional-{screen}");
        await page.Keyboard.PressAsync("j");
        await page.Locator("li.selected").WaitForAsync();
        await PressOnceAsync(page, "v");
        await ShowsAsync(Dialog(page), "contact/41");
        await page.FillAsync("#window-words", "The wrong customer");
        await LooksRightAsync(page, $"provisional-veto-{screen}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Veto and undo" }).ClickAsync();
        await Dialog(page).WaitForAsync(new() { State = WaitForSelectorState.Hidden });
        // The message stands where it covers nothing that says how things stand: on a phone at the foot, above the bar.
        var toast = (await page.Locator(".toast").First.BoundingBoxAsync())!;
        if (screen == Screen.Phone) Assert.InRange(toast.Y + toast.Height, page.ViewportSize!.Height / 2, page.ViewportSize.Height - 56);
        else Assert.InRange(toast.Y, 0, page.ViewportSize!.Height / 2);
        var place = (await page.Locator("ul.list > li").First.BoundingBoxAsync())!.Y;
        await ActAsync("crm.contact.update", "contact/43");
        await page.GetByRole(AriaRole.Button, new() { Name = "1 new — show" }).WaitForAsync();
        Assert.Equal(place, (await page.Locator("ul.list > li").First.BoundingBoxAsync())!.Y);   // nothing moved under the finger
        await LooksRightAsync(page, $"provisional-new-{screen}");
        await page.Keyboard.PressAsync("n");
        await ShowsAsync(page.Locator("ul.list"), "contact 43");
        await OpenAsync(page, _host.Url + "/decisions/" + merged);
        await page.GetByRole(AriaRole.Link, new() { Name = "Confirm", Exact = true }).ClickAsync();
        await ShowsAsync(Dialog(page), "contact/42");
        await page.FillAsync("#window-words", "Both leads are away");   // an admin, whom the row does not ask
        await LooksRightAsync(page, $"provisional-confirm-{screen}");
        await Dialog(page).GetByRole(AriaRole.Button, new() { Name = "Confirm as break-glass" }).ClickAsync();
        await Dialog(page).WaitForAsync(new() { State = WaitForSelectorState.Hidden });
        await ShowsAsync(page.Locator("ul.list"), "contact 43");
        await Expect(page.Locator("ul.list > li")).ToHaveCountAsync(1);
        await LooksRightAsync(page, $"provisional-after-{screen}");
        await OpenAsync(page, _host.Url + "/decisions/" + merged);
        await ShowsAsync(page.Locator(".timeline"), "Confirmed");
        await ShowsAsync(page.Locator(".page-header"), "confirmed");
        await LooksRightAsync(page, $"provisional-decision-{screen}");
    }

    private async Task<string> ActAsync(string action, string record)
    {
        var answer = await _spine.AskAsync(new { action, resource = new { type = "contact", id = record.Split('/')[1] }, arguments = new { phone = "+49 30 1" }, confidence = 0.9 });
        await ConsoleHost.PostAsync(_spine.Agent, $"/api/v1/decisions/{Spine.Id(answer)}/outcome", new
        {
            status = "succeeded",
            writes = new[] { new { system = "crm", record, operation = "update", before = new { v = 1 }, after = new { v = 2 }, undo = new { kind = "reverse_write", action, arguments = new { record, v = 1 } } } },
        });
        return Spine.Id(answer);
    }
}
