using Bunit;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Decisions.Ui;

/// <summary>Outcomes that never came: the list, and a person saying what happened.</summary>
public sealed class ReconcileTests : IAsyncLifetime
{
    private readonly SkipTime _time = new();
    private ConsoleHost _host = default!;
    private Spine _spine = default!;
    private string _decision = "";

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync(new HostSettings { Time = _time });
        _spine = await Spine.BuildAsync(_host);
        _decision = Spine.Id(await _spine.RefundAsync(20));
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task List_BeforeItsTimeIsOver_HasNothingAndAfterwardsTheDecision()
    {
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        Assert.Contains("Nothing to reconcile", List(context).WaitForElement(".state").TextContent);
        _time.Skip(TimeSpan.FromDays(2));
        await using var later = new PageContext(_host, ConsoleHost.AdminEmail);
        Assert.EndsWith("? unknown outcome", List(later).WaitForElement($"a[href^='/decisions/{_decision}']").QuerySelectorAll(".detail")[1].TextContent.Trim(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("succeeded", "seen in billing")]
    [InlineData("failed", "billing says: declined")]
    [InlineData("skipped", "no refund is there")]
    public async Task Record_WithWords_IsTheOutcomeAndLeavesTheList(string status, string words)
    {
        _time.Skip(TimeSpan.FromDays(2));
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = context.Render<DecisionPage>(p => p.Add(c => c.Id, _decision));
        page.WaitForElement(".timeline");
        await page.ClickAsync("Record what happened");
        Assert.True(page.Button("Record it").HasAttribute("disabled"));   // how do you know?
        await page.InvokeAsync(() => page.Find("#rec-status").ChangeAsync(status));
        await page.InvokeAsync(() => page.Find("#rec-words").InputAsync(words));
        await page.ClickAsync("Record it");
        page.WaitForState(() => page.FindAll("header button").All(b => b.TextContent != "Record what happened"));
        context.Navigation.NavigateTo($"/decisions/{_decision}?step=reported");
        page.Render();
        page.WaitForState(() => page.Find(".split-detail").TextContent.Contains(words, StringComparison.Ordinal));
        Assert.Contains("Nothing to reconcile", List(context).WaitForElement(".state").TextContent);
    }

    [Fact]
    public async Task Story_AMomentThatAStepEndsIn_IsSaidInTheReadersZone()
    {
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        context.Services.GetRequiredService<ReaderClock>().Use("Europe/Berlin");
        await ConsoleHost.PostAsync(_spine.Agent, $"/api/v1/decisions/{_decision}/outcome", new { status = "succeeded", writes = new[] { new { system = "billing", record = "r/1", operation = "create" } } });
        var page = context.Render<DecisionPage>(p => p.Add(c => c.Id, _decision));
        var window = page.WaitForElement(".timeline > li:last-child");
        var until = window.QuerySelector("div > time")!;
        Assert.Contains($"which starts its undoing. That is open until {until.TextContent}.", System.Text.RegularExpressions.Regex.Replace(window.TextContent, @"\s+", " "));
        Assert.EndsWith("UTC", until.GetAttribute("title"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Record_AfterTheAgentReported_IsRefusedInTheDialog()
    {
        _time.Skip(TimeSpan.FromDays(2));
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = context.Render<DecisionPage>(p => p.Add(c => c.Id, _decision));
        page.WaitForElement(".timeline");
        await page.ClickAsync("Record what happened");
        await page.InvokeAsync(() => page.Find("#rec-words").InputAsync("no refund is there"));
        await page.InvokeAsync(() => page.Find("#rec-status").ChangeAsync("skipped"));
        await ConsoleHost.PostAsync(_spine.Agent, $"/api/v1/decisions/{_decision}/outcome", new { status = "succeeded" });
        await page.ClickAsync("Record it");
        Assert.NotEmpty(page.WaitForElement("dialog .validation-message").TextContent);
    }

    [Fact]
    public async Task Page_ForAReaderWhoMayNot_HasNoButton()
    {
        _time.Skip(TimeSpan.FromDays(2));
        await _host.PersonAsync("audit@example.com", "auditor");
        await using var context = new PageContext(_host, "audit@example.com");
        var page = context.Render<DecisionPage>(p => p.Add(c => c.Id, _decision));
        page.WaitForElement(".timeline");
        Assert.DoesNotContain("Record what happened", page.Markup);
    }

    [Fact]
    public async Task Report_ByTheAgentsOwnerOutsideTheRollout_IsTaken()
    {
        var (_, stranger) = await _host.PersonAsync("stranger@example.com", "member");
        var path = $"/api/v1/decisions/{_decision}/outcome";
        await ConsoleHost.PostAsync(stranger, path, new { status = "succeeded" }, 404);
        await ConsoleHost.PostAsync(_spine.Dana, path, new { status = "succeeded" }, 403);
        await ConsoleHost.PostAsync(_spine.Owner, path, new { status = "succeeded" });
    }

    private static IRenderedComponent<DecisionsPage> List(PageContext context)
    {
        context.Navigation.NavigateTo("/decisions?unreported=1");
        return context.Render<DecisionsPage>();
    }
}
