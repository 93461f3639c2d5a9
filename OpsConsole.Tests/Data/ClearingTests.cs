using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using OpsConsole.Core.Decisions;
using OpsConsole.Data;
using OpsConsole.Tests.Support;

namespace OpsConsole.Tests.Data;

/// <summary>What has served its time goes, and nothing else; counters stay true.</summary>
public sealed class ClearingTests
{
    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    internal async Task Clear_Keys_GoAfterADay(Provider provider)
    {
        await using var data = await (await DataFixture.CreateAsync(provider)).SeedAsync();
        await Task.WhenAll(Enumerable.Range(0, Clearing.AtOnce + 3).Select(i => data.AskAsync(data.Ask(), new("old" + i, [1]))));
        data.Time.Advance(TimeSpan.FromHours(1));
        var young = (await data.AskAsync(data.Ask(), new("young", [1]))).Value.Decision.Id;
        data.Time.Advance(TimeSpan.FromHours(23));
        using var clearing = new Clearing(data.Database, data.Writer, data.Time, NullLogger<Clearing>.Instance);
        await clearing.ClearAsync(default);
        Assert.Equal(["young"], await data.ReadAsync(db => db.IdempotencyKeys.Select(k => k.Key).ToListAsync()));
        Assert.Equal(young, Assert.IsType<Replayed>((await data.ReplyAsync(data.Ask(), new("young", [1]))).Value).Body);
        await data.VerifyAsync();
    }

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    internal async Task Clear_Counters_GoWhenTheirWindowIsLongOver(Provider provider)
    {
        await using var data = await (await DataFixture.CreateAsync(provider)).SeedAsync(caps: """{"decisions":{"run":2,"minute":50,"hour":50,"day":2}}""");
        using var clearing = new Clearing(data.Database, data.Writer, data.Time, NullLogger<Clearing>.Instance);
        await data.DecideAsync(runId: "r");
        await clearing.ClearAsync(default);
        Assert.Equal(4, await CountersAsync(data));
        data.Time.Advance(TimeSpan.FromDays(2));
        await data.DecideAsync(runId: "other");
        await clearing.ClearAsync(default);
        Assert.Equal(5, await CountersAsync(data));   // of the first only the run is left
        // Memory and database agree: the day has one of two left, the run, too.
        Assert.Equal(Outcome.Allow, (await data.DecideAsync(runId: "r")).Outcome);
        Assert.Equal("cap.decisions.run", (await data.DecideAsync(runId: "r")).Reasons[0].Code);
        Assert.Equal("cap.decisions.day", (await data.DecideAsync(runId: "new")).Reasons[0].Code);
        data.Time.Advance(TimeSpan.FromDays(30));
        await clearing.ClearAsync(default);
        Assert.Equal(0, await CountersAsync(data));
        Assert.Equal(Outcome.Allow, (await data.DecideAsync(runId: "r")).Outcome);
    }

    [Fact]
    public async Task Clear_RunsByItselfEveryHour()
    {
        await using var data = await (await DataFixture.CreateAsync(Provider.Sqlite)).SeedAsync();
        using var clearing = new Clearing(data.Database, data.Writer, data.Time, NullLogger<Clearing>.Instance);
        await clearing.StartAsync(default);
        await data.AskAsync(data.Ask(), new("k", [1]));
        data.Time.Advance(TimeSpan.FromHours(24));
        await data.PassUntilAsync(() => data.ReadAsync(db => db.IdempotencyKeys.CountAsync()).Result == 0, "the clearing");
        await clearing.StopAsync(default);
    }

    private static Task<int> CountersAsync(DataFixture data) => data.ReadAsync(db => db.CapUsage.CountAsync());
}
