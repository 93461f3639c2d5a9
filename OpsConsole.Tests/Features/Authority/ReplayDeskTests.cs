using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using OpsConsole.Core.Access;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Platform.Realtime;
using OpsConsole.Tests.Support;

namespace OpsConsole.Features.Authority;

public sealed class ReplayDeskTests
{
    private const string Approves = """{"rules":[{"id":"R","action":"order.update","consequence":"low","reversible":true,"outcome":"approve"},{"id":"P","action":"order.pay","outcome":"deny"}]}""";
    private static readonly DateTimeOffset Long = DateTimeOffset.UnixEpoch;

    [Fact]
    public async Task Rows_AnyPage_WalkTheRolloutsIndexWithoutSorting()
    {
        await using var data = await (await DataFixture.CreateAsync(Provider.Sqlite)).SeedAsync();
        await using var db = data.Database.CreateDbContext();
        var plan = await QueryPlan.OfAsync(db, ReplayReader.Rows(db, "rol", 5, 1_000).Take(256));
        QueryPlan.AssertOrdered(plan);
        Assert.Contains("USING INDEX ix_decisions_rollout (rollout_id=? AND seq>? AND seq<?)", plan, StringComparison.Ordinal);
        Assert.Equal(2, plan.Split("USING INTEGER PRIMARY KEY (rowid=?)").Length - 1);
    }

    [Theory]
    [InlineData(Provider.Sqlite)]
    [InlineData(Provider.Postgres)]
    internal async Task Replay_OverSeveralPages_CountsEachAnswerOfThePeriodOnce(Provider provider)
    {
        await using var data = await (await DataFixture.CreateAsync(provider)).SeedAsync(Approves);
        await data.DecideAsync("order.update");   // before the period
        data.Time.Advance(TimeSpan.FromHours(1));
        var from = data.Time.GetUtcNow();
        for (var i = 0; i < 300; i++) await data.DecideAsync("order.update");
        var erased = await data.DecideAsync("order.update");
        await data.DecideAsync("order.pay");
        await data.DecideAsync("order.pay", mode: AskMode.Shadow);
        await data.DecideAsync("order.pay", mode: AskMode.Simulation);
        await data.ChangeAgentAsync((agent, at) => agent.Pause("per_x", "stop", at));
        await data.DecideAsync("order.update");
        data.Time.Advance(TimeSpan.FromHours(1));
        var to = data.Time.GetUtcNow();
        await data.DecideAsync("order.update");   // after it
        await EraseAsync(data, erased.Seq);
        await using var desk = Desk(data, data.Database);
        var before = data.Writer.State.Epoch;
        var started = (await desk.StartAsync(Dana(data), data.RolloutId, new ReplayRequest(from, to, JsonElement.Parse(DataFixture.AllowAll)), default)).Value;
        var done = await DoneAsync(desk, data, started.Id);
        var (answers, samples, skipped) = (done.Result!.Answers, done.Result.Samples, done.Result.Skipped);
        Assert.Equal((304L, 304L, 1.0), (done.Read, done.Total, done.Position));
        Assert.Equal((301L, 300L, 0L, 0L, 1L), (answers.Compared, answers.Saved, answers.Added, answers.NowDenied, answers.NowAllowed));
        Assert.Equal((1L, 1L), (samples.Compared, samples.NowAllowed));
        Assert.Equal((1L, 0L, 0L, 1L, 0L), (skipped.Paused, skipped.Cap, skipped.Loop, skipped.PayloadGone, skipped.PatternTime));
        Assert.Equal(("order.pay", "P", "R", false), (done.Result.Strangest[0].Action, done.Result.Strangest[0].WasRule, done.Result.Strangest[0].NowRule, done.Result.Strangest[0].Sample));
        Assert.Equal(ReplayDesk.MostShown, done.Result.Strangest.Count);
        Assert.Equal(Replay.Most, desk.Changes(Dana(data), data.RolloutId, started.Id, Outcome.Pending, Outcome.Allow, false).Count);
        Assert.Single(desk.Changes(Dana(data), data.RolloutId, started.Id, Outcome.Deny, Outcome.Allow, true));
        Assert.Equal(before, data.Writer.State.Epoch);   // it counts nowhere
    }

    [Fact]
    public async Task Replay_OfTheMatrixInForce_ChangesNothing_WhateverBecameOfItSince()
    {
        await using var data = await (await DataFixture.CreateAsync(Provider.Sqlite)).SeedAsync(Approves);
        for (var i = 0; i < 5; i++) await data.DecideAsync(i % 2 == 0 ? "order.update" : "no.such");
        await using var desk = Desk(data, data.Database);
        var started = (await desk.StartAsync(Dana(data), data.RolloutId, new ReplayRequest(Long, null, JsonElement.Parse(Approves)), default)).Value;
        var done = await DoneAsync(desk, data, started.Id);
        Assert.Equal((5L, 0L), (done.Result!.Answers.Compared, done.Result.Answers.Changed));
        Assert.Empty(done.Result.Answers.Rules);
    }

