using Bunit;
using OpsConsole.Tests.Support;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Decisions.Ui;

public sealed class DecisionsPageTests : IAsyncLifetime
{
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync();
        _spine = await Spine.BuildAsync(_host);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("outcome=nonsense")]
    [InlineData("after=nonsense")]
    public async Task List_WrongFilterInTheAddress_OffersToClearIt(string query)
    {
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        context.Navigation.NavigateTo("/decisions?" + query);
        var page = context.Render<DecisionsPage>();
        var error = page.WaitForElement(".state.error");
        Assert.Equal("Clear the filters", error.QuerySelector("a")!.TextContent);
        Assert.Empty(error.QuerySelectorAll("button"));
    }

    [Fact]
    public async Task Row_ReachedByKey_TakesTheFocus()
    {
        await _spine.RefundAsync(20);
        await _spine.RefundAsync(21);
        await using var context = new PageContext(_host, ConsoleHost.AdminEmail);
        var page = context.Render<DecisionsPage>();
        page.WaitForElement("a.list-item");
        await page.InvokeAsync(() => page.FindComponent<PageKeys>().Instance.Pressed("j"));
        await page.InvokeAsync(() => page.FindComponent<PageKeys>().Instance.Pressed("j"));
        page.WaitForAssertion(() => Assert.Equal("true", page.FindAll("a.list-item")[1].GetAttribute("aria-current")));
        Assert.Equal(2, context.JSInterop.Invocations["Blazor._internal.domWrapper.focus"].Count);
    }

    [Theory]
    [InlineData("dana@example.com", false)]
    [InlineData(ConsoleHost.AdminEmail, true)]
    public async Task Decision_EntriesOfTheLog_AreLinksForThoseWhoMayReadIt(string who, bool links)
    {
        var id = Spine.Id(await _spine.RefundAsync(20));
        await using var context = new PageContext(_host, who);
        var page = context.Render<DecisionPage>(p => p.Add(c => c.Id, id));
        page.WaitForElement(".timeline");
        Assert.Equal(links, page.FindAll("a[href^='/audit']").Count > 0);
        Assert.Contains("of the log", page.Find(".split-detail").TextContent);
    }
}
