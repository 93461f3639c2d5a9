using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Features.Access;
using OpsConsole.Features.Agents;
using OpsConsole.Features.Safeguards;
using OpsConsole.Platform.Web;
using OpsConsole.Tests.Support;

namespace OpsConsole.Features.Demo;

public sealed class DemoSeedTests
{
    [Fact]
    public async Task Remove_WithAnAdminOfTheConsolesOwn_EndsEverySignInOfTheDemo()
    {
        await using var data = await DataFixture.CreateAsync(Provider.Sqlite);
        var seed = new DemoSeed(data.Writer, new PasswordHasher<OpsUser>());
        await seed.FillAsync();
        var user = Accounts.New("own@example.com", "Own", ConsoleRoles.Admin, data.Time.GetUtcNow());
        await AddAsync();
        Assert.Equal("Ada Admin", seed.Staying());   // an admin who has not joined cannot run it
        await data.Writer.ChangeAsync<Done>((scope, _) =>
        {
            scope.Db.Users.Single(u => u.Id == user.Id).PasswordHash = "set";
            scope.AuthorityChanged();
            return Task.FromResult<Result<Done>>(Done.Value);
        });
        Assert.Null(seed.Staying());
        Assert.True((await seed.RemoveAsync(new PersonCaller(data.Writer.State.Directory.ByEmail["ada@demo.example"], null, "session"))).Ok);
        Assert.Equal(["own@example.com"], data.Writer.State.Directory.People.Values.Where(p => p.Active).Select(p => p.Email));

        Task AddAsync() => data.Writer.ChangeAsync<Done>((scope, _) =>
        {
            scope.Db.Users.Add(user);
            scope.AuthorityChanged();
            return Task.FromResult<Result<Done>>(Done.Value);
        });
    }

    [Fact]
    public async Task Fill_OffersItsAgentWhatItsTemplateSaysNow()
    {
        await using var data = await DataFixture.CreateAsync(Provider.Sqlite);
        await new DemoSeed(data.Writer, new PasswordHasher<OpsUser>()).FillAsync();
        var (state, ada) = (data.Writer.State, new PersonCaller(data.Writer.State.Directory.ByEmail["ada@demo.example"], null, "session"));
        var applied = Assert.Single((await new TemplateGrants(data.Writer, data.Database, data.Time).AppliedAsync(ada, state.Agents.Values.Single().Id, default)).Value);
        Assert.Equal(("Support agent", 2, 1, 4), (applied.Name, applied.Version, applied.AppliedVersion, applied.Grants.Count));
        Assert.Equal([("order.*", true), ("ticket.*", false)], applied.Offer.Select(o => (o.Capability, o.Widens)));
        var history = (await new TemplateHistory(data.Writer, data.Database).ListAsync(applied.Id, new PageQuery(null, 10), default)).Value.Items;
        Assert.Equal([("changed", 2, "Omar Haddad"), ("created", 1, "Omar Haddad")], history.Select(h => (h.Change, h.Version, h.ByName)));
    }

    [Fact]
    public async Task FillThenRemove_EveryChangeIsOnTheRecord()
    {
        await using var data = await DataFixture.CreateAsync(Provider.Sqlite);
        var seed = new DemoSeed(data.Writer, new PasswordHasher<OpsUser>());
        Assert.Equal(7, (await seed.FillAsync()).Count);
        Assert.NotNull(await seed.NewKeyAsync());
        Assert.NotNull(await seed.NewKeyAsync());
        var ada = new PersonCaller(data.Writer.State.Directory.ByEmail["ada@demo.example"], null, "session");
        Assert.Equal("Ada Admin", seed.Staying());
        Assert.True((await seed.RemoveAsync(ada)).Ok);
        Assert.True(data.Writer.State.Directory.ByEmail["ada@demo.example"].Active);   // nobody else could run the console
        Assert.DoesNotContain(new PauseBoard(data.Writer).Lines(ada), l => l.State.Paused);   // what is archived is no news

        await using var db = data.Database.CreateDbContext();
        var events = (await db.Audit.AsNoTracking().Select(a => a.Event).ToListAsync()).CountBy(e => e).ToDictionary();
        foreach (var (name, count) in (IEnumerable<(string, int)>)
        [
            ("person.created", 7), ("group.created", 1), ("rollout.created", 1), ("member.added", 11), ("matrix.published", 1), ("gate.passed", 3), ("agent.registered", 1), ("caps.set", 1), ("grant.given", 5), ("catalogue.saved", 1),
            ("template.created", 2), ("template.applied", 1), ("template.changed", 1), ("template.archived", 2),
            ("key.created", 2), ("key.revoked", 2), ("agent.retired", 1), ("rollout.archived", 1), ("rollout.paused", 1), ("person.disabled", 6),
        ]) Assert.Equal((name, count), (name, events.GetValueOrDefault(name)));
    }
}
