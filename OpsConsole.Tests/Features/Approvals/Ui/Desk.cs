using System.Security.Claims;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Realtime;
using OpsConsole.Support;
using OpsConsole.Tests.Support;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Approvals.Ui;

/// <summary>One person's circuit at the approvals desk, over a running console's services.</summary>
internal sealed class Desk : BunitContext
{
    /// <param name="signalsByHand">The desk hears only what the test publishes: what others do reaches the database and not the screen.</param>
    /// <param name="signedInBefore">How long ago the session began.</param>
    public Desk(ConsoleHost host, string email, HandTime? time = null, bool signalsByHand = false, TimeSpan signedInBefore = default)
    {
        JSInterop.Mode = JSRuntimeMode.Loose;
        Time = time ?? new HandTime(DateTimeOffset.UtcNow);
        var person = host.Writer.State.Directory.ByEmail[email];
        Signals = signalsByHand ? new Signals(Time, NullLogger<Signals>.Instance) : host.Services.GetRequiredService<Signals>();
        Services.AddSingleton<TimeProvider>(Time);
        Services.AddSingleton(Signals);
        Services.AddSingleton(new ReaderClock(Time));
        Services.AddSingleton<KeyRegistry>();
        Services.AddSingleton<Toasts>();
        Services.AddSingleton(host.Services.GetRequiredService<ApprovalInbox>());
        Services.AddSingleton(host.Services.GetRequiredService<ApprovalService>());
        Services.AddSingleton(host.Services.GetRequiredService<ClaimDesk>());
        Services.AddSingleton(host.Services.GetRequiredService<AskBackDesk>());
        Services.AddSingleton(host.Services.GetRequiredService<TakeBackDesk>());
        Services.AddSingleton(host.Services.GetRequiredService<HistoryReader>());
        Services.AddSingleton(host.Services.GetRequiredService<EditPreviewer>());
        Services.AddSingleton(host.Services.GetRequiredService<Authority.RuleProposals>());
        var identity = new ClaimsIdentity([new(ClaimTypes.NameIdentifier, person.Id), new("opsconsole:stamp", person.SecurityStamp), new("opsconsole:since", (Time.GetUtcNow() - signedInBefore).ToUnixTimeSeconds().ToString()), new("opsconsole:session", "ses_1")], IdentityConstants.ApplicationScheme);
        Services.AddSingleton<AuthenticationStateProvider>(new Fixed(new ClaimsPrincipal(identity)));
        Services.AddSingleton(host.Services.GetRequiredService<AccountService>());
        Services.AddSingleton(host.Services.GetRequiredService<BulkDesk>());
        Services.AddSingleton(host.Services.GetRequiredService<ViewDesk>());
        Services.AddSingleton(host.Services.GetRequiredService<Decisions.DecisionSearch>());
        Services.AddSingleton(new CurrentPerson(new Fixed(new ClaimsPrincipal(identity)), host.Services.GetRequiredService<DurableWriter>(), Time));
        Services.AddSupplyValueFromQueryProvider();
    }

    public HandTime Time { get; }
    public Signals Signals { get; }
    public NavigationManager Navigation => Services.GetRequiredService<NavigationManager>();

    public IRenderedComponent<ApprovalsPage> Open(string? id = null)
    {
        Navigation.NavigateTo("/approvals" + (id is null ? "" : "/" + id));
        return Render<ApprovalsPage>(p => p.Add(c => c.Id, id));
    }

    public Task PressAsync(IRenderedComponent<ApprovalsPage> page, string key) => page.FindComponent<PageKeys>().Instance.Pressed(key);

    /// <summary>With signals by hand: tells the page, and returns when it has pulled and has nothing left to do.</summary>
    public Task SettleAsync(string topic)
    {
        Time.Advance(Signals.Interval);
        // What is published while the page pulls waits for its turn on the clock; so one that waits says that the page is done.
        return Until.True(() =>
        {
            Signals.Publish(topic);
            return Time.Timers == 1;
        }, "the page has pulled");
    }

    private sealed class Fixed(ClaimsPrincipal user) : AuthenticationStateProvider
    {
        public override Task<AuthenticationState> GetAuthenticationStateAsync() => Task.FromResult(new AuthenticationState(user));
    }
}
