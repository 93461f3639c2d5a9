using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Playwright;
using OpsConsole.Platform.Web;
using OpsConsole.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace OpsConsole.Browser;

/// <summary>What people do in a browser, and agents beside it, as functions.</summary>
internal static class Journey
{
    public static async Task SignInAsync(IPage page, string url, string email, string password, string path = "/")
    {
        await page.GotoAsync(url + "/account/sign-in?returnUrl=" + Uri.EscapeDataString(path));
        await page.FillAsync("#email", email);
        await page.FillAsync("#password", password);
        await page.ClickAsync("button[type=submit]");
        await LiveAsync(page);
    }

    public static Task SignInAsync(IPage page, ConsoleHost host, string email, string path = "/") => SignInAsync(page, host.Url!, email, host.PasswordOf(email), path);

    /// <summary>Waits until the page talks to the console.</summary>
    public static Task LiveAsync(IPage page) => page.WaitForSelectorAsync("html[data-live]", new() { State = WaitForSelectorState.Attached });

    /// <summary>Opens an address and waits until it is live and has loaded.</summary>
    /// <exception cref="InvalidOperationException">It does not come up; says what it shows instead, and what the browser said of it.</exception>
    public static async Task OpenAsync(IPage page, string address)
    {
        var words = new ConcurrentQueue<string>();
        void Hear(object? sender, IConsoleMessage message) => words.Enqueue($"{message.Type}: {message.Text}");
        void Miss(object? sender, IRequest request) => words.Enqueue($"no answer: {request.Url} {request.Failure}");
        page.Console += Hear;
        page.RequestFailed += Miss;
        try
        {
            await page.GotoAsync(address);
            try { await page.WaitForSelectorAsync("html[data-live]", new() { State = WaitForSelectorState.Attached, Timeout = 20_000 }); }
            catch (TimeoutException)
            {
                words.Enqueue("loaded again");
                await page.ReloadAsync();   // on a full machine a page seldom, but now and then, does not come up; people load it again
                await LiveAsync(page);
            }
        }
        catch (TimeoutException e)
        {
            throw new InvalidOperationException($"{address} does not come up. {page.Url} shows '{await page.InnerTextAsync("body")}'. The browser said:\n{string.Join('\n', words)}", e);
        }
        finally
        {
            page.Console -= Hear;
            page.RequestFailed -= Miss;
        }
        await page.WaitForSelectorAsync("h1");
        await LoadedAsync(page);
    }

    /// <summary>Waits until everything has come, and a worksheet can be typed into: Playwright fills a field also where its sheet is still inert.</summary>
    public static Task LoadedAsync(IPage page) => page.WaitForFunctionAsync("() => !document.querySelector('[aria-busy=true], .worksheet[inert]')");

    /// <summary>Presses a key until it has shown its effect: on a page that has just come up, the first press may come before anybody listens.</summary>
    public static async Task PressUntilAsync(IPage page, string key, ILocator effect)
    {
        for (var press = 0; ; press++)
        {
            await page.Keyboard.PressAsync(key);
            try
            {
                await effect.First.WaitForAsync(new() { Timeout = press < 10 ? 500 : 5_000 });
                return;
            }
            catch (TimeoutException) when (press < 10)
            {
                // pressed too early
            }
        }
    }

    /// <summary>Presses a key of the page once, as soon as the page listens to it: for keys that turn something on and off.</summary>
    public static Task PressOnceAsync(IPage page, string key) =>
        page.WaitForFunctionAsync("key => !document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))", key);

