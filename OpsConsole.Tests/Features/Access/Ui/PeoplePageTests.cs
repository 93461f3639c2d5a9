using System.Net;
using Bunit;
using OpsConsole.Tests.Support;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Access.Ui;

/// <summary>The page over the real services and a real database.</summary>
public sealed class PeoplePageTests : IAsyncLifetime
{
    private ConsoleHost _host = default!;

    public async Task InitializeAsync() => _host = await ConsoleHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Invite_NewAddress_ShowsTheLinkUntilTheDialogCloses()
    {
        await using var context = Context(ConsoleHost.AdminEmail);
        var page = context.Render<PeoplePage>();
        await page.InvokeAsync(() => page.Find("header button.primary").ClickAsync(new()));
        await page.InvokeAsync(() => page.Find("#p-email").InputAsync("dana@example.com"));
        await page.InvokeAsync(() => page.Find("dialog footer button.primary").ClickAsync(new()));
        var link = page.WaitForElement(".secret code").TextContent;
        Assert.Contains("/invitations/", link);
        Assert.Contains("Invited", page.Find("tbody").TextContent);
        await page.InvokeAsync(() => page.FindComponents<Modal>()[0].Instance.Closed());
        Assert.DoesNotContain(link, page.Markup);
    }

    [Fact]
    public async Task List_Auditor_SeesPeopleWithoutButtons()
    {
        await _host.PersonAsync("audit@example.com", "auditor");
        await using var context = Context("audit@example.com");
        var page = context.Render<PeoplePage>();
        Assert.Contains("audit@example.com", page.Find("tbody").TextContent);
        Assert.Contains("Auditor", page.Find("tbody").TextContent);
        Assert.Empty(page.FindAll("button"));
    }

    [Fact]
    public async Task Disable_AfterConfirmation_EndsTheirSessionsAndEnableLetsThemBack()
    {
        await _host.PersonAsync("dana@example.com", "approver");
        using var dana = new SignedIn(_host.NewClient());
        await dana.SignInAsync("dana@example.com", _host.PasswordOf("dana@example.com"));
        await using var context = Context(ConsoleHost.AdminEmail);
        var page = context.Render<PeoplePage>();
        await page.ClickAsync("Disable dana");
        Assert.Contains("signed out everywhere at once", page.Find("dialog .dialog-body").TextContent);
        Assert.Equal(HttpStatusCode.OK, (await dana.Client.GetAsync("/account")).StatusCode);
        await page.ClickAsync("Disable");
        Assert.Equal(HttpStatusCode.Redirect, (await dana.Client.GetAsync("/account")).StatusCode);
        page.WaitForState(() => page.FindAll("button").Any(b => b.TextContent.Trim() == "Enable dana"));
        await page.ClickAsync("Enable dana");
        await page.ClickAsync("Enable");
        await dana.SignInAsync("dana@example.com", _host.PasswordOf("dana@example.com"));
        Assert.Equal(HttpStatusCode.OK, (await dana.Client.GetAsync("/account")).StatusCode);
    }

    [Fact]
    public async Task Disable_TheLastAdmin_IsRefusedInTheDialog()
    {
        await using var context = Context(ConsoleHost.AdminEmail);
        var page = context.Render<PeoplePage>();
        await page.InvokeAsync(() => page.FindAll("tbody button").Single(b => b.TextContent.StartsWith("Disable", StringComparison.Ordinal)).ClickAsync(new()));
        await page.ClickAsync("Disable");
        Assert.NotEmpty(page.WaitForElement("dialog .validation-message").TextContent);
        Assert.Contains("Active", page.Find("tbody").TextContent);
    }

    [Fact]
    public async Task Roles_Changed_HoldAtOnce()
    {
        var (_, client) = await _host.PersonAsync("dana@example.com", "member");
        await ConsoleHost.GetAsync(client, "/api/v1/people", 403);
        await using var context = Context(ConsoleHost.AdminEmail);
        var page = context.Render<PeoplePage>();
        await page.ClickAsync("Roles of dana");
        await page.InvokeAsync(() => page.FindAll("dialog .check").Single(c => c.TextContent.Contains("Auditor", StringComparison.OrdinalIgnoreCase)).QuerySelector("input")!.ChangeAsync(true));
        await page.ClickAsync("Save roles");
        await ConsoleHost.GetAsync(client, "/api/v1/people");
    }

    [Fact]
    public async Task Group_MadeAndChanged_IsWhatMatricesName()
    {
        await _host.PersonAsync("dana@example.com", "approver");
        await using var context = Context(ConsoleHost.AdminEmail);
        var page = context.Render<PeoplePage>();
        Assert.Contains("No group yet", page.Markup);
        await page.InvokeAsync(() => page.FindAll(".groups-head button")[0].ClickAsync(new()));
        await page.InvokeAsync(() => page.Find("#g-name").InputAsync("leads"));
        await page.InvokeAsync(() => page.FindAll("dialog .check").Single(c => c.TextContent.Contains("dana", StringComparison.Ordinal)).QuerySelector("input")!.ChangeAsync(true));
        await page.ClickAsync("Create group");
        Assert.Equal(["dana@example.com"], _host.Writer.State.Directory.Resolve("group:leads").Select(p => p.Email));
        await page.ClickAsync("Members of leads");
        await page.InvokeAsync(() => page.FindAll("dialog .check").Single(c => c.TextContent.Contains("dana", StringComparison.Ordinal)).QuerySelector("input")!.ChangeAsync(false));
        await page.ClickAsync("Save members");
        Assert.Empty(_host.Writer.State.Directory.Resolve("group:leads"));
        Assert.Contains("find no approver", page.Markup);
    }

    private PageContext Context(string email) => new(_host, email);
}
