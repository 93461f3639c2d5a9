using Microsoft.Playwright;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static Microsoft.Playwright.Assertions;
using static OpsConsole.Browser.Journey;

namespace OpsConsole.Browser;

/// <summary>A workshop as a team has it: from a console that nobody has an account on to gate B passed, with nothing but what the screens offer.</summary>
[Collection(SecondChromiumTests.Name)]
public sealed class WorkshopJourney(Chromium chromium) : IAsyncLifetime
{
    private const string Password = "twelve tall pines sway";
    private static readonly string[] Left = ["workflow", "users", "in_scope", "out_of_bounds", "output", "unit", "baseline"], Right = ["direction", "target", "success", "escalate", "systems", "audience"];

    private readonly string _folder = Directory.CreateTempSubdirectory("opsconsole-workshop-").FullName;
    private ConsoleProcess _console = default!;
    private string _rollout = "";

    public async Task InitializeAsync()
    {
        _console = new ConsoleProcess(_folder);
        await _console.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _console.DisposeAsync();
        Directory.Delete(_folder, true);
    }

    [Fact]
    public async Task FromAnEmptyDatabase_ToGateB()
    {
        var contexts = await Task.WhenAll(chromium.NewContextAsync(), chromium.NewContextAsync(scheme: ColorScheme.Dark), chromium.NewContextAsync(Screen.Phone), chromium.NewContextAsync());
        var pages = await Task.WhenAll(contexts.Select(c => c.NewPageAsync()));
        var (ada, will, ines, kim) = (pages[0], pages[1], pages[2], pages[3]);
        List<string> trouble = [];
        foreach (var page in pages) page.PageError += (_, error) => trouble.Add(page.Url + ": " + error);

        await SetUpAsync(ada);
        await InviteAsync(ada, [("Will", will), ("Ines", ines), ("Kim", kim)]);
        await FoundAsync(ada);
        await JoinAsync(ada, will, ines, kim);
        await ScopeAsync(ada, will, ines, kim);
        await AuthorityAsync(ada);
        await EscalationAsync(ada, will, ines, kim);
        await CloseAsync(ada, kim);
        await PassAsync(ada);

        await OpenAsync(kim, _console.Url + "/rollouts");
        await ShowsAsync(kim.Locator("tbody tr"), "gate B in force");
        Assert.Empty(trouble);
        foreach (var context in contexts) await context.DisposeAsync();
    }

    private async Task SetUpAsync(IPage ada)
    {
        await Until.True(() => _console.Said.Contains("/setup/", StringComparison.Ordinal));
        await ada.GotoAsync($"{_console.Url}/setup/{_console.Said.Split("/setup/")[1].Split()[0]}");
        await ada.FillAsync("#name", "Ada");
        await ada.FillAsync("#email", "ada@example.com");
        await ada.FillAsync("#password", Password);
        await Button(ada, "Create the admin").ClickAsync();
        await LiveAsync(ada);
    }

    private async Task InviteAsync(IPage ada, IEnumerable<(string Name, IPage Page)> people)
    {
        await OpenAsync(ada, _console.Url + "/people");
        foreach (var (name, page) in people)
        {
            await Button(ada, "Invite").First.ClickAsync();
            await ada.FillAsync("#p-email", name.ToLowerInvariant() + "@example.com");
            await ada.FillAsync("#p-name", name);
            await Dialog(ada).GetByLabel("Member works").CheckAsync();
            await Dialog(ada).GetByRole(AriaRole.Button, new() { Name = "Invite" }).ClickAsync();
            await page.GotoAsync(await Dialog(ada).Locator(".secret code").InnerTextAsync());
            await page.FillAsync("#password", Password);
            await Button(page, "Join").ClickAsync();
            await LiveAsync(page);
            await Button(ada, "I have copied it").ClickAsync();
            await Expect(Dialog(ada)).ToHaveCountAsync(0);
        }
        await Button(ada, "New group").First.ClickAsync();
        await ada.FillAsync("#g-name", "leads");
        foreach (var name in (string[])["Will", "Kim"]) await Dialog(ada).GetByLabel(name).CheckAsync();
        await Button(ada, "Create group").ClickAsync();
        await ShowsAsync(ada.Locator("main"), "Kim, Will");
    }

    /// <summary>The rollout, and who answers for it.</summary>
    private async Task FoundAsync(IPage ada)
    {
        await OpenAsync(ada, _console.Url + "/rollouts");
        await Button(ada, "New rollout").First.ClickAsync();
        await ada.FillAsync("#new-name", "Refund agent");
        await ada.FillAsync("#new-purpose", "Refunds in minutes, not in hours");
        await Button(ada, "Create rollout").ClickAsync();
        await ada.Locator("#gates").WaitForAsync();
        _rollout = new Uri(ada.Url).AbsolutePath.Split('/')[2];
        await NameAsync(ada, "rollout owner", "ada", "will");
        await NameAsync(ada, "workflow owner", "will", "ada");
        await NameAsync(ada, "incident owner", "ines", "will");
        await NameAsync(ada, "risk lead", "kim", null);
    }

