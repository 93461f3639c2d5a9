using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Decisions;
using OpsConsole.Tests.Support;

namespace OpsConsole.Tests.Data.Writer;

/// <summary>Several instances of the console on one PostgreSQL are as exact as one.</summary>
public sealed class SeveralWritersTests
{
    [Fact]
    public async Task Ask_AtBothAtOnce_OneChainAndNoCapOverspent()
    {
        await using var fixture = await (await DataFixture.CreateAsync(Provider.Postgres)).SeedAsync(caps: """{"decisions":{"day":60},"usd":{"hour":"0.50"},"default_reserve":{"usd":"0.01"}}""");
        var other = await fixture.SecondWriterAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
        {
            var decision = await fixture.DecideAsync(at: i % 2 == 0 ? fixture.Writer : other);
            if (i % 10 == 0) await fixture.ReportAsync(decision, at: i % 4 == 0 ? other : fixture.Writer);
            return decision;
        }));
        Assert.Equal(50, answers.Count(a => a.Outcome == Outcome.Allow));
        Assert.Equal(200, answers.Select(a => a.Seq).Distinct().Count());
        Assert.True(await fixture.VerifyAsync() >= 201);
    }

    [Fact]
    public async Task Pause_AtOne_IsObeyedByTheNextDecisionAtTheOther()
    {
        await using var fixture = await (await DataFixture.CreateAsync(Provider.Postgres)).SeedAsync();
        var other = await fixture.SecondWriterAsync();
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(Outcome.Allow, (await fixture.DecideAsync(at: other)).Outcome);
            await fixture.ChangeAgentAsync((a, at) => a.Pause("stop", fixture.OwnerId, at));
            Assert.Equal("paused", (await fixture.DecideAsync(at: other)).Reasons[0].Code);
            await fixture.ChangeAgentAsync((a, _) => a.Resume(), other);
            Assert.Equal(Outcome.Allow, (await fixture.DecideAsync()).Outcome);
        }
    }

    /// <summary>The log says it: behind the entry of a pause nothing is allowed at either, however many were on their way.</summary>
    [Fact]
    public async Task Pause_UnderFullLoadOfBoth_HoldsEverythingBehindIt()
    {
        await using var fixture = await (await DataFixture.CreateAsync(Provider.Postgres)).SeedAsync();
        var other = await fixture.SecondWriterAsync();
        using var stop = new CancellationTokenSource();
        var load = Enumerable.Range(0, 32).Select(i => Task.Run(async () =>
        {
            List<DecisionRecord> answers = [];
            while (!stop.IsCancellationRequested) answers.Add(await fixture.DecideAsync(at: i % 2 == 0 ? fixture.Writer : other));
            return answers;
        })).ToList();
        await Task.Delay(300);
        await fixture.ChangeAgentAsync((a, at) => a.Pause("stop", fixture.OwnerId, at));
        var paused = await fixture.ReadAsync(db => db.Audit.AsNoTracking().OrderByDescending(a => a.Seq).Select(a => a.Seq).FirstAsync());   // the pause, or what came right behind it
        await Task.Delay(300);
        await stop.CancelAsync();
        List<DecisionRecord> all = [.. (await Task.WhenAll(load)).SelectMany(a => a)];
        var held = all.Where(d => d.Reasons[0].Code == "paused").ToList();
        Assert.True(held.Count > 20, "there was no load");
        Assert.DoesNotContain(all, d => d.Seq > paused && d.Outcome == Outcome.Allow);
        Assert.DoesNotContain(all, d => d.Outcome == Outcome.Allow && d.Seq > held.Min(h => h.Seq));
    }

    [Fact]
    public async Task Loop_SpreadOverBoth_IsSeen()
    {
        await using var fixture = await (await DataFixture.CreateAsync(Provider.Postgres)).SeedAsync(caps: """{"repeat":{"same_call":5,"window":"PT1M"}}""");
        var other = await fixture.SecondWriterAsync();
        List<string> codes = [];
        for (var i = 0; i < 8; i++) codes.Add((await fixture.DecideAsync(arguments: "{}", at: i % 3 == 0 ? fixture.Writer : other)).Reasons[0].Code);
        Assert.Equal([.. Enumerable.Repeat("rule.allows", 5), .. Enumerable.Repeat("loop", 3)], codes);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(1_100)]
    public async Task Loop_AfterAStretchOfTheOther_IsSeen(int others)
    {
        await using var fixture = await (await DataFixture.CreateAsync(Provider.Postgres)).SeedAsync(caps: """{"repeat":{"same_call":5,"window":"PT1M"}}""");
        var other = await fixture.SecondWriterAsync();
        await fixture.DecideAsync();
        fixture.Time.Advance(TimeSpan.FromHours(2));
        for (var i = 0; i < 5; i++) await fixture.DecideAsync(arguments: "{}", at: other);
        await Task.WhenAll(Enumerable.Range(0, others).Select(_ => fixture.DecideAsync(at: other)));
        Assert.Equal("loop", (await fixture.DecideAsync(arguments: "{}")).Reasons[0].Code);
    }

    [Fact]
    public async Task Idempotency_SameKeyAtBoth_IsDecidedOnce()
    {
        await using var fixture = await (await DataFixture.CreateAsync(Provider.Postgres)).SeedAsync();
        var other = await fixture.SecondWriterAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => fixture.ReplyAsync(fixture.Ask(), new("k", [1]), at: i % 2 == 0 ? fixture.Writer : other)));
        Assert.Single(answers.Select(a => a.Value is Answer first ? first.Decision.Id : ((Replayed)a.Value).Body).Distinct());
    }
}
