using System.Net;
using OpsConsole.Tests.Support;

namespace OpsConsole.Http;

public sealed class SetupTests
{
    [Fact]
    public async Task Start_WithAdminSettings_CreatesAdminWhoCanSignIn()
    {
        await using var host = await ConsoleHost.StartAsync();
        var admin = Assert.Single(host.Writer.State.Directory.People.Values);
        Assert.Equal(ConsoleHost.AdminEmail, admin.Email);
        Assert.True(admin.Active);
        Assert.Single(host.Writer.State.Directory.PersonalTokens);

        using var browser = new SignedIn(host.NewClient());
        Assert.Equal(HttpStatusCode.Redirect, (await browser.SignInAsync(ConsoleHost.AdminEmail, ConsoleHost.AdminPassword, "/account/keep-alive")).StatusCode);
        using var alive = await browser.Client.PostAsync("/account/keep-alive", null);
        Assert.Equal(HttpStatusCode.NoContent, alive.StatusCode);
    }
}
