using OpsConsole.Tests.Support;
using static Microsoft.Playwright.Assertions;
using static OpsConsole.Browser.Journey;

namespace OpsConsole.Browser;

/// <summary>Somebody goes away and another stands in; somebody hands a request on.</summary>
[Collection(ChromiumTests.Name)]
public sealed class RoutingJourneys(Chromium chromium) : IAsyncLifetime
{
    private const string Matrix = """{ "rules": [ { "id": "D", "action": "refund.create", "outcome": "approve", "approvers": ["user:dana@example.com"], "reversible": true } ] }""";

    private readonly OpsConsole.Support.SkipTime _time = new();
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync(new HostSettings { RealPort = true, Time = _time });
        _spine = await Spine.BuildAsync(_host, Matrix);
        await _host.PersonAsync("eve@example.com", "member");
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Away_SetOnTheAccountPage_TheStandInsDeskShowsItAndDecides()
    {
        await using var one = await chromium.NewContextAsync();
        await using var other = await chromium.NewContextAsync();
        var (dana, eve) = (await one.NewPageAsync(), await other.NewPageAsync());
        await SignInAsync(eve, _host, "eve@example.com", "/approvals");
        await SignInAsync(dana, _host, "dana@example.com", "/account");
        await dana.ClickAsync("a[href='/account/away']");
        await dana.FillAsync("#a-from", DateTime.UtcNow.AddDays(-1).ToString("yyyy-MM-ddTHH:mm"));
        await dana.FillAsync("#a-until", DateTime.UtcNow.AddDays(2).ToString("yyyy-MM-ddTHH:mm"));
        await dana.FillAsync("#a-to", "eve@example.com");
        await Button(dana, "Add absence").ClickAsync();
        await ShowsAsync(dana.Locator(".absences"), "eve stands in");

        var asked = await _spine.RefundAsync(420, 202);
        await ShowsAsync(Rows(eve).First, "refund.create 8812");
        await Rows(eve).First.ClickAsync();
        await ShowsAsync(Request(eve).Locator(".asked"), "stands in for dana");
        await ShowsAsync(Request(eve), "is away until");
        _time.Skip(TimeSpan.FromSeconds(1));
        await Button(eve, "Approve…").ClickAsync();
        await Dialog(eve).Locator("button.primary").ClickAsync();
        await Expect(Rows(eve)).ToHaveCountAsync(0);
        Assert.Equal("allow", Spine.Outcome(await _spine.GetAsync(asked)));

        // Back now: the next request comes to Dana again.
        await dana.Locator(".absences button").ClickAsync();
        await Expect(dana.Locator(".absences")).ToHaveCountAsync(0);
        var next = await _spine.RefundAsync(430, 202);
        await OpenAsync(dana, $"{_host.Url}/approvals/{next.GetProperty("approval").GetProperty("id").GetString()}");
        await ShowsAsync(Request(dana).Locator(".asked"), "named");
    }

    [Fact]
    public async Task HandOn_ByKeyboard_TheOtherHasItAndTheFirstNoLonger()
    {
        var asked = await _spine.RefundAsync(420, 202);
        await using var one = await chromium.NewContextAsync();
        await using var other = await chromium.NewContextAsync();
        var (dana, eve) = (await one.NewPageAsync(), await other.NewPageAsync());
        await SignInAsync(eve, _host, "eve@example.com", "/approvals");
        await SignInAsync(dana, _host, "dana@example.com", "/approvals/" + asked.GetProperty("approval").GetProperty("id").GetString());
        await Request(dana).WaitForAsync();
        _time.Skip(TimeSpan.FromSeconds(1));
        await PressUntilAsync(dana, "h", Dialog(dana));
        await Expect(Dialog(dana).Locator("input")).ToBeFocusedAsync();
        await Accessibility.AssertNoViolationsAsync(dana);
        await dana.Keyboard.TypeAsync("owner@example.com");
        await Dialog(dana).Locator("textarea").FillAsync("On a train");
        await Dialog(dana).Locator("button.primary").ClickAsync();
        await ShowsAsync(Dialog(dana).Locator(".validation-message"), "owns this agent");
        await Dialog(dana).Locator("input").FillAsync("eve@example.com");
        await Dialog(dana).Locator("button.primary").ClickAsync();
        await Expect(Dialog(dana)).ToHaveCountAsync(0);
        await Rows(eve).First.ClickAsync();
        await ShowsAsync(Request(eve), "handed it on to eve");
        await ShowsAsync(Request(eve).Locator(".asked"), "in the place of dana");
    }
}
