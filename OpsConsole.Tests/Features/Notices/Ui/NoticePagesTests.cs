using Bunit;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Core.Access;
using OpsConsole.Core.Notices;
using OpsConsole.Features.Webhooks;
using OpsConsole.Support;
using OpsConsole.Tests.Support;

namespace OpsConsole.Features.Notices.Ui;

/// <summary>The bell, the notices, the settings and a rollout's channels over the real services.</summary>
public sealed class NoticePagesTests : IAsyncLifetime
{
    private readonly Postbox _box = new();
    private readonly SmtpSink _sink = new();
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync(new HostSettings
        {
            Services = s => s.AddSingleton<IOutbound>(_box),
            More = new Dictionary<string, string?> { ["OpsConsole:PublicBaseUrl"] = "https://ops.example.com", ["OpsConsole:Mail:Host"] = "127.0.0.1", ["OpsConsole:Mail:Port"] = _sink.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), ["OpsConsole:Mail:Security"] = "none", ["OpsConsole:Mail:From"] = "ops@example.com" },
        });
        _spine = await Spine.BuildAsync(_host);
    }

    public async Task DisposeAsync()
    {
        await _host.DisposeAsync();
        await _sink.DisposeAsync();
    }

    [Fact]
    public async Task Bell_CountsLive_AndNotifiesOnceOfWhatIsNew()
    {
        await using var context = new PageContext(_host, "dana@example.com");
        context.Renderer.SetRendererInfo(new Microsoft.AspNetCore.Components.RendererInfo("Server", true));
        var module = context.JSInterop.SetupModule("/js/notify.js");
        module.Mode = JSRuntimeMode.Loose;
        var bell = context.Render<NoticeBell>();
        Assert.Equal("Notices, none unread", bell.Find("a").GetAttribute("aria-label"));
        var asked = await _spine.RefundAsync(420, 202);
        bell.WaitForAssertion(() => Assert.Equal("Notices, 1 unread", bell.Find("a").GetAttribute("aria-label")));
        bell.WaitForAssertion(() => Assert.Single(module.Invocations["show"]));
        var shown = module.Invocations["show"][0].Arguments;
        Assert.Equal(["A request waits", "/approvals/" + Apr(asked), Apr(asked)], [shown[0], shown[2], shown[3]]);
        Assert.Matches(@"^refund\.create order 8812 · Support · due .*\d\d:\d\d UTC$", (string)shown[1]!);
        await _spine.DecideAsync(_spine.Lee, asked, new { verdict = "approve" });
        bell.WaitForAssertion(() => Assert.Equal("Notices, none unread", bell.Find("a").GetAttribute("aria-label")));
        Assert.Single(module.Invocations["show"]);
    }

    [Fact]
    public async Task Burst_OfWhatIsNotWanted_HidesNothingThatIs()
    {
        await ConsoleHost.SendAsync(_host.Admin, HttpMethod.Put, "/api/v1/me/notifications", new { follow = "all", browser = new { kinds = new[] { "waits" }, high_only = true }, email = new { kinds = Array.Empty<string>() } }, 200);
        for (var i = 0; i < 12; i++) await _spine.AskAsync(new { action = "note.add", arguments = new { i } }, 202);
        var high = await _spine.RefundAsync(420, 202);
        var me = new PersonCaller(_host.Writer.State.Directory.ByEmail[ConsoleHost.AdminEmail], null, "session");
        var inbox = _host.Services.GetRequiredService<NoticeInbox>();
        await Until.True(async () => (await inbox.UnreadAsync(me, default)).Count == 13, "all are told");
        var (count, each) = await inbox.NotifyAsync(me, 0, (await inbox.UnreadAsync(me, default)).Newest, default);
        Assert.Equal((1, Apr(high)), (count, Assert.Single(each).ApprovalId));
        foreach (var amount in (double[])[430, 440, 450]) await _spine.RefundAsync(amount, 202);
        await Until.True(async () => (await inbox.UnreadAsync(me, default)).Count == 16, "all are told");
        (count, each) = await inbox.NotifyAsync(me, 0, long.MaxValue, default);
        Assert.Equal((4, 0), (count, each.Count));   // told in one
    }

    [Fact]
    public async Task Bell_OpeningTheRequest_MarksItAsRead()
    {
        await using var context = new PageContext(_host, "dana@example.com");
        context.Renderer.SetRendererInfo(new Microsoft.AspNetCore.Components.RendererInfo("Server", true));
        var bell = context.Render<NoticeBell>();
        var asked = await _spine.RefundAsync(420, 202);
        await _spine.RefundAsync(430, 202);
        bell.WaitForAssertion(() => Assert.Equal("Notices, 2 unread", bell.Find("a").GetAttribute("aria-label")));
        context.Navigation.NavigateTo("/approvals/" + Apr(asked));
        bell.WaitForAssertion(() => Assert.Equal("Notices, 1 unread", bell.Find("a").GetAttribute("aria-label")));
    }

    [Fact]
    public async Task Notices_ShowWhatBecameOfThem_AndAreReadOneByOneOrAll()
    {
        await using var context = new PageContext(_host, "dana@example.com");
        var page = Loaded(context.Render<NoticesPage>());
        Assert.Contains("Nothing yet", page.Markup);
        var first = await _spine.RefundAsync(420, 202);
        await _spine.RefundAsync(430, 202);
        await _spine.RefundAsync(440, 202);
        page.WaitForAssertion(() => Assert.Equal(3, page.FindAll(".dot.new").Count));
        Assert.Matches(@"Waits for you: refund\.create order 8812\s+Support · Agent · high consequence · \d+:\d\d.* left", page.Find(".list-item").TextContent);
        await _spine.DecideAsync(_spine.Lee, first, new { verdict = "reject", reason = "no" });
        page.WaitForAssertion(() => Assert.Contains("Rejected by lee: refund.create order 8812", page.FindAll(".list-item")[2].TextContent));
        Assert.Empty(page.FindAll(".list-item")[2].QuerySelectorAll(".countdown"));
        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll(".dot.new").Count));
        await page.InvokeAsync(() => page.FindAll(".list-item")[0].ClickAsync(new()));
        page.WaitForAssertion(() => Assert.Single(page.FindAll(".dot.new")));
        await page.ClickAsync("Mark all read");
        page.WaitForAssertion(() => Assert.Empty(page.FindAll(".dot.new")));
        Assert.DoesNotContain(page.FindAll("button"), b => b.TextContent == "Mark all read");
    }

    [Fact]
    public async Task Notices_OfWindowsAndUndo_SayHowTheyStand_AndAreReadWhereTheyAreOpened()
    {
        await Spine.PublishAsync(_host, _spine.Rollout, """{ "default": "deny", "rules": [ { "id": "R-1", "action": "crm.set", "outcome": "allow", "consequence": "low", "reversible": true, "confirm": "required", "approvers": ["group:leads"] } ] }""");
        await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/members", new { email = "dana@example.com", roles = new[] { "member" } }, 201);
        await using var context = new PageContext(_host, "dana@example.com");
        context.Renderer.SetRendererInfo(new Microsoft.AspNetCore.Components.RendererInfo("Server", true));
        var bell = context.Render<NoticeBell>();
        var page = Loaded(context.Render<NoticesPage>());
        var decision = Spine.Id(await _spine.AskAsync(new { action = "crm.set", resource = new { type = "contact", id = "c-1" }, arguments = new { n = 1 }, confidence = 0.9 }));
        await ConsoleHost.PostAsync(_spine.Agent, $"/api/v1/decisions/{decision}/outcome", new { status = "succeeded", writes = new[] { new { system = "crm", record = "a", operation = "update" } } });
        page.WaitForAssertion(() => Assert.Matches(@"Waits for you to confirm it: crm\.set contact c-1\s+Support · Agent · low consequence · \d+:\d\d.* left", page.Find(".list-item").TextContent));
        Assert.Equal($"/provisional?decision={decision}&say=confirm", page.Find(".list-item").GetAttribute("href"));
        bell.WaitForAssertion(() => Assert.Equal("Notices, 1 unread", bell.Find("a").GetAttribute("aria-label")));
        context.Navigation.NavigateTo($"/provisional?decision={decision}&say=confirm");
        bell.WaitForAssertion(() => Assert.Equal("Notices, none unread", bell.Find("a").GetAttribute("aria-label")));
        await ConsoleHost.PostAsync(_spine.Lee, $"/api/v1/decisions/{decision}/veto", new { words = "No" });
        page.WaitForAssertion(() => Assert.Contains(page.FindAll(".list-item"), n => n.TextContent.Contains("Vetoed by lee: crm.set contact c-1", StringComparison.Ordinal)));
        page.WaitForAssertion(() => Assert.Contains(page.FindAll(".list-item"), n => n.TextContent.Contains("An undo needs you: crm.set contact c-1", StringComparison.Ordinal)));
        Assert.DoesNotContain(page.FindAll(".list-item"), n => n.GetAttribute("href")!.Contains("say=confirm", StringComparison.Ordinal));   // there is nothing to confirm any more
        var plan = (await ConsoleHost.GetAsync(_host.Admin, "/api/v1/undo/plans")).GetProperty("items")[0];
        bell.WaitForAssertion(() => Assert.Equal("Notices, 1 unread", bell.Find("a").GetAttribute("aria-label")));
        context.Navigation.NavigateTo("/undo/" + Spine.Id(plan) + "?step=und_1");
        bell.WaitForAssertion(() => Assert.Equal("Notices, none unread", bell.Find("a").GetAttribute("aria-label")));
        var step = (await ConsoleHost.GetAsync(_host.Admin, "/api/v1/undo/plans/" + Spine.Id(plan))).GetProperty("steps")[0];
        await ConsoleHost.PostAsync(_spine.Dana, $"/api/v1/undo/steps/{Spine.Id(step)}/outcome", new { status = "undone" });
        page.WaitForAssertion(() => Assert.Contains(page.FindAll(".list-item"), n => n.TextContent.Contains("An undo needs nobody any more", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Settings_AreSaved_AndATestIsMailed()
    {
        await using var context = new PageContext(_host, "dana@example.com");
        var page = Loaded(context.Render<PreferencesPage>());
        Assert.Contains("To dana@example.com", page.Markup);
        await page.InvokeAsync(() => Box(page, "Quiet hours").ChangeAsync(true));
        await page.InvokeAsync(() => page.Find("#digest").ChangeAsync("Daily"));
        await page.InvokeAsync(() => page.Find("#at").ChangeAsync("06:30"));
        await page.InvokeAsync(() => page.Find("#zone").ChangeAsync("Nowhere/At all"));
        await page.InvokeAsync(() => page.Find("form").SubmitAsync());
        Assert.Contains("such as Europe/Berlin", page.Find("[role=alert]").TextContent);
        await page.InvokeAsync(() => page.Find("#zone").ChangeAsync("Europe/Berlin"));
        await page.InvokeAsync(() => page.Find("form").SubmitAsync());
        Assert.Equal("Your notification settings are saved.", context.Said);
        var kept = await ConsoleHost.GetAsync(_spine.Dana, "/api/v1/me/notifications");
        Assert.Equal(("daily", "06:30", "22:00", "Europe/Berlin"), (kept.GetProperty("digest").GetString(), kept.GetProperty("digest_at").GetString(), kept.GetProperty("quiet_hours").GetProperty("from").GetString(), kept.GetProperty("time_zone").GetString()));
        await page.ClickAsync("Mail me a test");
        page.WaitForAssertion(() => Assert.Contains("Taken by the mail server.", page.Find("tbody").TextContent));
        Assert.Equal("dana@example.com", Assert.Single(_sink.Mails).To);
        await page.ClickAsync("Mail me a test");
        Assert.Contains("less than a minute ago", page.Find("[role=alert]").TextContent);
    }

    [Fact]
    public async Task Settings_WithoutAMailServer_SayHowToHaveOne()
    {
        await using var plain = await ConsoleHost.StartAsync();
        await using var context = new PageContext(plain, ConsoleHost.AdminEmail);
        var page = Loaded(context.Render<PreferencesPage>());
        Assert.Contains("OpsConsole:Mail:Host", page.Find(".callout").TextContent);
        Assert.DoesNotContain(page.FindAll("button"), b => b.TextContent == "Mail me a test");
        var rollout = Spine.Id(await ConsoleHost.PostAsync(plain.Admin, "/api/v1/rollouts", new { name = "Support", purpose = "Refund", time_zone = "UTC" }, 201));
        var chats = Loaded(context.Render<ChatsPage>(p => p.Add(c => c.Id, rollout)));
        Assert.Contains("Channels can be added once whoever runs the console has set OpsConsole:PublicBaseUrl", chats.Find(".state").TextContent);
        Assert.DoesNotContain("webhook", chats.Find(".state").TextContent);   // nobody is asked for what there is no place for
        Assert.Equal("Support", chats.Find($"a[href='/rollouts/{rollout}']").TextContent);
        Assert.Empty(chats.FindAll("button"));
    }

    [Fact]
    public async Task Channel_IsAdded_TriedOut_Changed_AndRemoved()
    {
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = Loaded(context.Render<ChatsPage>(p => p.Add(c => c.Id, _spine.Rollout)));
        await page.ClickAsync("Add a channel");
        await page.InvokeAsync(() => page.Find("#c-url").ChangeAsync("http://hooks.slack.com/x"));
        await page.InvokeAsync(() => page.Find("dialog footer .primary").ClickAsync(new()));
        Assert.Contains("must begin with https://", page.Find("[role=alert]").TextContent);
        await page.InvokeAsync(() => page.Find("#c-url").ChangeAsync("https://hooks.slack.com/services/s3cr3t"));
        await page.InvokeAsync(() => page.Find("dialog footer .primary").ClickAsync(new()));
        page.WaitForAssertion(() => Assert.Equal("Slack at hooks.slack.com", page.Find("h2").TextContent));
        Assert.DoesNotContain("s3cr3t", page.Markup);
        await page.ClickAsync("Send a test to Slack at hooks.slack.com");
        Assert.Contains("?log=cht_", context.Navigation.Uri);
        page.WaitForAssertion(() => Assert.Contains("Delivered", page.Find("tbody").TextContent));
        Assert.Single(_box.Sent);
        await page.ClickAsync("Change Slack at hooks.slack.com");
        await page.InvokeAsync(() => Box(page, "Reminders").ChangeAsync(true));
        await page.ClickAsync("Save");
        page.WaitForAssertion(() => Assert.Contains("A request waits, Reminders", page.Find("dl").TextContent));
        await page.ClickAsync("Remove Slack at hooks.slack.com");
        await page.ClickAsync("Remove");
        page.WaitForAssertion(() => Assert.Contains("No channel is told yet", page.Markup));
        await using var dana = new PageContext(_host, "dana@example.com");
        Assert.Contains("Channels are for the rollout's owners", Loaded(dana.Render<ChatsPage>(p => p.Add(c => c.Id, _spine.Rollout))).Find(".state.error").TextContent);
    }

    private static string Apr(System.Text.Json.JsonElement asked) => asked.GetProperty("approval").GetProperty("id").GetString()!;

    private static AngleSharp.Dom.IElement Box<T>(IRenderedComponent<T> page, string words) where T : Microsoft.AspNetCore.Components.IComponent
        => page.FindAll("label.check").First(l => l.TextContent.Contains(words, StringComparison.Ordinal)).QuerySelector("input")!;

    private static IRenderedComponent<T> Loaded<T>(IRenderedComponent<T> page) where T : Microsoft.AspNetCore.Components.IComponent
    {
        page.WaitForAssertion(() => Assert.Empty(page.FindAll("[aria-busy=true]")));
        return page;
    }
}
