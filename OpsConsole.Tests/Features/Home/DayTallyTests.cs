using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Approvals;
using OpsConsole.Features.Decisions;
using OpsConsole.Tests.Support;

namespace OpsConsole.Features.Home;

/// <summary>The fixture's clock begins on 4 March 2026 at 09:00 UTC.</summary>
public sealed class DayTallyTests
{
    private static readonly DateTimeOffset MidnightUtc = new(2026, 3, 4, 0, 0, 0, TimeSpan.Zero), MidnightKolkata = new(2026, 3, 4, 18, 30, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    internal async Task Since_AnyMidnight_CountsByItsHours(Provider provider)
    {
        await using var data = await (await DataFixture.CreateAsync(provider)).SeedAsync();
        using var tally = new DayTally(data.Database, data.Time);
        await DecideAsync(data, 3);                       // 09:00
        Assert.Equal(3, (await tally.SinceAsync(MidnightUtc, null, default)).Total.Decisions);
        data.Time.Advance(TimeSpan.FromHours(9.25));
        await DecideAsync(data, 2);                       // 18:15, before midnight in Kolkata
        data.Time.Advance(TimeSpan.FromHours(0.5));
        await DecideAsync(data, 4);                       // 18:45, after it
        await data.DecideAsync(mode: AskMode.Shadow);     // not live
        data.Time.Advance(TimeSpan.FromHours(1));
        await DecideAsync(data, 1);                       // 19:45

        var utc = await tally.SinceAsync(MidnightUtc, null, default);
        Assert.Equal((10, 10, 0), (utc.Total.Decisions, utc.Total.Alone, utc.Total.Denied));
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 6, 1], utc.Hours);
        var kolkata = await tally.SinceAsync(MidnightKolkata, null, default);
        Assert.Equal(5, kolkata.Total.Decisions);
        Assert.Equal([4, 1], kolkata.Hours);
        Assert.Equal(0, (await tally.SinceAsync(MidnightUtc, ["rol_other"], default)).Total.Decisions);
        Assert.Equal(10, (await tally.SinceAsync(MidnightUtc, [data.RolloutId], default)).Total.Decisions);

        // One that starts now says the same as one that watched.
        using var late = new DayTally(data.Database, data.Time);
        Assert.Equal(utc.Hours, (await late.SinceAsync(MidnightUtc, null, default)).Hours);
        Assert.Equal(kolkata.FirstSeq, (await late.SinceAsync(MidnightKolkata, null, default)).FirstSeq);

        data.Time.Advance(TimeSpan.FromHours(30));
        Assert.Equal(0, (await tally.SinceAsync(MidnightUtc.AddDays(2), null, default)).Total.Decisions);
    }

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    internal async Task Since_ReportedLater_TakesTheCostThatWasReported(Provider provider)
    {
        await using var data = await (await DataFixture.CreateAsync(provider)).SeedAsync();
        using var tally = new DayTally(data.Database, data.Time);
        var (first, second) = (await data.DecideAsync(usd: 100), await data.DecideAsync(usd: 40));
        Assert.Equal(140, (await tally.SinceAsync(MidnightUtc, null, default)).Total.CostUsd);
        data.Time.Advance(TimeSpan.FromHours(1));
        await data.ReportAsync(first, usd: 70);
        Assert.Equal(110, (await tally.SinceAsync(MidnightUtc, null, default)).Total.CostUsd);
        await data.ReportAsync(second, ReportStatus.Skipped);
        Assert.Equal(70, (await tally.SinceAsync(MidnightUtc, null, default)).Total.CostUsd);
        using var late = new DayTally(data.Database, data.Time);
        Assert.Equal(70, (await late.SinceAsync(MidnightUtc, null, default)).Total.CostUsd);
    }

    /// <summary>With a million decisions behind, only the new ones may be touched.</summary>
    [Fact]
    public async Task Queries_ForTheNew_SearchKeysAndScanNothing()
    {
        await using var data = await (await DataFixture.CreateAsync(Provider.Sqlite)).SeedAsync();
        await using var db = data.Database.CreateDbContext();
        foreach (var query in (IQueryable[])[DayTally.Count(db, 900, 1_000, 1_000), DayTally.Corrections(db, 900, 1_000, 1)])
        {
            await using var command = query.CreateDbCommand();
            command.CommandText = "EXPLAIN QUERY PLAN " + command.CommandText;
            await db.Database.OpenConnectionAsync();
            List<string> plan = [];
            await using DbDataReader reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync()) plan.Add(reader.GetString(3));
            Assert.DoesNotContain(plan, step => step.StartsWith("SCAN", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Home_OfTheReadersDay_CountsWhatPeopleDecidedToo()
    {
        await using var host = await ConsoleHost.StartAsync();
        var spine = await Spine.BuildAsync(host);
        var asked = await spine.RefundAsync(420, 202);
        var other = await spine.RefundAsync(430, 202);
        await spine.RefundAsync(440, 202);
        await spine.RefundAsync(20);
        await spine.RefundAsync(2_000);
        await spine.DecideAsync(spine.Dana, asked, new { verdict = "reject", reason = "no" });
        await spine.DecideAsync(spine.Dana, other, new { verdict = "approve" });
        var board = (HomeBoard)host.Services.GetService(typeof(HomeBoard))!;
        var me = new PersonCaller(host.Writer.State.Directory.ByEmail[ConsoleHost.AdminEmail], null, "session");
        var midnight = new DateTimeOffset(DateTime.UtcNow.Date, TimeSpan.Zero);
        var today = (await board.LoadAsync(me, null, midnight, default)).Today;
        Assert.Equal((5, 2, 1), (today.Decisions, today.Denied, today.Pending));
        Assert.Equal((0.2, 2, 1), (today.Alone, today.Decided, today.Overridden));
        Assert.Equal(5, today.Hours.Sum());
        Assert.Equal(0, (await board.LoadAsync(me, "rol_other", midnight, default)).Today.Decisions);
    }

    private static async Task DecideAsync(DataFixture data, int times)
    {
        for (var i = 0; i < times; i++) await data.DecideAsync();
    }
}
