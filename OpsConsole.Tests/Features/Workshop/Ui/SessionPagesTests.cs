using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Workshop.Session;
using OpsConsole.Platform.Realtime;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using OpsConsole.Ui.Shared;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Features.Workshop.Ui;

/// <summary>The pages of a session over the real services; what the script of private writing does is tried in a browser.</summary>
public sealed class SessionPagesTests : IAsyncLifetime
{
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync();
        _spine = await Spine.BuildAsync(_host, gates: "");
        await PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/members", new { email = "lee@example.com", roles = new[] { "member" } }, 201);
        await PostAsync(_host.Admin, Path, new { }, 201);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    private string Path => $"/api/v1/rollouts/{_spine.Rollout}/session";

    private async Task<IRenderedComponent<SessionPage>> RenderAsync(PageContext context)
    {
        context.JSInterop.SetupModule("/js/draft.js").SetupModule("attach", _ => true);
        var page = context.Render<SessionPage>(p => p.Add(c => c.Id, _spine.Rollout));
        await Until.True(() => page.FindAll(".session").Count == 1);
        return page;
    }

    private async Task<string?> MineAsync() => (await GetAsync(_spine.Lee, Path)).GetProperty("round").GetProperty("mine").GetString();

    [Fact]
    public async Task PrivateText_IsOpenOnceItsScriptListens_AndSaysOnlyWhatIsOnRecord()
    {
        await PostAsync(_host.Admin, Path + "/round", new { question = "What would go wrong first?" });
        await using var context = new PageContext(_host, "lee@example.com");
        var page = await RenderAsync(context);
        page.WaitForAssertion(() => Assert.False(page.Find("#private-text").HasAttribute("readonly")));
        var text = page.FindComponent<SessionText>().Instance;
        Assert.Equal("", await page.InvokeAsync(() => text.KeepAsync("the wrong customer")));
        Assert.Equal("the wrong customer", await MineAsync());
        Assert.Contains("longer than 4000", await page.InvokeAsync(() => text.KeepAsync(new string('x', WriteRequest.MostCharacters + 1))));

        // What comes after its round is no text of the next.
        await PostAsync(_host.Admin, Path + "/round/reveal", new { });
        await PostAsync(_host.Admin, Path + "/round", new { question = "And then?" });
        Assert.Contains("is over", await page.InvokeAsync(() => text.KeepAsync("the wrong customer, again")));
        Assert.Null(await MineAsync());
    }

    [Fact]
    public async Task RevealedTexts_KeepTheirLines_AndMarkWhatTheEyeCannotSee()
    {
        await PostAsync(_host.Admin, Path + "/round", new { question = "What?" });
        await PostAsync(_spine.Lee, Path + "/round/text", new { text = "one\ntwo\u202eeerht" });
        await PostAsync(_host.Admin, Path + "/round/reveal", new { });
        await using var context = new PageContext(_host, "lee@example.com");
        var page = await RenderAsync(context);
        Assert.Equal("one\ntwo⟨U+202E⟩eerht", page.Find(".written .exact").TextContent);
    }

    [Fact]
    public async Task AnotherRollout_InTheSamePage_HasNoSessionThatEnded()
    {
        var other = (await PostAsync(_host.Admin, "/api/v1/rollouts", new { name = "Returns", purpose = "x", time_zone = "UTC" }, 201)).GetProperty("id").GetString();
        await using var context = new PageContext(_host, AdminEmail);
        var page = await RenderAsync(context);
        await page.InvokeAsync(() => page.Instance.SetParametersAsync(ParameterView.FromDictionary(new Dictionary<string, object?> { ["Id"] = other })));
        page.WaitForAssertion(() => Assert.Contains("No session is open", page.Markup));
        Assert.DoesNotContain("has ended", page.Markup);
        await page.InvokeAsync(() => page.Instance.SetParametersAsync(ParameterView.FromDictionary(new Dictionary<string, object?> { ["Id"] = _spine.Rollout })));
        page.WaitForAssertion(() => Assert.Single(page.FindAll(".session")));
        await PostAsync(_host.Admin, Path + "/end", new { });
        await Until.True(() => context.Navigation.Uri.Contains("/sessions/ses_"));
        Assert.Contains("has ended", context.Said);
    }

