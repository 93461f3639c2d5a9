using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;
using OpsConsole.Data.Writer;
using OpsConsole.Tests.Support;

namespace OpsConsole.Tests.Data.Writer;

public sealed class SqliteDurableWriterTests() : DurableWriterTests(Provider.Sqlite);

public sealed class PostgresDurableWriterTests() : DurableWriterTests(Provider.Postgres);

/// <summary>What the one writer promises: together or not at all, in one order, each answered for its own.</summary>
public abstract class DurableWriterTests(Provider provider)
{
    private async Task<DataFixture> SeededAsync(string matrix = DataFixture.AllowAll, string? caps = null) => await (await DataFixture.CreateAsync(provider)).SeedAsync(matrix, caps: caps);

    [Fact]
    public async Task Ask_Allowed_KeepsRowEntryAndPayloadTogether()
    {
        await using var fixture = await SeededAsync();
        var ask = fixture.Ask("order.update", """{"note":"Grüße 😀 \u0001","n":1}""", runId: "run-1", confidence: 0.9);
        var answer = (await fixture.AskAsync(ask)).Value;
        var stored = await fixture.ReadAsync(db => db.Decisions.AsNoTracking().SingleAsync());
        Assert.Equal((answer.Decision.Id, Outcome.Allow, "run-1", "R", 0.9), (stored.Id, stored.Outcome, stored.RunId, stored.RuleId, stored.Confidence));
        Assert.Equal(answer.Decision.Reasons, stored.Reasons);
        Assert.Equal(fixture.Time.GetUtcNow().AddMinutes(5), stored.ValidUntil);
        Assert.Equal(fixture.Time.GetUtcNow().AddHours(24), stored.ReversibleUntil);
        Assert.True(Ids.TrySeq(stored.Id, "dec", out var seq));
        Assert.Equal(stored.Seq, seq);
        Assert.Equal(ask.Digest.Under(1), stored.Digest);
        var entry = await fixture.ReadAsync(db => db.Audit.AsNoTracking().SingleAsync(a => a.Seq == seq));
        Assert.Equal(("decision.asked", stored.Id, "agent:" + fixture.AgentId), (entry.Event, entry.Object, entry.Actor));
        Assert.Equal(System.Text.Encoding.UTF8.GetString(ask.Payload), (await fixture.ReadAsync(db => db.Payloads.AsNoTracking().SingleAsync(p => p.Seq == seq))).Body);
        await fixture.VerifyAsync();
    }

    [Fact]
    public async Task Ask_Pending_KeepsTheRequestWithTheDecision()
    {
        await using var fixture = await SeededAsync("""{"rules":[{"id":"R","action":"*","outcome":"approve","approvers":["user:dana@example.com"],"quorum":2,"sla":"PT15M"}]}""");
        var answer = (await fixture.AskAsync(fixture.Ask())).Value;
        var stored = await fixture.ReadAsync(db => db.Approvals.AsNoTracking().SingleAsync());
        Assert.Equal((answer.Decision.Seq, answer.Decision.ApprovalId, 2, fixture.Time.GetUtcNow().AddMinutes(15)), (stored.Seq, stored.Id, stored.Terms.Quorum, stored.ExpiresAt));
        Assert.Equal(answer.Decision.Digest, stored.Digest);
        Assert.Null(answer.Decision.ValidUntil);
        Assert.Equal(0, stored.Level);
    }

    [Fact]
    public async Task Ask_PendingWithNobodyEligible_SaysSoAndIsEscalated()
    {
        await using var fixture = await SeededAsync("""{"rules":[{"id":"R","action":"*","outcome":"approve","approvers":["user:gone@example.com"]}]}""");
        var answer = (await fixture.AskAsync(fixture.Ask())).Value;
        Assert.Contains(answer.Decision.Reasons, r => r.Code == "approval.nobody_eligible");
        Assert.Equal(1, answer.Approval!.Level);
        Assert.Equal(["user:gone@example.com", "user:dana@example.com"], answer.Approval.Terms.Approvers);
        var entry = await fixture.ReadAsync(db => db.Audit.AsNoTracking().SingleAsync(a => a.Event == "approval.escalated"));
        Assert.Equal((answer.Decision.Seq, answer.Decision.Seq + 1), (entry.DecisionSeq, entry.Seq));
        Assert.Contains("\"cause\":\"nobody_eligible\"", entry.Leaf, StringComparison.Ordinal);
        Assert.DoesNotContain("@example.com", entry.Leaf, StringComparison.Ordinal);
        await fixture.VerifyAsync();
    }

