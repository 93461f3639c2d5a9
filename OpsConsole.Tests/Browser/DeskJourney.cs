using System.Text.Json;
using Microsoft.Playwright;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static Microsoft.Playwright.Assertions;
using static OpsConsole.Browser.Journey;

namespace OpsConsole.Browser;

/// <summary>Twenty mixed requests of two agents, cleared by one person without a mouse in at most sixty keystrokes.</summary>
[Collection(ChromiumTests.Name)]
public sealed class DeskJourney(Chromium chromium) : IAsyncLifetime
{
    private const string Matrix = """
    { "default": "deny", "rules": [
        { "id": "R-1", "action": "refund.create", "outcome": "approve", "approvers": ["group:leads"], "reversible": true },
        { "id": "R-2", "action": "tag.set", "outcome": "approve", "consequence": "low", "reversible": true, "approvers": ["group:leads"], "sla": "PT30M" },
        { "id": "R-3", "action": "*", "outcome": "approve", "consequence": "low", "reversible": true, "approvers": ["group:leads"] } ] }
    """;

    private readonly SkipTime _time = new();
    private ConsoleHost _host = default!;
    private Spine _spine = default!;
    private int _keys;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync(new HostSettings { RealPort = true, Time = _time });
        _spine = await Spine.BuildAsync(_host, Matrix);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Search_AsOneTypes_NarrowsTheListAndKeepsTheFocus()
    {
        foreach (var action in (string[])["tag.set", "note.add", "note.edit"]) await AskAsync(_spine.Agent, action, "c-1", new { tag = "vip" });
        await using var context = await chromium.NewContextAsync();
        var page = await context.NewPageAsync();
        await SignInAsync(page, _host, "dana@example.com", "/approvals");
        await Expect(Rows(page)).ToHaveCountAsync(3);
        var search = page.Locator(".desk-search");
        await search.PressSequentiallyAsync("note");
        await Expect(Rows(page)).ToHaveCountAsync(2);
        await Expect(search).ToBeFocusedAsync();
        await search.PressSequentiallyAsync(".ed");
        await Expect(Rows(page)).ToHaveCountAsync(1);
        await Expect(search).ToHaveValueAsync("note.ed");
        await Expect(search).ToBeFocusedAsync();
        Assert.EndsWith("?q=note.ed", page.Url);
    }

