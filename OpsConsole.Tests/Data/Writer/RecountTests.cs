using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Caps;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Decisions;
using OpsConsole.Tests.Support;

namespace OpsConsole.Tests.Data.Writer;

/// <summary>What was used is one number: counted live, counted again from the log, and summed up for people.</summary>
public sealed class RecountTests
{
    private const string Matrix = """{"rules":[{"id":"P","action":"ask.*","outcome":"approve","approvers":["user:dana@example.com"],"reversible":true},{"id":"D","action":"no.*","outcome":"deny"},{"id":"R","action":"*","consequence":"low","reversible":true,"outcome":"allow"}]}""";

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    internal async Task Recount_AfterEverythingThatCanHappen_IsWhatWasCountedLive(Provider provider)
    {
        await using var data = await (await DataFixture.CreateAsync(provider)).SeedAsync(Matrix, caps: """{"usd":{"day":"100"},"decisions":{"day":100}}""");
        await data.ReportAsync(await data.DecideAsync(usd: 4_000_000), usd: 1_500_000);
        await data.ReportAsync(await data.DecideAsync(usd: 4_000_000), ReportStatus.Skipped);
        await data.ReportAsync(await data.DecideAsync(usd: 4_000_000), ReportStatus.Skipped, usd: 200_000);
        await data.ReportAsync(await data.DecideAsync(usd: 3_000_000));
        await data.DecideAsync(usd: 2_000_000);
        await data.DecideAsync("no.way", usd: 9_000_000);
        await data.DecideAsync("ask.open", usd: 1_000_000);
        var rejected = await data.DecideAsync("ask.rejected", usd: 5_000_000);
        await DataFixture.Must(data.Writer.ChangeAsync<Done>(async (scope, ct) =>
        {
            await Resolution.DenyAsync(scope, rejected, new Reason("approval.rejected", "no"), ct);
            return Done.Value;
        }));
        var live = await UsedAsync(data);
        Assert.Equal([("decisions", 7L), ("usd", 7_700_000L)], live);
        Assert.Equal(7_700_000, (await data.ReadAsync(db => db.Decisions.AsNoTracking().GroupJoin(db.Outcomes, d => d.Seq, o => o.DecisionSeq, (d, o) => new { d, o }).SelectMany(x => x.o.DefaultIfEmpty(), (x, o) => new { x.d, o }).ToListAsync()))
            .Sum(x => Spent.Of(x.d.Outcome, x.o?.Status, x.o?.CostUsd, x.d.ReservedUsd)));

        await data.ExecuteAsync("DELETE FROM cap_usage");
        await data.ChangeAgentAsync((a, _) => a.Describe(purpose: "the counters are read anew"));
        await data.DecideAsync(usd: 1);
        Assert.Equal(live.Select(u => (u.Unit, u.Used + 1)), await UsedAsync(data));
    }

    private static async Task<List<(string Unit, long Used)>> UsedAsync(DataFixture data)
        => [.. (await data.ReadAsync(db => db.CapUsage.AsNoTracking().OrderBy(c => c.Unit).ToListAsync())).Select(c => (c.Unit, c.Used))];
}
