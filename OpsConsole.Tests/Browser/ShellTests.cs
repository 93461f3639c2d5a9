using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Access;
using OpsConsole.Features.Demo;
using OpsConsole.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace OpsConsole.Browser;

/// <summary>What stands around every page, in a real browser.</summary>
[Collection(ChromiumTests.Name)]
public sealed class ShellTests(Chromium chromium)
{
    private const string Banner = "[data-banner=plain-http]";

    [Fact]
    public async Task PlainHttp_SignedOutPages_WarnUntilHiddenForThisSession()
    {
        await using var fresh = await ConsoleHost.StartAsync(new HostSettings { RealPort = true, SetUp = false });
        await using var host = await ConsoleHost.StartAsync(new HostSettings { RealPort = true });
        var invited = await ConsoleHost.PostAsync(host.Admin, "/api/v1/people", new { email = "dana@example.com", name = "Dana", roles = new[] { "approver" } }, 201);
        var (code, hash) = Secrets.NewCode();
        await fresh.Writer.ChangeAsync<Done>((scope, _) =>
        {
            scope.Db.Invitations.Add(new Invitation(Secrets.NewId("inv"), hash, null, null, setup: true, scope.Now, scope.Now.AddHours(1)));
            return Task.FromResult<Result<Done>>(Done.Value);
        });
        string[] pages = [host.Url + "/account/sign-in", $"{fresh.Url}/setup/{code}", $"{host.Url}/invitations/{invited.GetProperty("invitation").GetProperty("code").GetString()}"];
        foreach (var (screen, scheme) in new[] { (Screen.Laptop, ColorScheme.Light), (Screen.Phone, ColorScheme.Dark) })
        {
            await using var context = await chromium.NewContextAsync(screen, scheme);
            var page = await context.NewPageAsync();
            foreach (var address in pages)
            {
                await page.GotoAsync(address);
                await page.WaitForSelectorAsync("#password");
                Assert.True(await page.IsVisibleAsync(Banner), address);
                Assert.Equal(0, await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth"));
                await Accessibility.AssertNoViolationsAsync(page);
                await Screenshots.TakeAsync(page, $"banner-{new Uri(address).AbsolutePath.Split('/')[1]}-{screen}-{scheme}");
            }
            await page.ClickAsync($"{Banner} button");
            Assert.False(await page.IsVisibleAsync(Banner));
            await page.ReloadAsync();
            Assert.False(await page.IsVisibleAsync(Banner));
            // Hidden stays hidden behind the sign-in, on live pages and other tabs.
            await Journey.SignInAsync(page, host.Url!, ConsoleHost.AdminEmail, ConsoleHost.AdminPassword);
            Assert.False(await page.IsVisibleAsync(Banner));
            var tab = await context.NewPageAsync();
            await tab.GotoAsync(host.Url + "/rollouts");
            await Journey.LiveAsync(tab);
            Assert.False(await tab.IsVisibleAsync(Banner));
            // It is forgotten with the session: nothing that outlives it knows.
            Assert.Equal(-1, (await context.CookiesAsync()).Single(c => c.Name == "opsconsole-hidden-banner").Expires);
        }
        await using var next = await chromium.NewContextAsync();
        var again = await next.NewPageAsync();
        await Journey.SignInAsync(again, host.Url!, ConsoleHost.AdminEmail, ConsoleHost.AdminPassword);
        Assert.True(await again.IsVisibleAsync(Banner));
    }

    [Theory]
    [InlineData(Screen.Laptop, ColorScheme.Light)]
    [InlineData(Screen.Phone, ColorScheme.Dark)]
    public async Task Switcher_Pick_FiltersByTheAddressAndIsRemembered(Screen screen, ColorScheme scheme)
    {
        await using var host = await ConsoleHost.StartAsync(new HostSettings { RealPort = true });
        var spine = await Spine.BuildAsync(host);
        await spine.RefundAsync(20);
        var asked = await spine.RefundAsync(420, 202);
        var other = (await ConsoleHost.PostAsync(host.Admin, "/api/v1/rollouts", new { name = "Onboarding of new suppliers, second wave", purpose = "x", time_zone = "Europe/Berlin" }, 201)).GetProperty("id").GetString()!;
        await using var context = await chromium.NewContextAsync(screen, scheme);
        var page = await context.NewPageAsync();
        await Journey.SignInAsync(page, host.Url!, ConsoleHost.AdminEmail, ConsoleHost.AdminPassword, "/decisions");
        await page.Locator("main").GetByText("refund.create").First.WaitForAsync();

        // With the keyboard alone.
        await page.FocusAsync(".switcher > summary");
        await page.Keyboard.PressAsync("Enter");
        await page.Locator(".switcher nav").WaitForAsync();
        await Screenshots.TakeAsync(page, $"switcher-{screen}-{scheme}");
        await Accessibility.AssertNoViolationsAsync(page);
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Tab");
        Assert.StartsWith("Onboarding", await page.EvaluateAsync<string>("document.activeElement.textContent"), StringComparison.Ordinal);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page).ToHaveURLAsync(host.Url + "/decisions?rollout=" + other);
        await page.Locator("main").GetByText("No decision fits").WaitForAsync();
        await Expect(page.Locator(".switcher > summary")).ToHaveAttributeAsync("aria-label", "Rollout: Onboarding of new suppliers, second wave");
        await Expect(page.Locator(".switcher > summary")).ToBeFocusedAsync();

        // Remembered: on other pages by link, and on a new visit.
        await page.ClickAsync(".rail a[href='/approvals']");
        await Expect(page).ToHaveURLAsync(host.Url + "/approvals?rollout=" + other);
        await page.Locator("main").GetByText("Nothing waits").First.WaitForAsync();
        var visit = await context.NewPageAsync();
        await visit.GotoAsync(host.Url + "/");
        await Journey.LiveAsync(visit);
        await Expect(visit).ToHaveURLAsync(host.Url + "/?rollout=" + other);
        await Screenshots.TakeAsync(visit, $"switcher-home-{screen}-{scheme}");

        // All of them again.
        await page.ClickAsync(".switcher > summary");
        await page.ClickAsync(".switcher nav a:first-child");
        await Expect(page).ToHaveURLAsync(host.Url + "/approvals");
        await page.Locator(".list").GetByText("refund.create").WaitForAsync();
        await page.ClickAsync(".list a");
        await Expect(page).ToHaveURLAsync($"{host.Url}/approvals/{asked.GetProperty("approval").GetProperty("id").GetString()}");
        await page.GotoAsync(host.Url + "/");
        Assert.Equal(host.Url + "/", page.Url);
        Assert.Equal(0, await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth"));
    }

    [Theory]
    [InlineData(Screen.Laptop, ColorScheme.Light)]
    [InlineData(Screen.Phone, ColorScheme.Dark)]
    public async Task Chips_BesideText_KeepAGap(Screen screen, ColorScheme scheme)
    {
        await using var host = await ConsoleHost.StartAsync(new HostSettings { RealPort = true });
        await host.Services.GetRequiredService<DemoSeed>().FillAsync();
        var (rollout, agent) = (host.Writer.State.Rollouts.Values.Single(r => r.Simulated).Id, host.Writer.State.Agents.Values.Single(a => a.Simulated).Id);
        await using var context = await chromium.NewContextAsync(screen, scheme);
        var page = await context.NewPageAsync();
        await Journey.SignInAsync(page, host.Url!, ConsoleHost.AdminEmail, ConsoleHost.AdminPassword);
        foreach (var path in (string[])["/", "/rollouts", "/rollouts/" + rollout, $"/rollouts/{rollout}/matrix", "/agents", "/agents/" + agent, "/people"])
        {
            await page.GotoAsync(host.Url + path);
            await Journey.LiveAsync(page);
            await page.WaitForSelectorAsync("main .chip");
            var tight = await page.EvaluateAsync<string[]>("""
                () => [...document.querySelectorAll('main .chip')].flatMap((chip) => {
                  const own = chip.getBoundingClientRect(), found = [];
                  const texts = document.createTreeWalker(chip.parentElement, NodeFilter.SHOW_TEXT);
                  while (texts.nextNode()) {
                    const text = texts.currentNode;
                    if (chip.contains(text) || !text.data.trim()) continue;
                    const range = document.createRange(); range.selectNodeContents(text);
                    for (const r of range.getClientRects()) {
                      if (r.width === 0 || r.bottom <= own.top + 2 || r.top >= own.bottom - 2) continue;
                      const gap = Math.max(own.left - r.right, r.left - own.right);
                      if (gap < 4) found.push(`${text.data.trim()} | ${chip.textContent}: ${gap}`);
                    }
                  }
                  return found;
                })
                """);
            Assert.True(tight.Length == 0, path + ": " + string.Join("; ", tight));
            if (path is "/" or "/rollouts") await Screenshots.TakeAsync(page, $"chips{path.Replace('/', '-')}-{screen}-{scheme}");
        }
    }
}

/// <summary>Pictures for whoever looks at a change: taken where <c>OPSCONSOLE_SCREENSHOTS</c> names a folder.</summary>
internal static class Screenshots
{
    public static async Task TakeAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("OPSCONSOLE_SCREENSHOTS") is { Length: > 0 } folder) await page.ScreenshotAsync(new() { Path = Path.Combine(folder, name + ".png") });
    }
}
