using Bunit;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Core.Access;
using OpsConsole.Tests.Support;

namespace OpsConsole.Features.Home.Ui;

/// <summary>What the home page and the search say to people of different parts.</summary>
public sealed class HomePageTests : IAsyncLifetime
{
    private ConsoleHost _host = default!;

    public async Task InitializeAsync() => _host = await ConsoleHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("member", "You are in no rollout yet")]
    [InlineData("auditor", "There is no rollout yet")]
    public async Task Home_OfSomebodyWithoutARolloutWhoMayNotCreateOne_SaysSoInsteadOfTheFirstSteps(string role, string says)
    {
        if (role == "member") await (await Spine.BuildAsync(_host)).RefundAsync(20);
        await _host.PersonAsync("new@example.com", role);
        await using var context = new PageContext(_host, "new@example.com");
        var page = context.Render<HomePage>();
        page.WaitForAssertion(() => Assert.Contains(says, page.Markup));
        Assert.Empty(page.FindAll(".first"));
    }

    [Fact]
    public async Task FirstSteps_AfterTheOnlyRolloutIsGone_AreAllOpen()
    {
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var steps = new FirstSteps(false, false, false, false, false, false);
        var spine = await Spine.BuildAsync(_host);
        await spine.RefundAsync(20);
        var board = _host.Services.GetRequiredService<HomeBoard>();
        var admin = new PersonCaller(_host.Writer.State.Directory.ByEmail[ConsoleHost.AdminEmail], null, "session");
        Assert.True((await board.LoadAsync(admin, null, DateTimeOffset.UtcNow.Date, default)).Steps.Done);
        await _host.Writer.ChangeAsync<Core.Shared.Done>((scope, _) =>
        {
            scope.Db.Rollouts.Single().Archive(scope.Now);
            scope.AuthorityChanged();
            return Task.FromResult<Core.Shared.Result<Core.Shared.Done>>(Core.Shared.Done.Value);
        });
        Assert.Equal(steps, (await board.LoadAsync(admin, null, DateTimeOffset.UtcNow.Date, default)).Steps);
    }

    [Fact]
    public async Task Home_NamesWhatHasToBeConfirmed_AndWhatHasToBeUndoneByHand_AndNothingWhenThereIsNone()
    {
        var spine = await Spine.BuildAsync(_host, """{ "default": "deny", "rules": [ { "id": "R-1", "action": "crm.set", "outcome": "allow", "consequence": "low", "reversible": true, "confirm": "required", "approvers": ["group:leads"] } ] }""");
        await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/rollouts/{spine.Rollout}/members", new { email = "dana@example.com", roles = new[] { "member" } }, 201);
        await using var context = new PageContext(_host, "dana@example.com");
        var page = context.Render<HomePage>();
        page.WaitForAssertion(() => Assert.Contains("Nothing. Requests", page.Find("[aria-label='Needs you']").TextContent));
        var decision = Spine.Id(await spine.AskAsync(new { action = "crm.set", arguments = new { n = 1 }, confidence = 0.9 }));
        await ConsoleHost.PostAsync(spine.Agent, $"/api/v1/decisions/{decision}/outcome", new { status = "succeeded", writes = new[] { new { system = "crm", record = "a", operation = "update" }, new { system = "crm", record = "b", operation = "update" } } });
        page.WaitForAssertion(() => Assert.Contains("1 write waits to be confirmed", page.Find("[aria-label='Needs you']").TextContent));   // live
        Assert.Contains("/provisional?required=true", page.FindAll(".needs a").Select(a => a.GetAttribute("href")));
        await ConsoleHost.PostAsync(spine.Dana, $"/api/v1/decisions/{decision}/veto", new { words = "No" });
        page.WaitForAssertion(() => Assert.Contains("2 undo steps need somebody", page.Find("[aria-label='Needs you']").TextContent));
        page.WaitForAssertion(() => Assert.DoesNotContain("to be confirmed", page.Find("[aria-label='Needs you']").TextContent, StringComparison.Ordinal));
        Assert.Contains("/undo?needs=somebody", page.FindAll(".needs a").Select(a => a.GetAttribute("href")));
        var plan = (await ConsoleHost.GetAsync(_host.Admin, "/api/v1/undo/plans")).GetProperty("items")[0];
        foreach (var step in (await ConsoleHost.GetAsync(_host.Admin, "/api/v1/undo/plans/" + Spine.Id(plan))).GetProperty("steps").EnumerateArray()) await ConsoleHost.PostAsync(spine.Dana, $"/api/v1/undo/steps/{Spine.Id(step)}/outcome", new { status = "undone" });
        page.WaitForAssertion(() => Assert.DoesNotContain("undo step", page.Find(".needs").TextContent));
        context.Navigation.NavigateTo("/?rollout=" + spine.Rollout);
    }

    [Fact]
    public async Task Home_WithAPausedAgent_NamesIt()
    {
        var spine = await Spine.BuildAsync(_host);
        await ConsoleHost.PostAsync(_host.Admin, $"/api/v1/agents/{spine.AgentId}/pause", new { reason = "looks odd" });
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = context.Render<HomePage>();
        page.WaitForAssertion(() => Assert.Contains("paused: Agent", page.Find(".purpose").TextContent));
    }

    [Theory]
    [InlineData("dana@example.com", "refund", true)]
    [InlineData("dana@example.com", "CREATE", true)]
    [InlineData("stranger@example.com", "refund", false)]
    public async Task Search_ForAPartOfAnAction_FindsItInTheMatricesOneSees(string who, string text, bool found)
    {
        await Spine.BuildAsync(_host);
        await _host.PersonAsync("stranger@example.com", "member");
        var me = new PersonCaller(_host.Writer.State.Directory.ByEmail[who], null, "session");
        var hits = await _host.Services.GetRequiredService<SearchEverything>().FindAsync(me, text, default);
        Assert.Equal(found, hits.Any(h => h is { Kind: "Action", Title: "refund.create", Href: "/decisions?action=refund.create" }));
    }

    [Fact]
    public async Task Search_ForAVeryLongText_ShowsOnlyItsBeginning()
    {
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        context.Navigation.NavigateTo("/search?q=" + new string('x', 5_000));
        Assert.InRange(context.Render<SearchPage>().Markup.Length, 1, 4_000);
    }
}
