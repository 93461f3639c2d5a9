using Microsoft.Playwright;
using OpsConsole.Tests.Support;
using static Microsoft.Playwright.Assertions;
using static OpsConsole.Browser.Journey;

namespace OpsConsole.Browser;

/// <summary>From the readiness diagnostic to a rollout with a comment, with what the screens offer.</summary>
[Collection(ChromiumTests.Name)]
public sealed class DiagnosticJourneys(Chromium chromium) : IAsyncLifetime
{
    private ConsoleHost _host = default!;

    public async Task InitializeAsync() => _host = await ConsoleHost.StartAsync(new HostSettings { RealPort = true });

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task TheDiagnostic_IsAnsweredWithNumberKeys_AndBeginsARollout()
    {
        await using var context = await chromium.NewContextAsync(Screen.Phone);
        var page = await context.NewPageAsync();
        await SignInAsync(page, _host, ConsoleHost.AdminEmail);
        await OpenAsync(page, _host.Url + "/diagnostic");
        await page.GetByLabel("Which team or workflow is it about?").FillAsync("Support");
        await Button(page, "Begin").ClickAsync();
        for (var i = 1; i <= 12; i++)
        {
            await Expect(page.GetByText($"Question {i} of 12")).ToBeVisibleAsync();
            if (i == 5)
            {
                await page.ReloadAsync();   // what was chosen is kept
                await LiveAsync(page);
            }
            await PressOnceAsync(page, i % 2 == 0 ? "2" : "3");   // a second press would answer the next question
            await Expect(i == 12 ? page.GetByText("Which workflow could be the pilot?") : page.GetByText($"Question {i + 1} of 12")).ToBeVisibleAsync(new() { Timeout = 10_000 });
        }
        await page.Locator("#c1-name").FillAsync("Routine mail");
        foreach (var question in (string[])["How often does it happen?", "Does it have a clear end?", "Can a mistake be undone?", "Can it be measured?"]) await page.GetByLabel(question).SelectOptionAsync("c");
        await page.GetByLabel("What it must never touch, an item a line").FillAsync("Bank details");
        await page.ReloadAsync();   // what was written is kept as well
        await LiveAsync(page);
        await Expect(page.Locator("#c1-name")).ToHaveValueAsync("Routine mail");
        await Expect(page.GetByLabel("Can a mistake be undone?")).ToHaveValueAsync("c");
        await Expect(page.GetByLabel("What it must never touch, an item a line")).ToHaveValueAsync("Bank details");
        await Button(page, "See the result").ClickAsync();
        await Expect(page.GetByText("75 % ready").First).ToBeVisibleAsync();
        Assert.Equal(0, await page.EvaluateAsync<int>("() => Object.keys(sessionStorage).filter((k) => k.startsWith('draft:')).length"));
        await AssertFitsAsync(page);
        await Accessibility.AssertNoViolationsAsync(page);
        await Button(page, "Start a rollout from this").ClickAsync();
        await Button(page, "Start rollout").ClickAsync();
        await Expect(page.Locator("#f-canvas-workflow")).ToHaveValueAsync("Routine mail");
        await Expect(page.Locator("#f-canvas-out_of_bounds")).ToHaveValueAsync("Bank details");

        // A comment calls a member, whose name is completed by keyboard.
        await Button(page, "Comments on Out of bounds: 0 open").ClickAsync();
        await Expect(page.Locator("#comment-text")).ToBeFocusedAsync();   // keys that come before the dialog go nowhere
        await page.Keyboard.TypeAsync("@Ad");
        await Expect(Dialog(page).GetByRole(AriaRole.Option)).ToHaveCountAsync(1);
        await page.Keyboard.PressAsync("Enter");
        await page.Keyboard.TypeAsync("is this all?");
        await Button(page, "Send comment").ClickAsync();
        await Expect(Dialog(page).GetByText("is this all?")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(Button(page, "Comments on Out of bounds: 1 open")).ToBeVisibleAsync();
        await OpenAsync(page, _host.Url + "/");
        await page.GetByRole(AriaRole.Link, new() { Name = "Launch canvas › Out of bounds" }).ClickAsync();
        await Expect(Dialog(page).GetByText("is this all?")).ToBeVisibleAsync();
        await Button(page, "Settle the comment").ClickAsync();
        await Expect(Dialog(page).GetByText("settled by")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Escape");

        // Undo of the last edit, outside a field.
        await page.Locator("#f-canvas-workflow").FillAsync("All mail");
        await Expect(page.Locator("[data-unsent]")).ToHaveCountAsync(0);
        await page.Locator("h1").FocusAsync();
        await page.Keyboard.PressAsync("Control+z");
        await Expect(page.Locator("#f-canvas-workflow")).ToHaveValueAsync("Routine mail");
    }
}
