using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Playwright;

namespace OpsConsole.Bench;

/// <summary>
/// Fifty people, each in a browser of their own, have the launch canvas of one rollout open and five of them write: from the input of a word to its being on the screens of all others, beside the same
/// with two people; and what one such page costs the console in managed memory. Browsers, their driver and the console share this machine's processors.
/// </summary>
internal static class WorkshopBench
{
    private const string Password = "mellow otter paints a fence";
    private const double Goal = 1_000;
    private static readonly string[] Fields = ["users", "in_scope", "out_of_bounds", "success", "escalate"];

    // In every page: when which text was put into which field, and when something was typed. All pages read one clock.
    private const string Probe = """
        window.seen = [];
        for (const type of [HTMLInputElement, HTMLTextAreaElement]) {
          const value = Object.getOwnPropertyDescriptor(type.prototype, 'value');
          Object.defineProperty(type.prototype, 'value', { get() { return value.get.call(this); }, set(v) { value.set.call(this, v); window.seen.push([v, Date.now()]); }, configurable: true });
        }
        addEventListener('input', () => { window.typedAt = Date.now(); }, true);
        """;

    public static async Task<int> RunAsync(Arguments arguments)
    {
        var (people, seconds) = (arguments.Number("people", 50), arguments.Number("seconds", 20));
        await using var subject = await Subject.StartAsync();
        using var admin = new HttpClient { BaseAddress = subject.Program.Address };
        admin.DefaultRequestHeaders.Authorization = new("Bearer", subject.Seed.Token);
        var rollout = (await PostAsync(admin, "/api/v1/rollouts", new { name = "Workshop" })).GetProperty("id").GetString()!;
        var address = new Uri(subject.Program.Address, $"/rollouts/{rollout}/worksheets/canvas").ToString();
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = arguments.Text("chromium") ?? Environment.GetEnvironmentVariable("OPSCONSOLE_CHROMIUM") ?? "/usr/bin/chromium",
            Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--renderer-process-limit=4", "--disable-background-networking"],
        });
        var two = new List<IPage>();
        for (var n = 0; n < 2; n++) two.Add(await SignInAsync(browser, admin, rollout, n, address));
        await WriteAsync(two, 5, 1);   // everything is compiled before the count begins
        var before = await WriteAsync(two, seconds, 1);
        var without = Alive();
        List<IPage> pages = [.. two];
        foreach (var four in Enumerable.Range(2, people - 2).Chunk(4)) pages.AddRange(await Task.WhenAll(four.Select(n => SignInAsync(browser, admin, rollout, n, address))));
        var with = Alive();
        // Every browser receives and applies what is written; only the first ones also lay out and paint it. Fifty screens drawn by the two processors that the console has would measure the screens.
        foreach (var page in pages.Skip(arguments.Number("drawn", 6))) await page.EvaluateAsync("() => { document.documentElement.style.display = 'none'; }");
        await WriteAsync(pages, 3, 1);
        var meters = await Task.WhenAll(pages.Select(MeterAsync));
        var (worked, drawn) = (Process.GetCurrentProcess().TotalProcessorTime, await BusyAsync(meters));
        var measured = await WriteAsync(pages, seconds, Math.Min(5, people - 1));
        (worked, drawn) = (Process.GetCurrentProcess().TotalProcessorTime - worked, await BusyAsync(meters) - drawn);
        foreach (var page in pages[2..]) await page.Context.CloseAsync();
        var after = await WriteAsync(two, seconds, 1);

        double P95(List<double> times) => times.Count == 0 ? double.NaN : times.Order().ElementAt((int)Math.Ceiling(.95 * times.Count) - 1);
        double P50(List<double> times) => times.Count == 0 ? double.NaN : times.Order().ElementAt((times.Count - 1) / 2);
        var result = Ratio.Judge(double.MaxValue, P95(before), P95(measured), P95(after), atMost: true);
        var met = P95(measured) <= Goal;
        Console.WriteLine($"workshop: a word is on the screens of all others of {people} people (5 write, {Math.Min(people, arguments.Number("drawn", 6))} screens drawn): p50 {P50(measured):0} ms, p95 {P95(measured):0} ms of {measured.Count} words (goal p95 <= {Goal:0}); of two people p50 {P50(before):0} then {P50(after):0}, p95 {P95(before):0} then {P95(after):0} ms, "
            + $"ratio {result.Value:0.00}, a word takes {worked.TotalMilliseconds / Math.Max(1, measured.Count):0} ms of processor time in console and driver and {1000 * drawn / Math.Max(1, measured.Count):0} ms of the browsers' main threads, moved {result.Moved:0.0%} {(result.Invalid ? "INVALID" : met ? "met" : "MISSED")}");
        Console.WriteLine($"workshop: {(with - without) / 1024.0 / (people - 2):0} KB of managed memory per circuit on the canvas ({without / 1048576.0:0.0} MB with 2, {with / 1048576.0:0.0} MB with {people})");
        return result.Invalid ? 2 : met ? 0 : 1;
    }

    /// <summary>The first pages write, each into a field of its own, a word about every second; for each word the time until the last page showed it, in ms.</summary>
    private static async Task<List<double>> WriteAsync(List<IPage> pages, int seconds, int writers)
    {
        foreach (var page in pages) await page.EvaluateAsync("() => { window.seen = []; }");
        var typed = new List<(string Word, int Writer, double At)>();
        await Task.WhenAll(Enumerable.Range(0, writers).Select(async w =>
        {
            var random = new Random(w);
            await pages[w].FocusAsync("#f-canvas-" + Fields[w]);
            for (var n = 0; n < seconds; n++)
            {
                var word = $"w{w}n{n}t{Guid.NewGuid().ToString("N")[..6]}.";
                await pages[w].Keyboard.InsertTextAsync(word + " ");
                var at = await pages[w].EvaluateAsync<double>("() => window.typedAt");
                lock (typed) typed.Add((word, w, at));
                await Task.Delay(random.Next(700, 1_300));
            }
        }));
        await Task.Delay(3_000);
        var seen = await Task.WhenAll(pages.Select(p => p.EvaluateAsync<JsonElement>("() => window.seen")));
        List<double> times = [];
        foreach (var (word, writer, at) in typed)
        {
            var last = 0.0;
            for (var p = 0; p < pages.Count; p++)
            {
                if (p == writer) continue;
                var shown = seen[p].EnumerateArray().FirstOrDefault(s => s[0].GetString()!.Contains(word, StringComparison.Ordinal));
                last = Math.Max(last, shown.ValueKind == JsonValueKind.Undefined ? double.PositiveInfinity : shown[1].GetDouble() - at);
            }
            times.Add(last);
        }
        return times;
    }

    private static async Task<ICDPSession> MeterAsync(IPage page)
    {
        var session = await page.Context.NewCDPSessionAsync(page);
        await session.SendAsync("Performance.enable", new() { ["timeDomain"] = "threadTicks" });
        return session;
    }

    /// <summary>How long the main threads of these pages have worked, together, in seconds.</summary>
    private static async Task<double> BusyAsync(ICDPSession[] meters)
        => (await Task.WhenAll(meters.Select(m => m.SendAsync("Performance.getMetrics"))))
            .Sum(answer => answer!.Value.GetProperty("metrics").EnumerateArray().Single(m => m.GetProperty("name").GetString() == "TaskDuration").GetProperty("value").GetDouble());

    private static async Task<IPage> SignInAsync(IBrowser browser, HttpClient admin, string rollout, int n, string address)
    {
        var email = $"member{n}@example.com";
        var invited = await PostAsync(admin, "/api/v1/people", new { email, name = "Member " + n, roles = (string[])["member"] });
        await PostAsync(admin, $"/api/v1/invitations/{invited.GetProperty("invitation").GetProperty("code").GetString()}/accept", new { password = Password });
        await PostAsync(admin, $"/api/v1/rollouts/{rollout}/members", new { email, roles = (string[])["member"] });
        var context = await browser.NewContextAsync();
        await context.AddInitScriptAsync(Probe);
        var page = await context.NewPageAsync();
        await page.GotoAsync(new Uri(new Uri(address), "/account/sign-in?returnUrl=/account").ToString());
        await page.FillAsync("#email", email);
        await page.FillAsync("#password", Password);
        await page.ClickAsync("button[type=submit]");
        await page.WaitForURLAsync("**/account");
        await OpenAsync(page, address);
        return page;
    }

    private static async Task OpenAsync(IPage page, string address)
    {
        await page.GotoAsync(address);
        await page.WaitForSelectorAsync("html[data-live]");
        await page.WaitForSelectorAsync("#f-canvas-users");
    }

    private static async Task<JsonElement> PostAsync(HttpClient client, string path, object body)
    {
        using var response = await client.PostAsJsonAsync(path, body);
        if (!response.IsSuccessStatusCode) throw new InvalidOperationException($"{path}: {await response.Content.ReadAsStringAsync()}");
        return await response.Content.ReadFromJsonAsync<JsonElement>();
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
