using System.Text.RegularExpressions;
using Microsoft.Playwright;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static Microsoft.Playwright.Assertions;
using static OpsConsole.Browser.Journey;

namespace OpsConsole.Browser;

/// <summary>A facilitator, two participants and a wall in one session.</summary>
[Collection(SecondChromiumTests.Name)]
public sealed class SessionJourneys(Chromium chromium) : IAsyncLifetime
{
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync(new HostSettings { RealPort = true });
        _spine = await Spine.BuildAsync(_host, gates: "");
        foreach (var email in (string[])["owner@example.com", "lee@example.com"]) await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/members", new { email, roles = new[] { "member" } }, 201);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    private string Rollout => $"{_host.Url}/rollouts/{_spine.Rollout}";

    [Fact]
    public async Task AWholeSession_OnFourScreens()
    {
        await using var hers = await chromium.NewContextAsync();
        await using var laptop = await chromium.NewContextAsync(scheme: ColorScheme.Dark);
        await using var phone = await chromium.NewContextAsync(Screen.Phone);
        await using var big = await chromium.NewContextAsync(Screen.Desktop, ColorScheme.Dark);
        var (ada, owner, lee, wall) = (await hers.NewPageAsync(), await laptop.NewPageAsync(), await phone.NewPageAsync(), await big.NewPageAsync());
        List<string> trouble = [];
        foreach (var page in (IPage[])[ada, owner, lee, wall]) page.PageError += (_, error) => trouble.Add(page.Url + ": " + error);

        // She opens it; they join, by link through the sign-in page and by code.
        await SignInAsync(ada, _host, ConsoleHost.AdminEmail);
        await OpenAsync(ada, Rollout + "/session");
        await ShowsAsync(ada.Locator("main"), "No session is open");
        await Accessibility.AssertNoViolationsAsync(ada);
        await Button(ada, "Open a session").ClickAsync();
        var code = await ada.Locator(".join-code").InnerTextAsync();
        await owner.GotoAsync($"{_host.Url}/join/{code}");
        await owner.FillAsync("#email", "owner@example.com");
        await owner.FillAsync("#password", _host.PasswordOf("owner@example.com"));
        await owner.ClickAsync("button[type=submit]");
        await Expect(owner).ToHaveURLAsync(Rollout + "/session");
        await SignInAsync(lee, _host, "lee@example.com");
        await OpenAsync(lee, _host.Url + "/join");
        await lee.FillAsync("#code", "222222");
        await Button(lee, "Join").ClickAsync();
        await ShowsAsync(lee.Locator("#refusal"), "No session has this code");
        await Accessibility.AssertNoViolationsAsync(lee);
        await lee.FillAsync("#code", code.ToLowerInvariant());
        await Button(lee, "Join").ClickAsync();
        await Expect(lee).ToHaveURLAsync(Rollout + "/session");
        await SignInAsync(wall, _host, ConsoleHost.AdminEmail);
        await OpenAsync(wall, Rollout + "/session/wall");
        await ShowsAsync(wall.Locator("main"), "Scope");
        await Expect(wall.Locator(".ready")).ToContainTextAsync("0 of 3 ready");
        Assert.Equal(0, await wall.GetByRole(AriaRole.Button).CountAsync());

        // One clock for all.
        await PressOnceAsync(ada, "s");
        foreach (var page in (IPage[])[ada, owner, lee, wall])
        {
            await Expect(page.Locator(".session-clock[data-since]").First).ToBeVisibleAsync();
            await Expect(page.Locator(".session-clock").First).Not.ToHaveTextAsync("0:00");
        }
        await PressOnceAsync(owner, "r");
        await Expect(owner.Locator("[aria-pressed=true]:has-text('I am ready')")).ToBeVisibleAsync();
        foreach (var page in (IPage[])[ada, lee]) await ShowsAsync(page.Locator("section[aria-labelledby=here]"), "1 of 3 ready");
        await ShowsAsync(wall.Locator(".ready"), "1 of 3 ready");

        // Writing in private, then for all.
        await ada.FillAsync("#question", "What would go wrong first?");
        await Button(ada, "Ask").ClickAsync();
        await owner.FillAsync("#private-text", "the wrong customer");
        await lee.FillAsync("#private-text", "a typo in the amount");
        await ShowsAsync(ada.Locator("section[aria-labelledby=writing]"), "2 of 3 wrote");
        await Expect(owner.Locator("section[aria-labelledby=writing]")).ToContainTextAsync("Kept");
        foreach (var page in (IPage[])[ada, lee, wall]) Assert.DoesNotContain("wrong customer", await page.ContentAsync());
        foreach (var page in (IPage[])[ada, owner, lee, wall]) await Accessibility.AssertNoViolationsAsync(page);
        await Button(ada, "Reveal what everybody wrote").ClickAsync();
        await Dialog(ada).GetByText("wrote.").WaitForAsync();   // it asks first, and says how many have written
        await Button(ada, "Reveal to everybody").ClickAsync();
        foreach (var page in (IPage[])[ada, owner, lee]) await ShowsAsync(page.Locator(".written"), "the wrong customer");

        // A vote, hidden, then counted.
        await PressUntilAsync(owner, "4", owner.Locator(".grade[aria-pressed=true]"));
        await lee.Locator(".grade", new() { HasText = "2" }).ClickAsync();
        await Expect(Button(ada, "Reveal the votes")).ToBeDisabledAsync();
        await ada.Keyboard.PressAsync("4");
        await ShowsAsync(ada.Locator("section[aria-labelledby=vote]"), "hidden, 3 of 3 voted");
        await ShowsAsync(wall.Locator("footer"), "hidden, 3 of 3");
        foreach (var page in (IPage[])[ada, owner, lee, wall]) await Expect(page.Locator(".vote-bars")).ToHaveCountAsync(0);
        await Button(ada, "Reveal the votes").ClickAsync();
        foreach (var page in (IPage[])[ada, owner, lee, wall])
        {
            await Expect(page.Locator(".vote-bars .votes-of")).ToHaveTextAsync(["0 votes", "2 votes", "0 votes", "1 vote", "0 votes"]);
            await Accessibility.AssertNoViolationsAsync(page);
            await AssertFitsAsync(page);
        }

        // Everybody is brought along, but for who stays.
        await OpenAsync(lee, Rollout + "/worksheets/parking");
        await lee.Locator(".session-bar").GetByRole(AriaRole.Button, new() { Name = "Stay here" }).ClickAsync();
        await Expect(lee.Locator(".session-bar [aria-pressed=true]")).ToContainTextAsync("Stay here");
        await ada.Locator(".work a").First.ClickAsync();
        await Expect(ada).ToHaveURLAsync(Rollout + "/worksheets/canvas");
        // Who has just typed would be asked first. The module is fetched beforehand: a promise counts as true to WaitForFunction.
        await owner.EvaluateAsync("async () => { window.shell = await import('/js/shell.js'); }");
        await owner.WaitForFunctionAsync("() => !window.shell.busy()");
        await ada.Locator(".session-bar").GetByRole(AriaRole.Button, new() { Name = "Bring everyone here" }).ClickAsync();   // the address changes before the page: the session's own button would call everybody to where they are
        await Expect(owner).ToHaveURLAsync(Rollout + "/worksheets/canvas");
        await ShowsAsync(lee.Locator(".session-bar"), "asks everybody to come to “Launch canvas”");
        await Expect(lee).ToHaveURLAsync(Rollout + "/worksheets/parking");
        await Accessibility.AssertNoViolationsAsync(lee);
        await AssertFitsAsync(lee);
        await lee.GetByRole(AriaRole.Link, new() { Name = "Go there" }).ClickAsync();
        await Expect(lee).ToHaveURLAsync(Rollout + "/worksheets/canvas");
        await Expect(lee.Locator(".session-bar")).Not.ToContainTextAsync("asks everybody");

        // The lead goes over, and comes back.
        await ada.Locator(".session-bar a.sign").ClickAsync();
        await Button(ada, "Hand over").ClickAsync();
        await Accessibility.AssertNoViolationsAsync(ada);
        await ada.SelectOptionAsync("#hand-to", new SelectOptionValue { Label = "owner (here)" });
        await Dialog(ada).GetByRole(AriaRole.Button, new() { Name = "Hand over" }).ClickAsync();
        await Button(ada, "Take the lead").WaitForAsync();
        await Expect(ada.Locator("section[aria-labelledby=lead]")).ToHaveCountAsync(0);
        await Button(owner, "Bring everyone here").WaitForAsync();
        await Button(ada, "Take the lead").ClickAsync();
        await ada.Locator("section[aria-labelledby=lead]").WaitForAsync();
        await Expect(Button(owner, "Bring everyone here")).ToHaveCountAsync(0);

        // The end is read out, then kept.
        await ada.Locator(".agenda button").Last.ClickAsync();
        await ShowsAsync(ada.Locator("section[aria-labelledby=closing]"), "The canvas does not name the workflow.");
        await owner.FillAsync("#f-canvas-workflow", "Refunds for damaged goods");
        await ShowsAsync(ada.Locator("section[aria-labelledby=closing]"), "Refunds for damaged goods");
        await ShowsAsync(wall.Locator("main"), "What we leave with");
        await Accessibility.AssertNoViolationsAsync(ada);
        await Button(ada, "End the session").ClickAsync();
        await Accessibility.AssertNoViolationsAsync(ada);
        await Dialog(ada).GetByRole(AriaRole.Button, new() { Name = "End it" }).ClickAsync();
        await Expect(ada).ToHaveURLAsync(new Regex("/sessions/ses_"));
        await ShowsAsync(ada.Locator("main"), "Refunds for damaged goods");
        await ShowsAsync(ada.Locator("main"), "the wrong customer");
        await Accessibility.AssertNoViolationsAsync(ada);
        await Expect(owner.Locator(".session-bar")).ToHaveCountAsync(0);
        await ShowsAsync(wall.Locator("main"), "What the session ended with");
        await Accessibility.AssertNoViolationsAsync(wall);
        Assert.Empty(trouble);
    }

