using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using OpsConsole.Support;

namespace OpsConsole.Integrations.Browser;

public sealed class ShellPrintedPagesTests() : PrintedPagesTests(null)
{
    /// <summary>Both are installed for the tests, so this class is about the one without windows.</summary>
    [Fact]
    public async Task Browser_WhereBothAreInstalled_IsTheOneWithoutWindows()
    {
        await using var press = PressBench.Press(new PressOptions());
        Assert.Equal("chromium-headless-shell", Path.GetFileName(press.Browser()));
    }
}

public sealed class ChromiumPrintedPagesTests() : PrintedPagesTests(Environment.GetEnvironmentVariable("OPSCONSOLE_CHROMIUM"));

/// <summary>What real browsers print, read back with poppler and qpdf.</summary>
/// <param name="browser">Null: the one that the console finds.</param>
public abstract partial class PrintedPagesTests(string? browser) : IDisposable
{
    private readonly PressBench _bench = new();

    public void Dispose()
    {
        _bench.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task PrintAsync_Document_IsTaggedWithOutlineTitleAndWords()
    {
        var pdf = await PrintAsync("""
            <!doctype html><html lang="de"><head><meta charset="utf-8"><title>Wer entscheidet</title><style>p { color: #123 }</style></head>
            <body><h1>Grenzen</h1><p>Rückerstattung über 50 € – nie allein.</p><h2>Ausnahmen</h2><p>Keine.</p><h1>Wege zurück</h1><p>Einer.</p></body></html>
            """);
        var info = await ToolAsync("pdfinfo", pdf);
        Assert.Matches(@"Tagged:\s+yes", info);
        Assert.Matches(@"Title:\s+Wer entscheidet", info);
        Assert.Contains("Rückerstattung über 50 € – nie allein.", await ToolAsync("pdftotext", pdf, "-"));
        await ToolAsync("qpdf", "--check", pdf);
        using var outline = JsonDocument.Parse(await ToolAsync("qpdf", "--json", "--json-key=outlines", pdf));
        Assert.Equal(["Grenzen", "Ausnahmen", "Wege zurück"], Titles(outline.RootElement.GetProperty("outlines")));
        Assert.Contains("/Lang (de", await ToolAsync("qpdf", "--qdf", "--object-streams=disable", pdf, "-"));
        Assert.Empty(_bench.Left());
    }

    [Fact]
    public async Task PrintAsync_PageSizes_AreTheDocumentsOwn()
    {
        var pdf = await PrintAsync("""
            <!doctype html><html><head><title>Sizes</title><style>
            @page { size: A4; margin: 20mm } @page wide { size: A4 landscape } @page letter { size: Letter } @page card { size: 100mm 50mm; margin: 5mm }
            .wide { page: wide } .letter { page: letter } .card { page: card }</style></head>
            <body><p>one</p><div class="wide">two</div><p>three</p><div class="letter">four</div><div class="card">five</div></body></html>
            """);
        Assert.Equal(["595x842", "842x595", "595x842", "612x792", "283x142"], Sizes(await ToolAsync("pdfinfo", "-f", "1", "-l", "9", pdf)));
    }

    [Fact]
    public async Task PrintAsync_LetterDocument_IsLetterThroughout()
    {
        var pdf = await PrintAsync("<!doctype html><html><head><title>Letter</title><style>@page { size: letter } h1 { break-before: page }</style></head><body><p>one</p><h1>two</h1></body></html>");
        Assert.Equal(["612x792", "612x792"], Sizes(await ToolAsync("pdfinfo", "-f", "1", "-l", "9", pdf)));
    }

    [Fact]
    public async Task PrintAsync_HostileDocument_RunsNothingAndFetchesNothing()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var outside = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
        var secret = _bench.PathTo("secret.txt");
        await File.WriteAllTextAsync(secret, "the secret");
        var pdf = await PrintAsync($$"""
            <!doctype html><html><head><title>Hostile</title><base href="{{outside}}/">
            <link rel="stylesheet" href="{{outside}}/a.css"><link rel="preload" as="image" href="{{outside}}/b.png"><link rel="preconnect" href="{{outside}}"><script src="{{outside}}/c.js"></script>
            <style>@import "{{outside}}/d.css"; @font-face { font-family: f; src: url({{outside}}/e.woff2) } p { font-family: f, sans-serif; background: url({{outside}}/f.png) }</style></head>
            <body onload="document.getElementById('it').textContent = 'a handler ran'"><p id="it">untouched</p><script>document.getElementById('it').textContent = 'a script ran'</script>
            <img src="{{outside}}/g.png" onerror="document.getElementById('it').textContent = 'a handler ran'"><img src="relative.png"><iframe src="{{outside}}/h"></iframe><iframe srcdoc="<script>parent.document.body.textContent = 'a frame ran'</script>"></iframe>
            <object data="{{outside}}/i"></object><embed src="{{outside}}/j"><video src="{{outside}}/k" autoplay></video><iframe src="{{new Uri(secret)}}" width="500"></iframe><object data="{{new Uri(secret)}}" width="500"></object>
            <svg><image href="{{outside}}/l.png" /><script>document.getElementById('it').textContent = 'an image ran'</script></svg></body></html>
            """);
        Assert.Equal("untouched", (await ToolAsync("pdftotext", pdf, "-")).Trim());
        Assert.False(listener.Pending(), "something was asked of the listener");
        Assert.Empty(_bench.Left());
    }

