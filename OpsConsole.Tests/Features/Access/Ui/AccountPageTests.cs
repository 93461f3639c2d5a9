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
        _host = await ConsoleHost.StartAsync();
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

    private async Task<HttpStatusCode> CallAsync(string token)
    {
        using var client = _host.As(token);
        using var answer = await client.GetAsync("/api/v1/approvals");
        return answer.StatusCode;
    }
}
