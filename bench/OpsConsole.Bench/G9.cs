using Microsoft.Playwright;
using OpsConsole.Platform.Realtime;

namespace OpsConsole.Bench;

/// <summary>
/// What one open approvals page with fifty rows costs the console in managed memory: a headless Chromium opens as many pages, and what is alive
/// after a full collection is compared with the same pages standing empty.
/// </summary>
internal static class G9
{
    public static async Task<int> RunAsync(Arguments arguments)
    {
        var (circuits, path) = (arguments.Number("circuits", 40), arguments.Text("path") ?? "/approvals");
        await using var subject = await Subject.StartAsync();
        await FillAsync(subject);
        var signIn = new Uri(subject.Program.Address, "/account/sign-in").ToString();
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = arguments.Text("chromium") ?? Environment.GetEnvironmentVariable("OPSCONSOLE_CHROMIUM") ?? "/usr/bin/chromium",
            Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--renderer-process-limit=2", "--disable-background-networking"],
        });
        await using var context = await browser.NewContextAsync();
        var signals = subject.Program.Get<Signals>();
        var none = signals.Count;
        var first = await context.NewPageAsync();
        await first.GotoAsync(signIn + "?returnUrl=" + Uri.EscapeDataString(path));
        await first.FillAsync("#email", Readers.Email);
        await first.FillAsync("#password", Readers.Password);
        await first.ClickAsync("button[type=submit]");
        await ShownAsync(first, path);
        var one = signals.Count;

        // Everything that is made once (compiled code, caches, pools of this many connections) is made before the count begins.
        var pages = new List<IPage>();
        for (var i = 0; i < circuits; i++) pages.Add(await context.NewPageAsync());
        await OpenAsync(pages, subject, path);
        var ratios = new List<double>();
        for (var round = 1; round <= 3; round++)
        {
            await CloseAsync(pages, signals, one);
            var without = Alive();
            await OpenAsync(pages, subject, path);
            if (signals.Count != one + circuits * (one - none)) throw new InvalidOperationException($"Not every page is live: {signals.Count} subscriptions, {none} without a page and {one} with one.");
            var with = Alive();
            var each = (with - without) / 1024.0 / circuits;
            ratios.Add(each);
            Console.WriteLine($"round {round}: {without / 1048576.0:0.0} MB without, {with / 1048576.0:0.0} MB with {circuits} circuits: {each:0} KB each");
        }
        ratios.Sort();
        var middle = ratios[1];
        Console.WriteLine($"g9: {middle:0} KB of managed memory per circuit on {(path == "/approvals" ? "the approvals page with 50 rows" : path)} (goal <= 250 KB) {(middle <= 250 ? "met" : "MISSED")}");
        return middle <= 250 ? 0 : 1;
    }

    /// <summary>Somebody who can sign in, and sixty requests that wait, of which a page shows fifty.</summary>
    private static async Task FillAsync(Subject subject)
    {
        await Readers.AddAsync(subject);
        using var agent = new HttpClient { BaseAddress = subject.Program.Address };
        agent.DefaultRequestHeaders.Authorization = new("Bearer", subject.Seed.Key);
        for (var n = 0; n < 60; n++) await Readers.PostAsync(agent, "/api/v1/decisions", new { action = "refund.create", resource = new { type = "order", id = "88" + n }, arguments = new { amount = 500, n }, run_id = "run-" + n, reasoning = "charged twice" });
    }

    private static async Task OpenAsync(List<IPage> pages, Subject subject, string path)
    {
        foreach (var page in pages)
        {
            await page.GotoAsync(new Uri(subject.Program.Address, path).ToString());
            await ShownAsync(page, path);
        }
    }

    private static async Task ShownAsync(IPage page, string path)
    {
        await page.WaitForSelectorAsync("html[data-live]");
        if (path == "/approvals") await page.WaitForFunctionAsync("() => document.querySelectorAll('.split-list a.list-item').length === 50");
    }

    // A page that is left tells the console so, and its circuit goes; its subscriptions are the last that is seen of it.
    private static async Task CloseAsync(List<IPage> pages, Signals signals, int left)
    {
        foreach (var page in pages) await page.GotoAsync("about:blank");
        for (var i = 0; signals.Count > left; i++)
        {
            if (i > 300) throw new InvalidOperationException($"{signals.Count - left} subscriptions of closed pages are still there.");
            await Task.Delay(100);
        }
    }

    private static long Alive()
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
