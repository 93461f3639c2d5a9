using Bunit;
using OpsConsole.Tests.Support;

namespace OpsConsole.Features.Authority.Ui;

/// <summary>The page of the versions over the real services: any two compared, one put back, and who answered under one.</summary>
public sealed class VersionsPageTests : IAsyncLifetime
{
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync();
        _spine = await Spine.BuildAsync(_host);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    private string Address => $"/rollouts/{_spine.Rollout}/matrix/versions";

    private Task Tighten() => Spine.PublishAsync(_host, _spine.Rollout, Spine.Matrix.Replace("""{ "id": "R-6", "action": "note.add", "outcome": "approve",""", """{ "id": "R-6", "action": "note.add", "outcome": "deny",""", StringComparison.Ordinal));

    private async Task SaveAsync(string matrix)
    {
        using var put = new HttpRequestMessage(HttpMethod.Put, $"/api/v1/rollouts/{_spine.Rollout}/matrix") { Content = System.Net.Http.Json.JsonContent.Create(System.Text.Json.JsonElement.Parse(matrix)) };
        put.Headers.TryAddWithoutValidation("If-Match", "*");
        using var saved = await _host.Admin.SendAsync(put);
        Assert.True(saved.IsSuccessStatusCode);
    }

    private IRenderedComponent<VersionsPage> Render(PageContext context, string query = "")
    {
        context.Navigation.NavigateTo(Address + query);
        return context.Render<VersionsPage>(p => p.Add(c => c.Id, _spine.Rollout));
    }

    [Fact]
    public async Task Compare_ShowsWordsAndCells_AndFollowsTheSelects()
    {
        await Tighten();
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = Render(context, "?from=1&to=2");
        Assert.Contains("1 change: 1 gives agents less.", page.Find("section[aria-labelledby=compare]").TextContent);
        Assert.Contains("R-6: note.add: now denied", page.Find("section[aria-labelledby=compare]").TextContent);
        Assert.Equal(["outcome", "approve", "deny"], page.FindAll("section[aria-labelledby=compare] tbody tr:first-child > *").Select(c => c.TextContent.Trim()));
        await page.InvokeAsync(() => page.Find("#to").ChangeAsync("draft"));
        Assert.Contains("from=1&to=draft", context.Navigation.Uri);
        var none = Render(context, "?from=2&to=draft");
        Assert.Contains("The draft says the same", none.Markup);
        Assert.Equal(1, none.Find("section[aria-labelledby=compare]").TextContent.Split("No difference").Length - 1);
        Assert.Contains("There is no such version", Render(context, "?from=9&to=draft").Find("section[aria-labelledby=compare] [role=alert]").TextContent);
    }

    [Fact]
    public async Task Restore_AsksAndSaysWhatBecomesOfTheDraft()
    {
        await Tighten();
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = Render(context);
        await page.ClickAsync("Restore version 1");
        Assert.Contains("1 change: 1 gives agents more.".ToLowerInvariant(), page.Find("dialog").TextContent);
        await page.ClickAsync("Put version 1 into the draft");
        Assert.Equal("Version 1 is in the draft (v4). Publishing it is the next step.", context.Said);
        Assert.Equal("No difference.", (await ConsoleHost.GetAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/matrix/diff?from=1&to=draft")).GetProperty("summary").GetString());
    }

    [Fact]
    public async Task Answers_AreByRowAndPerson_WithTheirRecords()
    {
        var first = await _spine.RefundAsync(420, 202);
        await _spine.DecideAsync(_spine.Dana, first, new { verdict = "approve" });
        await _spine.DecideAsync(_spine.Dana, await _spine.RefundAsync(430, 202), new { verdict = "reject", reason = "no" });
        await using var context = new PageContext(_host, "dana@example.com");
        var page = Render(context);
        Assert.Equal(["R-3", "dana", "1", "0", "1"], page.FindAll("section[aria-labelledby=answers] tbody tr:first-child > *").Take(5).Select(c => c.TextContent.Trim().TrimStart('D')));
        Assert.Equal(2, page.FindAll("section[aria-labelledby=answers] details a").Count);
        Assert.Contains(page.FindAll("section[aria-labelledby=answers] details a"), a => a.GetAttribute("href") == "/decisions/" + Spine.Id(first));
        Assert.DoesNotContain(page.FindAll("button"), b => b.TextContent.Contains("Restore"));   // she may see, not edit
        await Tighten();
        page.WaitForAssertion(() => Assert.Contains("Nobody answered under this version", page.Markup));
    }

    [Fact]
    public async Task Proposal_IsPutInForceByASecondPerson_OrTakenBack()
    {
        await SaveAsync(Spine.Matrix.Replace("\"value\": 200", "\"value\": 210", StringComparison.Ordinal));
        await ConsoleHost.SendAsync(_host.Admin, HttpMethod.Patch, "/api/v1/rollouts/" + _spine.Rollout, new { second_publisher = true, owners = new { risk_lead = "dana@example.com" } }, 200);
        await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/matrix/publish", new { reason = "quarterly" }, 202);
        await using (var mine = new PageContext(_host, ConsoleHost.AdminEmail))
        {
            var page = Render(mine);
            Assert.Contains("You proposed the draft for publication", page.Find(".proposal").TextContent);
            Assert.DoesNotContain("Put it in force", page.Markup);
            await page.ClickAsync("Take the proposal back");
            Assert.Empty(page.FindAll(".proposal"));
        }
        await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/matrix/publish", new { reason = "quarterly" }, 202);
        await using var context = new PageContext(_host, "dana@example.com");
        var hers = Render(context);
        await hers.InvokeAsync(() => hers.Find(".proposal .primary").ClickAsync(new()));
        await hers.InvokeAsync(() => hers.Find("dialog textarea").InputAsync("read it"));
        await hers.InvokeAsync(() => hers.Find("dialog .primary").ClickAsync(new()));
        Assert.Equal("Version 2 is in force.", context.Said);
        Assert.Contains("Proposed by", hers.Find("section[aria-labelledby=versions]").TextContent);
    }

    [Fact]
    public async Task NothingPublished_TeachesWhatWillBeHere()
    {
        var rollout = (await ConsoleHost.PostAsync(_host.Admin, "/api/v1/rollouts", new { name = "New" }, 201)).GetProperty("id").GetString()!;
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        Assert.Contains("Nothing is published", context.Render<VersionsPage>(p => p.Add(c => c.Id, rollout)).Markup);
        Assert.Contains("There is no such rollout", context.Render<VersionsPage>(p => p.Add(c => c.Id, "rol_none")).Markup);
    }
}
