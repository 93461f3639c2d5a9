using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using OpsConsole.Core.Access;
using OpsConsole.Features.Toolkit;
using OpsConsole.Tests.Support;

namespace OpsConsole.Browser;

/// <summary>Every page, once light on a laptop and once dark on a phone: no accessibility violation, no sideways scrolling, no script error, nothing the content security policy refuses.</summary>
[Collection(SecondChromiumTests.Name)]
public sealed class PagesTests(Chromium chromium) : IAsyncLifetime
{
    private ConsoleHost _host = default!;
    private Spine _spine = default!;
    private string _plan = "", _provisional = "", _decision = "", _approval = "", _template = "", _session = "", _diagnostic = "", _webhook = "", _delivery = "";

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync(new HostSettings { RealPort = true });
        _spine = await Spine.BuildAsync(_host);
        await ConsoleHost.SendAsync(_host.Admin, HttpMethod.Put, $"/api/v1/rollouts/{_spine.Rollout}/actions", new[] { new { action = "mail.send", description = "Writes to a customer", classes = new[] { "customer", "internal_trust" }, owner = "group:leads", arguments_schema = new { type = "object", properties = new { to = new { type = "string" } } } } }, 200);
        _template = await _spine.TemplateAsync();
        _session = (await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/session", new { }, 201)).GetProperty("id").GetString()!;
        await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/session/end", new { });
        await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/session", new { }, 201);   // its bar stands above every page of the rollout
        _diagnostic = Spine.Id(await ConsoleHost.PostAsync(_host.Admin, "/api/v1/diagnostics", new { subject = "Support", answers = OpsConsole.Core.Rollouts.DiagnosticQuestions.All.ToDictionary(q => q.Id, _ => "b") }, 201));
        await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/worksheets/escalation/start", null);
        await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/worksheets/comments", new { field = "canvas/users", text = "@admin look" }, 201);
        _webhook = Spine.Id(await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/webhooks", new { url = "https://localhost/services/a-long-address-that-carries-more-than-fits-on-a-phone/0123456789abcdef", events = OpsConsole.Core.Webhooks.WebhookEvent.All.Select(e => e.Name) }, 201));
        _delivery = Spine.Id((await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/webhooks/{_webhook}/test", null, 202)).GetProperty("delivery"));
        await ShareAsync(opened: true);
        await ShareAsync(opened: false);
        var pending = await _spine.RefundAsync(420, 202);
        _approval = pending.GetProperty("approval").GetProperty("id").GetString()!;
        var done = await _spine.RefundAsync(20);
        _decision = Spine.Id(done);
        await ConsoleHost.PostAsync(_spine.Agent, $"/api/v1/decisions/{_decision}/outcome", new { status = "succeeded", writes = new[] { new { system = "billing", record = "r/1", operation = "create" } } });
        _plan = Spine.Id(await ConsoleHost.PostAsync(_host.Admin, "/api/v1/undo/plans", new { scope = new { decision_id = _decision }, reason = "A_reason_that_is_one_word_and_longer_than_a_phone_is_wide_" + new string('x', 60) }, 201));
        _provisional = Spine.Id(await _spine.RefundAsync(30));
        await ConsoleHost.PostAsync(_spine.Agent, $"/api/v1/decisions/{_provisional}/outcome", new { status = "succeeded", writes = new[] { new { system = "billing", record = "r/2", operation = "create" } } });
    }

    private async Task ShareAsync(bool opened)
    {
        var me = new PersonCaller(_host.Writer.State.Directory.People.Values.Single(p => p.Email == ConsoleHost.AdminEmail), null, "session");
        var link = await _host.Services.GetRequiredService<ToolkitLinks>().ShareAsync(me, new ToolkitFile("exp_" + opened, _spine.Rollout, "support-escalation-and-more-than-fits-on-a-phone-toolkit-blank.pdf", [1], new string('a', 64), []), 30);
        if (opened) Assert.Equal(200, (int)(await _host.Nobody.GetAsync(link.Value.Path)).StatusCode);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData(Screen.Laptop, ColorScheme.Light)]
    [InlineData(Screen.Phone, ColorScheme.Dark)]
    public async Task EveryPage_IsAccessibleAndFits(Screen screen, ColorScheme scheme)
    {
        await using var context = await chromium.NewContextAsync(screen, scheme);
        var page = await context.NewPageAsync();
        List<string> trouble = [];
        page.Console += (_, message) =>
        {
            if (message.Type == "error" && !message.Text.Contains("404")) trouble.Add(page.Url + ": " + message.Text);
        };
        page.PageError += (_, error) => trouble.Add(page.Url + ": " + error);
        await page.GotoAsync(_host.Url + "/account/sign-in");
        await Accessibility.AssertNoViolationsAsync(page);
        await Journey.SignInAsync(page, _host.Url!, ConsoleHost.AdminEmail, ConsoleHost.AdminPassword);
        string[] paths =
        [
            "/", "/approvals", "/approvals/" + _approval, "/provisional", "/provisional?required=true&rollout=" + _spine.Rollout, "/provisional?decision=" + _provisional, "/undo", "/undo?needs=somebody&rollout=" + _spine.Rollout, "/undo/" + _plan, "/undo/new?decision=" + _provisional, "/undo/new?agent=" + _spine.AgentId, "/undo/udp_none", "/decisions/" + _provisional, "/decisions", "/decisions/" + _decision, "/decisions?unreported=1", "/runs/run-1", "/rollouts", "/rollouts/" + _spine.Rollout, $"/rollouts/{_spine.Rollout}/steps", $"/rollouts/{_spine.Rollout}/drill", $"/rollouts/{_spine.Rollout}/worksheets", $"/rollouts/{_spine.Rollout}/worksheets/escalation", $"/rollouts/{_spine.Rollout}/session", $"/rollouts/{_spine.Rollout}/session/wall", $"/rollouts/{_spine.Rollout}/sessions/{_session}", "/join", $"/rollouts/{_spine.Rollout}/matrix", $"/rollouts/{_spine.Rollout}/matrix/versions", $"/rollouts/{_spine.Rollout}/actions", $"/rollouts/{_spine.Rollout}/reliability", $"/rollouts/{_spine.Rollout}/reviews", $"/rollouts/{_spine.Rollout}/reviews/2020-W01", $"/rollouts/{_spine.Rollout}/matrix/replay", "/diagnostic", "/diagnostic?about=Support&answers=a-----------&at=1", "/diagnostic?about=Support&answers=aabbccaabbcc&at=12", "/diagnostic/" + _diagnostic, "/agents", "/portfolio", $"/rollouts/{_spine.Rollout}/memos", "/incidents?all=true&severity=sev1&rollout=" + _spine.Rollout, "/decisions?mode=live&consequence=high", $"/rollouts/{_spine.Rollout}/shadow", $"/rollouts/{_spine.Rollout}/shadow?show=record", $"/rollouts/{_spine.Rollout}/shadow?show=apart", $"/rollouts/{_spine.Rollout}/monitoring", $"/rollouts/{_spine.Rollout}/monitoring/{_spine.AgentId}/failure",
            "/agents/" + _spine.AgentId, "/templates", "/templates/new", "/templates/" + _template, "/people", "/account", "/account/away", "/account/notifications", "/notices", "/notices?unread=true", "/audit", $"/rollouts/{_spine.Rollout}/channels", $"/rollouts/{_spine.Rollout}/toolkit", $"/rollouts/{_spine.Rollout}/webhooks", $"/rollouts/{_spine.Rollout}/webhooks/{_webhook}", $"/rollouts/{_spine.Rollout}/webhooks/{_webhook}?delivery={_delivery}", $"/rollouts/{_spine.Rollout}/webhooks/{_webhook}?state=stopped", "/verify", "/search?q=refund", "/not-there",
            $"/agents/{_spine.AgentId}/promotions", $"/agents/{_spine.AgentId}/promotions?promotion=prm_none",
        ];
        foreach (var path in paths)
        {
            await page.GotoAsync(_host.Url + path);
            // The page for wrong addresses is plain HTML; all others are live.
            if (path != "/not-there") await page.WaitForSelectorAsync("html[data-live]", new() { State = WaitForSelectorState.Attached });
            await page.WaitForSelectorAsync("h1");
            await page.WaitForFunctionAsync("() => !document.querySelector('[aria-busy=true]')");
            trouble.AddRange((await Accessibility.ViolationsAsync(page)).Select(v => path + ": " + v));
            var wide = await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth");
            if (wide > 0) trouble.Add($"{path} is {wide} px wider than the screen");
        }
        Assert.True(trouble.Count == 0, string.Join("\n", trouble));
    }
}