    [Fact]
    public async Task Ask_SameKeyAndBody_ReplaysForADay()
    {
        await using var fixture = await SeededAsync();
        var claim = new IdempotencyClaim("k", [1]);
        await fixture.AskAsync(fixture.Ask(), claim, render: _ => "first answer");
        fixture.Time.Advance(TimeSpan.FromHours(23));
        var again = (await fixture.ReplyAsync(fixture.Ask(), claim, render: _ => "another")).Value;
        Assert.Equal("first answer", Assert.IsType<Replayed>(again).Body);
        var other = await fixture.AskAsync(fixture.Ask(), new IdempotencyClaim("k", [2]));
        Assert.Equal(("idempotency.mismatch", FaultKind.Conflict), (other.Fault!.Code, other.Fault.Kind));
        fixture.Time.Advance(TimeSpan.FromHours(1));
        Assert.True((await fixture.AskAsync(fixture.Ask(), new IdempotencyClaim("k", [2]))).Ok);
        Assert.Equal(2, await fixture.ReadAsync(db => db.Decisions.CountAsync()));
    }

    [Fact]
    public async Task Ask_SameKeyInOneBatch_IsDecidedOnce()
    {
        await using var fixture = await SeededAsync();
        using var gate = new SemaphoreSlim(0);
        var held = await HoldAsync(fixture, gate);
        var asks = Enumerable.Range(0, 20).Select(i => fixture.ReplyAsync(fixture.Ask(), new IdempotencyClaim("k", [(byte)(i % 2)]), render: a => a.Decision.Id)).ToList();
        gate.Release();
        await held;
        var results = await Task.WhenAll(asks);
        Assert.Equal(10, results.Count(r => r.Fault?.Code == "idempotency.mismatch"));
        var fresh = Assert.Single(results.Where(r => r.Ok).Select(r => r.Value).OfType<Answer>());
        Assert.All(results.Where(r => r.Ok).Select(r => r.Value).OfType<Replayed>(), r => Assert.Equal(fresh.Decision.Id, r.Body));
        Assert.Equal(1, await fixture.ReadAsync(db => db.Decisions.CountAsync()));
    }

