using Microsoft.Playwright;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static OpsConsole.Browser.Journey;

namespace OpsConsole.Browser;

/// <summary>Every dialog that a button of a page opens, in both themes: nobody is kept from using it, and Esc closes it and gives the focus back.</summary>
[Collection(SecondChromiumTests.Name)]
public sealed class DialogTests(Chromium chromium) : IAsyncLifetime
{
    private const string Buttons = "main button:enabled:not([type=submit]):not([data-copy])";
    private readonly SkipTime _time = new();
    private ConsoleHost _host = default!;
    private Spine _spine = default!;
    private string[] _paths = [];

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync(new HostSettings { RealPort = true, Time = _time });
        _spine = await Spine.BuildAsync(_host);
        var allowed = await _spine.RefundAsync(20);
        _time.Skip(TimeSpan.FromDays(2));   // its time is over, and nobody said what became of it
        var pending = await _spine.RefundAsync(420, 202);
        await _spine.TemplateAsync();
        await ConsoleHost.PostAsync(_host.Admin, "/api/v1/people", new { email = "new@example.com", name = "New", roles = new[] { "member" } }, 201);
        var diagnostic = Spine.Id(await ConsoleHost.PostAsync(_host.Admin, "/api/v1/diagnostics", new { subject = "Support", answers = OpsConsole.Core.Rollouts.DiagnosticQuestions.All.ToDictionary(q => q.Id, _ => "b") }, 201));
        _paths =
        [
            "/approvals/" + pending.GetProperty("approval").GetProperty("id").GetString(), "/decisions/" + Spine.Id(allowed), "/rollouts", "/rollouts/" + _spine.Rollout, $"/rollouts/{_spine.Rollout}/steps", $"/rollouts/{_spine.Rollout}/drill", $"/rollouts/{_spine.Rollout}/worksheets", $"/rollouts/{_spine.Rollout}/worksheets/escalation", $"/rollouts/{_spine.Rollout}/matrix", $"/rollouts/{_spine.Rollout}/matrix/versions", $"/rollouts/{_spine.Rollout}/actions",
            "/agents", "/agents/" + _spine.AgentId, "/templates", "/people", "/account", "/diagnostic/" + diagnostic,
        ];
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task EveryDialog_IsAccessibleAndClosesWithEscape()
    {
        List<string> seen = [], trouble = [];
        await LookAsync("dana@example.com", _paths[..1], seen, trouble);
        await LookAsync(ConsoleHost.AdminEmail, _paths, seen, trouble);
        Assert.True(trouble.Count == 0, string.Join("\n", trouble));
        foreach (var dialog in (string[])["Approve refund.create", "Edit and approve", "Reject refund.create", "Break glass: approve", "Break glass: reject", "Record what happened", "Invite", "New group", "New token", "Sign out everywhere", "Pause", "Keys", "Pause agent: Agent", "Pause rollout: Support", "List an action", "Apply a template", "What Support offers", "Archive Support", "Confirm by name", "Put version 1 into the draft", "Import actions", "Copy to an adjacent workflow", "Comments: Workflow", "Start a rollout from this"])
            Assert.True(seen.Any(s => s.StartsWith(dialog, StringComparison.Ordinal)), $"'{dialog}' was not among: {string.Join(", ", seen)}");
    }

    private async Task LookAsync(string email, string[] paths, List<string> seen, List<string> trouble)
    {
        await using var context = await chromium.NewContextAsync(scheme: ColorScheme.Dark);   // in the light theme the journeys look at theirs
        var page = await context.NewPageAsync();
        await SignInAsync(page, _host, email);
        foreach (var path in paths)
        {
            await OpenAsync(page, _host.Url + path);
            foreach (var label in await LabelsAsync(page))
            {
                if (await page.EvaluateAsync<int>("() => Math.max(0, ...[...document.querySelectorAll('.sticky-actions')].map((bar) => bar.offsetHeight))") is > 200 and var high) trouble.Add($"{path}, before {label}: the actions at the foot are {high} px high");
                var button = page.Locator($"main button[data-test=\"{label}\"]").First;
                if (!await button.IsVisibleAsync())   // what was pressed before it shows another view
                {
                    await page.EvaluateAsync("() => localStorage.clear()");   // also where the browser remembers it, such as a folded panel
                    await OpenAsync(page, _host.Url + path);
                    await LabelsAsync(page);
                    if (!await button.IsVisibleAsync()) continue;   // what was pressed before it took it away for good, such as an offer for an empty worksheet
                }
                await TryAsync(page, button, path, seen, trouble);
            }
        }
        foreach (var button in (string[])[".pause-button", ".keys-button"])
            if (await page.Locator(button).CountAsync() > 0) await TryAsync(page, page.Locator(button), "top bar", seen, trouble);
    }

    /// <summary>Marks the buttons in sight by their words; of buttons that differ only in the row they stand in, the first counts.</summary>
    private static Task<string[]> LabelsAsync(IPage page) => page.EvaluateAsync<string[]>($$"""
        () => [...new Set([...document.querySelectorAll('{{Buttons}}')].filter((b) => b.checkVisibility())
          .map((b) => b.dataset.test = [...b.childNodes].filter((n) => n.nodeType === 3).map((n) => n.nodeValue.trim()).join(' ')))]
        """);

    private static async Task TryAsync(IPage page, ILocator button, string path, List<string> seen, List<string> trouble)
    {
        for (var attempt = 0; ; attempt++)
        {
            await button.EvaluateAsync("b => b.scrollIntoView({ block: 'center' })");   // as people do when it stands behind the actions at the foot
            try
            {
                await button.ClickAsync(new() { Timeout = attempt < 5 ? 2_000 : 30_000 });
                break;
            }
            catch (TimeoutException) when (attempt < 5) { /* what came meanwhile has moved it behind them again */ }
        }
        // Either a dialog comes up, or the page does something in place; both are there after a round trip to the console.
        var title = await page.EvaluateAsync<string>("""
            async () => {
              for (let i = 0; i < 60; i++) {
                const open = document.querySelector('dialog:modal h3');
                if (open) return open.textContent;
                await new Promise(requestAnimationFrame);
              }
              return '';
            }
            """);
        if (title.Length == 0) return;
        if (!seen.Contains(title)) trouble.AddRange((await Accessibility.ViolationsAsync(page, "dialog:modal")).Select(v => $"{path}, {title}: {v}"));   // the same dialog from several pages is looked at once
        seen.Add(title);
        if (await page.EvaluateAsync<bool>("() => !document.querySelector('dialog:modal').contains(document.activeElement)")) trouble.Add($"{path}, {title}: the focus is outside");
        await page.Keyboard.PressAsync("Escape");
        if (await Dialog(page).CountAsync() > 0) await page.Keyboard.PressAsync("Escape");   // the first one left a field
        await Dialog(page).WaitForAsync(new() { State = WaitForSelectorState.Hidden });
        if (await button.EvaluateAsync<bool>("b => document.activeElement !== b")) trouble.Add($"{path}, {title}: the focus did not return");
    }
}
