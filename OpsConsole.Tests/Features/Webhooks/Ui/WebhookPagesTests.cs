using Bunit;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Core.Webhooks;
using OpsConsole.Tests.Support;

namespace OpsConsole.Features.Webhooks.Ui;

/// <summary>The pages over the real services: from the empty page to a webhook that was tested, rotated, switched off and removed, and its log.</summary>
public sealed class WebhookPagesTests : IAsyncLifetime
{
    private readonly Postbox _box = new();
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    private string Path => $"/api/v1/rollouts/{_spine.Rollout}/webhooks";

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync(new HostSettings { Services = s => s.AddSingleton<IOutbound>(_box) });
        _spine = await Spine.BuildAsync(_host);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Add_FromTheEmptyPage_ShowsTheSecretOnce()
    {
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = Render(context);
        Assert.Contains("Nobody is told yet", page.Markup);
        await page.ClickAsync("Add a webhook");
        await page.InvokeAsync(() => page.Find("#w-url").ChangeAsync("http://hooks.example.com/"));
        await page.ClickAsync("Add the webhook");
        Assert.Contains("must begin with https://", page.Find("[role=alert]").TextContent);
        await page.InvokeAsync(() => page.Find("#w-url").ChangeAsync("https://hooks.example.com/ops"));
        foreach (var name in (string[])["approval.requested", "approval.decided"]) await ChooseAsync(page, name, false);
        await page.ClickAsync("Add the webhook");
        Assert.Contains("Choose at least one", page.Find("[role=alert]").TextContent);
        await ChooseAsync(page, "gate.changed", true);
        await page.ClickAsync("Add the webhook");
        var secret = page.Find(".secret code").TextContent;
        Assert.NotNull(WebhookSignature.Key(secret));
        await page.InvokeAsync(() => page.FindComponents<OpsConsole.Ui.Shared.Modal>().Single(m => m.Instance.Open).Instance.Closed());
        page.WaitForAssertion(() => Assert.DoesNotContain(secret, page.Markup));
        Assert.Contains("hooks.example.com", page.Find("h2").TextContent);
        Assert.Contains("gate.changed", page.Find("dl").TextContent);
        Assert.DoesNotContain(secret, Render(context).Markup);
    }

    [Fact]
    public async Task Test_LeadsToItsDelivery_WhichShowsWhatCameBack()
    {
        await AddAsync();
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        await Render(context).ClickAsync("Send a test to hooks.example.com");
        var address = new Uri(context.Navigation.Uri);
        Assert.Contains("?delivery=whd_", address.Query);
        var log = RenderLog(context, address.Segments[^1]);
        log.WaitForAssertion(() => Assert.Contains("Attempt 1", log.Find(".attempts").TextContent));
        Assert.Contains("Delivered", log.Find("tbody").TextContent);
        Assert.Contains("webhook.test", log.Find("#delivery").TextContent);
        await log.ClickAsync("Replay");
        log.WaitForAssertion(() => Assert.Equal(2, log.FindAll(".attempts li").Count));
        Assert.Equal(2, _box.Sent.Count);
    }

    [Fact]
    public async Task Log_FiltersByStateAndEvent_AndReplaysWhatFailed()
    {
        var id = await AddAsync();
        _box.Answer = _ => Task.FromResult(410);
        await ConsoleHost.PostAsync(_host.Admin, $"{Path}/{id}/test", null, 202);
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var log = RenderLog(context, id);
        log.WaitForAssertion(() => Assert.Contains("its receiver answered 410", log.Find(".callout").TextContent));
        Assert.DoesNotContain(log.FindAll("button"), b => b.TextContent.StartsWith("Replay what failed", StringComparison.Ordinal));
        _box.Answer = _ => Task.FromResult(200);
        await Render(context).ClickAsync("Switch on hooks.example.com");
        log.WaitForAssertion(() => Assert.Empty(log.FindAll(".callout")));
        await log.ClickAsync("Replay what failed (1)");
        log.WaitForAssertion(() => Assert.Contains("Delivered", log.Find("tbody").TextContent));
        Assert.Equal("1 delivery sent again.", context.Said);
        await log.InvokeAsync(() => log.FindAll("select")[0].ChangeAsync("failed"));
        log.WaitForAssertion(() => Assert.Contains("No delivery fits", log.Markup));
        await log.InvokeAsync(() => log.FindAll("select")[0].ChangeAsync(""));
        await log.InvokeAsync(() => log.FindAll("select")[1].ChangeAsync("webhook.test"));
        log.WaitForAssertion(() => Assert.Single(log.FindAll("tbody tr")));
        Assert.Contains("event=webhook.test", context.Navigation.Uri);
    }