    [Fact]
    public async Task Ask_TwoHundredAtOnce_NeverOverspend()
    {
        await using var fixture = await SeededAsync(caps: """{"usd":{"day":"1.00"},"decisions":{"hour":150},"default_reserve":{"usd":"0.01"}}""");
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => fixture.DecideAsync()));
        Assert.Equal(100, answers.Count(a => a.Outcome == Outcome.Allow));
        Assert.All(answers.Where(a => a.Outcome == Outcome.Deny), a => Assert.Equal(("cap.usd.day", 0L), (a.Reasons[0].Code, a.ReservedUsd)));
        Assert.Equal(1_000_000, (await fixture.ReadAsync(db => db.CapUsage.AsNoTracking().SingleAsync(c => c.Unit == "usd"))).Used);
        Assert.Equal(1, await fixture.ReadAsync(db => db.Alerts.CountAsync()));
        await fixture.VerifyAsync();
    }

    [Fact]
    public async Task Ask_CapThatPauses_PausesTheAgentOnRecord()
    {
        await using var fixture = await SeededAsync(caps: """{"decisions":{"day":1,"pause":true}}""");
        await fixture.DecideAsync();
        Assert.Equal("cap.decisions.day", (await fixture.DecideAsync()).Reasons[0].Code);
        Assert.NotNull(fixture.Writer.State.Agents[fixture.AgentId].Paused);
        Assert.Equal("paused", (await fixture.DecideAsync()).Reasons[0].Code);
        Assert.NotNull(await fixture.ReadAsync(db => db.Audit.FirstOrDefaultAsync(a => a.Event == "agent.paused")));
    }

    [Fact]
    public async Task Ask_CapReachedAgainWithinTheMinute_PausesAgainAndAlertsOnce()
    {
        await using var fixture = await SeededAsync(caps: """{"decisions":{"day":1,"pause":true}}""");
        await fixture.DecideAsync();
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("cap.decisions.day", (await fixture.DecideAsync()).Reasons[0].Code);
            Assert.Equal("paused", (await fixture.DecideAsync()).Reasons[0].Code);
            await fixture.ChangeAgentAsync((a, _) => Assert.True(a.Resume()));
        }
        Assert.Equal((1, 3), await fixture.ReadAsync(async db => (await db.Alerts.CountAsync(), await db.Audit.CountAsync(a => a.Event == "agent.paused"))));
        fixture.Time.Advance(TimeSpan.FromMinutes(1));
        await fixture.DecideAsync();
        Assert.Equal(2, await fixture.ReadAsync(db => db.Alerts.CountAsync()));
        await fixture.VerifyAsync();
    }

    [Fact]
    public async Task Ask_IdenticalCalls_AreALoopFromTheTwentyFirst()
    {
        await using var fixture = await SeededAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 25).Select(_ => fixture.DecideAsync(arguments: """{"same":1}""")));
        Assert.Equal([.. Enumerable.Repeat("rule.allows", 20), .. Enumerable.Repeat("loop", 5)], answers.OrderBy(a => a.Seq).Select(a => a.Reasons[0].Code));
        fixture.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(Outcome.Allow, (await fixture.DecideAsync(arguments: """{"same":1}""")).Outcome);
    }

    [Fact]
    public async Task Ask_ShadowAndSimulation_ReserveAndRaiseNothing()
    {
        await using var fixture = await SeededAsync("""{"rules":[{"id":"R","action":"*","outcome":"approve"}]}""", """{"usd":{"day":"0.01"}}""");
        Assert.Equal((Outcome.Shadow, Outcome.Pending), await Both(AskMode.Shadow));
        Assert.Equal((Outcome.Simulation, Outcome.Pending), await Both(AskMode.Simulation));
        Assert.Equal((0, 0), await fixture.ReadAsync(async db => (await db.Approvals.CountAsync(), await db.CapUsage.CountAsync())));

        async Task<(Outcome, Outcome?)> Both(AskMode mode)
        {
            var d = await fixture.DecideAsync(usd: 5_000_000, mode: mode);
            return (d.Outcome, d.WouldBe);
        }
    }

    [Fact]
    public async Task Report_OnceAgainAndDifferently_SettlesOnce()
    {
        await using var fixture = await SeededAsync(caps: """{"usd":{"day":"10"}}""");
        var decision = await fixture.DecideAsync(usd: 4_000_000);
        Assert.Equal(4_000_000, await UsedAsync(fixture));
        Assert.Equal((false, false), Said(await fixture.ReportAsync(decision, usd: 1_500_000)));
        Assert.Equal(1_500_000, await UsedAsync(fixture));
        Assert.Equal((false, true), Said(await fixture.ReportAsync(decision, usd: 1_500_000)));
        Assert.Equal("outcome.already_reported", (await fixture.ReportAsync(decision, usd: 1_500_001)).Fault!.Code);
        Assert.Equal(1_500_000, await UsedAsync(fixture));
        var stored = await fixture.ReadAsync(db => db.Decisions.AsNoTracking().SingleAsync());
        Assert.Equal((ReportStatus.Succeeded, fixture.Time.GetUtcNow()), (stored.ReportStatus!.Value, stored.ReportedAt));
        await fixture.VerifyAsync();

        static (bool Late, bool Repeated) Said(Result<Reported> r) => (r.Value.Late, r.Value.Repeated);
    }

    [Fact]
    public async Task Report_TwoInOneBatch_OneIsTaken()
    {
        await using var fixture = await SeededAsync();
        var decision = await fixture.DecideAsync();
        using var gate = new SemaphoreSlim(0);
        var held = await HoldAsync(fixture, gate);
        var reports = new[] { fixture.ReportAsync(decision), fixture.ReportAsync(decision), fixture.ReportAsync(decision, ReportStatus.Failed) };
        gate.Release();
        await held;
        var results = await Task.WhenAll(reports);
        Assert.Equal((false, true, "outcome.already_reported"), (results[0].Value.Repeated, results[1].Value.Repeated, results[2].Fault!.Code));
        Assert.Equal(1, await fixture.ReadAsync(db => db.Outcomes.CountAsync()));
    }

    [Fact]
    public async Task Report_SkippedOrLate_GivesBackOrSaysSo()
    {
        await using var fixture = await SeededAsync(caps: """{"usd":{"day":"10"}}""");
        await fixture.ReportAsync(await fixture.DecideAsync(usd: 4_000_000), ReportStatus.Skipped);
        Assert.Equal(0, await UsedAsync(fixture));
        var late = await fixture.DecideAsync();
        fixture.Time.Advance(TimeSpan.FromMinutes(6));
        Assert.True((await fixture.ReportAsync(late)).Value.Late);
    }

    [Fact]
    public async Task Report_NotAllowed_IsRefusedAndAlerted()
    {
        await using var fixture = await SeededAsync("""{"rules":[]}""");
        var decision = await fixture.DecideAsync();
        Assert.Equal("decision.not_allowed", (await fixture.ReportAsync(decision)).Fault!.Code);
        var alert = await fixture.ReadAsync(db => db.Alerts.AsNoTracking().SingleAsync());
        Assert.Equal(("acted.not_allowed", decision.Id, fixture.AgentId), (alert.Kind, alert.DecisionId, alert.AgentId));
        Assert.Equal(FaultKind.NotFound, (await fixture.ReportAsync(decision, agentId: "another")).Fault!.Kind);
        await fixture.VerifyAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Change_RefusedOrThrowing_LeavesNothing(bool throws)
    {
        await using var fixture = await SeededAsync(caps: """{"usd":{"day":"10"}}""");
        var decision = await fixture.DecideAsync(usd: 4_000_000);
        var before = await fixture.VerifyAsync();
        Task<Result<Done>> Change() => fixture.Writer.ChangeAsync<Done>(async (scope, ct) =>
        {
            scope.Audit(Actor.System, "test.change", "x", payload: new { secret = 1 });
            scope.Head.PausedAt = scope.Now;
            (await scope.Db.Agents.SingleAsync(ct)).Pause("no", "x", scope.Now);
            await scope.AdjustCapsAsync(decision, -4_000_000, 0, 0, ct);
            await scope.Db.SaveChangesAsync(ct);
            scope.AuthorityChanged();
            scope.Signal("test");
            return throws ? throw new InvalidOperationException("a bug") : Fault.Refused("no", "no");
        });
        HashSet<string> told = [];
        fixture.Writer.Committed += topics => told.UnionWith(topics);
        if (throws) await Assert.ThrowsAsync<InvalidOperationException>(Change); else Assert.Equal("no", (await Change()).Fault!.Code);
        Assert.Empty(told);
        Assert.Equal(before, await fixture.VerifyAsync());
        Assert.Equal(4_000_000, await UsedAsync(fixture));
        var next = await fixture.DecideAsync(usd: 6_000_000);
        Assert.Equal(Outcome.Allow, next.Outcome);   // neither paused, nor does a cap remember the refused change
        Assert.Equal("cap.usd.day", (await fixture.DecideAsync(usd: 1)).Reasons[0].Code);
    }

    [Fact]
    public async Task Mixed_Load_KeepsOneGaplessChain()
    {
        await using var fixture = await SeededAsync("""{"default":"approve","rules":[{"id":"R","action":"order.*","consequence":"low","reversible":true,"outcome":"allow"},{"id":"D","action":"no.*","outcome":"deny"}]}""");
        await Task.WhenAll(Enumerable.Range(0, 150).Select(async i =>
        {
            switch (i % 5)
            {
                case 0: await fixture.ReportAsync(await fixture.DecideAsync("order.x")); break;
                case 1: await fixture.DecideAsync("other"); break;
                case 2: await fixture.ReportAsync(await fixture.DecideAsync("no.x")); break;
                case 3: await fixture.ChangeAgentAsync((a, _) => a.Describe(name: "Helper " + i)); break;
                default: await fixture.DecideAsync("order.y", mode: AskMode.Shadow); break;
            }
        }));
        Assert.True(await fixture.VerifyAsync() >= 181);
    }

    [Fact]
    public async Task Ask_ChannelFull_IsBusyAndTheOthersAreAnswered()
    {
        await using var fixture = await SeededAsync("""{"rules":[]}""");
        using var gate = new SemaphoreSlim(0);
        var held = await HoldAsync(fixture, gate);
        var ask = fixture.Ask();
        var waiting = Enumerable.Range(0, 8_192).Select(_ => fixture.AskAsync(ask)).ToList();
        var refused = await fixture.AskAsync(ask);
        Assert.Equal(("busy", FaultKind.Unavailable), (refused.Fault!.Code, refused.Fault.Kind));
        Assert.Equal("busy", (await fixture.Writer.CatchUpAsync()).Fault!.Code);
        gate.Release();
        await held;
        Assert.All(await Task.WhenAll(waiting), r => Assert.True(r.Ok));
        Assert.True(fixture.Writer.Health.Up);
    }

    [Fact]
    public async Task Ask_PoisonInTheBatch_FailsAlone()
    {
        await using var fixture = await SeededAsync();
        await fixture.ExecuteAsync(provider == Provider.Sqlite
            ? "CREATE TRIGGER poison BEFORE INSERT ON decisions WHEN NEW.action = 'poison' BEGIN SELECT RAISE(ABORT, 'poison'); END"
            : "CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'poison'; END $$; CREATE TRIGGER poison BEFORE INSERT ON decisions FOR EACH ROW WHEN (NEW.action = 'poison') EXECUTE FUNCTION poison()");
        using var gate = new SemaphoreSlim(0);
        var held = await HoldAsync(fixture, gate);
        var good = Enumerable.Range(0, 10).Select(_ => fixture.DecideAsync()).ToList();
        var poison = fixture.AskAsync(fixture.Ask("poison"));
        var unrenderable = fixture.AskAsync(fixture.Ask(), new IdempotencyClaim("k", [1]), render: _ => throw new InvalidOperationException("a bug"));
        good.AddRange(Enumerable.Range(0, 10).Select(_ => fixture.DecideAsync()));
        gate.Release();
        await held;
        Assert.All(await Task.WhenAll(good), d => Assert.Equal(Outcome.Allow, d.Outcome));
        await Assert.ThrowsAnyAsync<Exception>(() => poison);
        await Assert.ThrowsAsync<InvalidOperationException>(() => unrenderable);
        Assert.Equal(20, await fixture.ReadAsync(db => db.Decisions.CountAsync()));
        Assert.True(fixture.Writer.Health.Up);
        await fixture.VerifyAsync();
    }

    [Fact]
    public async Task Committed_ListenerThrows_NothingIsWrittenTwice()
    {
        await using var fixture = await SeededAsync();
        fixture.Writer.Committed += _ => throw new InvalidOperationException("a listener's bug");
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => fixture.DecideAsync()));
        Assert.Equal(10, await fixture.ReadAsync(db => db.Decisions.CountAsync()));
    }

    [Fact]
    public async Task AuthorityChanged_Pause_HoldsForTheVeryNextAsk()
    {
        await using var fixture = await SeededAsync();
        for (var i = 0; i < 5; i++)
        {
            var pause = fixture.ChangeAgentAsync((a, at) => a.Pause("stop", fixture.OwnerId, at));
            var next = fixture.DecideAsync();   // queued behind the pause, before it is committed
            await pause;
            Assert.Equal("paused", (await next).Reasons[0].Code);
            await fixture.ChangeAgentAsync((a, _) => a.Resume());
            Assert.Equal(Outcome.Allow, (await fixture.DecideAsync()).Outcome);
        }
    }

    [Theory]
    [InlineData("usd", """{"usd":{"day":"10"}}""")]
    [InlineData("decisions", """{"decisions":{"hour":4}}""")]
    [InlineData("run", """{"usd":{"run":"10"}}""")]
    public async Task Caps_SetInsideAWindow_CountWhatWasUsedBefore(string unit, string caps)
    {
        await using var fixture = await SeededAsync();
        var first = await fixture.DecideAsync(runId: "r", usd: 4_000_000);
        await fixture.ReportAsync(first, usd: 3_000_000);
        await fixture.ReportAsync(await fixture.DecideAsync(runId: "r", usd: 4_000_000), unit == "decisions" ? ReportStatus.Succeeded : ReportStatus.Skipped);
        fixture.Time.Advance(TimeSpan.FromMinutes(1));
        await fixture.ChangeAgentAsync((a, at) => a.SetCaps(caps, at));
        Assert.Equal(Outcome.Allow, (await fixture.DecideAsync(runId: "r", usd: 5_000_000)).Outcome);
        // Lifted for a while, then set again: what happened in between counts as well.
        await fixture.ChangeAgentAsync((a, at) => a.SetCaps(null, at));
        await fixture.DecideAsync(runId: "r", usd: 1_500_000);
        fixture.Time.Advance(TimeSpan.FromMinutes(1));
        await fixture.ChangeAgentAsync((a, at) => a.SetCaps(caps, at));
        Assert.Equal(Outcome.Deny, (await fixture.DecideAsync(runId: "r", usd: 1_000_000)).Outcome);
        Assert.Equal(unit == "decisions" ? Outcome.Deny : Outcome.Allow, (await fixture.DecideAsync(runId: "r", usd: 500_000)).Outcome);
    }

    /// <summary>Keeps the writer busy with a change, so that what is asked meanwhile ends up in one batch. Returns when it has begun.</summary>
    private static async Task<Task> HoldAsync(DataFixture fixture, SemaphoreSlim until)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var held = fixture.Writer.ChangeAsync<Done>(async (_, ct) =>
        {
            begun.SetResult();
            await until.WaitAsync(ct);
            return Done.Value;
        });
        await begun.Task;
        return held;
    }

    private static async Task<long> UsedAsync(DataFixture fixture) => (await fixture.ReadAsync(db => db.CapUsage.AsNoTracking().SingleAsync())).Used;
}
