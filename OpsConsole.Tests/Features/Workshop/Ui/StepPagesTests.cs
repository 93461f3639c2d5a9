using Bunit;
using Microsoft.AspNetCore.Components;
using OpsConsole.Tests.Support;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Workshop.Ui;

/// <summary>The steps and the drill over the real services: what each person may do there, and what an empty rollout is told.</summary>
public sealed class StepPagesTests : IAsyncLifetime
{
    private ConsoleHost _host = default!;
    private Team _team = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync();
        _team = await Team.BuildAsync(_host);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    private IRenderedComponent<StepsPage> Steps(PageContext context) => Loaded(context.Render<StepsPage>(p => p.Add(c => c.Id, _team.Spine.Rollout)));

    private IRenderedComponent<DrillPage> Drill(PageContext context) => Loaded(context.Render<DrillPage>(p => p.Add(c => c.Id, _team.Spine.Rollout)));

    private static IRenderedComponent<T> Loaded<T>(IRenderedComponent<T> page) where T : Microsoft.AspNetCore.Components.IComponent
    {
        page.WaitForAssertion(() => Assert.Empty(page.FindAll("[aria-busy=true]")), TimeSpan.FromSeconds(20));
        return page;
    }

    [Fact]
    public async Task Steps_ShowWhatIsOpen_AndOnlyOwnersMayConfirm()
    {
        await _team.FillAsync("canvas");
        await using var hers = new PageContext(_host, "rita@example.com");
        await using var his = new PageContext(_host, "mia@example.com");
        var (rita, mia) = (Steps(hers), Steps(his));
        Assert.Contains("0 of 6 steps are done", rita.Markup);
        Assert.Equal(6, rita.FindAll(".steps > li").Count);
        Assert.Empty(mia.FindAll("#boundary button"));

        const string ask = "Confirm by name: Each of the three owners confirms by name that they can explain the boundary";
        await rita.ClickAsync(ask);
        await rita.InvokeAsync(() => rita.Find("dialog textarea").InputAsync("Too short"));
        await rita.ClickAsync("Confirm");
        Assert.Contains("at least 10 characters", rita.Find("dialog [role=alert]").TextContent);
        await rita.InvokeAsync(() => rita.Find("dialog textarea").InputAsync("It drafts answers and never touches bank details."));
        await rita.ClickAsync("Confirm");
        Assert.Equal("Confirmed in your name.", hers.Said);
        Assert.Contains("never touches bank details", rita.Find("#boundary").TextContent);
        mia.WaitForAssertion(() => Assert.Contains("never touches bank details", mia.Find("#boundary").TextContent));
        await rita.InvokeAsync(() => rita.Find("#boundary .link-button").ClickAsync(new()));
        Assert.DoesNotContain("bank details", rita.Find("#boundary").TextContent);
    }

    [Fact]
    public async Task Drill_WithoutScenarios_TeachesTheNextStep_AndStrangersSeeNothing()
    {
        await using var hers = new PageContext(_host, "mia@example.com");
        Assert.Equal($"/rollouts/{_team.Spine.Rollout}/worksheets/escalation", Drill(hers).Find(".state a.primary").GetAttribute("href"));
        await using var stranger = new PageContext(_host, "xeno@example.com");
        Assert.Contains("There is no such rollout", Drill(stranger).Markup);
        Assert.Contains("There is no such rollout", Steps(stranger).Markup);
        // Whoever only approves for the rollout reads along.
        await _team.FillAsync("escalation");
        await using var reader = new PageContext(_host, "dana@example.com");
        Assert.Throws<ElementNotFoundException>(() => Drill(reader).Button("Report this failure"));
    }

    [Fact]
    public async Task Drill_IsNotReportedByWhoTakesIt_AndWordsThatTurnRoundAreMarked()
    {
        await _team.FillAsync("escalation", ("scenario", "Leak\u202egnp"));
        await using var hers = new PageContext(_host, "ines@example.com");
        var page = Drill(hers);
        Assert.Contains("You are among those who take it", page.Find(".scenario").TextContent);
        Assert.True(page.Button("Report this failure").HasAttribute("disabled"));
        await ConsoleHost.PostAsync(_team["mia"], _team.Path + "/drills", new { row = "row-1" }, 201);
        var refused = await ConsoleHost.PostAsync(_team["ron"], _team.Path + "/drills", new { row = "row-1" }, 409);
        Assert.Contains("“Leak⟨U+202E⟩gnp”", refused.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task PagesThatReadMuch_FollowTheWorksheetsUnhurried()
    {
        await using var context = new PageContext(_host, "mia@example.com");
        var rollout = context.Render<OpsConsole.Features.Rollouts.Ui.RolloutPage>(p => p.Add(c => c.Id, _team.Spine.Rollout));
        foreach (var refresher in new[] { Steps(context).FindComponent<Refresher>(), Drill(context).FindComponent<Refresher>(), rollout.FindComponent<Refresher>() })
        {
            Assert.Contains(WorksheetDesk.Topic(_team.Spine.Rollout), refresher.Instance.Topics);
            Assert.InRange(refresher.Instance.Every, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(5));
        }
    }

    [Fact]
    public async Task AnotherRollout_InTheSamePage_ShowsNothingOfTheOneBefore()
    {
        await _team.FillAsync("escalation");
        var other = (await ConsoleHost.PostAsync(_host.Admin, "/api/v1/rollouts", new { name = "Returns", purpose = "x", time_zone = "UTC" }, 201)).GetProperty("id").GetString();
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var (steps, drill) = (Steps(context), Drill(context));
        await drill.ClickAsync("Report this failure");
        await drill.InvokeAsync(() => drill.Instance.SetParametersAsync(ParameterView.FromDictionary(new Dictionary<string, object?> { ["Id"] = other })));
        Assert.Contains("No scenario to report yet", Loaded(drill).Markup);
        await steps.InvokeAsync(() => steps.Instance.SetParametersAsync(ParameterView.FromDictionary(new Dictionary<string, object?> { ["Id"] = "rol_none" })));
        steps.WaitForAssertion(() => Assert.Contains("There is no such rollout", steps.Markup));
    }

    [Fact]
    public async Task Drill_ReportedByOne_CallsTheOwnerOnWhateverPage()
    {
        await _team.FillAsync("escalation");
        await using var hers = new PageContext(_host, "mia@example.com");
        await using var owners = new PageContext(_host, "ines@example.com");
        await using var others = new PageContext(_host, "ron@example.com");
        var (banner, quiet) = (owners.Render<DrillBanner>(), others.Render<DrillBanner>());
        var page = Drill(hers);
        await page.ClickAsync("Report this failure");
        Assert.Contains("Waiting for ines or eve or will or rita", page.Find(".running").TextContent);
        banner.WaitForAssertion(() => Assert.Contains("mia reported it", banner.Find(".banner").TextContent));
        await banner.ClickAsync("I have it");
        Assert.Contains("the drill passed", owners.Said);
        page.WaitForAssertion(() => Assert.Contains("Passed", page.Find("section[aria-labelledby=past]").TextContent));
        Assert.Contains("ines", page.Find("section[aria-labelledby=past]").TextContent);
        Assert.Empty(quiet.FindAll(".banner"));
        banner.WaitForAssertion(() => Assert.Empty(banner.FindAll(".banner")));
    }
}
