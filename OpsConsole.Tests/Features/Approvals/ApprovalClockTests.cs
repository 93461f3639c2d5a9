using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using OpsConsole.Core.Access;
using OpsConsole.Core.Agents;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Trust;
using OpsConsole.Features.Access;
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
        await data.PassUntilAsync(async () => await data.ReadAsync(db => db.Approvals.CountAsync(a => a.Status == ApprovalStatus.Expired)) == 3, "the end of the others");
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
        await data.PassUntilAsync(async () => (await data.ReadAsync(db => db.Approvals.SingleAsync(a => a.Seq == last.Seq))).ReleasedAt is not null, "the release of the last");
        Assert.Equal(1_001, await data.ReadAsync(db => db.Approvals.CountAsync(a => a.ReleasedAt == null)));
    }

    /// <summary>A console that stood still makes up for what was due: one reminder, not each that was missed, and the end of a claim.</summary>
    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    internal async Task Clock_StartedLate_RemindsOnceAndEndsClaims(Provider provider)
    {
        await using var data = await (await DataFixture.CreateAsync(provider)).SeedAsync(Ask.Replace("PT10S", "PT10M"));
        var (plain, claimed) = (await data.DecideAsync(), await data.DecideAsync());
        var dana = new PersonCaller(data.Writer.State.Directory.People[data.OwnerId], null, "session");
        await DataFixture.Must(new ClaimDesk(data.Writer, data.Database, TimeSpan.FromMinutes(5)).ClaimAsync(dana, claimed.ApprovalId, false, default));
        data.Time.Advance(TimeSpan.FromMinutes(9));
        await using var clock = await RunningAsync(data);
        await data.PassUntilAsync(async () => (await EventsAsync(data, claimed)).Contains("approval.reminded") && (await EventsAsync(data, plain)).Contains("approval.reminded"), "the reminders");
        data.Time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(["approval.claimed", "approval.claim_ended", "approval.reminded"], await EventsAsync(data, claimed));
        Assert.Equal(["approval.reminded"], await EventsAsync(data, plain));
        var entry = await data.ReadAsync(db => db.Audit.AsNoTracking().SingleAsync(a => a.Event == "approval.reminded" && a.DecisionSeq == plain.Seq));
        Assert.Contains($"\"of\":2,\"people\":[\"{data.OwnerId}\"],\"reminder\":2", entry.Leaf, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clock_PutBackAndForward_RemindsNeitherEarlyNorAfterTheEnd()
    {
        await using var data = await (await DataFixture.CreateAsync(Provider.Sqlite)).SeedAsync(Ask.Replace("PT10S", "PT10M"));
        var asked = await data.DecideAsync();
        await using var clock = await RunningAsync(data);
        data.Time.Advance(-TimeSpan.FromHours(1));
        data.Time.Advance(TimeSpan.FromMinutes(62));
        await Task.Delay(100);
        Assert.Empty(await EventsAsync(data, asked));
        data.Time.Advance(TimeSpan.FromMinutes(4));
        await data.PassUntilAsync(async () => (await EventsAsync(data, asked)).Count > 0, "the reminder");
        data.Time.Advance(TimeSpan.FromDays(1));
        await data.PassUntilAsync(async () => (await EventsAsync(data, asked)).Contains("approval.expired"), "the end");
        Assert.Equal(["approval.reminded", "approval.expired"], await EventsAsync(data, asked));
    }

    [Fact]
    public async Task WhatTheClockLooksFor_WalksItsIndexes()
    {
        await using var data = await (await DataFixture.CreateAsync(Provider.Sqlite)).SeedAsync();
        await using var db = data.Database.CreateDbContext();
        var now = data.Time.GetUtcNow();
        foreach (var (query, index) in new[]
        {
            (ApprovalClock.Claimed(db).Where(a => a.ClaimedUntil <= now), "ix_approvals_claimed"), (ApprovalClock.Claimed(db).Where(a => a.ClaimedUntil > now), "ix_approvals_claimed"),
            (ApprovalClock.ToRemind(db).Where(a => a.RemindAt <= now), "ix_approvals_remind"), (ApprovalClock.ToRemind(db).Where(a => a.RemindAt > now), "ix_approvals_remind"),
        })
        {
            var plan = await QueryPlan.OfAsync(db, query.Select(a => a.Seq).Take(200));
            QueryPlan.AssertOrdered(plan);
            Assert.Contains(index + " ", plan, StringComparison.Ordinal);
        }
        var questions = await QueryPlan.OfAsync(db, db.ApprovalQuestions.AsNoTracking().Where(q => q.ApprovalSeq == 7).OrderBy(q => q.AskedAt));
        QueryPlan.AssertOrdered(questions);
        Assert.Contains("ix_approval_questions_approval ", questions, StringComparison.Ordinal);
    }

    private static Task<List<string>> EventsAsync(DataFixture data, DecisionRecord asked)
        => data.ReadAsync(db => db.Audit.AsNoTracking().Where(a => a.DecisionSeq == asked.Seq && a.Seq > asked.Seq).OrderBy(a => a.Seq).Select(a => a.Event).ToListAsync());

    private static async Task<Running> RunningAsync(DataFixture data)
    {
        var signals = new Signals(data.Time, NullLogger<Signals>.Instance);
        var clock = new ApprovalClock(data.Database, new ApprovalService(data.Writer, data.Database, new FreshSignIn(null), new Microsoft.Extensions.Configuration.ConfigurationBuilder().Build()), new ClaimDesk(data.Writer, data.Database, TimeSpan.FromMinutes(5)), data.Writer, signals, data.Time, NullLogger<ApprovalClock>.Instance);
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
