using System.Text;
using System.Text.Json;
using Microsoft.Playwright;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static Microsoft.Playwright.Assertions;
using static OpsConsole.Browser.Journey;

namespace OpsConsole.Browser;

/// <summary>A team writes its matrix: with the keyboard alone, from a spreadsheet, two at a time.</summary>
[Collection(ChromiumTests.Name)]
public sealed class MatrixJourneys(Chromium chromium) : IAsyncLifetime
{
    private ConsoleHost _host = default!;
    private string _rollout = "";

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync(new HostSettings { RealPort = true });
        await Spine.BuildAsync(_host);   // people and groups
        _rollout = (await ConsoleHost.PostAsync(_host.Admin, "/api/v1/rollouts", new { name = "Refund agent" }, 201)).GetProperty("id").GetString()!;
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    // Action, on, when, outcome, who, time, stakes, note: as somebody would type them.
    private static readonly string[][] Rows =
    [
        ["order.get", "", "", "allow", "", "", "read, low", "Looking is free"],
        ["contact.get", "", "", "allow", "", "", "read, low", ""],
        ["ticket.note.add", "ticket", "", "allow", "", "", "write, low, reversible", "Notes can be taken back"],
        ["ticket.close", "ticket", "reason in solved, duplicate", "allow", "", "", "low, reversible, customer", ""],
        ["ticket.close", "", "", "approve", "leads", "30 min, else denied", "low, reversible, customer", ""],
        ["contact.update", "contact", "field in phone, language", "allow", "", "", "low, reversible, data quality", ""],
        ["contact.update", "", "", "approve", "leads", "20 min", "high, reversible, customer, data quality", "Names and addresses identify people"],
        ["refund.create", "order", "amount <= 50 and currency = EUR", "allow", "", "", "low, reversible, revenue", ""],
        ["refund.create", "", "amount > 1000", "approve", "2 of leads, dana@example.com", "30 min, else ask more people", "high, reversible, revenue", ""],
        ["refund.create", "", "", "approve", "leads", "15 min, else denied", "high, reversible, revenue", ""],
        ["message.send", "", "any of to ends with \"@acme.com\"", "allow", "", "", "low, reversible, internal trust", ""],
        ["message.send", "", "", "approve", "leads", "10 min", "high, customer", "Cannot be taken back"],
        ["contract.sign", "", "", "deny", "", "", "high, compliance", ""],
        ["payment.*", "", "", "deny", "", "", "high, revenue", "Not in version 1"],
    ];

    [Fact]
    public async Task FourteenRows_WithKeysOnly_ArePublished()
    {
        await using var context = await chromium.NewContextAsync();
        var page = await context.NewPageAsync();
        await SignInAsync(page, _host, ConsoleHost.AdminEmail);
        await OpenAsync(page, $"{_host.Url}/rollouts/{_rollout}/matrix");
        await TabToAsync(page, "Add a rule");
        foreach (var (i, row) in Rows.Index())
        {
            await TypeRowAsync(page, row);
            if (i < Rows.Length - 1) await page.Keyboard.PressAsync("Control+Enter");
            else if (row[^1].Length > 0) await page.Keyboard.PressAsync("Enter");
            await Expect(page.Locator("[data-grid=rule] tbody tr")).ToHaveCountAsync(Math.Min(Rows.Length, i + 2));
        }
        await Expect(page.Locator("[data-saved=yes]")).ToBeVisibleAsync();
        await Expect(page.Locator("[aria-invalid=true]")).ToHaveCountAsync(0);
        await Expect(page.Locator("button.primary", new() { HasText = "Publish version 1" })).ToBeEnabledAsync();
        await page.Keyboard.PressAsync("Escape");
        await PressUntilAsync(page, "p", Dialog(page));
        await page.Keyboard.TypeAsync("What the workshop agreed on");
        await TabToAsync(page, "Publish version 1");
        await ShowsAsync(page.Locator(".toasts"), "Version 1 is in force");

        var matrix = (await ConsoleHost.GetAsync(_host.Admin, $"/api/v1/rollouts/{_rollout}/matrix/versions/1")).GetProperty("matrix");
        Assert.Equal(Rows.Select(r => r[0]), matrix.GetProperty("rules").EnumerateArray().Select(r => r.GetProperty("action").GetString()));
        var refund = matrix.GetProperty("rules")[8];
        Assert.Equal((2, "PT30M", "widen"), (refund.GetProperty("quorum").GetInt32(), refund.GetProperty("sla").GetString(), refund.GetProperty("on_expiry").GetString()));
        Assert.Equal("[\"group:leads\",\"user:dana@example.com\"]", refund.GetProperty("approvers").GetRawText());
    }

