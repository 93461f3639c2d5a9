using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using OpsConsole.Core.Agents;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Trust;
using OpsConsole.Platform.Realtime;
using OpsConsole.Tests.Support;

namespace OpsConsole.Features.Approvals;

/// <summary>What is due comes to its end, whatever stands before it.</summary>
public sealed class ApprovalClockTests
{
    private const string Ask = """{"rules":[{"id":"R","action":"*","outcome":"approve","approvers":["user:dana@example.com"],"sla":"PT10S"}]}""";

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    internal async Task Clock_OneRequestCannotBeWritten_TheOthersExpire(Provider provider)
    {
        await using var data = await (await DataFixture.CreateAsync(provider)).SeedAsync(Ask);
        var poison = await data.DecideAsync("poison");
        await data.ExecuteAsync(provider == Provider.Sqlite
            ? "CREATE TRIGGER poison BEFORE UPDATE ON approvals WHEN NEW.action = 'poison' BEGIN SELECT RAISE(ABORT, 'poison'); END"
            : "CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'poison'; END $$; CREATE TRIGGER poison BEFORE UPDATE ON approvals FOR EACH ROW WHEN (NEW.action = 'poison') EXECUTE FUNCTION poison()");
        for (var i = 0; i < 3; i++) await data.DecideAsync();
        await using var clock = await RunningAsync(data);
        // Escalated once, then expired.
        await data.PassUntilAsync(() => data.ReadAsync(db => db.Approvals.CountAsync(a => a.Status == ApprovalStatus.Expired)).Result == 3, "the end of the others");
        Assert.Equal(ApprovalStatus.Pending, (await data.ReadAsync(db => db.Approvals.AsNoTracking().SingleAsync(a => a.Seq == poison.Seq))).Status);
    }

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    internal async Task Clock_ThousandKeptByAPause_TheOthersAreReleased(Provider provider)
    {
        await using var data = await (await DataFixture.CreateAsync(provider)).SeedAsync(Ask);
        await Task.WhenAll(Enumerable.Range(0, 1_001).Select(_ => data.DecideAsync()));
        var other = DataFixture.NewId("agt");
        await DataFixture.Must(data.Writer.ChangeAsync<Done>((scope, _) =>
        {
            scope.Db.Agents.Add(new Agent(other, data.RolloutId, "Other", AgentKind.Autonomous, "somebody-else", null, scope.Now));
            scope.Db.Grants.Add(new CapabilityGrant(DataFixture.NewId("grt"), other, "*", Tier.Executor, "seed", data.OwnerId, true, scope.Now, null, null));
            scope.AuthorityChanged();
            return Task.FromResult<Result<Done>>(Done.Value);
        }));
        var last = Assert.IsType<Answer>((await data.Writer.AskAsync(data.Ask(), other, "key2", null, a => a.Decision.Id)).Value).Decision;
        await data.ChangeAgentAsync((a, at) => a.Pause("stop", data.OwnerId, at));
        await data.ExecuteAsync("UPDATE approvals SET status = 1");
        await using var clock = await RunningAsync(data);
        await data.PassUntilAsync(() => data.ReadAsync(db => db.Approvals.SingleAsync(a => a.Seq == last.Seq)).Result.ReleasedAt is not null, "the release of the last");
        Assert.Equal(1_001, await data.ReadAsync(db => db.Approvals.CountAsync(a => a.ReleasedAt == null)));
    }

    private static async Task<Running> RunningAsync(DataFixture data)
    {
        var signals = new Signals(data.Time, NullLogger<Signals>.Instance);
        var clock = new ApprovalClock(data.Database, new ApprovalService(data.Writer, data.Database), new ClaimDesk(data.Writer, data.Database, TimeSpan.FromMinutes(5)), data.Writer, signals, data.Time, NullLogger<ApprovalClock>.Instance);
        await clock.StartAsync(CancellationToken.None);
        return new Running(clock);
    }

    private sealed class Running(ApprovalClock clock) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await clock.StopAsync(CancellationToken.None);
            clock.Dispose();
        }
    }
}
