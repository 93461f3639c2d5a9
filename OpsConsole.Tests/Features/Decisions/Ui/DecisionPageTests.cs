using System.Security.Claims;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Features.Access;
using OpsConsole.Tests.Support;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Decisions.Ui;

public sealed class DecisionPageTests : ShellTestContext
{
    [Fact]
    public async Task Step_ByKey_ShowsWhatIsHereWithoutReadingItAgain()
    {
        await using var data = await (await DataFixture.CreateAsync(Provider.Sqlite)).SeedAsync();
        var decision = await data.DecideAsync();
        var user = Accounts.New("ann@example.com", "Ann", ConsoleRoles.Auditor, data.Time.GetUtcNow());
        user.PasswordHash = "set";
        await data.Writer.ChangeAsync<Done>((scope, _) =>
        {
            scope.Db.Users.Add(user);
            scope.AuthorityChanged();
            return Task.FromResult<Result<Done>>(Done.Value);
        });
        var reads = new Counting(data.Database);
        Services.AddSingleton(new DecisionStory(reads, data.Writer, data.Time));
        Services.AddSingleton(new Reconciliation(new DecisionService(data.Writer, data.Database, Signals, data.Time, new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance))));
        Services.AddSingleton(new CurrentPerson(new Session(user, data.Time.GetUtcNow()), data.Writer, data.Time));
        Services.AddSingleton(new Undo.WindowDesk(data.Writer, data.Database));
        Services.AddSupplyValueFromQueryProvider();
        var page = Render<DecisionPage>(p => p.Add(c => c.Id, decision.Id));
        page.WaitForElement("a.step[aria-current=step]");
        var before = reads.Count;

        await page.InvokeAsync(() => page.FindComponent<PageKeys>().Instance.Pressed("j"));

        page.WaitForAssertion(() => Assert.Equal("step", page.FindAll("a.step")[1].GetAttribute("aria-current")));
        Assert.Equal((before, true), (reads.Count, before > 0));
    }

    private sealed class Counting(IDbContextFactory<OpsDbContext> inner) : IDbContextFactory<OpsDbContext>
    {
        private int _count;
        public int Count => _count;

        public OpsDbContext CreateDbContext()
        {
            Interlocked.Increment(ref _count);
            return inner.CreateDbContext();
        }
    }

    private sealed class Session(OpsUser user, DateTimeOffset since) : AuthenticationStateProvider
    {
        public override Task<AuthenticationState> GetAuthenticationStateAsync() => Task.FromResult(new AuthenticationState(new ClaimsPrincipal(new ClaimsIdentity(
            [new(ClaimTypes.NameIdentifier, user.Id), new("opsconsole:stamp", user.SecurityStamp!), new("opsconsole:since", since.ToUnixTimeSeconds().ToString()), new("opsconsole:session", "s1")], IdentityConstants.ApplicationScheme))));
    }
}
