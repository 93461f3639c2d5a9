using System.Text.Json;
using AngleSharp.Dom;
using Bunit;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Approvals.Ui;

/// <summary>The reader answers to something that is no longer so: the desk says who did what and when, that the answer was not taken, and where to go on.</summary>
public sealed class DeskRacesTests : IAsyncLifetime
{
    private const string Matrix = """
    { "default": "deny", "rules": [
        { "id": "R-5", "action": "mail.send", "outcome": "approve", "consequence": "low", "approvers": ["group:leads"], "quorum": 2 },
        { "id": "R-6", "action": "note.add", "outcome": "approve", "consequence": "low", "reversible": true, "sla": "PT15M", "approvers": ["group:leads"] } ] }
    """;

    private readonly HandTime _time = new(DateTimeOffset.UtcNow);
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync(new HostSettings { Time = _time });
        _spine = await Spine.BuildAsync(_host, Matrix);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Approve_AfterSomebodyRejected_SaysWhoWhatWhenAndOpensTheNext()
    {
        var (id, next) = (await AskAsync("note.add"), await AskAsync("note.add"));
        await using var desk = Dana();
        var page = Read(desk, id);
        await ConsoleHost.PostAsync(_spine.Lee, $"/api/v1/approvals/{id}/decision", new { verdict = "reject", reason = "seen already" });
        await desk.PressAsync(page, "a");
        var said = Notice(page);
        Assert.Contains("lee rejected this before your answer arrived", said);
        Assert.Contains("Your answer was not recorded", said);
        Assert.Contains(Clock(desk, (await ViewAsync(id)).GetProperty("votes")[0].GetProperty("at").GetDateTimeOffset()), said);
        Assert.Contains("seen already", page.Find(".evidence").TextContent);
        Assert.Equal("/approvals/" + next, WayOn(page).GetAttribute("href"));
        Assert.Equal("rejected", (await ViewAsync(id)).GetProperty("status").GetString());
        Assert.Single((await ViewAsync(id)).GetProperty("votes").EnumerateArray());
    }

    [Fact]
    public async Task Reject_AfterSomebodyApproved_SaysWhoWhatWhenAndTheWayBack()
    {
        var id = await AskAsync("note.add");
        await using var desk = Dana();
        var page = Read(desk, id);
        await ConsoleHost.PostAsync(_spine.Lee, $"/api/v1/approvals/{id}/decision", new { verdict = "approve" });
        await desk.PressAsync(page, "r");
        page.Find("dialog select").Change("not_needed");
        page.Find("dialog textarea").Input("not now");
        await page.Find("dialog button.danger.primary").ClickAsync(new());
        Assert.Contains("lee approved this before your answer arrived", Notice(page));
        Assert.Contains(Clock(desk, (await ViewAsync(id)).GetProperty("votes")[0].GetProperty("at").GetDateTimeOffset()), Notice(page));
        Assert.Equal(("Back to what waits", "/approvals"), (WayOn(page).TextContent, WayOn(page).GetAttribute("href")));
        Assert.Empty(page.FindAll(".sticky-actions"));
        Assert.Contains("Decided meanwhile: Approved by lee", page.Find("dialog .meanwhile").TextContent);
        Assert.Equal("not now", page.Find("dialog .meanwhile [data-copy]").GetAttribute("data-copy"));
        Assert.Equal("not now", page.Find("dialog textarea").GetAttribute("value"));
        Assert.Empty(page.FindAll("dialog button.primary, dialog select"));   // nothing that looks as if it could still be answered
    }

    [Fact]
    public async Task Reject_WhileWritingSomebodyEdits_KeepsTheWordsAndSaysWho()
    {
        var id = await AskAsync("note.add");
        await using var desk = Dana();
        var page = Read(desk, id);
        await desk.PressAsync(page, "r");
        page.Find("dialog select").Change("not_needed");
        page.Find("dialog textarea").Input("not now");
        await ConsoleHost.PostAsync(_spine.Lee, $"/api/v1/approvals/{id}/decision", new { verdict = "edit", arguments = new { amount = 7 } });
        desk.Signals.Publish("approvals");
        page.WaitForElement("dialog .meanwhile");
        var at = Clock(desk, (await ViewAsync(id)).GetProperty("decided_at").GetDateTimeOffset());
        Assert.Contains("Decided meanwhile: Edited and approved by lee, " + at, page.Find("dialog .meanwhile").TextContent);
        Assert.Equal("not now", page.Find("dialog textarea").GetAttribute("value"));
        Assert.Contains("tone-allow", page.Find(".card-head .verdict").ClassName);
        Assert.Equal("✓Edited and approved", page.Find(".card-head .verdict").TextContent);
        Assert.Contains("by lee " + at, page.Find(".evidence .callout.allow").TextContent);
        Assert.DoesNotContain("by lee", string.Concat(page.FindAll(".reason").Select(r => r.TextContent)));
        await page.InvokeAsync(() => page.FindComponents<Modal>().Single(m => m.Instance.Open).Instance.Closed());
        Assert.Empty(page.FindAll("dialog .meanwhile"));
    }

