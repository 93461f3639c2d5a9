using Microsoft.Playwright;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static Microsoft.Playwright.Assertions;
using static OpsConsole.Browser.Journey;

namespace OpsConsole.Browser;

/// <summary>What an approver sees of the past, and what a decision leaves behind: a reason, an eval case, a row in the draft; and the password that high consequence asks for.</summary>
[Collection(ChromiumTests.Name)]
public sealed class EvidenceJourneys(Chromium chromium) : IAsyncLifetime
{
    private const string Dana = "dana@example.com";
    private readonly SkipTime _time = new();
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync(new HostSettings { RealPort = true, Time = _time, More = new Dictionary<string, string?> { ["OpsConsole:Approvals:FreshSignIn"] = "PT5M" } });
        _spine = await Spine.BuildAsync(_host);
        await ConsoleHost.SendAsync(_host.Admin, HttpMethod.Patch, "/api/v1/rollouts/" + _spine.Rollout, new { owners = new { engineering_owner = Dana } }, 200);   // edits the draft as well
        foreach (var amount in (double[])[210, 230, 220, 250, 240]) await _spine.DecideAsync(_spine.Dana, await _spine.RefundAsync(amount, 202), new { verdict = "approve" });
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData(Screen.Laptop, ColorScheme.Light)]
    [InlineData(Screen.Phone, ColorScheme.Dark)]
    public async Task Evidence_IsThereAccessibleAndFits(Screen screen, ColorScheme scheme)
    {
        var asked = await _spine.RefundAsync(720, 202);
        await using var context = await chromium.NewContextAsync(screen, scheme);
        var page = await context.NewPageAsync();
        await SignInAsync(page, _host, Dana);
        await OpenAsync(page, Address(asked));
        await ShowsAsync(Request(page).Locator(".unusual"), "3.1× its usual 230, higher than all 5 earlier");
        await ShowsAsync(Request(page).Locator(".really"), "but the agent sent no plan");
        await Expect(Request(page).Locator(".like a")).ToHaveCountAsync(5);
        await AssertFitsAsync(page);
        await Accessibility.AssertNoViolationsAsync(page);
        if (Environment.GetEnvironmentVariable("OPSCONSOLE_SCREENSHOTS") is { Length: > 0 } folder) await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"evidence-{screen}.png"), FullPage = true });
    }

    [Fact]
    public async Task Reject_WithAReason_KeepsAnEvalCaseThatItsPageShows()
    {
        await using var context = await chromium.NewContextAsync();
        var page = await context.NewPageAsync();
        await SignInAsync(page, _host, Dana, "/approvals");
        var waiting = AskAndWaitAsync(_spine.Agent, 720);
        await Rows(page).First.ClickAsync();
        await Request(page).WaitForAsync();
        _time.Skip(TimeSpan.FromSeconds(1));
        await PressUntilAsync(page, "r", Dialog(page));
        await page.Keyboard.PressAsync("Control+Enter");
        await ShowsAsync(Dialog(page).Locator("[role=alert]"), "Choose a reason first.");
        await Dialog(page).Locator("select").SelectOptionAsync("policy");
        await Dialog(page).Locator("input[type=checkbox]").CheckAsync();
        await Dialog(page).Locator("button.primary").ClickAsync();
        var answer = await PromptlyAsync(waiting);
        Assert.Equal(("deny", "policy"), (Spine.Outcome(answer), answer.GetProperty("approval").GetProperty("reason_code").GetString()));

        await OpenAsync(page, $"{_host.Url}/rollouts/{_spine.Rollout}/eval-cases");
        await ShowsAsync(page.Locator(".cases"), "Against policy");
        await ShowsAsync(page.Locator(".cases"), "Policy-sensitive");
        await page.Locator(".cases summary").First.ClickAsync();
        await ShowsAsync(page.Locator(".cases"), "720");
        await Accessibility.AssertNoViolationsAsync(page);
    }

    [Fact]
    public async Task Approve_LongAfterSigningIn_AsksForThePasswordAndThenLetsGo()
    {
        await using var context = await chromium.NewContextAsync();
        var page = await context.NewPageAsync();
        await SignInAsync(page, _host, Dana, "/approvals");
        _time.Skip(TimeSpan.FromMinutes(6));
        var waiting = AskAndWaitAsync(_spine.Agent, 420);
        await Rows(page).First.ClickAsync();
        await Request(page).WaitForAsync();
        _time.Skip(TimeSpan.FromSeconds(1));
        await PressUntilAsync(page, "a", Dialog(page));
        await page.Keyboard.PressAsync("Enter");
        var password = page.Locator("dialog[open] input[type=password]");
        await Expect(password).ToBeFocusedAsync();
        Assert.Empty(await Accessibility.ViolationsAsync(page, "dialog[open]:has(input[type=password])"));
        Assert.False(waiting.IsCompleted);
        await page.Keyboard.TypeAsync("quite another password");
        await page.Keyboard.PressAsync("Enter");
        await ShowsAsync(page.Locator("dialog[open]").Last, "That is not your password");
        Assert.False(waiting.IsCompleted);
        await password.FillAsync(_host.PasswordOf(Dana));
        await page.Keyboard.PressAsync("Enter");
        Assert.Equal("allow", Spine.Outcome(await PromptlyAsync(waiting)));
        await Expect(page.Locator("dialog[open]")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Propose_FromARequest_OpensTheRowInTheDraft()
    {
        var asked = await _spine.RefundAsync(420, 202);
        await using var context = await chromium.NewContextAsync();
        var page = await context.NewPageAsync();
        await SignInAsync(page, _host, Dana);
        await OpenAsync(page, Address(asked));
        await Button(page, "Approve and propose a rule…").ClickAsync();
        await Dialog(page).WaitForAsync();
        Assert.Empty(await Accessibility.ViolationsAsync(page, "dialog:modal"));
        await Dialog(page).GetByText("the agent does it alone").ClickAsync();
        await ShowsAsync(Dialog(page).Locator(".says"), "420");
        await Dialog(page).GetByText("Approve this request as well").ClickAsync();   // not with it
        await Dialog(page).Locator("button.primary").ClickAsync();
        await page.Locator("a", new() { HasText = "Row R-8 of the draft" }).ClickAsync();
        await ShowsAsync(page.Locator("main"), "R-8");
        await page.WaitForFunctionAsync("() => document.activeElement?.textContent.includes('R-8')");
        Assert.Equal("pending", Spine.Outcome(await _spine.GetAsync(asked)));
    }

    private string Address(System.Text.Json.JsonElement answer) => $"{_host.Url}/approvals/{answer.GetProperty("approval").GetProperty("id").GetString()}";
}
