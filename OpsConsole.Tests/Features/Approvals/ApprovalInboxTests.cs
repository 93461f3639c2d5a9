using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Agents;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Trust;
using OpsConsole.Features.Decisions;
using OpsConsole.Tests.Support;

namespace OpsConsole.Features.Approvals;

public sealed class ApprovalInboxTests
{
    private const string AskAPerson = """{"rules":[{"id":"R","action":"*","effect":"write","consequence":"high","reversible":true,"outcome":"approve","approvers":["user:dana@example.com"],"sla":"PT12H"}]}""";

    [Fact]
    public async Task Waiting_EveryCombination_WalksItsIndex()
    {
        await using var data = await (await DataFixture.CreateAsync(Provider.Sqlite)).SeedAsync();
        await using var db = data.Database.CreateDbContext();
        var place = new QueuePlace(DateTimeOffset.UnixEpoch, 5);
        var (asks, ruled) = (new QueueFilter(AgentId: "agt"), new QueueFilter(Rule: "R-2"));
        (QueueFilter Filter, int Part, string Index)[] everything =
        [
            (new(), 0, "ix_approvals_due"), (new(HighOnly: true), 0, "ix_approvals_due_high"), (new(Sort: QueueSort.Consequence), 0, "ix_approvals_due_high"), (new(Sort: QueueSort.Consequence), 1, "ix_approvals_due_low"),
            (new(Sort: QueueSort.Amount), 0, "ix_approvals_amount"), (new(Sort: QueueSort.Amount), 1, "ix_approvals_amount"), (new(Sort: QueueSort.Consequence, HighOnly: true), 0, "ix_approvals_due_high"),
            (asks, 0, "ix_approvals_queue_agent"), (asks with { HighOnly = true }, 0, "ix_approvals_queue_agent"), (asks with { Sort = QueueSort.Consequence }, 1, "ix_approvals_queue_agent"), (new(Action: "refund.create"), 0, "ix_approvals_queue_action"),
            (new(DueWithin: TimeSpan.FromMinutes(5)), 0, "ix_approvals_due"), (ruled, 0, "ix_approvals_queue_rule"), (ruled with { HighOnly = true }, 0, "ix_approvals_queue_rule"), (ruled with { Sort = QueueSort.Consequence }, 1, "ix_approvals_queue_rule"),
        ];
        (QueueFilter Filter, int Part, string Index)[] ofOne =
        [
            (new(), 0, "ix_approvals_queue"), (new(HighOnly: true), 0, "ix_approvals_queue_high"), (new(Sort: QueueSort.Consequence), 1, "ix_approvals_queue_low"), (new(Sort: QueueSort.Amount), 0, "ix_approvals_queue_amount"),
            (new(Sort: QueueSort.Amount), 1, "ix_approvals_queue_amount"), (asks, 0, "ix_approvals_queue_agent"), (new(Action: "refund.create"), 0, "ix_approvals_queue_action"),
            (ruled, 0, "ix_approvals_queue_rule"),
        ];
        foreach (var (rollout, filter, part, index) in everything.Select(e => ((string?)null, e.Filter, e.Part, e.Index)).Concat(ofOne.Select(e => ((string?)"rol", e.Filter, e.Part, e.Index))))
        {
            foreach (var after in (QueuePlace?[])[null, place with { Part = part, Amount = 3 }])
            {
                var plan = await QueryPlan.OfAsync(db, ApprovalInbox.Waiting(db, rollout, filter, part, after, DateTimeOffset.UnixEpoch).Take(51));
                QueryPlan.AssertOrdered(plan);
                Assert.Contains(index + " ", plan, StringComparison.Ordinal);
                Assert.Contains(filter.Sort == QueueSort.Amount && part == 0 ? "amount<" : "expires_at>", plan, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task HandedOn_WalksTheIndexOfWhatWasHandedOn()
    {
        await using var data = await (await DataFixture.CreateAsync(Provider.Sqlite)).SeedAsync();
        await using var db = data.Database.CreateDbContext();
        var plan = await QueryPlan.OfAsync(db, AskedCircles.AllHandedOn(db).Take(51));
        Assert.Contains("ix_approvals_due_handed_on", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("TEMP B-TREE", plan, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Asking_OneCircle_WalksItsIndex()
    {
        await using var data = await (await DataFixture.CreateAsync(Provider.Sqlite)).SeedAsync();
        await using var db = data.Database.CreateDbContext();
        foreach (var after in (QueuePlace?[])[null, new QueuePlace(DateTimeOffset.UnixEpoch, 5)])
        {
            var plan = await QueryPlan.OfAsync(db, ApprovalInbox.Asking(ApprovalInbox.Waiting(db, null, new QueueFilter(MineOnly: true), 0, after, DateTimeOffset.UnixEpoch), "rol [\"group:leads\"]").Take(51));
            QueryPlan.AssertOrdered(plan);
            Assert.Contains("ix_approvals_asking (asking=? AND expires_at>", plan, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task All_EveryCombination_WalksAnIndexOfEverythingAskedFor()
    {
        await using var data = await (await DataFixture.CreateAsync(Provider.Sqlite)).SeedAsync();
        await using var db = data.Database.CreateDbContext();
        foreach (var status in Enum.GetValues<ApprovalStatus>().Cast<ApprovalStatus?>().Append(null))
        {
            foreach (var rollout in (string?[])[null, "rol"])
            {
                var plan = await QueryPlan.OfAsync(db, ApprovalInbox.All(db, rollout, status, 1_000).Take(51));
                QueryPlan.AssertOrdered(plan);
                Assert.Contains((rollout, status) switch
                {
                    (null, null) => "PRIMARY KEY", (_, null) => "ix_approvals_rollout ", (null, ApprovalStatus.Pending) => "ix_approvals_pending ", (_, ApprovalStatus.Pending) => "ix_approvals_rollout_pending ",
                    (null, _) => "ix_approvals_status ", _ => "ix_approvals_rollout_status ",
                }, plan, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    internal async Task QueueAndList_SeveralRollouts_AreMergedInOrder(Provider provider)
    {
        await using var data = await (await DataFixture.CreateAsync(provider)).SeedAsync(AskAPerson);
        var second = await AddRolloutAsync(data);
        for (var i = 0; i < 4; i++)
        {
            data.Time.Advance(TimeSpan.FromSeconds(1));
            Assert.True((await data.Writer.AskAsync(data.Ask(confidence: 0.95 - i / 100.0), i % 2 == 0 ? data.AgentId : second, "key1", null, a => a.Decision.Id)).Ok);
        }
        var inbox = new ApprovalInbox(data.Database, data.Writer);
        var everything = DecisionSearchTests.Me(data, ConsoleRoles.Auditor);
        var owner = new PersonCaller(data.Writer.State.Directory.People[data.OwnerId], null, "session");
        var all = (await inbox.ReadAsync(everything, new QueueFilter(null, false, false), null, null, 10, default)).Rows;
        Assert.Equal([0.95, 0.94, 0.93, 0.92], all.Select(r => Math.Round(r.Confidence!.Value, 2)));
        Assert.Equal(all.Select(r => r.Id), ((await inbox.ReadAsync(owner, new QueueFilter(null, false, true), null, null, 10, default)).Rows).Select(r => r.Id));
        Assert.Equal(all.Take(2).Select(r => r.Id), ((await inbox.ReadAsync(owner, new QueueFilter(null, true, false), null, null, 2, default)).Rows).Select(r => r.Id));
        Assert.Equal(all.Select(r => r.Id), (await inbox.ReadAsync(owner, new QueueFilter(Rule: all[0].Rule!.ToLowerInvariant()), null, null, 10, default)).Rows.Select(r => r.Id));
        Assert.Equal(all.Select(r => r.Id), (await inbox.ReadAsync(owner, new QueueFilter(data.RolloutId, Rule: all[0].Rule!.ToUpperInvariant()), null, null, 10, default)).Rows.Concat(all.Where(r => r.RolloutName == "Returns")).OrderBy(r => r.ExpiresAt).Select(r => r.Id));
        Assert.Empty((await inbox.ReadAsync(owner, new QueueFilter(Rule: "no-such-rule"), null, null, 10, default)).Rows);
        var first = (await inbox.ListAsync(owner, ApprovalStatus.Pending, null, null, 3, default)).Value;
        var rest = (await inbox.ListAsync(owner, ApprovalStatus.Pending, null, first.Next, 3, default)).Value;
        Assert.Equal(all.Select(r => r.Id).Reverse(), first.Items.Concat(rest.Items).Select(a => a.Id));
        Assert.Empty((await inbox.ReadAsync(DecisionSearchTests.Me(data, ConsoleRoles.Member), new QueueFilter(null, false, false), null, null, 10, default)).Rows);
    }

    /// <summary>Another rollout under the same matrix, of which the same person is the owner; returns its agent.</summary>
    private static async Task<string> AddRolloutAsync(DataFixture data)
    {
        var (rolloutId, agentId) = (DataFixture.NewId("rol"), DataFixture.NewId("agt"));
        await DataFixture.Must(data.Writer.ChangeAsync<Done>(async (scope, ct) =>
        {
            var matrix = await scope.Db.MatrixVersions.AsNoTracking().SingleAsync(ct);
            var rollout = new Rollout(rolloutId, "Returns", "", "UTC", scope.Now, data.OwnerId);
            scope.Db.MatrixVersions.Add(new MatrixVersion(rolloutId, rollout.Publish(), matrix.Document, matrix.Sha256, data.OwnerId, scope.Now, "seed"));
            scope.Db.Rollouts.Add(rollout);
            scope.Db.Members.Add(new RolloutMember(rolloutId, data.OwnerId, RolloutRole.RolloutOwner, false));
            foreach (var gate in await scope.Db.Gates.AsNoTracking().ToListAsync(ct))
            {
                var record = new GateRecord(rolloutId, gate.Gate);
                record.Pass(data.OwnerId, scope.Now, "seed", [], false);
                scope.Db.Gates.Add(record);
            }
            scope.Db.Agents.Add(new Agent(agentId, rolloutId, "Second", AgentKind.Autonomous, "somebody-else", null, scope.Now));
            scope.Db.Grants.Add(new CapabilityGrant(DataFixture.NewId("grt"), agentId, "*", Tier.Executor, "seed", data.OwnerId, true, scope.Now, null, null));
            scope.AuthorityChanged();
            return Done.Value;
        }));
        return agentId;
    }
}
