using System.Net;
using Bunit;
using OpsConsole.Tests.Support;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Access.Ui;

/// <summary>What a person does to their own account, over the real services.</summary>
public sealed class AccountPageTests : IAsyncLifetime
{
    private const string Dana = "dana@example.com";
    private ConsoleHost _host = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync(new HostSettings { More = new Dictionary<string, string?> { ["OpsConsole:Approvals:FreshSignIn"] = "PT15M" } });
        await _host.PersonAsync(Dana, "approver");
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Token_IsShownOnce_WorksAndIsRevoked()
    {
        await using var context = new PageContext(_host, Dana);
        var page = context.Render<AccountPage>();
        await page.ClickAsync("New token");
        await page.ClickAsync("Make token");
        Assert.Equal("Choose at least one scope.", page.Find("dialog .validation-message").TextContent);
        await page.InvokeAsync(() => page.Find("#t-name").ChangeAsync("night job"));
        await page.InvokeAsync(() => page.FindAll("dialog .check input")[0].ChangeAsync(true));
        await page.ClickAsync("Make token");
        var token = page.WaitForElement(".secret code").TextContent;
        await page.InvokeAsync(() => page.FindComponents<Modal>()[0].Instance.Closed());
        Assert.DoesNotContain(token, page.Markup);
        Assert.NotEqual(HttpStatusCode.Unauthorized, await CallAsync(token));

        Assert.Contains("night job", page.Find(".tokens").TextContent);
        await page.InvokeAsync(() => page.FindAll(".tokens li").Single(l => l.TextContent.Contains("night job", StringComparison.Ordinal)).QuerySelector("button")!.ClickAsync(new()));
        await page.ClickAsync("Revoke token");
        Assert.Equal("The token is revoked.", context.Said);
        Assert.Equal(HttpStatusCode.Unauthorized, await CallAsync(token));
    }

    [Fact]
    public async Task Token_LongAfterSigningIn_AsksForThePasswordFirst()
    {
        await using var context = new PageContext(_host, Dana, TimeSpan.FromHours(2));
        var page = context.Render<AccountPage>();
        await page.ClickAsync("New token");
        await page.InvokeAsync(() => page.FindAll("dialog .check input")[0].ChangeAsync(true));
        var making = page.ClickAsync("Make token");
        page.WaitForElement("dialog input[autocomplete=current-password]");
        Assert.Empty(page.FindAll(".secret code"));
        await ProveAsync(page);
        await making;
        Assert.NotEqual(HttpStatusCode.Unauthorized, await CallAsync(page.Find(".secret code").TextContent));
    }

