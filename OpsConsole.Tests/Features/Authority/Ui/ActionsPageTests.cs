using System.Text.Json;
using Bunit;
using OpsConsole.Tests.Support;

namespace OpsConsole.Features.Authority.Ui;

/// <summary>The register of actions over the real services: what agents asked for is one click from being listed, and nobody's entry is lost.</summary>
public sealed class ActionsPageTests : IAsyncLifetime
{
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync();
        _spine = await Spine.BuildAsync(_host);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    private string Path => $"/api/v1/rollouts/{_spine.Rollout}/actions";

    private static IRenderedComponent<ActionsPage> Render(PageContext context, string rollout) => context.Render<ActionsPage>(p => p.Add(c => c.Id, rollout));

    [Fact]
    public async Task ListIt_WhatAnAgentAskedFor_IsListedAsItWasDescribed()
    {
        await _spine.RefundAsync(10);
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = Render(context, _spine.Rollout);
        page.WaitForElement("section[aria-labelledby=unlisted]");
        await page.ClickAsync("List it: refund.create");
        Assert.Equal("refund.create", page.Find("#a-name").GetAttribute("value"));
        await page.InvokeAsync(() => page.Find("#a-what").ChangeAsync("Gives money back"));
        Assert.Equal(["Nobody yet", "leads (2 people)"], page.FindAll("#a-owner option").Take(2).Select(o => o.TextContent));
        await page.InvokeAsync(() => page.Find("#a-owner").ChangeAsync("group:leads"));
        await page.InvokeAsync(() => page.Find("#a-schema").ChangeAsync("""{"type":"object","properties":{"amount":{"type":"number"}}}"""));
        await page.ClickAsync("List it");
        Assert.Equal("refund.create is listed.", context.Said);
        Assert.Empty(page.FindAll("section[aria-labelledby=unlisted]"));
        Assert.Contains("amount", page.Find("section[aria-labelledby=listed]").TextContent);
        var stored = (await ConsoleHost.GetAsync(_host.Admin, Path)).GetProperty("items")[0];
        Assert.Equal(("refund.create", "Gives money back", "write", "high", "group:leads"), (Text("action"), Text("description"), Text("effect"), Text("consequence"), Text("owner")));

        string? Text(string name) => stored.GetProperty(name).GetString();
    }

    [Fact]
    public async Task Save_WhatIsWrong_KeepsEverythingTyped()
    {
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = Render(context, _spine.Rollout);
        await page.ClickAsync("List an action");
        await page.InvokeAsync(() => page.Find("#a-name").InputAsync("refund.*"));
        await page.ClickAsync("List it");
        Assert.Contains("must be one action", page.Find("dialog [role=alert]").TextContent);
        await page.InvokeAsync(() => page.Find("#a-name").InputAsync("refund.create"));
        await page.InvokeAsync(() => page.Find("#a-schema").ChangeAsync("{"));
        await page.ClickAsync("List it");
        Assert.Contains("not valid JSON", page.Find("dialog [role=alert]").TextContent);
        Assert.Equal("refund.create", page.Find("#a-name").GetAttribute("value"));
        Assert.Equal(0, (await ConsoleHost.GetAsync(_host.Admin, Path)).GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task Save_WhileOthersList_KeepsTheirs_AndRefusesOverAnEntryThatMoved()
    {
        await PutAsync("""[{"action":"refund.create"}]""");
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = Render(context, _spine.Rollout);
        await page.ClickAsync("Edit refund.create");
        await PutAsync("""[{"action":"refund.create"},{"action":"mail.send"}]""");
        await page.InvokeAsync(() => page.Find("#a-what").ChangeAsync("Gives money back"));
        await page.ClickAsync("Save");
        Assert.Equal(["mail.send", "refund.create"], (await ConsoleHost.GetAsync(_host.Admin, Path)).GetProperty("items").EnumerateArray().Select(a => a.GetProperty("action").GetString()));

        await page.ClickAsync("Edit refund.create");
        await PutAsync("""[{"action":"refund.create","description":"theirs"}]""");
        await page.InvokeAsync(() => page.Find("#a-what").ChangeAsync("mine"));
        await page.ClickAsync("Save");
        Assert.Contains("Somebody changed refund.create", page.Find("dialog [role=alert]").TextContent);
        Assert.Equal("mine", page.Find("#a-what").GetAttribute("value") ?? page.Find("#a-what").TextContent);
        Assert.Equal("theirs", (await ConsoleHost.GetAsync(_host.Admin, Path)).GetProperty("items")[0].GetProperty("description").GetString());
    }

    [Fact]
    public async Task TakeOff_AsksAndThenIsAskedForButNotListed()
    {
        await _spine.RefundAsync(10);
        await PutAsync("""[{"action":"refund.create"}]""");
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = Render(context, _spine.Rollout);
        await page.ClickAsync("Take off refund.create");
        await page.ClickAsync("Take it off");
        Assert.Contains("No action is listed", page.Markup);
        Assert.Contains("refund.create", page.Find("section[aria-labelledby=unlisted]").TextContent);
    }

    [Fact]
    public async Task Owner_WhomNobodyKnows_IsToldAndStaysUntilAnotherIsChosen()
    {
        await PutAsync("""[{"action":"refund.create","owner":"group:gone"}]""");
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = Render(context, _spine.Rollout);
        await page.ClickAsync("Edit refund.create");
        Assert.Contains("group:gone: nobody here is called so", page.FindAll("#a-owner option").Select(o => o.TextContent));
        await page.InvokeAsync(() => page.Find("#a-what").ChangeAsync("Gives money back"));
        await page.ClickAsync("Save");
        Assert.Equal("group:gone", (await ConsoleHost.GetAsync(_host.Admin, Path)).GetProperty("items")[0].GetProperty("owner").GetString());
        await page.ClickAsync("Edit refund.create");
        await page.InvokeAsync(() => page.Find("#a-owner").ChangeAsync("user:dana@example.com"));
        await page.ClickAsync("Save");
        Assert.Equal("user:dana@example.com", (await ConsoleHost.GetAsync(_host.Admin, Path)).GetProperty("items")[0].GetProperty("owner").GetString());
        await page.ClickAsync("Edit refund.create");
        Assert.DoesNotContain("nobody here is called so", page.Markup);
    }

    [Fact]
    public async Task Empty_OffersItsNextSteps_ToWhoMayTakeThem()
    {
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = Render(context, _spine.Rollout);
        await page.ClickAsync("List the first action");
        Assert.NotNull(page.Find("#a-name"));
        await page.ClickAsync("Import from a document");
        Assert.NotNull(page.Find("#import-text"));
        await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/members", new { email = "dana@example.com", roles = new[] { "approver" } }, 201);
        await using var other = new PageContext(_host, "dana@example.com");
        Assert.Empty(Render(other, _spine.Rollout).FindAll("section button"));
    }

    [Fact]
    public async Task ReaderWhoMayNotEdit_SeesTheListWithoutButtons()
    {
        await PutAsync("""[{"action":"refund.create"}]""");
        await using var context = new PageContext(_host, "dana@example.com");
        await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/members", new { email = "dana@example.com", roles = new[] { "approver" } }, 201);
        var page = Render(context, _spine.Rollout);
        Assert.Contains("refund.create", page.Find("section[aria-labelledby=listed]").TextContent);
        Assert.Empty(page.FindAll("main button, section button"));
    }

    private Task PutAsync(string actions) => ConsoleHost.SendAsync(_host.Admin, HttpMethod.Put, Path, JsonElement.Parse(actions), 200);
}