    [Fact]
    public async Task Worksheets_AreFollowedOnlyWhereTheyAreReadOut_AndUnhurried()
    {
        await using var context = new PageContext(_host, "lee@example.com");
        var page = await RenderAsync(context);
        var topic = WorksheetDesk.Topic(_spine.Rollout);
        Assert.DoesNotContain(page.FindComponents<Refresher>(), r => r.Instance.Topics.Contains(topic));
        await PostAsync(_host.Admin, Path + "/item", new { item = 6 });
        page.WaitForAssertion(() => Assert.Contains("The canvas does not name the workflow", page.Markup));
        Assert.InRange(Assert.Single(page.FindComponents<Refresher>(), r => r.Instance.Topics.Contains(topic)).Instance.Every, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(5));
        await PostAsync(_spine.Lee, $"/api/v1/rollouts/{_spine.Rollout}/worksheets/patches", new { patches = new[] { new { id = "patch-001", field = "canvas/workflow", over = Array.Empty<string>(), value = "Refunds" } } });
        page.WaitForAssertion(() => Assert.Contains("Refunds", page.Find("section[aria-labelledby=closing]").TextContent));
    }

    [Fact]
    public async Task RevealedVotes_SayThatWhoGaveWhichIsForgotten()
    {
        foreach (var client in new[] { _host.Admin, _spine.Lee }) await PostAsync(client, Path + "/vote", new { step = 1, confidence = 4 });
        await PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/members", new { email = "owner@example.com", roles = new[] { "member" } }, 201);
        await PostAsync(_spine.Owner, Path + "/vote", new { step = 1, confidence = 2 });
        await PostAsync(_host.Admin, Path + "/vote/reveal", new { step = 1 });
        await using var context = new PageContext(_host, "lee@example.com");
        Assert.Contains("Who gave which was forgotten when they were revealed.", (await RenderAsync(context)).Find("section[aria-labelledby=vote]").TextContent);
    }

    private string Sheets => $"/api/v1/rollouts/{_spine.Rollout}/worksheets/patches";

    private IRenderedComponent<SessionWallPage> Wall(PageContext context) => context.Render<SessionWallPage>(p => p.Add(c => c.Id, _spine.Rollout));

    [Fact]
    public async Task TheWall_ShowsWhatTheStepRequires_WhoIsHere_AndWhatWasRevealed_WithoutAButton()
    {
        await using var context = new PageContext(_host, AdminEmail);
        var wall = Wall(context);
        wall.WaitForAssertion(() => Assert.Contains("Every field of the canvas is filled in", wall.Find(".checks").TextContent));
        Assert.Contains("✕", wall.Find(".checks").TextContent);
        foreach (var empty in (string[])[".people", ".ready", ".counts", ".told", ".votes"]) Assert.Empty(wall.FindAll(empty));

        var presence = _host.Services.GetRequiredService<Presence>();
        var lee = _host.Writer.State.Directory.ByEmail["lee@example.com"].Id;
        using var here = presence.Enter(SessionDesk.PeopleTopic(_spine.Rollout), lee);
        using var writes = presence.Enter(WorksheetDesk.PeopleTopic(_spine.Rollout), lee);
        writes.Stand("canvas/workflow");
        await PostAsync(_spine.Lee, Sheets, new { patches = new[] { new { id = "patch-000", field = "decisions/row-1/place", over = Array.Empty<string>(), value = "1" }, new { id = "patch-001", field = "decisions/row-1/text", over = Array.Empty<string>(), value = "No refunds over 200" } } });
        await PostAsync(_host.Admin, Path + "/round", new { question = "What?" });
        await PostAsync(_spine.Lee, Path + "/round/text", new { text = "the wrong customer" });
        await PostAsync(_spine.Lee, Path + "/vote", new { step = 1, confidence = 2 });
        wall.WaitForAssertion(() => Assert.Equal("lee writes in Launch canvas", wall.Find(".people li").TextContent), Wait);
        wall.WaitForAssertion(() => Assert.Contains("hidden, 1 of 1", wall.Find("footer").TextContent), Wait);
        Assert.Equal(("0 of 1 ready", "Decisions 1"), (wall.Find(".ready").TextContent, wall.Find(".counts").TextContent));
        Assert.DoesNotContain("wrong customer", wall.Markup);
        await PostAsync(_host.Admin, Path + "/round/reveal", new { });
        wall.WaitForAssertion(() => Assert.Contains("the wrong customer", wall.Find(".told").TextContent), Wait);

        await PostAsync(_host.Admin, Path + "/item", new { item = 1 });
        wall.WaitForAssertion(() => Assert.Contains("Authority", wall.Find("h1").TextContent), Wait);
        Assert.Empty(wall.FindAll(".told"));
        await PostAsync(_host.Admin, Path + "/item", new { item = 6 });
        wall.WaitForAssertion(() => Assert.Contains("No refunds over 200", wall.Find(".closing").TextContent), Wait);
        Assert.Empty(wall.FindAll("button, .closing a"));
        await PostAsync(_host.Admin, Path + "/end", new { });
        wall.WaitForAssertion(() => Assert.Equal("What the session ended with", wall.Find("h1").TextContent), Wait);
        Assert.Contains("No refunds over 200", wall.Find(".closing").TextContent);
        Assert.Empty(wall.FindAll("button, a"));
    }

