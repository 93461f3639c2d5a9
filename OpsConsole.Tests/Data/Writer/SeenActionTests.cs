using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Authority;
using OpsConsole.Tests.Support;

namespace OpsConsole.Tests.Data.Writer;

public sealed class SqliteSeenActionTests() : SeenActionTests(Provider.Sqlite);

public sealed class PostgresSeenActionTests() : SeenActionTests(Provider.Postgres)
{
    [Fact]
    public async Task Ask_AtTwoInstances_IsNotedOnce()
    {
        await using var fixture = await (await DataFixture.CreateAsync(Provider.Postgres)).SeedAsync();
        var second = await fixture.SecondWriterAsync();
        await fixture.DecideAsync("order.update");
        await fixture.DecideAsync("order.update", """{"n":2}""", at: second);
        await fixture.DecideAsync("mail.send", at: second);
        await fixture.DecideAsync("mail.send", """{"n":3}""");
        Assert.Equal(["mail.send", "order.update"], await NotedAsync(fixture));
    }
}

/// <summary>Each action of a rollout is written down when it is first asked for, together with that decision.</summary>
public abstract class SeenActionTests(Provider provider)
{
    private protected static Task<List<string>> NotedAsync(DataFixture fixture) => fixture.ReadAsync(db => db.SeenActions.AsNoTracking().OrderBy(s => s.Action).Select(s => s.Action).ToListAsync());

    [Fact]
    public async Task Ask_TheFirstOfItsAction_IsNotedWithItsDecision()
    {
        await using var fixture = await (await DataFixture.CreateAsync(provider)).SeedAsync();
        var first = await fixture.DecideAsync("Order.Update");
        await fixture.DecideAsync("order.update", """{"n":2}""");
        await fixture.DecideAsync("mail.send");
        Assert.Equal(["mail.send", "order.update"], await NotedAsync(fixture));
        var noted = await fixture.ReadAsync(db => db.SeenActions.AsNoTracking().SingleAsync(s => s.Action == "order.update"));
        Assert.Equal((fixture.RolloutId, first.Seq, first.At), (noted.RolloutId, noted.FirstSeq, noted.At));
    }

    [Fact]
    public async Task Ask_OfEverNewActions_NotesNoMoreThanTheBound()
    {
        await using var fixture = await (await DataFixture.CreateAsync(provider)).SeedAsync();
        await Task.WhenAll(Enumerable.Range(0, SeenAction.MostPerRollout + 50).Select(i => fixture.AskAsync(fixture.Ask("made.up" + i))));
        Assert.Equal(SeenAction.MostPerRollout, (await NotedAsync(fixture)).Count);
    }
}
