using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Platform.Realtime;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Approvals.Ui;

/// <summary>What the desk shows, over the real services and a real database; what agents and other people do goes through the API.</summary>
public sealed class ApprovalsPageTests : IAsyncLifetime
{
    private const string Matrix = """
    { "default": "deny", "rules": [
        { "id": "R-3", "action": "refund.create", "outcome": "approve", "approvers": ["group:leads"], "reversible": true, "sla": "PT15M", "note": "refunds need a lead" },
        { "id": "R-5", "action": "mail.send", "outcome": "approve", "consequence": "low", "approvers": ["group:leads"], "quorum": 2 },
        { "id": "R-6", "action": "note.add", "outcome": "approve", "consequence": "low", "reversible": true, "approvers": ["user:dana@example.com"] } ] }
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
    public async Task List_NothingWaits_TeachesHowRequestsGetHere()
    {
        await using var desk = new Desk(_host, "dana@example.com");
        var page = desk.Open();
        page.WaitForElement(".state");
        Assert.Contains("matrix", page.Find(".state").TextContent);
    }

    [Fact]
    public async Task Keys_ForWhoMayDecideNothing_AreThoseThatWalk()
    {
        await AskAsync("note.add");
        await using var desk = new Desk(_host, ConsoleHost.AdminEmail);
        var page = desk.Open();
        page.WaitForElement(".list");
        Assert.DoesNotContain("approves", page.Find(".split-detail").TextContent);
        Assert.Equal(["j", "k", "Enter", "Escape", "/", "s"], page.FindComponent<PageKeys>().Instance.Keys.Select(k => k.Key));
    }

    [Fact]
    public async Task ResourceAttributes_AreShownReadableAndRaw()
    {
        var answer = await _spine.AskAsync(new { action = "refund.create", resource = new { type = "order", id = "8812", attributes = new { customer_tier = "gold\u202E" } }, arguments = new { amount = 420 } }, 202);
        var id = answer.GetProperty("approval").GetProperty("id").GetString()!;
        Assert.Equal("gold\u202E", (await ConsoleHost.GetAsync(_spine.Dana, "/api/v1/approvals/" + id)).GetProperty("resource_attributes").GetProperty("customer_tier").GetString());
        await using var desk = new Desk(_host, "dana@example.com");
        var page = desk.Open(id);
        page.WaitForElement(".evidence");
        var shown = page.FindAll(".evidence h4").Single(h => h.TextContent.StartsWith("What it acts on", StringComparison.Ordinal)).NextElementSibling!;
        Assert.Contains("gold⟨U+202E⟩", shown.TextContent);
        Assert.Contains("\"customer_tier\"", shown.QuerySelector(".raw")!.TextContent);
    }

    [Fact]
    public async Task HostileText_IsOnlyText()
    {
        var answer = await _spine.AskAsync(new { action = "refund.create", resource = new { type = "order", id = "88\u202E12" }, arguments = new { note = "<img src=x onerror=alert(1)>" }, reasoning = "[click](https://evil.example) <b>now</b>" }, 202);
        await using var desk = new Desk(_host, "dana@example.com");
        var page = desk.Open(answer.GetProperty("approval").GetProperty("id").GetString()!);
        page.WaitForElement(".evidence");
        Assert.DoesNotContain('\u202E', page.Markup);
        Assert.Contains("⟨U+202E⟩", page.Find(".list").TextContent);
        Assert.Empty(page.FindAll(".evidence img, .evidence a[href*=evil], .evidence .untrusted b"));
    }

    [Fact]
    public async Task NewRows_WhileReading_AreAnnounced()
    {
        var id = await AskAsync("refund.create");
        await using var desk = new Desk(_host, "dana@example.com");
        var page = desk.Open(id);
        page.WaitForElement(".evidence");
        await AskAsync("note.add");
        page.WaitForAssertion(() => Assert.Equal("1 new — show", page.Find(".new-rows").TextContent));
        Assert.Single(page.FindAll(".list > li"));
        page.Find(".new-rows").Click();
        Assert.Equal(2, page.FindAll(".list > li").Count);
    }

    [Fact]
    public async Task Signals_Burst_RendersAFewTimesAndNeverAfterDispose()
    {
        await AskAsync("refund.create");
        await using var desk = new Desk(_host, "dana@example.com", signalsByHand: true);
        var page = desk.Open();
        page.WaitForElement(".list");
        var row = page.FindComponent<QueueRowItem>();
        var (before, rowBefore) = (page.RenderCount, row.RenderCount);
        for (var i = 0; i < 1_000; i++) desk.Signals.Publish("approvals");
        await desk.SettleAsync("approvals");
        Assert.InRange(page.RenderCount - before, 1, 20);
        Assert.Equal(rowBefore, row.RenderCount);
        var subscriptions = desk.Signals.Count;
        await desk.DisposeComponentsAsync();
        Assert.True(desk.Signals.Count < subscriptions);
    }

    [Theory]
    [InlineData("Agent", "R-3", "8812")]
    [InlineData("Refunds and returns agent of EMEA north 2", "refunds-over-200-eur-need-a-named-lead-2", "order-2026-11-21-000000000000000000088124")]
    public async Task OneNewRow_OnAPageOfFifty_IsABatchOfAtMostOneKilobyte(string agent, string rule, string order)
    {
        if (agent != "Agent")
        {
            await Spine.PublishAsync(_host, _spine.Rollout, Matrix.Replace("\"R-3\"", $"\"{rule}\""));
            await ConsoleHost.SendAsync(_host.Admin, HttpMethod.Patch, "/api/v1/agents/" + _spine.AgentId, new { name = agent }, 200);
        }
        for (var i = 0; i < 49; i++) await AskAsync("refund.create", order);
        await using var desk = new Desk(_host, "dana@example.com", signalsByHand: true);
        desk.Services.GetRequiredService<ReaderClock>().Use("Europe/Berlin");
        if (agent != "Agent") desk.Navigation.NavigateTo("/approvals?rollout=" + _spine.Rollout);   // every row's address carries the filter
        await using var renderer = new BatchBytes(desk.Services);
        await renderer.ShowAsync(renderer.Make(typeof(ApprovalsPage)), ParameterView.Empty);
        await Until.True(() => renderer.Batches.Count > 0 && renderer.Batches.Max() > 10_000);
        await desk.SettleAsync("approvals");
        var before = renderer.Batches.Count;
        await AskAsync("refund.create", order);
        await desk.SettleAsync("approvals");
        var sent = renderer.Batches.Skip(before).ToList();
        Assert.True(sent.Max() > 100, "the new row was not sent");
        Assert.True(sent.Sum() <= 1_024, "bytes sent for one new row: " + string.Join(" + ", sent));
    }

    private async Task<string> AskAsync(string action, string order = "8812")
    {
        var answer = await _spine.AskAsync(new { action, resource = new { type = "order", id = order }, arguments = new { amount = 420, order, nonce = Guid.NewGuid().ToString("N") }, run_id = "run-1", confidence = 0.71, reasoning = "charged twice" }, 202);
        return answer.GetProperty("approval").GetProperty("id").GetString()!;
    }
}
