using Bunit;
using OpsConsole.Tests.Support;

namespace OpsConsole.Features.Approvals.Ui;

/// <summary>Handing on and escalating at the desk, over the real services.</summary>
public sealed class MoveBarTests : IAsyncLifetime
{
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync();
        _spine = await Spine.BuildAsync(_host);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    private async Task<(string Id, IRenderedComponent<ApprovalsPage> Page)> OpenAsync(Desk desk)
    {
        var id = (await _spine.RefundAsync(300, 202)).GetProperty("approval").GetProperty("id").GetString()!;
        var page = desk.Open(id);
        page.WaitForElement(".evidence");
        desk.Time.Advance(TimeSpan.FromSeconds(1));
        return (id, page);
    }

    [Fact]
    public async Task Escalate_ByKey_AsksMorePeopleAndTheCardSaysWhy()
    {
        await using var desk = new Desk(_host, "dana@example.com");
        var (id, page) = await OpenAsync(desk);
        Assert.Equal(["named", "named"], page.FindAll(".asked .muted").Select(m => m.TextContent));
        await desk.PressAsync(page, "u");
        Assert.True(page.Find("dialog button.primary").HasAttribute("disabled"));   // not without words
        page.Find("dialog textarea").Input("Nobody answers");
        await page.Find("dialog button.primary").ClickAsync(new());
        var view = await ConsoleHost.GetAsync(_host.Admin, "/api/v1/approvals/" + id);
        Assert.Equal(("pending", true), (view.GetProperty("status").GetString(), view.GetProperty("escalated").GetBoolean()));
        var again = desk.Open(id);
        again.WaitForElement(".asked");
        Assert.Contains("because it was escalated", again.Find(".asked").TextContent);
        Assert.Contains("“Nobody answers”", again.Find(".evidence").TextContent);
    }

    [Fact]
    public async Task HandOn_ToWhomMayNot_KeepsTheWordsAndSaysWhichRule()
    {
        await using var desk = new Desk(_host, "dana@example.com");
        var (id, page) = await OpenAsync(desk);
        await desk.PressAsync(page, "h");
        Assert.DoesNotContain("group leads", page.Find("dialog datalist").TextContent);   // they are in it themselves
        page.Find("dialog input").Input("owner@example.com");
        page.Find("dialog textarea").Input("You know it best");
        await page.Find("dialog button.primary").ClickAsync(new());
        Assert.Contains("owns this agent", page.Find("dialog .validation-message").TextContent);
        Assert.Equal("pending", (await ConsoleHost.GetAsync(_host.Admin, "/api/v1/approvals/" + id)).GetProperty("status").GetString());
        page.Find("dialog input").Input("lee@example.com");
        await page.Find("dialog button.primary").ClickAsync(new());
        var view = await ConsoleHost.GetAsync(_host.Admin, "/api/v1/approvals/" + id);
        Assert.Equal(("lee", "You know it best"), (view.GetProperty("moves")[0].GetProperty("to").GetString(), view.GetProperty("moves")[0].GetProperty("reason").GetString()));
    }
}