    private static async Task NameAsync(IPage ada, string role, string holder, string? deputy)
    {
        await Button(ada, "Name the " + role).ClickAsync();
        await ada.SelectOptionAsync("#holder", holder + "@example.com");
        if (deputy is not null) await ada.SelectOptionAsync("#deputy", deputy + "@example.com");
        await Button(ada, "Save").ClickAsync();
        await Expect(Dialog(ada)).ToHaveCountAsync(0);
    }

    private async Task JoinAsync(IPage ada, params IPage[] others)
    {
        await OpenAsync(ada, At("/session"));
        await Button(ada, "Open a session").ClickAsync();
        var code = await ada.Locator(".join-code").InnerTextAsync();
        foreach (var page in others)
        {
            await OpenAsync(page, _console.Url + "/join");
            await page.FillAsync("#code", code);
            await Button(page, "Join").ClickAsync();
            await Expect(page).ToHaveURLAsync(At("/session"));
        }
        await ShowsAsync(ada.Locator("section[aria-labelledby=here]"), "0 of 4 ready");
        await PressOnceAsync(ada, "s");
    }

    private async Task ScopeAsync(IPage ada, IPage will, IPage ines, IPage kim)
    {
        await OpenAsync(ada, At("/worksheets/canvas"));
        await Button(ada, "Bring everyone here").ClickAsync();
        foreach (var page in (IPage[])[will, ines, kim]) await Expect(page).ToHaveURLAsync(At("/worksheets/canvas"));
        await Task.WhenAll(FillAsync(will, Left), FillAsync(ines, Right));
        await ShowsAsync(ada.Locator(".checks"), "Met: Every field of the canvas is filled in");

        foreach (var page in (IPage[])[ada, will, ines])
        {
            await OpenAsync(page, At("/session"));
            await PressOnceAsync(page, page == ines ? "3" : "5");
        }
        await ShowsAsync(ada.Locator("section[aria-labelledby=vote]"), "3 of 4 voted");
        await Button(ada, "Reveal the votes").ClickAsync();
        await Expect(kim.Locator(".session-bar")).ToBeVisibleAsync();

        // The boundary stands in the matrix too, and the three owners confirm it by name.
        await OpenAsync(ada, At("/matrix"));
        await TabToAsync(ada, "Add a boundary");
        await Expect(ada.Locator(".cell-editor")).ToBeFocusedAsync();
        await ada.Keyboard.TypeAsync("bank.*");
        await ada.Keyboard.PressAsync("Enter");
        await Expect(ada.Locator("[data-saved=yes]")).ToBeVisibleAsync();
        foreach (var page in (IPage[])[ada, will, ines])
        {
            await OpenAsync(page, At("/steps"));
            await page.Locator("#boundary").GetByRole(AriaRole.Button, new() { Name = "Confirm by name" }).ClickAsync();
            await Dialog(page).Locator("textarea").FillAsync("It refunds orders of our own shop, and never touches bank details.");
            await Dialog(page).GetByRole(AriaRole.Button, new() { Name = "Confirm", Exact = true }).ClickAsync();
            await Expect(Dialog(page)).ToHaveCountAsync(0);
        }
        await ShowsAsync(ada.Locator("#step-1 .verdict"), "Done");
    }

    private static async Task FillAsync(IPage page, string[] fields)
    {
        await page.Locator("#f-canvas-workflow").WaitForAsync();
        await LoadedAsync(page);
        foreach (var name in fields)
        {
            var spec = Core.Worksheets.WorksheetSpecs.Canvas.Field(name)!;
            if (spec.Choices is null) await page.FillAsync("#f-canvas-" + name, spec.Example);
            else await page.SelectOptionAsync("#f-canvas-" + name, spec.Example);
        }
        await Expect(page.Locator("[data-unsent]")).ToHaveCountAsync(0);
    }

