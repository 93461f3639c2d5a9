using Microsoft.Playwright;
using OpsConsole.Tests.Support;

namespace OpsConsole.Browser;

/// <summary>The pages of the record in a real browser: they live, stand in the phone's width, and every reader can use them.</summary>
[Collection(SecondChromiumTests.Name)]
public sealed class RecordPagesTests(Chromium chromium)
{
    [Theory]
    [InlineData(Screen.Laptop, ColorScheme.Light)]
    [InlineData(Screen.Phone, ColorScheme.Dark)]
    public async Task Pages_OfTheRecord_AreLiveAccessibleAndFit(Screen screen, ColorScheme scheme)
    {
        await using var host = await ConsoleHost.StartAsync(new HostSettings { RealPort = true });
        var spine = await Spine.BuildAsync(host);
        var asked = await spine.RefundAsync(420, 202);
        var done = await spine.RefundAsync(40);
        await ConsoleHost.PostAsync(spine.Agent, $"/api/v1/decisions/{Spine.Id(done)}/outcome", new { status = "succeeded", writes = new[] { new { system = "billing", record = "refund/1", operation = "create", after = new { amount = 40 } } } });
        await spine.DecideAsync(spine.Dana, asked, new { verdict = "approve", reason = "fine" });

        await using var context = await chromium.NewContextAsync(screen, scheme);
        var page = await context.NewPageAsync();
        await page.GotoAsync(host.Url + "/account/sign-in");
        await page.FillAsync("[name=Email]", ConsoleHost.AdminEmail);
        await page.FillAsync("[name=Password]", ConsoleHost.AdminPassword);
        await page.ClickAsync("main button[type=submit]");
        foreach (var (path, says) in (IEnumerable<(string, string)>)
        [
            ("/", "Needs you"), ("/decisions", "refund.create"), ("/decisions?unreported=1", "Nothing to reconcile"), ($"/decisions/{Spine.Id(asked)}?step=decided", "Rules considered"),
            ($"/decisions/{Spine.Id(done)}?step=reported", "After"), ("/runs/run-1", "2 decisions"), ("/audit", "Verify now"), ("/audit?seq=3", "Hashed text"), ("/search?q=run-1", "Run"),
        ])
        {
            await page.GotoAsync(host.Url + path);
            await page.WaitForSelectorAsync("html[data-live]");
            await page.Locator("main").GetByText(says).First.WaitForAsync();
            Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"{path} is wider than the window");
            if (Environment.GetEnvironmentVariable("OPSCONSOLE_SCREENSHOTS") is { Length: > 0 } folder)
                await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{screen}-{scheme}-{path.Split('?')[0].Trim('/').Split('/')[0]}-{(path.Contains('?') ? path.Split('=')[1] : path.Length > 12 ? "one" : "all")}.png"), FullPage = true });
            await Accessibility.AssertNoViolationsAsync(page);
        }
    }

    [Fact]
    public async Task Audit_VerifyNow_SaysIntact()
    {
        await using var host = await ConsoleHost.StartAsync(new HostSettings { RealPort = true });
        await using var context = await chromium.NewContextAsync();
        var page = await context.NewPageAsync();
        await page.GotoAsync(host.Url + "/account/sign-in?returnUrl=%2Faudit");
        await page.FillAsync("[name=Email]", ConsoleHost.AdminEmail);
        await page.FillAsync("[name=Password]", ConsoleHost.AdminPassword);
        await page.ClickAsync("main button[type=submit]");
        await page.WaitForSelectorAsync("html[data-live]");
        await page.GetByRole(AriaRole.Button, new() { Name = "Verify now" }).ClickAsync();
        await page.GetByText("Intact.").WaitForAsync();
    }
}