    [Fact]
    public async Task Rotate_SwitchOff_Remove_SayWhatWillHappenFirst()
    {
        await AddAsync();
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = Render(context);
        await page.ClickAsync("New secret for hooks.example.com");
        Assert.Contains("two signatures for 24 hours", page.Markup);
        await page.ClickAsync("Make a new secret");
        Assert.StartsWith("whsec_", page.Find(".secret code").TextContent);
        await page.ClickAsync("Switch off hooks.example.com");
        await page.ClickAsync("Switch off");
        page.WaitForAssertion(() => Assert.Contains("Off", page.Find(".chip").TextContent));
        await page.ClickAsync("Remove hooks.example.com");
        await page.ClickAsync("Remove");
        page.WaitForAssertion(() => Assert.Contains("Nobody is told yet", page.Markup));
    }

    [Fact]
    public async Task Pages_ForWhoMayNot_OrOfNothing_SaySo()
    {
        await using var context = new PageContext(_host, "dana@example.com");
        Assert.Contains("Webhooks are for the rollout's owners", Render(context).Find(".state.error").TextContent);
        await using var admin = new PageContext(_host, ConsoleHost.AdminEmail);
        Assert.NotEmpty(RenderLog(admin, "whk_ghost").FindAll(".state.error"));
    }

    [Fact]
    public async Task Page_IsTold_AndLetsGoWhenItLeaves()
    {
        var signals = _host.Services.GetRequiredService<OpsConsole.Platform.Realtime.Signals>();
        await using (var context = new PageContext(_host, ConsoleHost.AdminEmail))
        {
            var before = signals.Count;
            var page = Render(context);
            Assert.Equal(before + 1, signals.Count);
            await AddAsync();
            page.WaitForAssertion(() => Assert.Contains("hooks.example.com", page.Markup));
            await context.DisposeComponentsAsync();
            Assert.Equal(before, signals.Count);
        }
    }

    private async Task<string> AddAsync() => Spine.Id(await ConsoleHost.PostAsync(_host.Admin, Path, new { url = "https://hooks.example.com/ops", events = new[] { "approval.requested" } }, 201));

    private IRenderedComponent<WebhooksPage> Render(PageContext context) => Loaded(context.Render<WebhooksPage>(p => p.Add(c => c.Id, _spine.Rollout)));

    private static IRenderedComponent<T> Loaded<T>(IRenderedComponent<T> page) where T : Microsoft.AspNetCore.Components.IComponent
    {
        page.WaitForAssertion(() => Assert.Empty(page.FindAll("[aria-busy=true]")));
        return page;
    }

    private IRenderedComponent<WebhookLogPage> RenderLog(PageContext context, string webhook)
    {
        if (!context.Navigation.Uri.Contains(webhook, StringComparison.Ordinal)) context.Navigation.NavigateTo($"/rollouts/{_spine.Rollout}/webhooks/{webhook}");
        return Loaded(context.Render<WebhookLogPage>(p => p.Add(c => c.Id, _spine.Rollout).Add(c => c.Webhook, webhook)));
    }

    private static Task ChooseAsync(IRenderedComponent<WebhooksPage> page, string name, bool on)
        => page.InvokeAsync(() => page.FindAll("label.check").Single(l => l.QuerySelector("code")?.TextContent == name).QuerySelector("input")!.ChangeAsync(on));
}