    [Fact]
    public async Task Away_OffersWhoIsNear_AndTimeZones()
    {
        await _host.PersonAsync("eve@example.com", "member");
        await _host.PersonAsync("stranger@example.com", "member");
        await ConsoleHost.PostAsync(_host.Admin, "/api/v1/groups", new { name = "leads", members = new[] { Dana, "eve@example.com" } }, 201);
        await using var context = new PageContext(_host, Dana);
        var page = context.Render<AwayPage>();
        Assert.Equal([("eve@example.com", "eve")], page.FindAll($"#{page.Find("#a-to").GetAttribute("list")} option").Select(o => (o.GetAttribute("value")!, o.TextContent)));
        var zones = page.FindAll($"#{page.Find("#h-zone").GetAttribute("list")} option").Select(o => o.GetAttribute("value")!).ToList();
        Assert.Superset(new HashSet<string> { "Europe/Berlin", "UTC" }, zones.ToHashSet());
        Assert.All(zones, z => Assert.True(OpsConsole.Core.Shared.IanaZone.IsKnown(z), z));
    }

    [Fact]
    public async Task Away_WithAStandInLongAfterSigningIn_AsksForThePasswordFirst()
    {
        await _host.PersonAsync("eve@example.com", "member");
        await using var context = new PageContext(_host, Dana, TimeSpan.FromHours(2));
        var page = context.Render<AwayPage>();
        await PlanAsync(page, 1);
        Assert.Single(page.FindAll(".absences li"));   // alone it gives nothing away
        page.Find("#a-to").Change("eve@example.com");
        var planning = PlanAsync(page, 9);
        page.WaitForElement("dialog input[type=password]");
        Assert.Single(page.FindAll(".absences li"));
        await ProveAsync(page);
        await planning;
        Assert.Contains("eve stands in", page.FindAll(".absences li")[1].TextContent);

        await using var admin = new PageContext(_host, ConsoleHost.AdminEmail);
        var theirs = admin.Render<AwayPage>(p => p.Add(c => c.PersonId, _host.Writer.State.Directory.ByEmail[Dana].Id));
        Assert.Empty(theirs.FindAll("#a-to"));   // who stands in is theirs to say
        Assert.Contains("Only dana can name who stands in", theirs.Markup);

        static Task PlanAsync(IRenderedComponent<AwayPage> page, int days)
        {
            page.Find("#a-from").Change(DateTime.UtcNow.AddDays(days).ToString("yyyy-MM-ddTHH:mm:ss"));
            page.Find("#a-until").Change(DateTime.UtcNow.AddDays(days + 1).ToString("yyyy-MM-ddTHH:mm:ss"));
            return page.InvokeAsync(() => page.Find("form").SubmitAsync(new()));
        }
    }

    [Theory]
    [InlineData("not my password at all", "another long password")]
    [InlineData(null, "short")]
    public async Task Password_WrongOrWeak_IsRefusedWithWords(string? present, string next)
    {
        await using var context = new PageContext(_host, Dana);
        var page = context.Render<AccountPage>();
        await ChangeAsync(page, present ?? _host.PasswordOf(Dana), next);
        Assert.NotEmpty(page.WaitForElement(".validation-message").TextContent);
        using var browser = new SignedIn(_host.NewClient());
        Assert.Equal(HttpStatusCode.Redirect, (await browser.SignInAsync(Dana, _host.PasswordOf(Dana))).StatusCode);
    }

    [Fact]
    public async Task Password_Changed_EndsEverySession()
    {
        using var browser = new SignedIn(_host.NewClient());
        await browser.SignInAsync(Dana, _host.PasswordOf(Dana));
        Assert.Equal(HttpStatusCode.OK, (await browser.Client.GetAsync("/account")).StatusCode);
        await using var context = new PageContext(_host, Dana);
        var page = context.Render<AccountPage>();
        await ChangeAsync(page, _host.PasswordOf(Dana), "seven green lamps at dusk");
        Assert.EndsWith("/account/sign-in", context.Navigation.Uri);
        Assert.Equal(HttpStatusCode.Redirect, (await browser.Client.GetAsync("/account")).StatusCode);
        using var again = new SignedIn(_host.NewClient());
        await again.SignInAsync(Dana, "seven green lamps at dusk");
        Assert.Equal(HttpStatusCode.OK, (await again.Client.GetAsync("/account")).StatusCode);
    }

    [Fact]
    public async Task SignOutEverywhere_AsksFirst_ThenEndsEverySession()
    {
        using var browser = new SignedIn(_host.NewClient());
        await browser.SignInAsync(Dana, _host.PasswordOf(Dana));
        await using var context = new PageContext(_host, Dana);
        var page = context.Render<AccountPage>();
        await page.ClickAsync("Sign out everywhere");
        Assert.Equal(HttpStatusCode.OK, (await browser.Client.GetAsync("/account")).StatusCode);
        await page.InvokeAsync(() => page.Find("dialog footer button.primary").ClickAsync(new()));
        Assert.EndsWith("/account/sign-in", context.Navigation.Uri);
        Assert.Equal(HttpStatusCode.Redirect, (await browser.Client.GetAsync("/account")).StatusCode);
    }

    private static async Task ChangeAsync(IRenderedComponent<AccountPage> page, string present, string next)
    {
        await page.InvokeAsync(() => page.Find("#present").ChangeAsync(present));
        await page.InvokeAsync(() => page.Find("#next").ChangeAsync(next));
        await page.InvokeAsync(() => page.Find("form").SubmitAsync(new()));
    }

    private async Task ProveAsync<T>(IRenderedComponent<T> page) where T : Microsoft.AspNetCore.Components.IComponent
    {
        await page.InvokeAsync(() => page.Find("dialog form input[type=password]").ChangeAsync(_host.PasswordOf(Dana)));
        await page.InvokeAsync(() => page.Find("dialog form").SubmitAsync());
    }

    private async Task<HttpStatusCode> CallAsync(string token)
    {
        using var client = _host.As(token);
        using var answer = await client.GetAsync("/api/v1/approvals");
        return answer.StatusCode;
    }
}
