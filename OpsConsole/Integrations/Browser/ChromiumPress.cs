using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Toolkit;

namespace OpsConsole.Integrations.Browser;

/// <summary>
/// The press: one headless Chromium-family browser per document, in a folder of its own that goes with it. It has no network, runs no script of the document, reads no other file
/// for it, is watched for time and memory, and is tried once more when it fails (ADR 3).
/// </summary>
internal sealed partial class ChromiumPress(IOptions<PressOptions> settings, ILogger<ChromiumPress> log) : IPress, IAsyncDisposable
{
    private const string Prefix = "ops-press-";   // short, as its number is: a browser makes a socket in there, whose path may have 107 characters
    private const int MostHtml = 32 * 1024 * 1024;
    private const int MostPdf = 128 * 1024 * 1024;
    private const long Room = MostHtml + MostPdf + 96 * 1024 * 1024;   // of one job: what it reads, what it writes, and its profile
    private const string Otherwise = "or open the print preview and print with your own browser.";
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(500);
    // Those first that have no windows to begin with: less of the processors for each document, and less memory.
    private static readonly string[] Names = ["chromium-headless-shell", "chrome-headless-shell", "chromium", "google-chrome", "google-chrome-stable", "chromium-browser", "msedge", "microsoft-edge"];

    // Stands before the document, which cannot loosen it: no script, no request, nothing but what is in the file. The parser takes a second doctype, html and head as if they were the first.
    private const string Guard = "<!doctype html><meta charset=\"utf-8\"><meta http-equiv=\"Content-Security-Policy\" content=\"" + IPress.Policy + "\">";

    private static readonly string[] OwnMetas = ["<meta charset=\"utf-8\">", "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">", "<meta http-equiv=\"Content-Security-Policy\" content=\"" + IPress.Policy + "\">"];

    private readonly PressOptions _options = settings.Value;
    private readonly SemaphoreSlim _turns = new(settings.Value.PrintsAtOnce);
    private readonly CancellationTokenSource _closing = new();
    private int _inside;
    private int _swept;

    /// <summary>
    /// Where the folders of its jobs are made, the first that has room. In memory before anything else: a browser writes and flushes a profile that nobody reads again, and whoever else flushes that disk
    /// waits for it, the writer of decisions as well.
    /// </summary>
    internal IReadOnlyList<string> Folders { get; init; } = ["/dev/shm", Path.GetTempPath()];

    public string? Missing => Browser() is not null ? null
        : string.IsNullOrEmpty(_options.Browser) ? $"PDFs need a Chromium-family browser on the server, and there is none on its PATH. Install one (apt-get install chromium-headless-shell, or chromium), or name it in OpsConsole__Toolkit__Browser, {Otherwise}"
        : $"PDFs need a Chromium-family browser on the server; OpsConsole__Toolkit__Browser names '{_options.Browser}', which is no program there. Correct it or install one (apt-get install chromium-headless-shell, or chromium), {Otherwise}";