    [Fact]
    public async Task Start_WhileOthersRun_IsRefusedByNameAndGoesOnAfterCancelling()
    {
        await using var data = await (await DataFixture.CreateAsync(Provider.Sqlite)).SeedAsync(Approves);
        await data.DecideAsync("order.update");
        using var slow = new SlowDatabase(data.Database);
        await using var desk = Desk(data, slow);
        var running = (await desk.StartAsync(Dana(data), data.RolloutId, new ReplayRequest(Long, null), default)).Value;
        Assert.Equal(ReplayStatus.Running, running.Status);
        var second = await desk.StartAsync(Dana(data), data.RolloutId, new ReplayRequest(Long, null), default);
        Assert.Equal((FaultKind.Conflict, "replay.running"), (second.Fault!.Kind, second.Fault.Code));
        Assert.Contains("dana", second.Fault.Message, StringComparison.OrdinalIgnoreCase);
        Assert.True(desk.Page(Dana(data), data.RolloutId, null).Value.MayCancel);
        var cancelling = desk.CancelAsync(Dana(data), data.RolloutId, running.Id, default);
        slow.Go.Set();
        var cancelled = (await cancelling).Value;
        Assert.Equal((ReplayStatus.Cancelled, (ReplayReport?)null), (cancelled.Status, cancelled.Result));
        var again = (await desk.StartAsync(Dana(data), data.RolloutId, new ReplayRequest(Long, null), default)).Value;
        Assert.Equal(ReplayStatus.Done, (await DoneAsync(desk, data, again.Id)).Status);
        Assert.Equal([again.Id, running.Id], desk.List(Dana(data), data.RolloutId).Value.Select(r => r.Id));
        Assert.Equal(ReplayStatus.Cancelled, (await desk.CancelAsync(Dana(data), data.RolloutId, running.Id, default)).Value.Status);
    }

    [Fact]
    public async Task Start_Thirty_KeepsTwenty()
    {
        await using var data = await (await DataFixture.CreateAsync(Provider.Sqlite)).SeedAsync(Approves);
        await using var desk = Desk(data, data.Database);
        for (var i = 0; i < 30; i++) await DoneAsync(desk, data, (await desk.StartAsync(Dana(data), data.RolloutId, new ReplayRequest(Long, null), default)).Value.Id);
        Assert.Equal(ReplayDesk.MostKept, desk.List(Dana(data), data.RolloutId).Value.Count);
    }

    [Fact]
    public async Task Run_WhoseDatabaseIsGone_FailsInWords()
    {
        await using var data = await (await DataFixture.CreateAsync(Provider.Sqlite)).SeedAsync(Approves);
        using var slow = new SlowDatabase(data.Database) { Broken = true };
        slow.Go.Set();
        await using var desk = Desk(data, slow);
        var started = (await desk.StartAsync(Dana(data), data.RolloutId, new ReplayRequest(Long, null), default)).Value;
        var failed = await DoneAsync(desk, data, started.Id);
        Assert.Equal(ReplayStatus.Failed, failed.Status);
        Assert.Contains("Run it again", failed.Error, StringComparison.Ordinal);
    }

    private static PersonCaller Dana(DataFixture data) => new(data.Writer.State.Directory.People[data.OwnerId], null, "session");

    private static ReplayDesk Desk(DataFixture data, IDbContextFactory<OpsDbContext> database)
        => new(data.Writer, database, new Signals(data.Time, NullLogger<Signals>.Instance), data.Time, new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance), NullLogger<ReplayDesk>.Instance);

    private static async Task<ReplayView> DoneAsync(ReplayDesk desk, DataFixture data, string id)
    {
        await OpsConsole.Support.Until.True(() => desk.Get(Dana(data), data.RolloutId, id).Value.Status != ReplayStatus.Running, "the end of the replay");
        return desk.Get(Dana(data), data.RolloutId, id).Value;
    }

    private static async Task EraseAsync(DataFixture data, long seq)
    {
        await DataFixture.Must(data.Writer.ChangeAsync<Done>((scope, _) =>
        {
            scope.Audit(Actor.System, AuditPayload.Redacted, AuditPayload.ObjectOf(seq));
            return Task.FromResult<Result<Done>>(Done.Value);
        }));
        await data.ExecuteAsync($"DELETE FROM audit_payloads WHERE seq = {seq}");
    }

    /// <summary>What the background reads waits for <see cref="Go"/>; everything else is at once.</summary>
    private sealed class SlowDatabase(OpsDatabase inner) : IDbContextFactory<OpsDbContext>, IDisposable
    {
        public ManualResetEventSlim Go { get; } = new();
        public bool Broken { get; init; }

        public OpsDbContext CreateDbContext()
        {
            Go.Wait();
            return Broken ? throw new IOException("gone") : inner.CreateDbContext();
        }

        public Task<OpsDbContext> CreateDbContextAsync(CancellationToken cancellationToken = default) => Task.FromResult(inner.CreateDbContext());

        public void Dispose() => Go.Dispose();
    }
}