    [Fact]
    public async Task WhatWasWritten_IsFoldedOnceTheRoomMovedOn()
    {
        await PostAsync(_host.Admin, Path + "/round", new { question = "What?" });
        await PostAsync(_spine.Lee, Path + "/round/text", new { text = "the wrong customer" });
        await PostAsync(_host.Admin, Path + "/round/reveal", new { });
        await using var context = new PageContext(_host, "lee@example.com");
        var page = await RenderAsync(context);
        Assert.Empty(page.FindAll("details .written"));
        await PostAsync(_host.Admin, Path + "/item", new { item = 1 });
        page.WaitForAssertion(() => Assert.Contains("What everybody wrote: What?", page.Find("section[aria-labelledby=writing] summary").TextContent));
        Assert.Single(page.FindAll(".written"));
        Assert.Contains("the wrong customer", page.Find("details .written").TextContent);
    }

    [Fact]
    public async Task ATimeBoxThatIsNone_IsSaid_AndTheOldOneStays()
    {
        await using var context = new PageContext(_host, AdminEmail);
        var page = await RenderAsync(context);
        foreach (var typed in (string[])["-5", "99999", "", "2.5"])
        {
            await page.InvokeAsync(() => page.Find(".agenda input").ChangeAsync(typed));
            Assert.Equal("A time box is 1 to 240 whole minutes. Scope keeps its 25.", page.Find("section[aria-labelledby=agenda] [role=alert]").TextContent);
            Assert.Equal("25", page.Find(".agenda input").GetAttribute("value"));
        }
        await page.InvokeAsync(() => page.Find(".agenda input").ChangeAsync("30"));
        page.WaitForAssertion(() => Assert.Equal("30", page.Find(".agenda input").GetAttribute("value")));
        Assert.Empty(page.FindAll("section[aria-labelledby=agenda] [role=alert]"));
    }

    [Fact]
    public async Task AQuestion_IsAskedWithEnter_AndEmptyAsksNobody()
    {
        await using var context = new PageContext(_host, AdminEmail);
        var page = await RenderAsync(context);
        Assert.False(page.Button("Ask").HasAttribute("disabled"));   // Enter does nothing in a form whose button is off
        await page.InvokeAsync(() => page.Find(".ask").SubmitAsync());
        await page.InvokeAsync(() => page.Find("#question").InputAsync("What?"));
        await page.InvokeAsync(() => page.Find(".ask").SubmitAsync());
        page.WaitForAssertion(() => Assert.Contains("What?", page.Find("section[aria-labelledby=writing] .large").TextContent));
    }