    public async Task<Result<byte[]>> PrintAsync(Func<Task<Result<string>>> html, CancellationToken ct)
    {
        if (Missing is { } missing) return new Fault(FaultKind.Unavailable, "press.missing", missing);
        if (Interlocked.Exchange(ref _swept, 1) == 0) Sweep();
        try
        {
            if (Interlocked.Increment(ref _inside) > _options.PrintsAtOnce + _options.PrintsWaiting) return new Fault(FaultKind.Unavailable, "press.busy", $"Too many documents are waiting to be printed. Try again in a minute, {Otherwise}");
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct, _closing.Token);
            await _turns.WaitAsync(stop.Token);
            try
            {
                var page = await html();
                if (page.Fault is { } unset) return unset;
                // A refresh leads the whole page elsewhere, to any file of the server; no policy forbids it. So nothing but what our own pages say stands in a <meta>.
                if (OwnMetas.Aggregate(page.Value, (text, own) => text.Replace(own, "", StringComparison.Ordinal)).Contains("<meta", StringComparison.OrdinalIgnoreCase)) return new Fault(FaultKind.Unavailable, "press.refused", $"The document has a <meta> that is not ours, and is not printed. Tell whoever keeps the console, {Otherwise}");
                if (Encoding.UTF8.GetByteCount(page.Value) > MostHtml) return new Fault(FaultKind.TooLarge, "press.too_large", $"The document is larger than {MostHtml / 1024 / 1024} MB before it is printed. Print its parts one by one, {Otherwise}");
                var (result, why) = await PrintOnceAsync(page.Value, stop.Token);
                if (why is not null) (result, why) = await PrintOnceAsync(page.Value, stop.Token);
                return why is null ? result : new Fault(FaultKind.Unavailable, "press.failed", $"The document was not printed: twice the browser {why}. The server's log has its last words. Try again, {Otherwise}");
            }
            finally
            {
                _turns.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _inside);
        }
    }

    /// <summary>Ends what is being printed.</summary>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        for (var i = 0; i < _options.PrintsAtOnce; i++) await _turns.WaitAsync(TimeSpan.FromSeconds(10));
    }

    /// <summary>The browser that would print now; null: there is none.</summary>
    internal string? Browser() => (string.IsNullOrEmpty(_options.Browser) ? Names : [_options.Browser]).Select(OnPath.Find).FirstOrDefault(p => p is not null);

    /// <summary>A result, or what the browser did instead, as the end of a sentence: worth a second attempt.</summary>
    private async Task<(Result<byte[]> Result, string? Why)> PrintOnceAsync(string html, CancellationToken ct)
    {
        var folder = MakeFolder();
        try
        {
            var page = Path.Combine(folder, "page.html");
            var pdf = Path.Combine(folder, "page.pdf");
            await File.WriteAllTextAsync(page, Guard, ct);
            await File.AppendAllTextAsync(page, html, ct);
            if (await RunAsync(folder, Arguments(folder, page, pdf), ct) is { } why) return (default, why);
            var file = new FileInfo(pdf);
            if (file.Exists && file.Length > MostPdf) return (new Fault(FaultKind.TooLarge, "press.too_large", $"The PDF is larger than {MostPdf / 1024 / 1024} MB. Print its parts one by one, {Otherwise}"), null);
            var bytes = file.Exists ? await File.ReadAllBytesAsync(pdf, ct) : [];
            return bytes.AsSpan().StartsWith("%PDF-"u8) && bytes.AsSpan(Math.Max(0, bytes.Length - 1024)).IndexOf("%%EOF"u8) >= 0 ? (bytes, null) : (default, "ended without a PDF");
        }
        finally
        {
            await RemoveAsync(folder);
        }
    }

    private string MakeFolder()
    {
        var name = Prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));
        foreach (var place in Folders.SkipLast(1))
        {
            try
            {
                if (Directory.Exists(place) && new DriveInfo(place).AvailableFreeSpace >= Room * _options.PrintsAtOnce) return Make(Path.Combine(place, name));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // not ours to write to; the next is
            }
        }
        return Make(Path.Combine(Folders[^1], name));

        static string Make(string folder)
            => (OperatingSystem.IsWindows() ? Directory.CreateDirectory(folder) : Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute)).FullName;
    }

    /// <summary>Null when the browser ended well by itself. However it ends, none of its processes is left.</summary>
    private async Task<string?> RunAsync(string folder, IEnumerable<string> arguments, CancellationToken ct)
    {
        string? why = null;
        ProcessTree tree;
        try
        {
            tree = ProcessTree.Start(Browser() ?? throw new Win32Exception("The browser is gone."), arguments, folder, TimeSpan.FromSeconds(_options.PrintSeconds));
        }
        catch (Win32Exception e)
        {
            LogFailed(e.Message, "");
            return "could not be started";
        }
        using (tree)
        {
            try
            {
                var clock = Stopwatch.StartNew();
                var end = tree.WaitAsync();
                while (why is null && !end.IsCompleted)
                {
                    await Task.WhenAny(end, Task.Delay(Glance, ct));
                    ct.ThrowIfCancellationRequested();
                    if (end.IsCompleted) break;
                    if (clock.Elapsed.TotalSeconds >= _options.PrintSeconds) why = $"did not finish within {_options.PrintSeconds} s";
                    else if (tree.Memory() > _options.PrintMegabytes * 1024L * 1024) why = $"took more than {_options.PrintMegabytes} MB of memory";
                }
                if (why is null && tree.ExitCode != 0) why = $"ended with code {tree.ExitCode}";
            }
            finally
            {
                await tree.KillAsync();
            }
            if (why is not null) LogFailed(why, tree.LastWords);
            return why;
        }
    }

    private static List<string> Arguments(string folder, string page, string pdf)
    {
        List<string> arguments =
        [
            "--headless", "--disable-gpu", "--hide-scrollbars", "--mute-audio", "--no-first-run", "--no-default-browser-check", "--password-store=basic", "--use-mock-keychain", "--disable-dev-shm-usage",
            "--user-data-dir=" + Path.Combine(folder, "profile"),
            // No network: no name resolves, every proxy is a closed port, and nothing of the browser's own wants to go out.
            "--host-resolver-rules=MAP * ~NOTFOUND", "--proxy-server=127.0.0.1:9", "--proxy-bypass-list=<-loopback>", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--disable-extensions", "--disable-component-extensions-with-background-pages", "--disable-default-apps", "--disable-domain-reliability", "--disable-breakpad", "--disable-crash-reporter", "--no-pings", "--metrics-recording-only",
            "--disable-features=Translate,OptimizationHints,MediaRouter,PreloadTopChromeWebUI",
            // Without windows it would set type to the pixels of a screen, and lines would break elsewhere than in the browser that has some.
            "--font-render-hinting=none", "--no-pdf-header-footer", "--generate-pdf-document-outline", "--export-tagged-pdf", "--print-to-pdf=" + pdf,
        ];
        // Its sandbox does not work for root; any other account keeps it.
        if (OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess) arguments.Add("--no-sandbox");
        arguments.Add(new Uri(page).AbsoluteUri);
        return arguments;
    }

    /// <summary>Folders that a console left which was killed itself: older than any attempt to print may be.</summary>
    private void Sweep()
    {
        foreach (var folder in Folders.Where(Directory.Exists).SelectMany(f => new DirectoryInfo(f).EnumerateDirectories(Prefix + "*", new EnumerationOptions { IgnoreInaccessible = true })))
        {
            try
            {
                if (DateTime.UtcNow - folder.LastWriteTimeUtc > TimeSpan.FromHours(1)) folder.Delete(recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // another account's, or another console was faster
            }
        }
    }

    /// <summary>A process that was killed may still be writing its last for a moment.</summary>
    private async Task RemoveAsync(string folder)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                Directory.Delete(folder, recursive: true);
                return;
            }
            catch (DirectoryNotFoundException)
            {
                return;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                if (attempt == 20)
                {
                    LogLeft(folder, e);
                    return;
                }
                await Task.Delay(50);
            }
        }
    }

    [LoggerMessage(5001, LogLevel.Warning, "A document was not printed: the browser {Why}. Its last words: {Words}")]
    private partial void LogFailed(string why, string words);

    [LoggerMessage(5002, LogLevel.Error, "The folder {Folder} of a printed document cannot be removed; remove it by hand")]
    private partial void LogLeft(string folder, Exception e);
}
