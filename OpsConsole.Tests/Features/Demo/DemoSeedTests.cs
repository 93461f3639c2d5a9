using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Data;
using OpsConsole.Tests.Support;

namespace OpsConsole.Features.Demo;

public sealed class DemoSeedTests
{
    [Fact]
    public async Task FillThenRemove_EveryChangeIsOnTheRecord()
    {
        await using var data = await DataFixture.CreateAsync(Provider.Sqlite);
        var seed = new DemoSeed(data.Writer, new PasswordHasher<OpsUser>());
        Assert.Equal(7, (await seed.FillAsync()).Count);
        Assert.NotNull(await seed.NewKeyAsync());
        Assert.NotNull(await seed.NewKeyAsync());
        var ada = new PersonCaller(data.Writer.State.Directory.ByEmail["ada@demo.example"], null, "session");
        Assert.True((await seed.RemoveAsync(ada)).Ok);

        await using var db = data.Database.CreateDbContext();
        var events = (await db.Audit.AsNoTracking().Select(a => a.Event).ToListAsync()).CountBy(e => e).ToDictionary();
        foreach (var (name, count) in (IEnumerable<(string, int)>)
        [
            ("person.created", 7), ("group.created", 1), ("rollout.created", 1), ("member.added", 9), ("matrix.published", 1), ("gate.passed", 3), ("agent.registered", 1), ("caps.set", 1), ("grant.given", 5),
            ("key.created", 2), ("key.revoked", 2), ("agent.retired", 1), ("rollout.archived", 1), ("rollout.paused", 1), ("person.disabled", 6),
        ]) Assert.Equal((name, count), (name, events.GetValueOrDefault(name)));
    }
}
