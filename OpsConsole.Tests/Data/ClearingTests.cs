using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Notices;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Toolkit;
using OpsConsole.Core.Webhooks;
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

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    internal async Task Clear_Deliveries_GoAfterThirtyDays_UnlessTheyWait(Provider provider)
    {
        await using var data = await (await DataFixture.CreateAsync(provider)).SeedAsync();
        using var clearing = new Clearing(data.Database, data.Writer, data.Time, NullLogger<Clearing>.Instance);
        var kept = await data.Writer.ChangeAsync<Done>((scope, _) =>
        {
            var endpoint = new WebhookEndpoint("whk_1", "rol_1", "https://hooks.example.com", ["gate.changed"], MessageFormat.CloudEvents, "s", "per_1", scope.Now);
            foreach (var seq in (long[])[1, 2])
            {
                var delivery = new WebhookDelivery("whd_" + seq, endpoint, "evt_" + seq, Occurrence.Test(seq, endpoint.Id, "rol_1", scope.Now), "{}", scope.Now);
                delivery.Claim(scope.Now);
                if (seq == 1) delivery.Settle(1, new AttemptResult(204, "Delivered.", null, 1), scope.Now, 0);
                scope.Db.WebhookDeliveries.Add(delivery);
                scope.Db.Notices.Add(new Notice("per_1", Telling.Waits(seq, "apr_" + seq, seq == 1 ? scope.Now : scope.Now.AddDays(60)), "rol_1", false, true));
                var mail = NoticeDelivery.ToPerson("ndl_" + seq, "per_1", NoticeDelivery.Test, [], scope.Now, scope.Now);
                if (seq == 1) mail.Stop();
                scope.Db.NoticeDeliveries.Add(mail);
                scope.Db.DeliveryAttempts.Add(new DeliveryAttempt(delivery.Id, 1, new AttemptResult(204, "Delivered.", null, 1), scope.Now));
            }
            return Task.FromResult<Result<Done>>(Done.Value);
        });
        Assert.True(kept.Ok);
        data.Time.Advance(TimeSpan.FromDays(29));
        await clearing.ClearAsync(default);
        Assert.Equal(2, await data.ReadAsync(db => db.DeliveryAttempts.CountAsync()));
        data.Time.Advance(TimeSpan.FromDays(2));
        await clearing.ClearAsync(default);
        Assert.Equal(["whd_2"], await data.ReadAsync(db => db.WebhookDeliveries.Select(d => d.Id).ToListAsync()));
        Assert.Equal(0, await data.ReadAsync(db => db.DeliveryAttempts.CountAsync()));
        Assert.Equal(["ndl_2"], await data.ReadAsync(db => db.NoticeDeliveries.Select(d => d.Id).ToListAsync()));
        Assert.Equal(2, await data.ReadAsync(db => db.Notices.CountAsync()));
        data.Time.Advance(TimeSpan.FromDays(60));
        await clearing.ClearAsync(default);
        Assert.Equal(2, await data.ReadAsync(db => db.Notices.Select(n => n.Seq).SingleAsync()));   // people's notices stay ninety days
    }

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    internal async Task Clear_Links_GoWithTheirFilesWhenTheyAreOver(Provider provider)
    {
        await using var data = await (await DataFixture.CreateAsync(provider)).SeedAsync();
        var now = data.Time.GetUtcNow();
        // Parts that fill the last portion, nearly, or need one more; one never finished; one ended before its time.
        foreach (var (id, parts, days) in ((string, int, int?)[])[("full", 2 * Clearing.PartsAtOnce, 1), ("less", Clearing.PartsAtOnce - 1, 1), ("more", Clearing.PartsAtOnce + 1, 1), ("unmade", 3, null), ("ended", 2, 30), ("lives", 2 * Clearing.PartsAtOnce, 30)])
        {
            await DataFixture.Must(data.Writer.ChangeAsync<Done>((scope, _) =>
            {
                var link = new FileLink(id, "exp_" + id, data.RolloutId, "f.pdf", parts, data.OwnerId, now);
                if (days is { } kept) link.Make(now, now.AddDays(kept));
                if (id == "ended") link.End();
                scope.Db.FileLinks.Add(link);
                scope.Db.FileParts.AddRange(Enumerable.Range(0, parts).Select(n => new FilePart(id, n, [(byte)n])));
                return Task.FromResult<Result<Done>>(Done.Value);
            }));
        }
        using var clearing = new Clearing(data.Database, data.Writer, data.Time, NullLogger<Clearing>.Instance);
        await clearing.ClearAsync(default);
        Assert.Equal(["full", "less", "lives", "more", "unmade"], await LinksAsync());
        data.Time.Advance(TimeSpan.FromHours(1));
        await clearing.ClearAsync(default);
        Assert.Equal(["full", "less", "lives", "more"], await LinksAsync());
        data.Time.Advance(TimeSpan.FromDays(1));
        await clearing.ClearAsync(default);
        Assert.Equal(["lives"], await LinksAsync());
        Assert.Equal(Enumerable.Range(0, 2 * Clearing.PartsAtOnce), await data.ReadAsync(db => db.FileParts.OrderBy(p => p.Number).Select(p => p.Number).ToListAsync()));
        await data.VerifyAsync();

        Task<List<string>> LinksAsync() => data.ReadAsync(db => db.FileLinks.OrderBy(l => l.Id).Select(l => l.Id).ToListAsync());
    }

    [Fact]
    public async Task Clear_RunsByItselfEveryHour()
    {
        await using var data = await (await DataFixture.CreateAsync(Provider.Sqlite)).SeedAsync();
        using var clearing = new Clearing(data.Database, data.Writer, data.Time, NullLogger<Clearing>.Instance);
        await clearing.StartAsync(default);
        await data.AskAsync(data.Ask(), new("k", [1]));
        data.Time.Advance(TimeSpan.FromHours(24));
        await data.PassUntilAsync(async () => await data.ReadAsync(db => db.IdempotencyKeys.CountAsync()) == 0, "the clearing");
        await clearing.StopAsync(default);
    }

    private static Task<int> CountersAsync(DataFixture data) => data.ReadAsync(db => db.CapUsage.CountAsync());
}
