using Bunit;
using OpsConsole.Tests.Support;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Undo.Ui;

/// <summary>What the page of provisional writes shows to whom.</summary>
public sealed class ProvisionalPageTests : IAsyncLifetime
{
    private const string Matrix = """
    { "default": "deny", "rules": [
        { "id": "R-1", "action": "crm.update", "outcome": "allow", "consequence": "low", "reversible": true },
        { "id": "R-2", "action": "crm.set", "outcome": "allow", "consequence": "low", "reversible": true, "confirm": "required", "approvers": ["group:leads"] } ] }
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
    public async Task Empty_TeachesWhatWillStandHere()
    {
        await using var context = new PageContext(_host, "dana@example.com");
        var page = context.Render<ProvisionalPage>();
        page.WaitForAssertion(() => Assert.Contains("Nothing is provisional", page.Markup));
        Assert.Contains("A veto starts its undoing at once", page.Markup);
    }

    [Fact]
    public async Task Lead_ConfirmsAndVetoes_WithWhatWasWrittenBeforeTheirEyes()
    {
        await ActAsync("crm.update", "contact/1");
        await using var context = new PageContext(_host, "dana@example.com");
        var page = context.Render<ProvisionalPage>();
        page.WaitForAssertion(() => Assert.Contains("Without a veto by then it is permanent.", page.Markup));
        Assert.DoesNotContain("Confirm", page.Find("ul.list").TextContent, StringComparison.Ordinal);
        await ActAsync("crm.set", "contact/2");   // live, and it moves nothing
        page.WaitForAssertion(() => Assert.Equal("1 new — show", page.Find(".news").TextContent));
        Assert.DoesNotContain("crm.set", page.Find("ul.list").TextContent, StringComparison.Ordinal);
        await page.InvokeAsync(() => page.FindComponent<PageKeys>().Instance.Pressed("n"));
        page.WaitForAssertion(() => Assert.Contains("Unless somebody confirms it by then, its undoing begins.", page.Markup));
        await page.InvokeAsync(() => page.FindAll("li").Single(l => l.TextContent.Contains("crm.set")).QuerySelectorAll("button").Single(b => b.TextContent.StartsWith("Confirm", StringComparison.Ordinal)).ClickAsync(new()));
        page.WaitForAssertion(() => Assert.Contains("contact/2", page.Find(".window-writes").TextContent));
        Assert.Contains("v", page.Find(".window-writes table").TextContent, StringComparison.Ordinal);   // what was there before, and what is now
        await page.InvokeAsync(() => page.FindAll("dialog button")[^1].ClickAsync(new()));
        page.WaitForAssertion(() => Assert.Equal("Confirmed; it stays.", context.Said));
        page.WaitForAssertion(() => Assert.DoesNotContain("crm.set", page.Find("ul.list").TextContent));
    }

    [Fact]
    public async Task Rows_KeepTheirPlaces_WhateverOthersDoWithThem()
    {
        await ActAsync("crm.update", "contact/1");
        var second = await ActAsync("crm.update", "contact/2");
        await ActAsync("crm.update", "contact/3");
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        context.Navigation.NavigateTo("/provisional?rollout=" + _spine.Rollout);
        var page = context.Render<ProvisionalPage>();
        page.WaitForAssertion(() => Assert.Equal(3, page.FindAll("ul.list > li").Count));
        Assert.Contains("Only those of Support", page.Find(".only").TextContent, StringComparison.Ordinal);
        Assert.Equal("/provisional?rollout=", page.Find(".only a").GetAttribute("href"));
        string[] places = [.. page.FindAll("ul.list > li > div").Select(d => d.Id!)];
        await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/decisions/{second}/veto", new { words = "No" });
        page.WaitForAssertion(() => Assert.Contains("Vetoed by admin", page.Find("#window-" + second).TextContent, StringComparison.OrdinalIgnoreCase));
        Assert.Equal(places, page.FindAll("ul.list > li > div").Select(d => d.Id));
        Assert.Empty(page.Find("#window-" + second).QuerySelectorAll("button"));
        Assert.Empty(page.FindAll(".news"));
    }

    [Fact]
    public async Task Veto_ByAnAdminWhoTakesNoPart_SaysThatItBreaksTheGlass()
    {
        await ActAsync("crm.set", "contact/2");
        await _host.PersonAsync("second@example.com", "admin");
        await using var context = new PageContext(_host, "second@example.com");
        var page = context.Render<ProvisionalPage>();
        page.WaitForAssertion(() => Assert.NotEmpty(page.FindAll("ul.list button.danger")));
        await page.InvokeAsync(() => page.Find("ul.list button.danger").ClickAsync(new()));
        page.WaitForAssertion(() => Assert.Contains("You would veto it as break-glass", page.Find("dialog").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Owner_OfTheAgent_SeesNoWayToConfirm()
    {
        await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/members", new { email = "owner@example.com", roles = new[] { "member" } }, 201);
        await ActAsync("crm.set", "contact/2");
        await using var context = new PageContext(_host, "owner@example.com");
        var page = context.Render<ProvisionalPage>();
        page.WaitForAssertion(() => Assert.Contains("crm.set", page.Markup));
        Assert.Equal(["Vetocrm.set"], page.Find("ul.list").QuerySelectorAll("button").Select(b => b.TextContent));   // whoever takes part may stop it
    }

    private async Task<string> ActAsync(string action, string record)
    {
        var answer = await _spine.AskAsync(new { action, arguments = new { n = Guid.NewGuid() }, confidence = 0.9 });
        await ConsoleHost.PostAsync(_spine.Agent, $"/api/v1/decisions/{Spine.Id(answer)}/outcome", new
        {
            status = "succeeded",
            writes = new[] { new { system = "crm", record, operation = "update", before = new { v = 1 }, after = new { v = 2 }, undo = new { kind = "reverse_write", action, arguments = new { record, v = 1 } } } },
        });
        return Spine.Id(answer);
    }
}
