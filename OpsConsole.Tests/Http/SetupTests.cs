using System.Net;
using Microsoft.Extensions.Configuration;
using OpsConsole.Support;
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

    [Fact]
    public async Task APassword_CostsWhatItShould_OutsideOfTests()
    {
        var asked = new Microsoft.AspNetCore.Identity.PasswordHasherOptions();
        await using var host = await ConsoleHost.StartAsync(new HostSettings
        {
            Services = services =>
            {
                foreach (var set in services.Select(s => s.ImplementationInstance).OfType<Microsoft.Extensions.Options.IConfigureOptions<Microsoft.AspNetCore.Identity.PasswordHasherOptions>>()) set.Configure(asked);
            },
        });
        Assert.Equal(210_000, asked.IterationCount);
    }

    [Fact]
    public async Task Start_WithoutSettings_PrintsALinkThatWorksOnce()
    {
        using var said = new StringWriter();
        var before = Console.Out;
        Console.SetOut(TextWriter.Synchronized(said));
        try
        {
            await using var host = await ConsoleHost.StartAsync(new HostSettings { SetUp = false });
            await Until.True(() => said.ToString().Contains("/setup/", StringComparison.Ordinal));
            var code = said.ToString().Split("/setup/")[1].Trim();
            using var browser = new SignedIn(host.NewClient());
            using (var guess = new HttpRequestMessage(HttpMethod.Get, "/setup/nonsense"))
            {
                guess.Headers.Accept.ParseAdd("text/html");
                using var wrong = await browser.Client.SendAsync(guess);
                Assert.Contains("This setup link does not work (any more)", await wrong.Content.ReadAsStringAsync());
            }
            Assert.Contains("Nobody has an account yet", await browser.Client.GetStringAsync("/account/sign-in"));
            using var weak = await browser.SubmitAsync("/setup/" + code, "setup", new() { ["Name"] = "Dana", ["Email"] = "dana@example.com", ["Password"] = "password1234" });
            Assert.Equal(HttpStatusCode.BadRequest, weak.StatusCode);
            Assert.Empty(host.Writer.State.Directory.People);
            using var made = await browser.SubmitAsync("/setup/" + code, "setup", new() { ["Name"] = "Dana", ["Email"] = "dana@example.com", ["Password"] = "twelve tall pines" });
            Assert.Equal(HttpStatusCode.Redirect, made.StatusCode);
            Assert.True(Assert.Single(host.Writer.State.Directory.People.Values).Active);
            using var again = await browser.Client.GetAsync("/setup/" + code);
            Assert.Equal(HttpStatusCode.Gone, again.StatusCode);
        }
        finally
        {
            Console.SetOut(before);
        }
    }

    [Theory]
    [InlineData("OpsConsole:Setup:AdminPassword", "short")]
    [InlineData("OpsConsole:Setup:AdminPassword", "")]
    [InlineData("OpsConsole:Setup:AdminEmail", "nobody")]
    [InlineData("OpsConsole:Setup:AdminToken", "opp_admin_tooshort")]
    [InlineData("OpsConsole:PublicBaseUrl", "ops.example.com")]
    [InlineData("OpsConsole:Proxies:0", "the proxy")]
    [InlineData("OpsConsole:ProxyHops", "0")]
    [InlineData("OpsConsole:Limits:SignInsPerMinute", "many")]
    [InlineData("OpsConsole:Limits:LinksPerMinute", "0")]
    public void Problems_WrongSetting_NamesItsKey(string key, string value)
    {
        Dictionary<string, string?> settings = new() { ["OpsConsole:Setup:AdminEmail"] = "a@example.com", ["OpsConsole:Setup:AdminPassword"] = ConsoleHost.AdminPassword, ["OpsConsole:Setup:AdminToken"] = ConsoleHost.AdminToken };
        Assert.Empty(Startup.OpsOptions.Problems(new ConfigurationBuilder().AddInMemoryCollection(settings).Build()));
        settings[key] = value;
        Assert.Contains(key, Assert.Single(Startup.OpsOptions.Problems(new ConfigurationBuilder().AddInMemoryCollection(settings).Build())));
    }
}
