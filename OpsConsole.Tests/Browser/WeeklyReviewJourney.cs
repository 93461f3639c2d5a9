using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Playwright;
using OpsConsole.Features.Reliability;
using OpsConsole.Features.Reviews;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static Microsoft.Playwright.Assertions;
using static OpsConsole.Browser.Journey;

namespace OpsConsole.Browser;

/// <summary>A week's review by two people: read, written at the same time, signed, and found again in the series.</summary>
[Collection(ChromiumTests.Name)]
public sealed class WeeklyReviewJourney(Chromium chromium) : IAsyncLifetime
{
    private readonly SkipTime _time = new();
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _time.Midweek();
        _host = await ConsoleHost.StartAsync(new HostSettings { RealPort = true, Time = _time });
        _spine = await Spine.BuildAsync(_host);
        await ConsoleHost.SendAsync(_host.Admin, HttpMethod.Patch, "/api/v1/rollouts/" + _spine.Rollout, new { owners = new { rollout_owner = "owner@example.com", workflow_owner = ConsoleHost.AdminEmail } }, 200);
        for (var i = 0; i < 6; i++)
        {
            var alone = await _spine.RefundAsync(20 + i);
            await ConsoleHost.PostAsync(_spine.Agent, $"/api/v1/decisions/{Spine.Id(alone)}/outcome", new { status = i == 0 ? "failed" : "succeeded", cost = new { usd = "0.02" } });
            await _spine.DecideAsync(_spine.Dana, await _spine.RefundAsync(420 + i, 202), i < 2 ? new { verdict = "reject", reason = "Not due" } : (object)new { verdict = "approve" });
        }
        _time.Skip(TimeSpan.FromDays(5));
        var hosted = _host.Services.GetServices<IHostedService>().ToList();
        while (await hosted.OfType<RollupClock>().Single().TurnAsync(default)) { }
        Assert.True(await hosted.OfType<ReviewClock>().Single().TurnAsync(default));
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData(Screen.Laptop, ColorScheme.Light)]
    [InlineData(Screen.Phone, ColorScheme.Dark)]
    public async Task Week_IsReadWrittenTogetherAndSigned(Screen screen, ColorScheme scheme)
    {
        await using var context = await chromium.NewContextAsync(screen, scheme);
        await using var others = await chromium.NewContextAsync();
        var (page, other) = (await context.NewPageAsync(), await others.NewPageAsync());
        await SignInAsync(page, _host, "owner@example.com", $"/rollouts/{_spine.Rollout}/reviews");
        await page.Locator("tbody a").First.ClickAsync();
        await Expect(page.Locator("section[aria-label='Override rate'] figcaption")).ToContainTextAsync("Override rate 33.3 % (2 of 6)");
        await Expect(page.Locator("section[aria-labelledby=w-thresholds] tbody tr").First).ToContainTextAsync("outside");
        await SignInAsync(other, _host, ConsoleHost.AdminEmail, new Uri(page.Url).AbsolutePath);

        const string Overrides = "[data-field$='/overrides']", Next = "[data-field$='/next']";
        foreach (var each in (IPage[])[page, other]) await each.Locator(".sections:not([inert])").WaitForAsync();   // the scripts listen
        await page.Locator(Overrides).PressSequentiallyAsync("Both were above the limit.");
        await Expect(other.Locator(Overrides)).ToHaveValueAsync("Both were above the limit.");   // it came by itself, while the caret is still in it
        await Expect(other.Locator("section[aria-label='What the overrides teach'] .chip.here")).ToContainTextAsync("owner");
        await Expect(page.Locator(".paper [role=status]").First).ToContainTextAsync("is here too");

        // Two write the same section in the same moment: both texts stand until somebody chooses.
        await page.Locator(Next).PressSequentiallyAsync("Dana asks the shop.");
        await Expect(other.Locator(Next)).ToHaveValueAsync("Dana asks the shop.");
        var path = $"/api/v1/rollouts/{_spine.Rollout}/reviews/{new Uri(page.Url).Segments[^1]}";
        await ConsoleHost.PostAsync(_host.Admin, path + "/patches", new { patches = new[] { new { id = "elsewhere-1", field = await page.Locator(Next).GetAttributeAsync("data-field"), over = Array.Empty<string>(), value = "Lee calls them." } } });
        await Expect(page.Locator(".rival")).ToHaveCountAsync(2);
        await Accessibility.AssertNoViolationsAsync(page);
        await other.Locator(".rival").Filter(new() { HasText = "Lee calls them." }).Locator("button").ClickAsync();
        await Expect(page.Locator(".rival")).ToHaveCountAsync(0);
        await page.Locator(Next).BlurAsync();
        await Expect(page.Locator(Next)).ToHaveValueAsync("Lee calls them.");
        await page.Locator(".live-field", new() { Has = page.Locator(Next) }).Locator("button[aria-label^=History]").ClickAsync();
        await Expect(Dialog(page).Locator("blockquote")).ToContainTextAsync(["Lee calls them.", "Lee calls them.", "Dana asks the shop."]);
        await Dialog(page).Locator("[data-autofocus]").ClickAsync();
        await other.Locator("#w-who").SelectOptionAsync(new SelectOptionValue { Label = "owner" });
        await Expect(page.Locator(".margin li").First).ToContainTextAsync("owner");
        await LooksRightAsync(page, $"week-{screen}-{scheme}");

        await page.Locator(".three button").Filter(new() { HasText = "Keep" }).ClickAsync();
        await Expect(Dialog(page)).ToBeVisibleAsync();
        await Expect(Dialog(page).Locator("button.primary")).ToBeDisabledAsync();   // no words, no evidence
        await page.Locator("#w-words").FillAsync("Two of six, both rightly: the limit stays.");
        await Dialog(page).Locator(".evidence input").First.CheckAsync();
        await Accessibility.AssertNoViolationsAsync(page);
        await Dialog(page).Locator("button.primary").ClickAsync();
        await Expect(page.Locator(".ending")).ToContainTextAsync("signed by owner");
        await Expect(other.Locator(".ending")).ToContainTextAsync("signed by owner");
        await Expect(page.Locator(Overrides)).ToHaveCountAsync(0);   // from now on it stays as it is

        // What a browser kept through a lost connection comes after the signature: it is not taken, and not lost.
        var review = (await ConsoleHost.GetAsync(_host.Admin, path)).GetProperty("id").GetString();
        var admin = _host.Writer.State.Directory.ByEmail[ConsoleHost.AdminEmail].Id;
        await other.EvaluateAsync("([key, value]) => sessionStorage.setItem(key, value)", new[] { $"worksheet:{admin}:{review}:review/quality", """{"over":[],"sent":null,"next":"Typed while the line was gone."}""" });
        await OpenAsync(other, other.Url);
        await Expect(other.Locator("section[aria-label='Quality and drift']")).ToContainTextAsync("Typed while the line was gone.");
        await OpenAsync(page, $"{_host.Url}/rollouts/{_spine.Rollout}/reviews");
        await Expect(page.Locator("tbody tr").First).ToContainTextAsync("keep");
        await LooksRightAsync(page, $"reviews-{screen}-{scheme}");
    }
}
