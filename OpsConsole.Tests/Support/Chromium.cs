using Microsoft.Playwright;

namespace OpsConsole.Tests.Support;

/// <summary>Window sizes that pages are tested at.</summary>
public enum Screen
{
    /// <summary>390 × 844, with touch.</summary>
    Phone,
    /// <summary>1280 × 800.</summary>
    Laptop,
    /// <summary>1920 × 1080.</summary>
    Desktop,
}

/// <summary>Tests of this collection share one browser; each opens contexts of its own.</summary>
[CollectionDefinition(Name)]
public sealed class ChromiumTests : ICollectionFixture<Chromium>
{
    public const string Name = "Chromium";
}

/// <summary>The same beside it with a browser of its own, for about half of the time that these tests take: whichever of the two ends last decides how long the whole takes.</summary>
[CollectionDefinition(Name)]
public sealed class SecondChromiumTests : ICollectionFixture<Chromium>
{
    public const string Name = "Chromium, the second";
}

/// <summary>
/// One headless Chromium, found by <c>OPSCONSOLE_CHROMIUM</c> or on PATH. It resolves no names but localhost: a page that asks
/// anything of another host fails its test.
/// </summary>
public sealed class Chromium : IAsyncLifetime
{
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public IBrowser Browser => _browser ?? throw new InvalidOperationException("The browser was not started.");

    /// <summary>A fresh profile: no cookies, no storage. Dispose it with the test.</summary>
    public Task<IBrowserContext> NewContextAsync(Screen screen = Screen.Laptop, ColorScheme scheme = ColorScheme.Light, string timeZone = "Europe/Berlin") =>
        Browser.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = screen switch
            {
                Screen.Phone => new ViewportSize { Width = 390, Height = 844 },
                Screen.Laptop => new ViewportSize { Width = 1280, Height = 800 },
                _ => new ViewportSize { Width = 1920, Height = 1080 },
            },
            HasTouch = screen == Screen.Phone,
            IsMobile = screen == Screen.Phone,
            ColorScheme = scheme,
            ReducedMotion = ReducedMotion.Reduce,
            Locale = "en-GB",
            TimezoneId = timeZone,
        });

    public async Task InitializeAsync()
    {
        Assertions.SetDefaultExpectTimeout(30_000);   // two browsers, a database and the console share two processors here
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Find(),
            Headless = true,
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync",
                "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
            ],
        });
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
    }

    private static string Find()
    {
        if (Environment.GetEnvironmentVariable("OPSCONSOLE_CHROMIUM") is { Length: > 0 } named) return named;
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        foreach (var name in (string[])["chromium", "google-chrome"])
            foreach (var folder in folders)
                if (File.Exists(Path.Combine(folder, name)))
                    return Path.Combine(folder, name);
        throw new InvalidOperationException("Chromium was found neither by OPSCONSOLE_CHROMIUM nor on PATH (chromium, google-chrome). Run ./test.sh, which installs it.");
    }
}
