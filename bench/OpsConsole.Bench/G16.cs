using System.Diagnostics;
using System.Text.RegularExpressions;

namespace OpsConsole.Bench;

/// <summary>
/// The filled-in toolkit as a PDF, asked for over HTTP: the first after the start of the console and the later ones, each against the same HTML printed by the bare browser; and twenty at
/// once while decisions are asked (<see cref="G16Twenty"/>). 'Warm' is the console: every document gets a browser of its own, started anew (ADR 3).
/// </summary>
internal static class G16
{
    private const double Cold = 3_000, Warm = 1_500;
    private const int Starts = 3, Pages = 20;

    public static async Task<int> RunAsync(Arguments arguments)
    {
        // Short: browsers make sockets in here, whose path may have 107 characters.
        var folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), "g16-" + Guid.NewGuid().ToString("N")[..8])).FullName;
        try
        {
            var browser = arguments.Text("chromium") ?? "/usr/bin/chromium-headless-shell";
            var toolkit = await ToolkitSubject.FillAsync(folder, browser);
            var codes = new List<int>();
            if (arguments.Text("only") is null or "one") codes.Add(await OneAsync(toolkit, browser, arguments.Number("runs", 10)));
            if (arguments.Text("only") is null or "twenty") codes.Add(await G16Twenty.RunAsync(toolkit, arguments));
            return codes.Max();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<int> OneAsync(ToolkitSubject toolkit, string browser, int runs)
    {
        var cold = new List<double>();
        for (var i = 0; i < Starts; i++)
        {
            await using var fresh = await toolkit.StartAsync();
            using var first = toolkit.Person(fresh);
            cold.Add(await TimeAsync(() => first.GetByteArrayAsync(toolkit.Path + ".pdf")));
        }
        await using var console = await toolkit.StartAsync();
        using var person = toolkit.Person(console);
        var html = Path.Combine(toolkit.Folder, "toolkit.html");
        await File.WriteAllTextAsync(html, await person.GetStringAsync(toolkit.Path + ".html"));
        for (var i = 0; i < 3; i++) await person.GetByteArrayAsync(toolkit.Path + ".pdf");
        var bare = Path.Combine(toolkit.Folder, "bare.pdf");
        await BareAsync(browser, html, bare);   // what it reads from disk is in memory now, for both
        byte[] pdf = [];
        var before = await TimesAsync(runs / 2, () => BareAsync(browser, html, bare));
        var warm = await TimesAsync(runs, async () => pdf = await person.GetByteArrayAsync(toolkit.Path + ".pdf"));
        var after = await TimesAsync(runs / 2, () => BareAsync(browser, html, bare));
        var printed = Path.Combine(toolkit.Folder, "toolkit.pdf");
        await File.WriteAllBytesAsync(printed, pdf);

        var pages = await PagesAsync(printed);
        Console.WriteLine($"  {pages} pages, {pdf.Length / 1024} KB ({new FileInfo(html).Length / 1024} KB of HTML, {Regex.Count(await File.ReadAllTextAsync(html), "<tr>")} rows of tables, {Regex.Count(await File.ReadAllTextAsync(html), "<svg")} charts); the bare browser makes {await PagesAsync(bare)} pages, {new FileInfo(bare).Length / 1024} KB");
        if (pages < Pages) throw new InvalidOperationException($"The toolkit has {pages} pages; the goal speaks of {Pages}.");
        Console.WriteLine($"g16, cold: first export after the start {Middle(cold):0} ms, median of {string.Join(", ", cold.Select(c => $"{c:0}"))} (goal <= {Cold:0}) {(Middle(cold) <= Cold ? "met" : "MISSED")}");
        var result = Ratio.Judge(double.MaxValue, Middle(before), Middle(warm), Middle(after), atMost: true);
        var met = Middle(warm) <= Warm;
        Console.WriteLine($"g16, warm: p50 {Middle(warm):0} ms of {warm.Count} ({warm[0]:0} to {warm[^1]:0}; goal <= {Warm:0}), ratio {result.Value:0.00} to chromium --headless --print-to-pdf of the same HTML ({Middle(before):0} then {Middle(after):0} ms, moved {result.Moved:0.0%}) {(result.Invalid ? "INVALID" : met ? "met" : "MISSED")}");
        return result.Invalid ? 2 : met && Middle(cold) <= Cold ? 0 : 1;
    }

    /// <summary>What somebody gets who types the command: a fresh profile, nothing else set; without its sandbox where it refuses to start with it.</summary>
    private static async Task BareAsync(string browser, string html, string pdf)
    {
        var profile = Directory.CreateTempSubdirectory("g16-");
        string[] arguments = ["--headless", .. Environment.IsPrivilegedProcess ? (string[])["--no-sandbox"] : [], "--user-data-dir=" + profile.FullName, "--no-pdf-header-footer", "--print-to-pdf=" + pdf, new Uri(html).AbsoluteUri];
        await OutputAsync(browser, arguments);
        profile.Delete(recursive: true);
    }

    private static async Task<int> PagesAsync(string pdf) => int.Parse(Regex.Match(await OutputAsync("pdfinfo", pdf), @"Pages:\s+(\d+)").Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);

    private static async Task<string> OutputAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var words = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {await words}");
    }

    private static async Task<List<double>> TimesAsync(int runs, Func<Task> run)
    {
        var times = new List<double>();
        for (var i = 0; i < runs; i++) times.Add(await TimeAsync(run));
        times.Sort();
        return times;
    }

    private static async Task<double> TimeAsync(Func<Task> run)
    {
        var from = Stopwatch.GetTimestamp();
        await run();
        return Stopwatch.GetElapsedTime(from).TotalMilliseconds;
    }

    private static double Middle(List<double> times) => times.Order().ElementAt(times.Count / 2);
}
