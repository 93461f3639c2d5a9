using System.Security.Claims;
using Bunit;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Realtime;
using OpsConsole.Platform.Web;
using OpsConsole.Support;
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
        await page.Find("header button.primary").ClickAsync(new());
        await page.Find("#p-email").InputAsync("dana@example.com");
        await page.Find("dialog footer button.primary").ClickAsync(new());
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

    private BunitContext Context(string email)
    {
        var (context, time) = (new BunitContext(), new HandTime(DateTimeOffset.UtcNow));
        context.JSInterop.Mode = JSRuntimeMode.Loose;
        var person = _host.Writer.State.Directory.ByEmail[email];
        context.Services.AddSingleton<TimeProvider>(time);
        context.Services.AddSingleton(new ReaderClock(time));
        context.Services.AddSingleton<Toasts>();
        context.Services.AddSingleton(new PublicAddress(null));
        context.Services.AddSingleton(_host.Services.GetRequiredService<Signals>());
        context.Services.AddSingleton(_host.Services.GetRequiredService<PeopleService>());
        context.Services.AddSingleton(_host.Services.GetRequiredService<GroupService>());
        var identity = new ClaimsIdentity([new(ClaimTypes.NameIdentifier, person.Id), new("opsconsole:stamp", person.SecurityStamp), new("opsconsole:since", time.GetUtcNow().ToUnixTimeSeconds().ToString()), new("opsconsole:session", "ses_1")], IdentityConstants.ApplicationScheme);
        context.Services.AddSingleton(new CurrentPerson(new Fixed(new ClaimsPrincipal(identity)), _host.Services.GetRequiredService<DurableWriter>(), time));
        return context;
    }

    private sealed class Fixed(ClaimsPrincipal user) : AuthenticationStateProvider
    {
        public override Task<AuthenticationState> GetAuthenticationStateAsync() => Task.FromResult(new AuthenticationState(user));
    }
}
