using Microsoft.Playwright;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static Microsoft.Playwright.Assertions;
using static OpsConsole.Browser.Journey;

namespace OpsConsole.Browser;

/// <summary>Shadow mode from the first sample to what is learned: recorded by keys, said with its n, and made a case and a rule.</summary>
[Collection(ChromiumTests.Name)]
public sealed class ShadowJourney(Chromium chromium) : IAsyncLifetime
{
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync(new HostSettings { RealPort = true });
        _spine = await Spine.BuildAsync(_host, gates: "A");
        (string Action, object Arguments)[] asks = [("note.add", new { text = "Call back on Friday", order = "8812" }), ("mail.send", new { to = "ann@example.com", subject = "Your refund" }), ("refund.create", new { amount = 20, order = "8812" }), ("order.get", new { order = "8812" }), ("note.add", new { text = "Paid twice", order = "8813" })];
        foreach (var (action, arguments) in asks)
            await _spine.AskAsync(new { action, resource = new { type = "order", id = "8812" }, arguments, confidence = 0.83, reasoning = "The customer was charged twice and asked to be called.", mode = "shadow" });
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData(Screen.Laptop, ColorScheme.Light)]
    [InlineData(Screen.Phone, ColorScheme.Dark)]
    public async Task Samples_AreRecordedByKeys_AndDisagreementsAreLearnedFrom(Screen screen, ColorScheme scheme)
    {
        await using var context = await chromium.NewContextAsync(screen, scheme);
        var page = await context.NewPageAsync();
        await SignInAsync(page, _host, ConsoleHost.AdminEmail, "/rollouts/" + _spine.Rollout);
        await page.GetByRole(AriaRole.Link, new() { Name = "Shadow mode", Exact = true }).ClickAsync();
        await ShowsAsync(page.Locator("h1"), "Shadow mode");
        await ShowsAsync(page.Locator("#s-agreement").Locator("xpath=../.."), "0 samples recorded of 5");
        await page.GetByRole(AriaRole.Link, new() { Name = "Record what people did" }).ClickAsync();
        await Expect(page.Locator(".split-list li")).ToHaveCountAsync(5);
        await page.Locator(".split-list li a").First.ClickAsync();
        await ShowsAsync(page.Locator("article.evidence h2"), "note.add on order 8812");
        await AssertFitsAsync(page);
        await LooksRightAsync(page, $"shadow-record-{screen}-{scheme}");

        // 1: just that; the next one opens by itself.
        await PressOnceAsync(page, "1");
        await ShowsAsync(page.Locator(".callout.allow[role=status]"), "people did just that");
        await ShowsAsync(page.Locator("article.evidence h2"), "order.get on order 8812");
        await PressOnceAsync(page, "1");
        await ShowsAsync(page.Locator("article.evidence h2"), "refund.create on order 8812");
        // 2: other arguments, as they were.
        await PressOnceAsync(page, "2");
        await page.Locator("#s-arguments").FillAsync("{ \"amount\": ");
        await page.GetByRole(AriaRole.Button, new() { Name = "Record: other arguments" }).ClickAsync();
        await ShowsAsync(page.Locator(".validation-message"), "no JSON object");
        await page.Locator("#s-arguments").FillAsync("{ \"amount\": 15, \"order\": \"8812\" }");
        await page.Locator("#s-note").FillAsync("Shipping is not refunded");
        await LooksRightAsync(page, $"shadow-edit-{screen}-{scheme}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Record: other arguments" }).ClickAsync();
        await ShowsAsync(page.Locator("article.evidence h2"), "mail.send on order 8812");
        // 3: something else; 4: nothing.
        await PressOnceAsync(page, "3");
        await page.Locator("#s-action").FillAsync("note.add");
        await page.GetByRole(AriaRole.Button, new() { Name = "Record: something else" }).ClickAsync();
        await ShowsAsync(page.Locator("article.evidence h2"), "note.add on order 8812");
        await PressOnceAsync(page, "4");
        await ShowsAsync(page.Locator("main"), "Nothing waits to be recorded");

        await page.GetByRole(AriaRole.Link, new() { Name = "Agreement", Exact = true }).ClickAsync();
        await ShowsAsync(page.Locator(".says"), "the same answer in 2 of 5 samples (40 %");
        await ShowsAsync(page.Locator("section[aria-labelledby=s-agreement]"), "40 %");
        await ShowsAsync(page.Locator(".says"), "few: it may be chance");
        await ShowsAsync(page.Locator("section[aria-labelledby=s-gate]"), "5 of 30 samples recorded by people");
        await LooksRightAsync(page, $"shadow-{screen}-{scheme}");
        await AssertFitsAsync(page);
        await Accessibility.AssertNoViolationsAsync(page);

        await page.GetByRole(AriaRole.Link, new() { Name = "Disagreements", Exact = true }).ClickAsync();
        await Expect(page.Locator("ul.apart > li")).ToHaveCountAsync(3);
        await AssertFitsAsync(page);
        await LooksRightAsync(page, $"shadow-apart-{screen}-{scheme}");
        var refund = page.Locator("ul.apart > li").Filter(new() { HasText = "refund.create" });
        await refund.GetByRole(AriaRole.Button, new() { Name = "Show what was proposed" }).ClickAsync();
        await ShowsAsync(refund, "The customer was charged twice");
        await refund.GetByRole(AriaRole.Button, new() { Name = "Make an eval case" }).ClickAsync();
        await Expect(page.Locator("#l-reason")).ToHaveValueAsync("People did it with other arguments. Shipping is not refunded");
        await page.GetByRole(AriaRole.Button, new() { Name = "Make an eval case", Exact = true }).ClickAsync();
        await ShowsAsync(page.Locator(".toasts"), "It is an eval case now.");
        await refund.GetByRole(AriaRole.Button, new() { Name = "Propose a rule" }).ClickAsync();
        await page.GetByLabel("a person decides").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Put it in the draft" }).ClickAsync();
        await ShowsAsync(page.Locator(".toasts"), "stands in the draft of the matrix");

        // Corrected: it agrees now, and the list is one shorter.
        await refund.GetByRole(AriaRole.Link, new() { Name = "Correct" }).ClickAsync();
        await ShowsAsync(page.Locator("article.evidence"), "What you record now takes its place");
        await page.GetByRole(AriaRole.Button, new() { Name = "Just that" }).ClickAsync();
        await ShowsAsync(page.Locator("article.evidence"), "Recorded: people did just that");
        await OpenAsync(page, $"{_host.Url}/rollouts/{_spine.Rollout}/shadow?show=apart");
        await Expect(page.Locator("ul.apart > li")).ToHaveCountAsync(2);

        await OpenAsync(page, $"{_host.Url}/rollouts/{_spine.Rollout}/reliability");
        await ShowsAsync(page.Locator("section[aria-labelledby=c-shadow]"), "the same answer in 3 of 5 shadow samples");
        await LooksRightAsync(page, $"shadow-weeks-{screen}-{scheme}");
    }
}