    private async Task AuthorityAsync(IPage ada)
    {
        await OpenAsync(ada, At("/actions"));
        foreach (var (action, effect) in ((string, string)[])[("order.get", "Read"), ("refund.create", "Write")])
        {
            await PressOnceAsync(ada, "n");
            await ada.FillAsync("#a-name", action);
            await ada.SelectOptionAsync("#a-effect", effect);
            await ada.SelectOptionAsync("#a-consequence", effect == "Read" ? "Low" : "High");
            await Button(ada, "List it").ClickAsync();
            await Expect(Dialog(ada)).ToHaveCountAsync(0);
        }
        await OpenAsync(ada, At("/matrix"));
        await TabToAsync(ada, "Add a rule");
        string[][] rows = [["order.get", "", "", "allow", "", "", "read, low"], ["refund.create", "", "", "approve", "leads", "15 min, else denied", "high, reversible, revenue"]];
        foreach (var (i, row) in rows.Index())
        {
            await TypeRowAsync(ada, row);
            await ada.Keyboard.PressAsync(i == 0 ? "Control+Enter" : "Enter");
        }
        await Expect(ada.Locator("[data-saved=yes]")).ToBeVisibleAsync();
        await ada.Locator("button.primary", new() { HasText = "Publish version 1" }).ClickAsync();
        await Dialog(ada).Locator("textarea").FillAsync("What the workshop agreed on");
        await Dialog(ada).Locator("button.primary").ClickAsync();
        await ShowsAsync(ada.Locator(".toasts"), "Version 1 is in force");
        await OpenAsync(ada, At("/steps"));
        await ShowsAsync(ada.Locator("#step-2 .verdict"), "Done");
    }

    private async Task EscalationAsync(IPage ada, IPage will, IPage ines, IPage kim)
    {
        await OpenAsync(will, At("/worksheets/escalation"));
        await Button(will, "Start with the three usual rows").ClickAsync();
        await Expect(will.Locator(".sheet-row")).ToHaveCountAsync(3);
        foreach (var row in await will.Locator("[data-field$='/path']").AllAsync()) await row.FillAsync("On-call phone, then #agent-incidents");
        await ShowsAsync(will.Locator(".checks"), "Met: Every scenario has an owner, a deputy, a time and a way to reach them");

        await OpenAsync(kim, At("/drill"));   // will is to take it when ines does not
        await kim.GetByLabel("High-risk output reached a customer").CheckAsync();
        await Button(kim, "Report this failure").ClickAsync();
        await ines.Locator(".banner.denied").GetByRole(AriaRole.Button, new() { Name = "I have it" }).ClickAsync();
        await ShowsAsync(kim.Locator("section[aria-labelledby=past] tbody tr"), "Passed");
        await OpenAsync(ada, At("/steps"));
        await ShowsAsync(ada.Locator("#step-3 .verdict"), "Done");
    }

    private async Task CloseAsync(IPage ada, IPage kim)
    {
        await OpenAsync(kim, At("/worksheets/decisions"));
        await Button(kim, "Add a decision").ClickAsync();
        await kim.Locator("[data-field$='/text']").FillAsync("Refunds over 200 EUR stay with team leads");
        await Expect(kim.Locator("[data-unsent]")).ToHaveCountAsync(0);
        await OpenAsync(kim, At("/worksheets/actions"));
        await Button(kim, "Add an action").ClickAsync();
        await kim.Locator("[data-field$='/text']").FillAsync("Rehearse the rollback");
        await kim.Locator("[data-field$='/who']").SelectOptionAsync("user:ines@example.com");
        await kim.Locator("[data-field$='/day']").FillAsync("2031-03-01");
        await Expect(kim.Locator("[data-unsent]")).ToHaveCountAsync(0);

        await OpenAsync(ada, At("/session"));
        await ada.Locator(".agenda button").Last.ClickAsync();
        var closing = ada.Locator("section[aria-labelledby=closing]");
        foreach (var words in (string[])["Refunds for damaged goods", "Bank details", "Ines, deputy Will", "Refunds over 200 EUR", "Rehearse the rollback"]) await ShowsAsync(closing, words);
        await Expect(closing.Locator(".callout")).ToHaveCountAsync(0);   // nothing is missing
        await Button(ada, "End the session").ClickAsync();
        await Dialog(ada).GetByRole(AriaRole.Button, new() { Name = "End it" }).ClickAsync();
        await Expect(ada.Locator("h1")).ToHaveTextAsync("What the session ended with");
        await ShowsAsync(ada.Locator("main"), "Rehearse the rollback");
    }

    private async Task PassAsync(IPage ada)
    {
        await OpenAsync(ada, At(""));
        foreach (var (i, gate) in new[] { "A", "B" }.Index())
        {
            await Button(ada, "Pass gate " + gate).ClickAsync();
            await Expect(Dialog(ada).Locator("input[type=checkbox]")).ToHaveCountAsync(0);   // there is nothing to waive
            await Dialog(ada).Locator("textarea").FillAsync("All of it is there");
            await Dialog(ada).Locator("button.primary").ClickAsync();
            await ShowsAsync(ada.Locator(".gates > li").Nth(i), "In force");
        }
    }

    private string At(string path) => $"{_console.Url}/rollouts/{_rollout}{path}";
}