    /// <summary>Types a row of the matrix from its first cell on, with Tab to the next and the arrow over what stays empty; the last cell is left open.</summary>
    public static async Task TypeRowAsync(IPage page, string[] row)
    {
        await Expect(page.Locator(".cell-editor")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync(row[0]);
        await page.Keyboard.PressAsync("Tab");
        foreach (var text in row[1..])
        {
            if (text.Length == 0)
            {
                await page.Keyboard.PressAsync("ArrowRight");
                continue;
            }
            await page.Keyboard.TypeAsync(text);
            if (text != row[^1]) await page.Keyboard.PressAsync("Tab");
        }
    }

    /// <summary>Presses the open dialog's button until it is taken: the desk takes no answer within the first moment of showing a request.</summary>
    public static async Task ConfirmAsync(IPage page, ILocator done)
    {
        while (!await done.IsVisibleAsync())
        {
            try { await Dialog(page).Locator("button.primary:enabled").ClickAsync(new() { Timeout = 500 }); }
            catch (TimeoutException) { /* it was taken */ }
        }
    }

    /// <summary>Walks with the Tab key to the button with these words, then presses Enter. Waits first until it can be pressed: the console enables many a button only once it has seen what was typed.</summary>
    public static async Task TabToAsync(IPage page, string words)
    {
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = words, Exact = true }).Last).ToBeEnabledAsync();
        for (var step = 0; step < 40; step++)
        {
            if (await page.EvaluateAsync<string>("() => document.activeElement?.tagName === 'BUTTON' ? document.activeElement.textContent.trim() : ''") == words)
            {
                await page.Keyboard.PressAsync("Enter");
                return;
            }
            await page.Keyboard.PressAsync("Tab");
        }
        Assert.Fail($"No button '{words}' is reached with the Tab key.");
    }

    /// <summary>Remembers the present document, so that <see cref="AssertNotReloadedAsync"/> can tell a later one from it.</summary>
    public static Task MarkAsync(IPage page) => page.EvaluateAsync("() => { window.stillHere = true; }");
    public static async Task AssertNotReloadedAsync(IPage page) => Assert.True(await page.EvaluateAsync<bool>("() => window.stillHere === true"), "the page was loaded again");

    public static async Task AssertFitsAsync(IPage page)
    {
        var wide = await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth");
        Assert.True(wide <= 0, $"{page.Url} is {wide} px wider than the screen");
        Assert.DoesNotMatch(@"@(if|foreach|switch) \(", await page.Locator("body").InnerTextAsync());   // code that stands right behind a word is text to Razor, as in an address
    }

    /// <summary>What is on screen fits and is accessible. A picture of it goes to the folder <c>OPSCONSOLE_SCREENSHOTS</c>, where that is set.</summary>
    public static async Task LooksRightAsync(IPage page, string? picture = null)
    {
        await AssertFitsAsync(page);
        await Accessibility.AssertNoViolationsAsync(page);
        if (picture is not null && Environment.GetEnvironmentVariable("OPSCONSOLE_SCREENSHOTS") is { Length: > 0 } folder) await page.ScreenshotAsync(new() { Path = Path.Combine(folder, picture + ".png"), FullPage = true });
    }

    /// <summary>The rows of the queue.</summary>
    public static ILocator Rows(IPage page) => page.Locator(".split-list a.list-item");
    /// <summary>The open request.</summary>
    public static ILocator Request(IPage page) => page.Locator("article.evidence");
    public static ILocator Dialog(IPage page) => page.Locator("dialog:modal");
    public static ILocator Button(IPage page, string name) => page.GetByRole(AriaRole.Button, new() { Name = name });

    /// <summary>An agent asks for a refund and waits at the API for whatever people say.</summary>
    public static async Task<JsonElement> AskAndWaitAsync(HttpClient agent, double amount, string order = "8812")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/decisions")
        {
            Content = JsonContent.Create(new { action = "refund.create", resource = new { type = "order", id = order }, arguments = new { amount, order }, run_id = "run-1", confidence = 0.9, reasoning = "charged twice" }, options: Wire.Json),
        };
        request.Headers.Add("Prefer", "wait=60");
        using var response = await agent.SendAsync(request);
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
    }

    /// <summary>The answer of a call that waited; long before its sixty seconds were over.</summary>
    public static Task<JsonElement> PromptlyAsync(Task<JsonElement> waiting) => waiting.WaitAsync(TimeSpan.FromSeconds(10));

    public static Task ShowsAsync(ILocator within, string words) => Expect(within).ToContainTextAsync(words);
}