    [Fact]
    public async Task PrivateWriting_OutlivesALostLine_AndAPageThatIsLoadedAgain()
    {
        await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/session", new { }, 201);
        await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/session/round", new { question = "What would go wrong first?" });
        await using var context = await chromium.NewContextAsync();
        var lee = await context.NewPageAsync();
        await lee.AddInitScriptAsync("window.lines = []; window.WebSocket = class extends WebSocket { constructor(...a) { super(...a); window.lines.push(this); } };");
        await SignInAsync(lee, _host, "lee@example.com", $"/rollouts/{_spine.Rollout}/session");
        var (text, kept) = (lee.Locator("#private-text"), lee.Locator("#private-kept"));
        await text.PressSequentiallyAsync("the wrong ");
        await Expect(kept).ToHaveTextAsync("Kept");

        await CutAsync();
        await text.PressSequentiallyAsync("customer");
        await Expect(kept).ToHaveTextAsync("Not kept yet");
        await context.UnrouteAsync(Circuit);
        await Expect(kept).ToHaveTextAsync("Kept", new() { Timeout = 30_000 });
        Assert.Equal("the wrong customer", await MineAsync());

        await CutAsync();
        await text.PressSequentiallyAsync(", twice");
        await context.UnrouteAsync(Circuit);
        await lee.ReloadAsync();
        await Expect(text).ToHaveValueAsync("the wrong customer, twice");
        await Until.True(async () => await MineAsync() == "the wrong customer, twice", "what was written is kept");   // by the new page, or by the old one that was back for a moment: then the new one has nothing to say
        await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/session/round/reveal", new { });
        await ShowsAsync(lee.Locator(".written"), "the wrong customer, twice");

        async Task CutAsync()
        {
            await context.RouteAsync(Circuit, route => route.AbortAsync());
            await lee.EvaluateAsync("() => window.lines.forEach((l) => l.close())");
            await Expect(lee.Locator("html[data-connection=lost]")).ToBeAttachedAsync();
        }

        async Task<string?> MineAsync() => (await ConsoleHost.GetAsync(_spine.Lee, $"/api/v1/rollouts/{_spine.Rollout}/session")).GetProperty("round").GetProperty("mine").GetString();
    }

    private const string Circuit = "**/_blazor/negotiate*";

    [Fact]
    public async Task WhoIsNoMember_LearnsOnlyWhomToAsk()
    {
        await _host.PersonAsync("stranger@example.com", "member");
        var code = (await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/session", new { }, 201)).GetProperty("code").GetString();
        await using var context = await chromium.NewContextAsync();
        var page = await context.NewPageAsync();
        await SignInAsync(page, _host, "stranger@example.com", "/join/" + code);
        await ShowsAsync(page.Locator("#refusal"), "You are not a member: ask");
        Assert.DoesNotContain(_spine.Rollout, await page.ContentAsync());
        await OpenAsync(page, Rollout + "/session");
        await ShowsAsync(page.Locator("main"), "There is no such rollout");
        await OpenAsync(page, Rollout + "/session/wall");
        await ShowsAsync(page.Locator("main"), "There is no such rollout");
    }
}
