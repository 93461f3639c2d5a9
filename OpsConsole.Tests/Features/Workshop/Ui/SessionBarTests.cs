using Bunit;
using Microsoft.AspNetCore.Components;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Features.Workshop.Ui;

/// <summary>The bar above a rollout's pages: it leads along, once, and never away from something unsaved.</summary>
public sealed class SessionBarTests : IAsyncLifetime
{
    private ConsoleHost _host = default!;
    private Spine _spine = default!;

    public async Task InitializeAsync()
    {
        _host = await ConsoleHost.StartAsync();
        _spine = await Spine.BuildAsync(_host, gates: "");
        await PostAsync(_host.Admin, $"/api/v1/rollouts/{_spine.Rollout}/members", new { email = "lee@example.com", roles = new[] { "member" } }, 201);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    private string Rollout => "/rollouts/" + _spine.Rollout;
    private Task OpenAsync() => PostAsync(_host.Admin, $"/api/v1{Rollout}/session", new { }, 201);
    private Task GatherAsync(string path) => PostAsync(_host.Admin, $"/api/v1{Rollout}/session/gather", new { path = Rollout + path });

    private IRenderedComponent<SessionBar> Render(PageContext context, string path, bool busy = false)
    {
        context.Renderer.SetRendererInfo(new RendererInfo("Server", true));
        var shell = context.JSInterop.SetupModule("/js/shell.js");
        shell.Setup<bool>("busy").SetResult(busy);
        context.Navigation.NavigateTo(path);
        return context.Render<SessionBar>();
    }

    private static string Here(PageContext context) => "/" + context.Navigation.ToBaseRelativePath(context.Navigation.Uri);

    [Fact]
    public async Task ACall_MovesWhoeverIsOnAPageOfTheRollout_Once_AndSaysWhoDid()
    {
        await OpenAsync();
        await GatherAsync("/actions");   // before anybody came: moves nobody
        await using var context = new PageContext(_host, "lee@example.com");
        var bar = Render(context, Rollout + "/worksheets/canvas");
        bar.WaitForElement(".session-bar");
        Assert.Contains("step 1 of 6, Scope", bar.Markup);
        Assert.Equal(Rollout + "/worksheets/canvas", Here(context));
        await GatherAsync("/matrix");
        await Until.True(() => Here(context) == Rollout + "/matrix");
        await Until.True(() => context.Said is not null);
        Assert.Contains("brought everybody here", context.Said);
        await bar.InvokeAsync(() => context.Navigation.NavigateTo(Rollout + "/worksheets/tests"));
        await PostAsync(_spine.Lee, $"/api/v1{Rollout}/session/ready", new { ready = true });
        bar.WaitForState(() => bar.Markup.Contains("✓ I am ready"));
        Assert.Equal(Rollout + "/worksheets/tests", Here(context));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task ACall_WhereSomethingIsUnsaved_OrSomebodyStays_IsALink(bool busy, bool stay)
    {
        await OpenAsync();
        await using var context = new PageContext(_host, "lee@example.com");
        var bar = Render(context, Rollout + "/matrix", busy);
        bar.WaitForElement(".session-bar");
        if (stay) await bar.ClickAsync("Stay here");
        await GatherAsync("/worksheets/tests");
        var link = bar.WaitForElement("a[href$='/worksheets/tests']");
        Assert.Equal("Go there", link.TextContent);
        Assert.Contains("“Adversarial test log”", bar.Markup);
        Assert.Equal(Rollout + "/matrix", Here(context));
        await bar.ClickAsync("Not now");
        Assert.Empty(bar.FindAll("a[href$='/worksheets/tests']"));
    }

    [Fact]
    public async Task WhoStays_StaysInThisSession_NotInTheNext()
    {
        await OpenAsync();
        await using var context = new PageContext(_host, "lee@example.com");
        var bar = Render(context, Rollout + "/matrix");
        bar.WaitForElement(".session-bar");
        await bar.ClickAsync("Stay here");
        await bar.InvokeAsync(() => context.Navigation.NavigateTo("/approvals"));
        await bar.InvokeAsync(() => context.Navigation.NavigateTo(Rollout + "/matrix"));
        bar.WaitForState(() => bar.Markup.Contains("✓ Stay here"));
        await PostAsync(_host.Admin, $"/api/v1{Rollout}/session/end", new { });
        await OpenAsync();
        bar.WaitForState(() => bar.FindAll(".session-bar").Count == 1 && !bar.Markup.Contains("✓ Stay here"));
    }

    [Fact]
    public async Task NoSession_NoBar_AndItComesAndGoesWithTheSession()
    {
        await using var context = new PageContext(_host, "lee@example.com");
        var bar = Render(context, Rollout + "/matrix");
        Assert.Empty(bar.FindAll(".session-bar"));
        await OpenAsync();
        bar.WaitForElement(".session-bar");
        bar.WaitForState(() => bar.Markup.Contains("0 of 1 ready"));
        await bar.InvokeAsync(() => context.Navigation.NavigateTo("/approvals"));
        bar.WaitForState(() => bar.FindAll(".session-bar").Count == 0);
        await bar.InvokeAsync(() => context.Navigation.NavigateTo(Rollout + "/matrix"));
        bar.WaitForElement(".session-bar");
        await PostAsync(_host.Admin, $"/api/v1{Rollout}/session/end", new { });
        bar.WaitForState(() => bar.FindAll(".session-bar").Count == 0);
    }
}
