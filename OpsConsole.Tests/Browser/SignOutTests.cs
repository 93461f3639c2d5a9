using System.Text.RegularExpressions;
using Microsoft.Playwright;
using OpsConsole.Tests.Support;

namespace OpsConsole.Browser;

/// <summary>Live pages whose session ends elsewhere go to the sign-in page by themselves.</summary>
[Collection(ChromiumTests.Name)]
public sealed class SignOutTests(Chromium chromium)
{
    [Fact]
    public async Task OtherTab_IsSignedOutWithTheFirst_AnotherBrowserWithEverywhere()
    {
        await using var host = await ConsoleHost.StartAsync(new HostSettings { RealPort = true });
        await using var one = await chromium.NewContextAsync();
        await using var other = await chromium.NewContextAsync();
        var (first, tab, elsewhere) = (await one.NewPageAsync(), await one.NewPageAsync(), await other.NewPageAsync());
        await SignInAsync(first, host);
        await SignInAsync(elsewhere, host);
        await tab.GotoAsync(host.Url + "/agents");
        await tab.WaitForSelectorAsync("html[data-live]", new() { State = WaitForSelectorState.Attached });

        await first.ClickAsync("details.menu summary[aria-label$='my account']");
        await first.ClickAsync("form[action='/account/sign-out'] button");
        await SignedOutAsync(first);
        await SignedOutAsync(tab);
        Assert.DoesNotContain("sign-in", elsewhere.Url, StringComparison.Ordinal);

        await SignInAsync(first, host, "/account");
        await first.GetByRole(AriaRole.Button, new() { Name = "Sign out everywhere" }).ClickAsync();
        await first.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Sign out everywhere" }).ClickAsync();
        await SignedOutAsync(first);
        await SignedOutAsync(elsewhere);
    }

    private static Task SignedOutAsync(IPage page) => Assertions.Expect(page).ToHaveURLAsync(new Regex("/account/sign-in"), new() { Timeout = 30_000 });

    private static Task SignInAsync(IPage page, ConsoleHost host, string path = "/") => Journey.SignInAsync(page, host.Url!, ConsoleHost.AdminEmail, ConsoleHost.AdminPassword, path);
}
