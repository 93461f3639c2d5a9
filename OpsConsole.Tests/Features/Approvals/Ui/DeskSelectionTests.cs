using Bunit;
using OpsConsole.Tests.Support;

namespace OpsConsole.Features.Approvals.Ui;

/// <summary>Order and search in the address, and one answer to several requests that are alike.</summary>
public sealed class DeskSelectionTests : IAsyncLifetime
{
    private const string Matrix = """
    { "default": "deny", "rules": [
        { "id": "R-1", "action": "note.add", "outcome": "approve", "consequence": "low", "reversible": true, "approvers": ["group:leads"] },
        { "id": "R-2", "action": "refund.create", "outcome": "approve", "approvers": ["group:leads"], "reversible": true } ] }
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
    public async Task Address_SortAndSearch_RuleTheListAndGoWithEveryLink()
    {
        var small = await AskAsync("note.add", "c-1", 5);
        var high = await AskAsync("refund.create", "c-2", 10);
        var large = await AskAsync("note.add", "c-3", 20);
        await using var desk = new Desk(_host, "dana@example.com");
        desk.Navigation.NavigateTo("/approvals?sort=amount&q=note");
        var page = desk.Render<ApprovalsPage>();
        page.WaitForElement(".list");
        Assert.Equal([$"/approvals/{large}?sort=amount&q=note", $"/approvals/{small}?sort=amount&q=note"], page.FindAll(".list > li > a").Select(a => a.GetAttribute("href")));
        Assert.Contains("amount 20", page.Find(".list").TextContent);
        Assert.Equal("/approvals?show=high&sort=amount&q=note", page.Find(".filters a:nth-child(3)").GetAttribute("href"));
        Assert.Equal("note", page.Find("[data-page-search]").GetAttribute("value"));
        _ = page.Find("[data-page-search]").InputAsync(new() { Value = "" });
        await page.Find("form.filters").SubmitAsync();
        await desk.PressAsync(page, "s");
        await desk.PressAsync(page, "s");
        page.WaitForAssertion(() => Assert.Equal([high, small, large], page.FindAll(".list > li > a").Select(a => a.GetAttribute("href")!.Split('/', '?')[2])));
        Assert.EndsWith("sort=consequence", desk.Navigation.Uri);
    }

    [Fact]
    public async Task Alike_OneKeySelects_TheTableShowsWhatDiffers_OneAnswerDecidesEach()
    {
        List<string> ids = [];
        for (var i = 1; i <= 3; i++) ids.Add(await AskAsync("note.add", "c-" + i, i));
        var high = await AskAsync("refund.create", "c-9", 9);
        await using var desk = new Desk(_host, "dana@example.com");
        var page = desk.Open();
        page.WaitForElement(".list");
        await desk.PressAsync(page, "X");
        Assert.Equal(3, page.FindAll(".list i").Count);
        Assert.Contains("3 selected", page.Find(".selection").TextContent);
        await desk.PressAsync(page, "a");
        page.WaitForElement("dialog table");
        Assert.Equal(["Request", "acts on", "argument: amount", "Due"], page.FindAll("dialog thead th").Select(h => h.TextContent));
        Assert.Contains("\"vip\"", page.Find("dialog .kv").TextContent);
        Assert.Equal("\"c-2\"".Trim('"'), page.FindAll("dialog tbody tr")[1].Children[1].TextContent);

        // One of them is decided by somebody else while the table is looked at.
        await ConsoleHost.PostAsync(_spine.Lee, $"/api/v1/approvals/{ids[1]}/decision", new { verdict = "reject", reason = "no" });
        await page.Find("dialog footer .primary").ClickAsync(new());
        page.WaitForAssertion(() => Assert.Contains("2 approved, 1 not recorded", page.Find("dialog").TextContent));
        Assert.Contains("already", page.Find("dialog li:nth-child(2)").TextContent);
        Assert.Equal(["approved", "rejected", "approved", "pending"], await Task.WhenAll(ids.Append(high).Select(StatusAsync)));
    }

    [Fact]
    public async Task Alike_ArgumentsNamedLikeTheConsolesOwnWords_AreShownAsArguments()
    {
        for (var i = 1; i <= 2; i++)
            await _spine.AskAsync(new { action = "note.add", resource = new { type = "customer", id = "c-" + i }, arguments = new Dictionary<string, object> { ["confidence"] = 1, ["acts on"] = "c-9", [""] = "unnamed" }, confidence = 0.5 }, 202);
        await using var desk = new Desk(_host, "dana@example.com");
        var page = desk.Open();
        page.WaitForElement(".list");
        await desk.PressAsync(page, "X");
        await desk.PressAsync(page, "a");
        page.WaitForElement("dialog table");
        Assert.Equal(["Request", "acts on", "Due"], page.FindAll("dialog thead th").Select(h => h.TextContent));
        var same = page.FindAll("dialog .kv dt").Zip(page.FindAll("dialog .kv dd"), (dt, dd) => (dt.TextContent, dd.TextContent)).Skip(2);
        Assert.Equal([("argument: \"\"", "\"unnamed\""), ("argument: acts on", "\"c-9\""), ("argument: confidence", "1"), ("confidence", "0.5")], same);
    }

    [Fact]
    public async Task Select_NotAlike_SaysWhyAndDecidesTheRestOnly()
    {
        var note = await AskAsync("note.add", "c-1", 1);
        var other = (await _spine.AskAsync(new { action = "note.add", resource = new { type = "customer", id = "c-3" }, arguments = new { words = "else" } }, 202)).GetProperty("approval").GetProperty("id").GetString()!;
        await using var desk = new Desk(_host, "dana@example.com");
        var page = desk.Open();
        page.WaitForElement(".list");
        await desk.PressAsync(page, "x");
        await desk.PressAsync(page, "j");
        await desk.PressAsync(page, "j");
        await desk.PressAsync(page, "x");
        await desk.PressAsync(page, "r");
        page.WaitForElement("dialog .callout");
        Assert.True(page.Find("dialog footer .primary").HasAttribute("disabled"));
        await page.Find("dialog select").ChangeAsync(new() { Value = "not_needed" });
        await page.Find("dialog footer .primary").ClickAsync(new());
        Assert.Equal(["rejected", "pending"], await Task.WhenAll(StatusAsync(note), StatusAsync(other)));
    }

    [Fact]
    public async Task Select_HighConsequence_IsRefusedAtOnceAndSaysWhy()
    {
        var high = await AskAsync("refund.create", "c-2", 2);
        await using var desk = new Desk(_host, "dana@example.com");
        var page = desk.Open();
        page.WaitForElement(".list");
        foreach (var key in (string[])["x", "X"])
        {
            await desk.PressAsync(page, key);
            Assert.Contains("High consequence is decided one by one.", page.Find(".selection").TextContent);
            Assert.Empty(page.FindAll(".selection .primary"));
        }
        Assert.Equal("pending", await StatusAsync(high));
    }

    private async Task<string> AskAsync(string action, string customer, int amount)
        => (await _spine.AskAsync(new { action, resource = new { type = "customer", id = customer }, arguments = new { amount, tag = "vip" } }, 202)).GetProperty("approval").GetProperty("id").GetString()!;

    private async Task<string> StatusAsync(string id) => (await ConsoleHost.GetAsync(_host.Admin, "/api/v1/approvals/" + id)).GetProperty("status").GetString()!;
}