    [Fact]
    public async Task Reject_WhatSomebodyEditedMeanwhile_KeepsTheWordsAndLetsSendThemAgain()
    {
        var id = await AskAsync("mail.send");
        await using var desk = Dana();
        var page = Read(desk, id);
        await desk.PressAsync(page, "r");
        page.Find("dialog select").Change("not_needed");
        page.Find("dialog textarea").Input("not now");
        await ConsoleHost.PostAsync(_spine.Lee, $"/api/v1/approvals/{id}/decision", new { verdict = "edit", arguments = new { amount = 7 } });
        await page.Find("dialog button.danger.primary").ClickAsync(new());
        Assert.Contains("changed while you were looking", page.Find("dialog .validation-message").TextContent);
        Assert.Equal("not now", page.Find("dialog textarea").GetAttribute("value"));
        _time.Advance(TimeSpan.FromSeconds(1));
        await page.Find("dialog button.danger.primary").ClickAsync(new());
        Assert.Equal("rejected", (await ViewAsync(id)).GetProperty("status").GetString());
    }

    [Theory]
    [InlineData("approve", "lee approved while you were looking (1 of 2 said yes)", "It has been loaded again")]
    [InlineData("edit", "lee edited the arguments while you were looking (1 of 2 said yes)", "What you see now is the new proposal")]
    public async Task Approve_WhatChangedMeanwhile_SaysWhoWhatWhenAndLetsAnswerAgain(string verdict, string who, string then)
    {
        var id = await AskAsync("mail.send");
        await using var desk = Dana();
        var page = Read(desk, id);
        await ConsoleHost.PostAsync(_spine.Lee, $"/api/v1/approvals/{id}/decision", verdict == "edit" ? new { verdict, arguments = new { amount = 7 } } : (object)new { verdict });
        await desk.PressAsync(page, "a");
        Assert.Contains(who, Notice(page));
        Assert.Contains(then, Notice(page));
        Assert.Contains(Clock(desk, (await ViewAsync(id)).GetProperty("votes")[0].GetProperty("at").GetDateTimeOffset()), Notice(page));
        Assert.Empty(page.FindAll(".way-on"));
        _time.Advance(TimeSpan.FromSeconds(1));
        await desk.PressAsync(page, "a");
        Assert.NotEqual("pending", (await ViewAsync(id)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task Approve_AfterItsTime_SaysThatNobodyDecidedWhenAndTheWayOn()
    {
        var id = await AskAsync("note.add");
        await using var desk = Dana();
        var page = Read(desk, id);
        _time.Advance(TimeSpan.FromMinutes(16));
        await desk.PressAsync(page, "a");
        var due = (await ViewAsync(id)).GetProperty("expires_at").GetDateTimeOffset();
        Assert.Contains("Nobody decided in time", Notice(page));
        Assert.Contains(Clock(desk, due), Notice(page));
        Assert.Contains("nobody's no", Notice(page));
        Assert.Equal("/approvals", WayOn(page).GetAttribute("href"));
        Assert.Empty((await ViewAsync(id)).GetProperty("votes").EnumerateArray());
    }

    [Fact]
    public async Task Approve_WhatTheAgentWithdrew_SaysSoWhenAndTheWayOn()
    {
        var id = await AskAsync("note.add");
        await using var desk = Dana();
        var page = Read(desk, id);
        await ConsoleHost.PostAsync(_spine.Agent, $"/api/v1/decisions/{(await ViewAsync(id)).GetProperty("decision_id").GetString()}/cancel", new { });
        await desk.PressAsync(page, "a");
        Assert.Contains("The agent withdrew this before your answer arrived", Notice(page));
        Assert.Equal("/approvals", WayOn(page).GetAttribute("href"));
    }

    private Desk Dana()
    {
        var desk = new Desk(_host, "dana@example.com", _time, signalsByHand: true);
        desk.Services.GetRequiredService<ReaderClock>().Use("Europe/Berlin");
        return desk;
    }

    private IRenderedComponent<ApprovalsPage> Read(Desk desk, string id)
    {
        var page = desk.Open(id);
        page.WaitForElement(".evidence");
        _time.Advance(TimeSpan.FromSeconds(1));
        return page;
    }

    private static string Notice(IRenderedComponent<ApprovalsPage> page) => page.Find(".evidence > .callout[role=alert]").TextContent;
    private static IElement WayOn(IRenderedComponent<ApprovalsPage> page) => page.Find(".evidence > .way-on > a");
    private static string Clock(Desk desk, DateTimeOffset at) => desk.Services.GetRequiredService<ReaderClock>().Short(at, seconds: true);
    private Task<JsonElement> ViewAsync(string id) => ConsoleHost.GetAsync(_host.Admin, "/api/v1/approvals/" + id);

    private async Task<string> AskAsync(string action)
    {
        var answer = await _spine.AskAsync(new { action, resource = new { type = "order", id = "8812" }, arguments = new { amount = 420, nonce = Guid.NewGuid().ToString("N") }, run_id = "run-1" }, 202);
        return answer.GetProperty("approval").GetProperty("id").GetString()!;
    }
}