    [Theory]
    [InlineData("file", "meta")]
    [InlineData("http", "meta")]
    [InlineData("file", "META/")]
    [InlineData("file", "meta name=\"viewport\"")]
    public async Task PrintAsync_DocumentThatLeadsElsewhere_IsNotPrinted(string where, string meta)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var secret = _bench.PathTo("secret.txt");
        await File.WriteAllTextAsync(secret, "the secret");
        var target = where == "file" ? new Uri(secret).AbsoluteUri : $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/";
        await using var press = _bench.RealPress(browser);
        var result = await press.PrintAsync($"<!doctype html><html><head><title>Away</title><{meta} http-equiv=\"refresh\" content=\"0;url={target}\"></head><body><p>here</p></body></html>", default);
        Assert.Equal("press.refused", result.Fault?.Code);
        Assert.False(listener.Pending(), "something was asked of the listener");
        Assert.Empty(_bench.Left());
    }

    [Fact]
    public async Task PrintAsync_Cancelled_LeavesNothingOfTheBrowser()
    {
        await using var press = _bench.RealPress(browser);
        using var cancel = new CancellationTokenSource();
        var printing = press.PrintAsync("<!doctype html><html><head><title>x</title></head><body>" + string.Concat(Enumerable.Repeat("<p>long</p>", 50_000)) + "</body></html>", cancel.Token);
        await Until.True(() => _bench.Left().Any(line => line.Contains("--type=renderer", StringComparison.Ordinal)), "a renderer");
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => printing);
        Assert.Empty(_bench.Left());
    }

    private async Task<string> PrintAsync(string html)
    {
        await using var press = _bench.RealPress(browser);
        var result = await press.PrintAsync(html, default);
        Assert.True(result.Ok, result.Fault?.Message);
        return await SaveAsync(result.Value);
    }

    private async Task<string> SaveAsync(byte[] pdf)
    {
        await File.WriteAllBytesAsync(_bench.PathTo("printed.pdf"), pdf);
        return _bench.PathTo("printed.pdf");
    }

    private static async Task<string> ToolAsync(string tool, params string[] arguments)
    {
        var (exit, output, errors) = await Tests.Support.Programs.RunAsync(tool, arguments, TimeSpan.FromSeconds(60));
        Assert.True(exit == 0, $"{tool}: {errors}");
        return output;
    }

    private static IEnumerable<string> Titles(JsonElement outline) =>
        outline.EnumerateArray().SelectMany(entry => Titles(entry.GetProperty("kids")).Prepend(entry.GetProperty("title").GetString()!));

    private static string[] Sizes(string info) => [.. PageSize().Matches(info).Select(m => $"{Math.Round(double.Parse(m.Groups[1].Value))}x{Math.Round(double.Parse(m.Groups[2].Value))}")];

    [GeneratedRegex(@"^Page +\d+ size: +([\d.]+) x ([\d.]+) pts", RegexOptions.Multiline)]
    private static partial Regex PageSize();
}
