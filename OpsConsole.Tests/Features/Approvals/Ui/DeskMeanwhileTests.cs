using System.Text.Json;
using Bunit;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Approvals.Ui;

/// <summary>Claiming, asking back and taking back at the desk, with others at the API.</summary>
public sealed class DeskMeanwhileTests : IAsyncLifetime
{
    private const string Matrix = """
    { "rules": [
        { "id": "N", "action": "note.add", "outcome": "approve", "consequence": "low", "reversible": true, "approvers": ["group:leads"], "sla": "PT15M" },
        { "id": "H", "action": "held.add", "outcome": "approve", "consequence": "low", "reversible": true, "approvers": ["group:leads"], "sla": "PT15M", "hold": "PT10S" } ] }
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

    private async Task<string> AskAsync(string action)
        => (await _spine.AskAsync(new { action, arguments = new { nonce = Guid.NewGuid().ToString("N") } }, 202)).GetProperty("approval").GetProperty("id").GetString()!;

    private Task<JsonElement> ViewAsync(string id) => ConsoleHost.GetAsync(_spine.Lee, "/api/v1/approvals/" + id);
    private async Task<string> StatusAsync(string id) => (await ViewAsync(id)).GetProperty("status").GetString()!;
    private async Task<bool> ClaimedAsync(string id) => (await ViewAsync(id)).GetProperty("claim").ValueKind == JsonValueKind.Object;

    private IRenderedComponent<ApprovalsPage> Read(Desk desk, string id)
    {
        var page = desk.Open(id);
        page.WaitForElement(".evidence");
        _time.Advance(TimeSpan.FromSeconds(1));
        return page;
    }

    private Desk Of(string name) => new(_host, name + "@example.com", _time, signalsByHand: true);

    [Fact]
    public async Task Claim_IsShownToOthers_WhoAreAskedBeforeTheyDecide_AndEndsWhenLeft()
    {
        var (id, next) = (await AskAsync("note.add"), await AskAsync("note.add"));
        await using var dana = Of("dana");
        var mine = Read(dana, id);
        await dana.PressAsync(mine, "c");
        Assert.True(await ClaimedAsync(id));
        Assert.Contains("You are looking at this (claimed ", mine.Find(".request-state").TextContent);

        await using var lee = Of("lee");
        var theirs = Read(lee, id);
        Assert.Contains("dana is looking at this (claimed ", theirs.Find(".list").TextContent);
        Assert.Contains("dana is looking at this (claimed ", theirs.Find(".request-state").TextContent);
        await lee.PressAsync(theirs, "a");   // low consequence: without the claim one key would do
        Assert.Equal("pending", await StatusAsync(id));
        Assert.Contains("dana is on it.", theirs.Find("dialog").TextContent);

        mine.Render(p => p.Add(c => c.Id, next));   // goes on to another request
        await Until.True(async () => !await ClaimedAsync(id), "the claim's end");
    }

    [Fact]
    public async Task Claim_PageIsClosed_IsLetGo()
    {
        var id = await AskAsync("note.add");
        await using var dana = Of("dana");
        await dana.PressAsync(Read(dana, id), "c");
        Assert.True(await ClaimedAsync(id));
        await dana.DisposeComponentsAsync();
        await Until.True(async () => !await ClaimedAsync(id), "the claim's end");
    }

    [Fact]
    public async Task Claim_WhileTheReaderIsActive_GoesOn_AndWhenTakenOverStays()
    {
        var id = await AskAsync("note.add");
        await using var dana = Of("dana");
        var page = Read(dana, id);
        await dana.PressAsync(page, "c");
        for (var minute = 0; minute < 7; minute++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            await page.FindComponent<ActivityWatch>().Instance.Active();
        }
        Assert.True(await ClaimedAsync(id));
        await ConsoleHost.PostAsync(_spine.Lee, $"/api/v1/approvals/{id}/claim", new { take_over = true });
        await page.FindComponent<ActivityWatch>().Instance.Active();
        await dana.DisposeComponentsAsync();
        Assert.Equal("lee", (await ViewAsync(id)).GetProperty("claim").GetProperty("name").GetString());
    }

    [Fact]
    public async Task Ask_IsTheAgentsTurn_AndApprovingWithoutTheAnswerSaysSo()
    {
        var id = await AskAsync("note.add");
        await using var dana = Of("dana");
        var page = Read(dana, id);
        Assert.Contains("Waits for approvers since", page.Find(".request-state").TextContent);
        await dana.PressAsync(page, "q");
        page.Find("dialog textarea").Input("Which <b>order</b>?");
        await page.FindAll("dialog button.primary").Single(b => b.TextContent == "Ask").ClickAsync(new());
        Assert.Contains("Waits for the agent's answer since", page.Find(".request-state").TextContent);
        Assert.Contains("Which <b>order</b>?", page.Find(".questions").TextContent);
        dana.Signals.Publish("approvals");
        page.WaitForAssertion(() => Assert.Contains("waits for the agent's answer since", page.Find(".list").TextContent));
        await dana.PressAsync(page, "a");
        Assert.Contains("A question is not answered yet", page.Find("dialog").TextContent);
        await page.FindAll("dialog button.primary").Single(b => b.TextContent.StartsWith("Approve", StringComparison.Ordinal)).ClickAsync(new());
        Assert.Equal("approved", await StatusAsync(id));
    }

    [Fact]
    public async Task Owner_AnswersOnTheRequestsPage()
    {
        var id = await AskAsync("note.add");
        await ConsoleHost.PostAsync(_spine.Dana, $"/api/v1/approvals/{id}/decision", new { verdict = "ask", reason = "Why twice?", to = "owner" });
        await using var owner = Of("owner");
        var page = Read(owner, id);
        Assert.Contains("Why twice?", page.Find(".questions").TextContent);
        page.Find(".questions textarea").Input("It was charged twice.");
        await page.Find(".questions button").ClickAsync(new());
        Assert.Equal("It was charged twice.", (await ViewAsync(id)).GetProperty("questions")[0].GetProperty("answer").GetString());
        Assert.Contains("owner answered: “It was charged twice.”", page.Find(".questions").TextContent);
    }

    [Fact]
    public async Task TakeBack_AfterMovingOn_OpensTheRequestAgain()
    {
        var (id, next) = (await AskAsync("held.add"), await AskAsync("note.add"));
        await using var dana = Of("dana");
        var page = Read(dana, id);
        await dana.PressAsync(page, "a");
        Assert.Equal("approved", await StatusAsync(id));
        Assert.EndsWith("/approvals/" + next, dana.Navigation.Uri);
        page.Render(p => p.Add(c => c.Id, next));
        Assert.Matches("Approved held.add.*0:(09|10) left to take it back", page.Find(".take-back").TextContent);
        await dana.PressAsync(page, "z");
        Assert.Equal("pending", await StatusAsync(id));
        Assert.EndsWith("/approvals/" + id, dana.Navigation.Uri);
        Assert.Empty(page.FindAll(".take-back"));
    }

    [Fact]
    public async Task TakeBack_OnceTheAgentIsLetGo_IsNoLongerOffered()
    {
        var id = await AskAsync("held.add");
        await using var dana = Of("dana");
        var page = Read(dana, id);
        await dana.PressAsync(page, "a");
        page.Render(p => p.Add(c => c.Id, null));
        Assert.NotEmpty(page.FindAll(".take-back"));
        _time.Advance(TimeSpan.FromSeconds(11));
        await Until.True(async () =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(20));
            return (await ViewAsync(id)).GetProperty("released_at").ValueKind == JsonValueKind.String;
        }, "the release");
        dana.Signals.Publish("approvals");
        page.WaitForAssertion(() => Assert.Empty(page.FindAll(".take-back")));
        await dana.PressAsync(page, "z");   // nothing happens
        Assert.Equal("approved", await StatusAsync(id));
    }
}