    [Fact]
    public async Task FortyRowsFromASpreadsheet_ArePreviewedTakenAndPublished()
    {
        var sheet = new StringBuilder("Rule\tAction\tConditions\tOutcome\tWho approves\tIf it goes wrong\tReversible\tComment\n");
        for (var i = 1; i <= 40; i++) sheet.Append($"S-{i}\tsales.step{i}.run\t{(i % 4 == 0 ? "amount > " + (i * 10) : "")}\t{(i % 3 == 0 ? "needs approval" : "auto")}\tleads\t{(i % 3 == 0 ? "high" : "low")}\tyes\t\"Line {i},\nsecond line\"\n");
        sheet.Append("S-41\tsales.bad.run\tamount >\tauto\t\tlow\tyes\tnot understood\n");
        await using var context = await chromium.NewContextAsync();
        await context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        var page = await context.NewPageAsync();
        await SignInAsync(page, _host, ConsoleHost.AdminEmail);
        await OpenAsync(page, $"{_host.Url}/rollouts/{_rollout}/matrix");
        await page.EvaluateAsync("text => navigator.clipboard.writeText(text)", sheet.ToString());
        await Expect(page.Locator(".grid-scroll")).ToBeVisibleAsync();
        await PressUntilAsync(page, "Control+v", Dialog(page));
        await ShowsAsync(Dialog(page), "40 rules");
        await ShowsAsync(Dialog(page), "Row 42");
        await page.Keyboard.PressAsync("Enter");
        await Expect(Dialog(page)).ToHaveCountAsync(0);
        await Expect(page.Locator("[data-grid=rule] tbody tr")).ToHaveCountAsync(40);
        await Expect(page.Locator("[data-saved=yes]")).ToBeVisibleAsync();
        await PressUntilAsync(page, "p", Dialog(page));
        await page.Keyboard.TypeAsync("From the sales team's sheet");
        await TabToAsync(page, "Publish version 1");
        await ShowsAsync(page.Locator(".toasts"), "Version 1 is in force");
        var rules = (await ConsoleHost.GetAsync(_host.Admin, $"/api/v1/rollouts/{_rollout}/matrix/versions/1")).GetProperty("matrix").GetProperty("rules");
        Assert.Equal((40, "S-40", "Line 40,\nsecond line"), (rules.GetArrayLength(), rules[39].GetProperty("id").GetString(), rules[39].GetProperty("note").GetString()));
    }

    [Fact]
    public async Task ATextThatWasNotUnderstood_IsAskedAboutBeforeALinkTakesItAway_AndTheSidePanelFolds()
    {
        await using var context = await chromium.NewContextAsync();
        var page = await context.NewPageAsync();
        await page.SetViewportSizeAsync(1440, 900);
        await SignInAsync(page, _host, ConsoleHost.AdminEmail);
        await OpenAsync(page, $"{_host.Url}/rollouts/{_rollout}/matrix");
        await TabToAsync(page, "Add a rule");
        await Expect(page.Locator(".cell-editor")).ToBeFocusedAsync();
        foreach (var key in (string[])["order.get", "Tab", "ArrowRight", "amount >"])
        {
            if (key is "Tab" or "ArrowRight") await page.Keyboard.PressAsync(key);
            else await page.Keyboard.TypeAsync(key);
        }
        await page.ClickAsync("nav.rail a[href='/agents']");   // leaves the cell, which is not understood, and then the page
        await ShowsAsync(Dialog(page), "When: “amount >”");
        await page.Keyboard.PressAsync("Enter");   // Stay
        await Expect(Dialog(page)).ToHaveCountAsync(0);
        await Expect(page.Locator("[aria-invalid=true]")).ToHaveTextAsync("amount >");
        Assert.EndsWith("/matrix", page.Url);

        await Expect(page.Locator(".grid[data-more]")).ToHaveCountAsync(1);   // columns lie beyond the edge
        await page.FocusAsync("#main");
        await PressOnceAsync(page, "s");
        await Expect(page.Locator("button[aria-controls=beside][aria-expanded=false]")).ToBeVisibleAsync(new() { Timeout = 15_000 });
        await Expect(page.Locator(".grid[data-more]")).ToHaveCountAsync(0);   // and the grid takes the room
        await page.ClickAsync("nav.rail a[href='/agents']");
        await Dialog(page).GetByText("Leave and lose 1 cell").ClickAsync();
        await Expect(page).ToHaveURLAsync(_host.Url + "/agents");
        await OpenAsync(page, $"{_host.Url}/rollouts/{_rollout}/matrix");
        await Expect(page.Locator("#beside")).ToBeHiddenAsync();   // the browser remembers
    }

    [Fact]
    public async Task TwoPeopleTypeIntoOneDraft_AndNoRowIsLost()
    {
        await using var one = await chromium.NewContextAsync();
        await using var two = await chromium.NewContextAsync();
        var (first, second) = (await one.NewPageAsync(), await two.NewPageAsync());
        await SignInAsync(first, _host, ConsoleHost.AdminEmail);
        await SignInAsync(second, _host, ConsoleHost.AdminEmail);
        foreach (var page in (IPage[])[first, second])
        {
            await OpenAsync(page, $"{_host.Url}/rollouts/{_rollout}/matrix");
            await TabToAsync(page, "Add a rule");
            await Expect(page.Locator(".cell-editor")).ToBeFocusedAsync();
        }
        foreach (var (page, action) in ((IPage, string)[])[(first, "order.get"), (second, "ticket.get")])
        {
            await page.Keyboard.TypeAsync(action);
            await page.Keyboard.PressAsync("Enter");
        }
        foreach (var page in (IPage[])[first, second])
        {
            await Expect(page.Locator("[data-grid=rule] tbody tr")).ToHaveCountAsync(2);
            await Expect(page.Locator("[data-saved=yes]")).ToBeVisibleAsync();
        }
        var draft = JsonElement.Parse(await _host.Admin.GetStringAsync($"/api/v1/rollouts/{_rollout}/matrix"));
        Assert.Equal(["order.get", "ticket.get"], draft.GetProperty("rules").EnumerateArray().Select(r => r.GetProperty("action").GetString()).Order());
        Assert.Equal(2, draft.GetProperty("rules").EnumerateArray().Select(r => r.GetProperty("id").GetString()).Distinct().Count());
    }
}