    [Fact]
    public async Task TwentyRequests_AreClearedInSixtyKeystrokes()
    {
        var second = _host.As(await SecondAgentAsync());
        List<(HttpClient Agent, string Id)> tags = [], asked = [];
        for (var i = 1; i <= 4; i++) tags.Add(await AskAsync(_spine.Agent, "tag.set", $"c-{i}", new { tag = "vip", customer = i }));
        string[] actions = ["refund.create", "note.add", "price.set", "crm.contact.update", "mail.draft", "note.add", "ticket.close", "refund.create", "note.add", "ticket.reply", "mail.draft", "crm.contact.update", "note.add", "refund.create", "ticket.close", "note.add"];
        foreach (var (i, action) in actions.Index()) asked.Add(await AskAsync(i % 2 == 0 ? _spine.Agent : second, action, $"r-{i}", new { amount = 420, text = "text " + i }));

        await using var context = await chromium.NewContextAsync();
        var page = await context.NewPageAsync();
        await SignInAsync(page, _host, "dana@example.com", "/approvals");
        await Expect(Rows(page)).ToHaveCountAsync(20);
        await page.WaitForFunctionAsync("() => document.querySelector('.selection')");
        await page.WaitForTimeoutAsync(500);   // the page's keys are declared a moment after it is drawn

        // The four at the top are alike: one key selects them, one asks, one confirms.
        await PressAsync(page, "X");
        await ShowsAsync(page.Locator(".selection"), "4 selected");
        await PressAsync(page, "a");
        await Expect(Dialog(page).Locator("footer .primary")).ToBeFocusedAsync();
        Assert.Equal(4, await Dialog(page).Locator("tbody tr").CountAsync());
        Assert.Empty(await Accessibility.ViolationsAsync(page, "dialog:modal"));
        await PressAsync(page, "Enter");
        await Expect(Rows(page)).ToHaveCountAsync(16);
        await Expect(Dialog(page)).ToHaveCountAsync(0);   // its keys are not the page's

        await PressAsync(page, "j");
        await PressAsync(page, "Enter");
        for (var i = 0; i < actions.Length; i++)
        {
            await Expect(Request(page)).ToHaveAttributeAsync("aria-label", $"{actions[i]} case r-{i}");
            await Expect(page.Locator(".sticky-actions .primary:enabled")).ToBeVisibleAsync();
            _time.Skip(TimeSpan.FromSeconds(1));   // a person looks first; the desk insists on that
            switch (actions[i])
            {
                case "refund.create":
                    await PressAsync(page, "a");
                    await Expect(Dialog(page).Locator("footer .primary")).ToBeFocusedAsync();
                    await PressAsync(page, "Enter");
                    break;
                case "price.set":
                    await PressAsync(page, "e");
                    await Expect(Dialog(page).Locator("textarea")).ToBeFocusedAsync();
                    await PressAsync(page, "Control+A");
                    await TypeAsync(page, """{"amount":300}""");
                    await PressAsync(page, "Control+Enter");
                    await ShowsAsync(Dialog(page).Locator("ins"), "300");
                    await PressAsync(page, "Control+Enter");
                    await AfterWordsAsync(page);
                    break;
                case "mail.draft":
                    await PressAsync(page, "r");
                    await Expect(Dialog(page).Locator("select")).ToBeFocusedAsync();
                    await PressAsync(page, "ArrowDown");   // the first of the reasons
                    await PressAsync(page, "Control+Enter");
                    await AfterWordsAsync(page);
                    break;
                default:
                    await PressAsync(page, "a");
                    break;
            }
        }
        await ShowsAsync(page.Locator(".split-list"), "Nothing waits");
        Assert.InRange(_keys, 20, 60);

        foreach (var (i, (agent, id)) in asked.Index())
        {
            var answer = await ConsoleHost.GetAsync(agent, "/api/v1/decisions/" + id);
            Assert.Equal((actions[i], actions[i] == "mail.draft" ? "deny" : "allow", actions[i] switch { "mail.draft" => "rejected", "price.set" => "edited", _ => "approved" }),
                (actions[i], Spine.Outcome(answer), answer.GetProperty("approval").GetProperty("status").GetString()));
            if (actions[i] == "price.set") Assert.Equal("""{"amount":300}""", answer.GetProperty("arguments").GetRawText().Replace(" ", ""));
        }
        foreach (var (agent, id) in tags) Assert.Equal("allow", Spine.Outcome(await ConsoleHost.GetAsync(agent, "/api/v1/decisions/" + id)));
    }

    private async Task<string> SecondAgentAsync()
    {
        var agent = (await ConsoleHost.PostAsync(_host.Admin, "/api/v1/agents", new { name = "Second", rollout_id = _spine.Rollout, kind = "autonomous", owner = "owner@example.com" }, 201)).GetProperty("id").GetString()!;
        await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/agents/{agent}/grants", new { capability = "*", tier = "executor", reason = "test" }, 201);
        return (await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/agents/{agent}/keys", new { }, 201)).GetProperty("key").GetString()!;
    }

    private static async Task<(HttpClient Agent, string Id)> AskAsync(HttpClient agent, string action, string id, object arguments)
        => (agent, Spine.Id(await ConsoleHost.PostAsync(agent, "/api/v1/decisions", new { action, resource = new { type = "case", id }, arguments, confidence = 0.9, reasoning = "because" }, 202)));

    private Task PressAsync(IPage page, string key)
    {
        _keys++;
        return page.Keyboard.PressAsync(key);
    }

    private Task TypeAsync(IPage page, string text)
    {
        _keys += text.Length;
        return page.Keyboard.TypeAsync(text);
    }

    // For two seconds after a word was typed, what is pressed on the page that came up meanwhile belongs to that word (keys.js).
    private static async Task AfterWordsAsync(IPage page)
    {
        await Expect(Dialog(page)).ToHaveCountAsync(0);
        await page.WaitForTimeoutAsync(2_100);
    }
}
