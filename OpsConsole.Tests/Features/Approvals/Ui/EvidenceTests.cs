using System.Text.Json;
using Bunit;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Support;
using OpsConsole.Tests.Support;

namespace OpsConsole.Features.Approvals.Ui;

/// <summary>What the desk shows around a request, and what it asks of people before it takes their word.</summary>
public sealed class EvidenceTests : IAsyncLifetime
{
    private readonly HandTime _time = new(DateTimeOffset.UtcNow);
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync(new HostSettings { More = new Dictionary<string, string?> { ["OpsConsole:Approvals:FreshSignIn"] = "PT15M" } });
        _spine = await Spine.BuildAsync(_host);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Card_ShowsWhatIsUnusualBesideTheLastSimilarOneAndHowOthersEnded()
    {
        foreach (var amount in (double[])[210, 230, 220, 250, 240]) await _spine.DecideAsync(_spine.Dana, await _spine.RefundAsync(amount, 202), new { verdict = "approve" });
        var id = await AskAsync(720);
        await using var desk = new Desk(_host, "dana@example.com", _time);
        var page = desk.Open(id);
        page.WaitForElement(".evidence");
        var amountRow = page.FindAll("table.arguments tbody tr")[0];
        Assert.Contains("3.1× its usual 230, higher than all 5 earlier", amountRow.QuerySelector(".unusual")!.TextContent);
        Assert.Equal(("720", "240"), (amountRow.Children[1].QuerySelector(".num")!.TextContent, amountRow.Children[2].TextContent.Trim()));
        Assert.Equal("the same", page.FindAll("table.arguments tbody tr")[1].Children[2].TextContent.Trim());
        Assert.Equal($"/decisions?agent={_spine.AgentId}&action=refund.create", page.FindAll("a").Single(a => a.TextContent.Contains("this agent was allowed")).GetAttribute("href"));
        Assert.Equal(5, page.FindAll(".like a").Count);
        Assert.Contains("5 approved", page.Find(".like").ParentElement!.TextContent);
        Assert.Contains("but the agent sent no plan", page.Find(".really").TextContent);
    }

    [Fact]
    public async Task Card_ArgumentsWithoutAName_AreShownAndEdited()
    {
        var asked = await _spine.AskAsync(new { action = "refund.create", arguments = new Dictionary<string, object> { ["amount"] = 420, [""] = new { amount = 1 } } }, 202);
        await using var desk = new Desk(_host, "dana@example.com", _time);
        var page = desk.Open(asked.GetProperty("approval").GetProperty("id").GetString()!);
        page.WaitForElement(".evidence");
        Assert.Equal(["\"\".amount", "amount"], page.FindAll("table.arguments td.name").Select(n => n.TextContent));
        var changes = ArgumentDraft.Compare(JsonElement.Parse("""{"amount":9,"":{"amount":1}}"""), JsonElement.Parse("""{"amount":9,"":{"amount":2}}"""));
        Assert.Equal(new FieldChange("\"\".amount", "1", "2"), Assert.Single(changes));
    }

    [Fact]
    public async Task Card_ForWhoMaySeeTheRequestOnly_ShowsNoOtherCall_AndSaysSo()
    {
        foreach (var amount in (double[])[210, 230, 220, 250, 240]) await _spine.DecideAsync(_spine.Dana, await _spine.RefundAsync(amount, 202), new { verdict = "approve" });
        await _host.PersonAsync("eve@example.com", "member");
        var asked = await _spine.RefundAsync(720, 202);
        await _spine.DecideAsync(_spine.Dana, asked, new { verdict = "reassign", to = "eve@example.com", reason = "on a train" });
        await using var desk = new Desk(_host, "eve@example.com", _time);
        var page = desk.Open(asked.GetProperty("approval").GetProperty("id").GetString()!);
        page.WaitForElement(".evidence");
        Assert.Contains("higher than all 5 earlier", page.Find(".unusual").TextContent);
        Assert.Empty(page.FindAll(".like, .timeline"));
        Assert.Equal(["Field", "Value"], page.FindAll("table.arguments th").Select(h => h.TextContent));
        Assert.Contains("other requests and decisions of the agent are not shown", page.Find(".evidence").TextContent);
        Assert.Contains("The other steps of its run are not shown", page.Find(".evidence").TextContent);
    }

    [Fact]
    public async Task Card_WithFewEarlier_SaysHowFewAndMarksNothing()
    {
        await _spine.DecideAsync(_spine.Dana, await _spine.RefundAsync(210, 202), new { verdict = "approve" });
        await using var desk = new Desk(_host, "dana@example.com", _time);
        var page = desk.Open(await AskAsync(990));
        page.WaitForElement(".evidence");
        Assert.Empty(page.FindAll(".unusual"));
        Assert.Contains("Only 1 earlier of this agent was allowed: too few to call a value unusual.", page.Find(".evidence").TextContent);
    }

