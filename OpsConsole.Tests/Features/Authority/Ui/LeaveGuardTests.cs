using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Tests.Support;

namespace OpsConsole.Features.Authority.Ui;

public sealed class LeaveGuardTests : IDisposable
{
    private readonly BunitContext _context = new();

    public LeaveGuardTests() => _context.JSInterop.Mode = JSRuntimeMode.Loose;

    public void Dispose() => _context.Dispose();

    private NavigationManager Navigation => _context.Services.GetRequiredService<NavigationManager>();

    private IRenderedComponent<LeaveGuard> Render(params LostCell[] cells) => _context.Render<LeaveGuard>(p => p.Add(c => c.Cells, cells));

    [Fact]
    public async Task ALinkInside_IsAskedAbout_AndStayingLosesNothing()
    {
        var guard = Render(new("R-3", "When", "amount >", "?"), new("Boundary 1", "On", "x y z", "?"));
        var here = Navigation.Uri;
        await guard.InvokeAsync(() => Navigation.NavigateTo("/agents"));
        Assert.Equal(here, Navigation.Uri);
        Assert.Equal(["R-3, When: “amount >”", "Boundary 1, On: “x y z”"], guard.FindAll("dialog li").Select(l => l.TextContent));
        await guard.InvokeAsync(() => guard.FindComponent<OpsConsole.Ui.Shared.Modal>().Instance.Closed());   // Stay, or Esc
        Assert.Empty(guard.FindAll("dialog li"));
        Assert.Equal(here, Navigation.Uri);
    }

    [Fact]
    public async Task Leaving_GoesWhereTheLinkWent()
    {
        var guard = Render(new LostCell("R-3", "When", "amount >", "?"));
        await guard.InvokeAsync(() => Navigation.NavigateTo("/agents?x=1"));
        await guard.ClickAsync("Leave and lose 1 cell");
        Assert.EndsWith("/agents?x=1", Navigation.Uri);
    }

    [Fact]
    public async Task WithNothingToLose_NobodyAsks()
    {
        var guard = Render();
        await guard.InvokeAsync(() => Navigation.NavigateTo("/agents"));
        Assert.EndsWith("/agents", Navigation.Uri);
    }
}
