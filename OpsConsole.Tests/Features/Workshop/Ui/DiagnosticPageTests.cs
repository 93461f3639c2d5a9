using Bunit;
using OpsConsole.Core.Rollouts;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Features.Workshop.Ui;

/// <summary>The diagnostic's pages over the real services.</summary>
public sealed class DiagnosticPageTests : IAsyncLifetime
{
    private ConsoleHost _host = default!;

    public async Task InitializeAsync() => _host = await StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task It_BeginsWithEnter_WhereATeamIsNamed()
    {
        await using var context = new PageContext(_host, AdminEmail);
        var page = context.Render<DiagnosticPage>();
        await page.InvokeAsync(() => page.Find("form").SubmitAsync());
        Assert.Single(page.FindAll("#about"));
        await page.InvokeAsync(() => page.Find("#about").InputAsync("Support"));
        Assert.False(page.Button("Begin").HasAttribute("disabled"));   // Enter does nothing in a form whose button is off
        await page.InvokeAsync(() => page.Find("form").SubmitAsync());
        await Until.True(() => context.Navigation.Uri.Contains("about=Support", StringComparison.Ordinal));
    }

    [Fact]
    public async Task AWorkflowThatIsNotWhole_IsLeftOut_AndStopsNobody()
    {
        await using var context = new PageContext(_host, AdminEmail);
        context.Navigation.NavigateTo($"/diagnostic?about=Support&answers={new string('b', DiagnosticQuestions.All.Count)}&at={DiagnosticQuestions.All.Count}");
        var page = context.Render<DiagnosticPage>();
        await page.ClickAsync("Compare another workflow");
        await page.InvokeAsync(() => page.Find("#c1-name").ChangeAsync("Routine mail"));
        foreach (var question in DiagnosticQuestions.Candidate) await page.InvokeAsync(() => page.Find("#c1-" + question.Id).ChangeAsync("c"));
        await page.InvokeAsync(() => page.Find("#c2-name").ChangeAsync("Returns"));
        Assert.Contains("until then it is left out", page.FindAll("fieldset")[1].TextContent);
        Assert.DoesNotContain("left out", page.FindAll("fieldset")[0].TextContent);
        await page.ClickAsync("See the result");
        await Until.True(() => context.Navigation.Uri.Contains("/diagnostic/dia_", StringComparison.Ordinal));
        var answers = (await GetAsync(_host.Admin, "/api/v1/diagnostics/" + context.Navigation.Uri.Split('/')[^1])).GetProperty("answers");
        Assert.Equal("Routine mail", answers.GetProperty("pilot-1-name").GetString());
        Assert.DoesNotContain("pilot-2", answers.GetRawText());
    }

    [Fact]
    public async Task ARolloutFromIt_HasNoFigureForAPurpose()
    {
        var answers = DiagnosticQuestions.All.ToDictionary(q => q.Id, _ => "b");
        answers["say-figure"] = "Median time to answer";
        var run = Spine.Id(await PostAsync(_host.Admin, "/api/v1/diagnostics", new { subject = "Support", answers }, 201));
        await using var context = new PageContext(_host, AdminEmail);
        var page = context.Render<DiagnosticResultPage>(p => p.Add(c => c.Id, run));
        page.WaitForElement("h1");
        await page.ClickAsync("Start a rollout from this");
        Assert.True(string.IsNullOrEmpty(page.Find("#begin-purpose").GetAttribute("value")));
    }
}
