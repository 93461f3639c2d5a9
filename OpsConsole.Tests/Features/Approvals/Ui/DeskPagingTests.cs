using Bunit;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Core.Access;
using OpsConsole.Tests.Support;

namespace OpsConsole.Features.Approvals.Ui;

/// <summary>More waits than fits a page: it is read on by place, stays live, and nothing moves under the reader.</summary>
public sealed class DeskPagingTests : IAsyncLifetime
{
    private const string Matrix = """
    { "default": "deny", "rules": [
        { "id": "R-1", "action": "note.add", "outcome": "approve", "consequence": "low", "reversible": true, "approvers": ["group:leads"], "sla": "PT1H" },
        { "id": "R-2", "action": "note.urgent", "outcome": "approve", "consequence": "low", "reversible": true, "approvers": ["group:leads"], "sla": "PT5M" },
        { "id": "R-3", "action": "note.other", "outcome": "approve", "consequence": "low", "reversible": true, "approvers": ["user:owner@example.com"], "sla": "PT1H" } ] }
    """;

    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync();
        _spine = await Spine.BuildAsync(_host, Matrix);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task ShowMore_Appends_AndStaysLiveWhereTheReaderIs()
    {
        List<string> asked = [];
        for (var i = 0; i < 120; i++) asked.Add(await AskAsync("note.add"));
        await using var desk = new Desk(_host, "dana@example.com", signalsByHand: true);
        var page = desk.Open();
        page.WaitForElement(".list");
        Assert.Equal(asked[..50], Shown(page));
        Assert.Contains("50+ waiting", page.Find(".filters").TextContent);
        for (var i = 0; i < 3; i++) await desk.PressAsync(page, "j");
        Assert.Equal(asked[2], Selected(page));

        await page.Find(".pager button").ClickAsync(new());
        Assert.Equal(asked[..100], Shown(page));
        Assert.Equal(asked[2], Selected(page));

        // An urgent one comes in above and one is decided below: the rest keeps its order and its end.
        var urgent = await AskAsync("note.urgent");
        await ConsoleHost.PostAsync(_spine.Lee, $"/api/v1/approvals/{asked[60]}/decision", new { verdict = "approve" });
        await desk.SettleAsync("approvals");
        Assert.Equal([urgent, .. asked[..60], .. asked[61..100]], Shown(page));
        Assert.Equal(asked[2], Selected(page));

        // The one that the keyboard stands on is decided: the place stays.
        await ConsoleHost.PostAsync(_spine.Lee, $"/api/v1/approvals/{asked[2]}/decision", new { verdict = "approve" });
        await desk.SettleAsync("approvals");
        Assert.Equal(asked[3], Selected(page));

        await page.Find(".pager button").ClickAsync(new());
        Assert.Equal([urgent, asked[0], asked[1], .. asked[3..60], .. asked[61..]], Shown(page));
        Assert.Empty(page.FindAll(".pager"));
        Assert.Contains("119 waiting", page.Find(".filters").TextContent);
    }

    [Fact]
    public async Task ShowMore_WhileReading_OpensNothingAndMovesNothing()
    {
        List<string> asked = [];
        for (var i = 0; i < 60; i++) asked.Add(await AskAsync("note.add"));
        await using var desk = new Desk(_host, "dana@example.com", signalsByHand: true);
        var page = desk.Open(asked[10]);
        page.WaitForElement(".evidence");
        await AskAsync("note.urgent");
        await desk.SettleAsync("approvals");
        Assert.Equal("1 new — show", page.Find(".new-rows").TextContent);
        await page.Find(".pager button").ClickAsync(new());
        Assert.Equal(asked, Shown(page));
        Assert.Equal(asked[10], Selected(page));
        Assert.Equal("1 new — show", page.Find(".new-rows").TextContent);
    }

    [Fact]
    public async Task Read_ByPlace_GivesEachOnceAlsoWhereTheRowOfThePlaceIsGone()
    {
        List<string> asked = [];
        for (var i = 0; i < 12; i++) asked.Add(await AskAsync(i % 2 == 0 ? "note.add" : "note.other"));
        var inbox = _host.Services.GetRequiredService<ApprovalInbox>();
        var me = new PersonCaller(_host.Writer.State.Directory.ByEmail["dana@example.com"], null, "session");
        var mine = new QueueFilter(MineOnly: true);
        var first = await inbox.ReadAsync(me, mine, null, null, 2, default);
        Assert.Equal([asked[0], asked[2]], first.Rows.Select(r => r.Id));
        Assert.True(first.More);
        await ConsoleHost.PostAsync(_spine.Lee, $"/api/v1/approvals/{asked[2]}/decision", new { verdict = "approve" });
        var rest = await inbox.ReadAsync(me, mine, QueuePlace.Of(first.Rows[^1]), null, 50, default);
        Assert.Equal([asked[4], asked[6], asked[8], asked[10]], rest.Rows.Select(r => r.Id));
        Assert.False(rest.More);
        var through = await inbox.ReadAsync(me, mine, null, QueuePlace.Of(rest.Rows[1]), 1, default);
        Assert.Equal([asked[0], asked[4], asked[6]], through.Rows.Select(r => r.Id));
        Assert.True(through.More);
        Assert.Empty((await inbox.ReadAsync(me, new QueueFilter("rol_other"), null, null, 50, default)).Rows);
    }

    private static string[] Shown(IRenderedComponent<ApprovalsPage> page) => [.. page.FindAll(".list > li > a").Select(a => a.GetAttribute("href")!.Split('/')[^1])];
    private static string? Selected(IRenderedComponent<ApprovalsPage> page) => page.FindAll(".list > li > a[aria-current]").Single().GetAttribute("href")!.Split('/')[^1];

    private async Task<string> AskAsync(string action)
        => (await _spine.AskAsync(new { action, arguments = new { nonce = Guid.NewGuid().ToString("N") } }, 202)).GetProperty("approval").GetProperty("id").GetString()!;
}