    [Fact]
    public async Task Approve_HighConsequenceLongAfterSigningIn_AsksForThePasswordFirst()
    {
        var id = await AskAsync(420);
        await using var desk = new Desk(_host, "dana@example.com", _time, signedInBefore: TimeSpan.FromHours(2));
        var page = desk.Open(id);
        page.WaitForElement(".evidence");
        _time.Advance(TimeSpan.FromSeconds(1));
        await desk.PressAsync(page, "a");
        var approving = page.InvokeAsync(() => page.FindAll("dialog button.primary").Single(b => b.TextContent.StartsWith("Approve", StringComparison.Ordinal)).ClickAsync(new()));
        page.WaitForElement("dialog input[type=password]");
        Assert.Equal("pending", await StatusAsync(id));

        await ProveAsync(page, "not my password at all");
        page.WaitForAssertion(() => Assert.Contains("That is not your password", page.Find("dialog form + .validation-message").TextContent));
        Assert.Equal("pending", await StatusAsync(id));
        var epoch = _host.Writer.State.Epoch;
        await ProveAsync(page, _host.PasswordOf("dana@example.com"));
        await approving;
        Assert.Equal(epoch, _host.Writer.State.Epoch);   // no authority moved by that: nothing that waits is judged again
        Assert.Equal("approved", await StatusAsync(id));
        var vote = (await ConsoleHost.GetAsync(_host.Admin, $"/api/v1/audit/entries?object={id}&event=approval.voted")).GetProperty("items")[0];
        Assert.Matches("\"proven_seconds_ago\":[0-9]{1,2}[,}]", vote.GetProperty("leaf").GetString());

        // Fresh from now on, in this session: the next is approved without asking again.
        var next = await AskAsync(430);
        var again = desk.Open(next);
        again.WaitForElement(".evidence");
        _time.Advance(TimeSpan.FromSeconds(1));
        await desk.PressAsync(again, "a");
        await again.InvokeAsync(() => again.FindAll("dialog button.primary").Single(b => b.TextContent.StartsWith("Approve", StringComparison.Ordinal)).ClickAsync(new()));
        Assert.Equal("approved", await StatusAsync(next));
    }

    [Fact]
    public async Task Approve_WithoutTheStepUp_IsRefusedAndAskedOfNobodyElse()
    {
        await using var desk = new Desk(_host, "dana@example.com", _time, signedInBefore: TimeSpan.FromHours(2));
        var (me, service) = ((await desk.Services.GetRequiredService<OpsConsole.Features.Access.CurrentPerson>().GetAsync())!, _host.Services.GetRequiredService<ApprovalService>());
        var (high, low, no) = (await AskAsync(420), (await _spine.AskAsync(new { action = "note.add" }, 202)).GetProperty("approval").GetProperty("id").GetString()!, await AskAsync(430));
        var yes = new VerdictRequest(OpsConsole.Core.Approvals.Verdict.Approve, null, null, null, null);
        Assert.Equal("sign_in.stale", (await service.DecideAsync(me, high, yes)).Fault?.Code);
        Assert.Equal("sign_in.stale", (await service.DecideAsync(me, high, yes with { Verdict = OpsConsole.Core.Approvals.Verdict.Edit, Arguments = JsonElement.Parse("""{"amount":300}""") })).Fault?.Code);
        Assert.True((await service.DecideAsync(me, no, yes with { Verdict = OpsConsole.Core.Approvals.Verdict.Reject, ReasonCode = "policy" })).Ok);   // a no needs no proof
        Assert.NotEqual("sign_in.stale", (await service.DecideAsync(me, low, yes)).Fault?.Code);
        var hand = yes with { Verdict = OpsConsole.Core.Approvals.Verdict.Reassign, Reason = "yours", To = "admin@example.com" };
        Assert.Equal("sign_in.stale", (await service.DecideAsync(me, high, hand)).Fault?.Code);
        Assert.True((await service.DecideAsync(me, await AskAsync(440), hand with { Verdict = OpsConsole.Core.Approvals.Verdict.Escalate })).Ok);
        await ConsoleHost.PostAsync(_spine.Dana, $"/api/v1/approvals/{high}/decision", new { verdict = "approve" });   // by token
    }

    private static async Task ProveAsync(IRenderedComponent<ApprovalsPage> page, string password)
    {
        await page.InvokeAsync(() => page.Find("dialog input[type=password]").ChangeAsync(new() { Value = password }));
        await page.InvokeAsync(() => page.Find("dialog form").SubmitAsync());
    }

    private async Task<string> AskAsync(double amount) => (await _spine.RefundAsync(amount, 202)).GetProperty("approval").GetProperty("id").GetString()!;

    private async Task<string> StatusAsync(string id) => (await ConsoleHost.GetAsync(_host.Admin, "/api/v1/approvals/" + id)).GetProperty("status").GetString()!;
}