    [Fact]
    public async Task WhoAsksToJoin_IsLetInByWhoeverLeads_AndGoesInByThemselves()
    {
        var code = (await GetAsync(_host.Admin, Path)).GetProperty("code").GetString();
        await _host.PersonAsync("kim@example.com", "member");
        await using var hers = new PageContext(_host, AdminEmail);
        await using var theirs = new PageContext(_host, "kim@example.com");
        var session = await RenderAsync(hers);
        var join = theirs.Render<JoinPage>(p => p.Add(c => c.Code, code));
        join.WaitForAssertion(() => Assert.Contains("has been asked to let you in", join.Find("#refusal").TextContent));
        session.WaitForAssertion(() => Assert.Contains("kim asks to join", session.Find(".asking").TextContent));

        await session.ClickAsync("Not now: kim");
        session.WaitForAssertion(() => Assert.Empty(session.FindAll(".asking")));
        await join.InvokeAsync(() => join.Find("form").SubmitAsync());
        session.WaitForAssertion(() => Assert.Single(session.FindAll(".asking")));
        await session.ClickAsync("Add as member: kim");
        session.WaitForAssertion(() => Assert.Empty(session.FindAll(".asking")));
        await Until.True(() => theirs.Navigation.Uri.EndsWith($"/rollouts/{_spine.Rollout}/session", StringComparison.Ordinal));
        var entry = (await GetAsync(_host.Admin, "/api/v1/audit/entries?event=member.added")).GetRawText();
        Assert.Contains(_host.Writer.State.Directory.ByEmail["kim@example.com"].Id, entry);
    }

    [Fact]
    public async Task WhoLeadsWithoutTheRight_IsToldWhoAddsPeople()
    {
        var code = (await GetAsync(_host.Admin, Path)).GetProperty("code").GetString();
        var (_, kim) = await _host.PersonAsync("kim@example.com", "member");
        await PostAsync(_host.Admin, Path + "/hand-over", new { to = "lee@example.com" });
        Assert.Equal("not_member", (await PostAsync(kim, "/api/v1/join", new { code }, 403)).GetProperty("code").GetString());
        await using var context = new PageContext(_host, "lee@example.com");
        var page = await RenderAsync(context);
        page.WaitForAssertion(() => Assert.Contains("ask the rollout owner", page.Find(".asking").TextContent));
        Assert.DoesNotContain("Add as member", page.Markup);
        var (desk, lee) = (_host.Services.GetRequiredService<JoinDesk>(), new PersonCaller(_host.Writer.State.Directory.ByEmail["lee@example.com"], null, "page"));
        var asks = _host.Writer.State.Directory.ByEmail["kim@example.com"].Id;
        Assert.Equal(FaultKind.Forbidden, (await desk.LetInAsync(lee, _spine.Rollout, asks)).Fault!.Kind);
        Assert.Equal(FaultKind.NotFound, (await desk.LetInAsync(lee, _spine.Rollout, lee.Id)).Fault!.Kind);   // never asked
    }

    [Fact]
    public void AClosing_PutsNoTwoStopsInARow_AndSessionsOfTodayHaveADay()
    {
        using var context = new BunitContext();
        var clock = new ReaderClock(new HandTime(new DateTimeOffset(2026, 11, 22, 9, 30, 0, TimeSpan.Zero)));
        context.Services.AddSingleton(clock);
        var view = new SessionView("ses_1", "rol_1", "Refunds", "K7M2QX", new("a", "Ada"), new("a", "Ada"), clock.Now, clock.Now, 0, [], [], [], [], null, null, [], new(false, false, false), null);
        var closing = new ClosingView("", [], [], [], [new("We say no.", "Too much would change.", false)], [], [new("What legal would say.", "Launch canvas")], []);
        var text = context.Render<SessionClosingView>(p => p.Add(c => c.Closing, closing).Add(c => c.View, view)).Find(".closing").TextContent;
        Assert.Contains("What legal would say: Launch canvas", text);
        Assert.Contains("We say no: Too much would change.", text);
        Assert.Equal("22 Nov 09:30 UTC", clock.Short(clock.Now, day: true));
        Assert.Contains("22 Nov 09:30", context.Render<SessionPast>(p => p.Add(c => c.RolloutId, "rol_1").Add(c => c.Sessions, [new SessionLine("ses_1", clock.Now, clock.Now, new("a", "Ada"))])).Markup);
    }

    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(5);   // the wall looks once a second
}
