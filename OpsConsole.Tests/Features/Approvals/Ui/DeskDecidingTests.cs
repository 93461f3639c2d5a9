using System.Text.Json;
using Bunit;
using Microsoft.AspNetCore.Components;
using OpsConsole.Tests.Support;

namespace OpsConsole.Features.Approvals.Ui;

/// <summary>What one request is answered with at the desk: yes, no, an edit; and what keeps somebody from it.</summary>
public sealed class DeskDecidingTests : IAsyncLifetime
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
    public async Task Approve_LowConsequence_OneKeyReleasesAndOpensTheNext()
    {
        var first = await AskAsync("note.add");
        var second = await AskAsync("note.add");
        await using var desk = new Desk(_host, "dana@example.com");
        var page = desk.Open(first);
        page.WaitForElement(".evidence");
        await desk.PressAsync(page, "a");
        Assert.Equal("pending", await StatusAsync(first));   // it had only just come up
        page.WaitForElement(".validation-message");
        desk.Time.Advance(TimeSpan.FromSeconds(1));
        await desk.PressAsync(page, "a");
        Assert.Equal("approved", await StatusAsync(first));
        Assert.EndsWith("/approvals/" + second, desk.Navigation.Uri);
    }

    [Fact]
    public async Task Approve_HighConsequence_AsksWithTheArgumentsFirst()
    {
        var id = await AskAsync("refund.create");
        await using var desk = new Desk(_host, "dana@example.com");
        var page = desk.Open(id);
        page.WaitForElement(".evidence");
        desk.Time.Advance(TimeSpan.FromSeconds(1));
        await desk.PressAsync(page, "a");
        Assert.Equal("pending", await StatusAsync(id));
        var dialog = page.FindAll("dialog").Single(d => d.TextContent.Contains("The agent does this at once"));
        Assert.Contains("8812", dialog.TextContent);
        await page.InvokeAsync(() => dialog.QuerySelector("button.primary")!.ClickAsync(new()));
        Assert.Equal("approved", await StatusAsync(id));
    }

    [Fact]
    public async Task Key_OnWhatIsNotOpen_OpensItFirst()
    {
        var id = await AskAsync("note.add");
        await using var desk = new Desk(_host, "dana@example.com");
        var page = desk.Open();
        page.WaitForElement(".list");
        Assert.Contains("in the open request a approves", page.Find(".split-detail").TextContent);
        await desk.PressAsync(page, "a");   // on nothing
        await desk.PressAsync(page, "j");
        await desk.PressAsync(page, "a");
        Assert.Equal("pending", await StatusAsync(id));
        Assert.EndsWith("/approvals/" + id, desk.Navigation.Uri);
    }

    [Fact]
    public async Task Paused_SaysThatAnApprovalIsHeld()
    {
        var id = await AskAsync("note.add");
        await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/agents/{_spine.AgentId}/pause", new { reason = "drill" });
        await using var desk = new Desk(_host, "dana@example.com");
        var page = desk.Open(id);
        page.WaitForElement(".evidence");
        Assert.Contains("an approval is held until it is resumed", page.Find(".callout.paused").TextContent);
        Assert.Contains("drill", page.Find(".callout.paused").TextContent);
        await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/agents/{_spine.AgentId}/resume", new { reason = "over" });
        page.WaitForAssertion(() => Assert.Empty(page.FindAll(".callout.paused")));
    }

    [Fact]
    public async Task Reject_NearTheEndOfWhatFits_SaysHowMuchIsLeft()
    {
        var id = await AskAsync("note.add");
        await using var desk = new Desk(_host, "dana@example.com");
        var page = desk.Open(id);
        page.WaitForElement(".evidence");
        await desk.PressAsync(page, "r");
        page.Find("dialog textarea").Input(new string('x', 1_800));
        Assert.Empty(page.FindAll("dialog .field .hint"));
        page.Find("dialog textarea").Input(new string('x', 1_990));
        Assert.Equal("10 of 2,000 characters left.", page.Find("dialog .field .hint").TextContent);
        page.Find("dialog textarea").Input(new string('x', 2_000));
        Assert.Contains("more is cut off", page.Find("dialog .field .hint").TextContent);
    }

    [Fact]
    public async Task Reject_WithWords_RecordsThem()
    {
        var id = await AskAsync("refund.create");
        await using var desk = new Desk(_host, "dana@example.com");
        var page = desk.Open(id);
        page.WaitForElement(".evidence");
        desk.Time.Advance(TimeSpan.FromSeconds(1));
        await desk.PressAsync(page, "r");
        page.Find("dialog textarea").Input("not ours to pay");
        await page.Find("dialog button.danger.primary").ClickAsync(new());
        Assert.Equal("Choose a reason first.", page.Find("dialog [role=alert]").TextContent);
        page.Find("dialog select").Change("policy");
        await page.Find("dialog button.danger.primary").ClickAsync(new());
        var view = await ViewAsync(id);
        Assert.Equal("rejected", view.GetProperty("status").GetString());
        Assert.Equal(("not ours to pay", "policy"), (view.GetProperty("votes")[0].GetProperty("reason").GetString(), view.GetProperty("votes")[0].GetProperty("reason_code").GetString()));
    }

    [Fact]
    public async Task Edit_ToNothing_IsShownFieldByFieldAndSent()
    {
        var id = await AskAsync("note.add");
        await using var desk = new Desk(_host, "dana@example.com");
        var page = desk.Open(id);
        page.WaitForElement(".evidence");
        desk.Time.Advance(TimeSpan.FromSeconds(1));
        await desk.PressAsync(page, "e");
        page.Find("textarea.draft").Change("{}");
        page.FindAll("dialog button.primary").Single(b => b.TextContent.Contains("Show what changes")).Click();
        Assert.Contains("removed", page.Find("dialog table").TextContent);
        Assert.StartsWith("This is what changes", page.Find($"dialog [blazor\\:elementReference='{Focused(desk)}']").TextContent);
        await page.FindAll("dialog button.primary").Single(b => b.TextContent.Contains("Approve with these changes")).ClickAsync(new());
        var view = await ViewAsync(id);
        Assert.Equal("edited", view.GetProperty("status").GetString());
        Assert.Equal("{}", view.GetProperty("arguments").GetRawText());
    }

    [Fact]
    public async Task DecidedElsewhere_WhileReading_SaysWhoAndStays()
    {
        var id = await AskAsync("refund.create");
        await using var desk = new Desk(_host, "dana@example.com");
        var page = desk.Open(id);
        page.WaitForElement(".evidence");
        await ConsoleHost.PostAsync(_spine.Lee, $"/api/v1/approvals/{id}/decision", new { verdict = "reject", reason = "seen already" });
        page.WaitForAssertion(() => Assert.Contains("Rejected by lee", page.Find(".evidence .callout").TextContent));
        Assert.Contains("seen already", page.Find(".evidence .callout").TextContent);
        Assert.Empty(page.FindAll(".sticky-actions"));
        Assert.Contains("decided", page.Find(".list").TextContent);
    }

    [Fact]
    public async Task Quorum_FirstYes_CountsAndWaits()
    {
        var id = await AskAsync("mail.send");
        await using var desk = new Desk(_host, "dana@example.com");
        var page = desk.Open(id);
        page.WaitForElement(".evidence");
        desk.Time.Advance(TimeSpan.FromSeconds(1));
        await desk.PressAsync(page, "a");
        Assert.Equal("pending", await StatusAsync(id));
        desk.Navigation.NavigateTo("/approvals/" + id);
        page.Render(p => p.Add(c => c.Id, id));
        page.WaitForAssertion(() => Assert.Contains("1 of 2", page.Find(".sticky-actions").TextContent));
    }

    [Fact]
    public async Task BreakGlass_Admin_IsApartAndNeedsWords()
    {
        var id = await AskAsync("note.add");
        await using var desk = new Desk(_host, ConsoleHost.AdminEmail);
        var page = desk.Open(id);
        page.WaitForElement(".evidence");
        desk.Time.Advance(TimeSpan.FromSeconds(1));
        await desk.PressAsync(page, "a");   // no key breaks glass
        Assert.Equal("pending", await StatusAsync(id));
        page.FindAll(".sticky-actions button")[0].Click();
        page.Find("dialog textarea").Input("both leads are ill");
        await page.FindAll("dialog button").Single(b => b.TextContent == "Approve as break-glass").ClickAsync(new());
        Assert.True((await ViewAsync(id)).GetProperty("votes")[0].GetProperty("break_glass").GetBoolean());
    }

    [Fact]
    public async Task Owner_OfTheAgent_SeesWhyTheyMayNot()
    {
        var id = await AskAsync("refund.create");
        await using var desk = new Desk(_host, "owner@example.com");
        await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/members", new { email = "owner@example.com", roles = new[] { "member" } }, 201);
        var page = desk.Open(id);
        page.WaitForElement(".evidence");
        Assert.Contains("duties are separated", page.Find(".sticky-actions").TextContent);
        Assert.Empty(page.FindAll(".sticky-actions button"));
    }

    private async Task<string> AskAsync(string action, string order = "8812")
    {
        var answer = await _spine.AskAsync(new { action, resource = new { type = "order", id = order }, arguments = new { amount = 420, order, nonce = Guid.NewGuid().ToString("N") }, run_id = "run-1", confidence = 0.71, reasoning = "charged twice" }, 202);
        return answer.GetProperty("approval").GetProperty("id").GetString()!;
    }

    private static string Focused(Desk desk) => ((ElementReference)desk.JSInterop.VerifyFocusAsyncInvoke(2)[^1].Arguments[0]!).Id;
    private Task<JsonElement> ViewAsync(string id) => ConsoleHost.GetAsync(_host.Admin, "/api/v1/approvals/" + id);
    private async Task<string> StatusAsync(string id) => (await ViewAsync(id)).GetProperty("status").GetString()!;
}
