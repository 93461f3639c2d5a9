using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using OpsConsole.Core.Access;
using OpsConsole.Core.Agents;
using OpsConsole.Core.Shared;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Approvals;
using OpsConsole.Features.Decisions;
using OpsConsole.Support;
using OpsConsole.Tests.Support;

namespace OpsConsole.Tests.Data.Writer;

/// <summary>What one instance committed is known at the others, in time and in the right order.</summary>
public sealed class BackplaneTests
{
    [Fact]
    public async Task Change_AtOne_IsKnownAtTheOtherBeforeItsTopicIsTold()
    {
        await using var fixture = await (await DataFixture.CreateAsync(Provider.Postgres)).SeedAsync();
        var other = await fixture.SecondWriterAsync();
        using var backplane = new Backplane(fixture.Database, other, fixture.Time, NullLogger<Backplane>.Instance);
        var (listens, told) = (false, new ConcurrentQueue<bool>());
        other.Committed += topics =>
        {
            listens |= topics.Contains("log");   // told once, when the line to the database is open
            if (topics.Contains("test")) told.Enqueue(other.State.Agents[fixture.AgentId].Paused is not null);
        };
        await backplane.StartAsync(CancellationToken.None);
        await Until.True(() => listens, "the line");
        for (var i = 1; i <= 10; i++)
        {
            await DataFixture.Must(fixture.Writer.ChangeAsync<Done>(async (scope, ct) =>
            {
                var agent = (await scope.Db.Agents.FindAsync([fixture.AgentId], ct))!;
                agent.Resume();
                agent.Pause("stop", fixture.OwnerId, scope.Now);
                scope.Audit(Actor.System, "agent.changed", fixture.AgentId, rolloutId: fixture.RolloutId);
                scope.AuthorityChanged();
                scope.Signal("test");
                return Done.Value;
            }));
            await Until.True(() => told.Count >= i || backplane.ExecuteTask!.IsCompleted, "the topic");
            await fixture.ChangeAgentAsync((a, _) => a.Resume());
            await Until.True(() => other.State.Agents[fixture.AgentId].Paused is null, "the resumption");
        }
        Assert.All(told, Assert.True);
        await backplane.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task LineThatWasLost_IsOpenedAgain_AndEveryPageLooksAgain()
    {
        await using var fixture = await (await DataFixture.CreateAsync(Provider.Postgres)).SeedAsync();
        var other = await fixture.SecondWriterAsync();
        var told = 0;
        using var backplane = new Backplane(fixture.Database, other, fixture.Time, NullLogger<Backplane>.Instance);
        other.Committed += topics => { if (topics.Contains("health")) Interlocked.Increment(ref told); };
        await backplane.StartAsync(CancellationToken.None);
        await Until.True(() => told == 1, "the line");
        await fixture.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE 'LISTEN%'");
        await Until.True(() => fixture.Time.IsDueIn(TimeSpan.FromSeconds(1)), "the pause");
        fixture.Time.Advance(TimeSpan.FromSeconds(1));
        await Until.True(() => told == 2, "the line again");
        await backplane.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Revocation_SignalLost_ReachesAnInstanceThatOnlyReads()
    {
        await using var fixture = await (await DataFixture.CreateAsync(Provider.Postgres)).SeedAsync();
        var other = await fixture.SecondWriterAsync();
        var (began, told) = (false, false);
        using var backplane = new Backplane(fixture.Database, other, fixture.Time, NullLogger<Backplane>.Instance);
        other.Committed += topics =>
        {
            began |= topics.Contains("log");
            told |= topics.Contains("state") && other.State.Agents[fixture.AgentId].Paused is not null;
        };
        await backplane.StartAsync(CancellationToken.None);
        await Until.True(() => began && fixture.Time.Timers > 0, "the line and the watch");
        // As another instance would write it, but nothing is heard of it.
        await fixture.ExecuteAsync("UPDATE agents SET paused_at = now(), paused_reason = 'stop', paused_by = 'x'; UPDATE log_head SET epoch = epoch + 1");
        fixture.Time.Advance(TimeSpan.FromSeconds(2));
        await Until.True(() => other.State.Agents[fixture.AgentId].Paused is not null && told, "the pause");
        await backplane.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Queue_RequestOfAnAgentNotHeardOfYet_IsLeftOutAndNothingBreaks()
    {
        await using var fixture = await (await DataFixture.CreateAsync(Provider.Postgres)).SeedAsync("""{"rules":[{"id":"R","action":"*","outcome":"approve","approvers":["user:dana@example.com"]}]}""");
        var known = await fixture.DecideAsync();
        var other = await fixture.SecondWriterAsync();
        var agent = DataFixture.NewId("agt");
        await DataFixture.Must(fixture.Writer.ChangeAsync<Done>((scope, _) =>
        {
            scope.Db.Agents.Add(new Agent(agent, fixture.RolloutId, "New", AgentKind.Copilot, fixture.OwnerId, null, scope.Now));
            scope.AuthorityChanged();
            return Task.FromResult<Result<Done>>(Done.Value);
        }));
        await fixture.ExecuteAsync($"UPDATE approvals SET agent_id = '{agent}'");
        var me = new PersonCaller(other.State.Directory.People[fixture.OwnerId], null, "session");
        var inbox = new ApprovalInbox(fixture.Database, other);
        Assert.Empty(await inbox.QueueAsync(me, null, false, 10, default));
        Assert.Empty((await inbox.ListAsync(me, null, null, null, 10, default)).Value.Items);
        Assert.Equal(FaultKind.NotFound, (await inbox.FindAsync(me, known.ApprovalId!, default)).Fault!.Kind);
        await other.CatchUpAsync();
        Assert.Single(await inbox.QueueAsync(me, null, false, 10, default));
    }
}
