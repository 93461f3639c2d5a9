using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OpsConsole.Core.Access;
using OpsConsole.Core.Execution;
using OpsConsole.Data;
using OpsConsole.Features.Undo;
using OpsConsole.Tests.Support;
using static OpsConsole.Tests.Support.ConsoleHost;

namespace OpsConsole.Http;

public sealed class SqliteUndoTakingTests() : UndoTakingTests(postgres: false)
{
    [Fact]
    public async Task Queries_WalkTheirIndexes()
    {
        Assert.Contains("ix_written_records_target (system=? AND record=? AND audit_seq>?)", await ReadAsync(db => QueryPlan.OfAsync(db, WriteReader.ToAny(db, [new WriteTarget("crm", "a"), new WriteTarget("crm", "b")], 5).Take(3))));
        var ready = await ReadAsync(db => QueryPlan.OfAsync(db, UndoStepDesk.Ready(UndoClock.ToEndpoint(db), db.UndoSteps).OrderBy(s => s.PlanId).ThenBy(s => s.Place).Take(8)));
        Assert.Contains("ix_undo_steps_endpoint", ready);
        Assert.Contains("ix_undo_steps_plan (plan_id=? AND place<?)", ready);
        // Who needs somebody is read whole once; from then on by what the log says, and by plan.
        var moved = await ReadAsync(db => QueryPlan.OfAsync(db, UndoNeeds.Moved(db, 5)));
        Assert.Contains("ix_audit_event (event=? AND seq>?)", moved);
        Assert.DoesNotContain("SCAN audit", moved);
        var needing = await ReadAsync(db => QueryPlan.OfAsync(db, UndoNeeds.NeedingOf(db, ["udp_1", "udp_2"])));
        Assert.Contains("ix_undo_steps_plan (plan_id=?)", needing);
    }

    [Fact]
    public async Task Steps_AreTakenWithWhatConcernsThem_NotWithTheirWholePlans()
    {
        using var commands = new Commands();
        for (var p = 0; p < 3; p++) await StartPlanAsync(new { decision_id = await ActAsync([.. Enumerable.Range(0, 300).Select(i => Write($"p{p}r{i % 150}", i / 150, i / 150 + 1))]) });
        await Host.Writer.ChangeAsync<bool>(async (scope, ct) =>
        {
            var ready = await UndoStepDesk.Ready(UndoStepDesk.ForAgent(scope.Db.UndoSteps.AsNoTracking(), Spine.AgentId), scope.Db.UndoSteps).Select(s => s.Id).ToListAsync(ct);
            Assert.Equal(450, ready.Count);   // the newer write of each record
            commands.Of = scope.Db;
            var loaded = await UndoStepDesk.LoadAsync(scope, [.. ready.Take(20)], ct);
            Assert.Equal(40, scope.Db.ChangeTracker.Entries<UndoStep>().Count());   // twenty, and the older write of each of their records
            Assert.Equal(3, commands.Count);
            var ground = await WriteReader.GroundAsync(scope.Db, loaded.ConvertAll(l => l.Step), ct);
            Assert.Equal(7, commands.Count);   // the reports with their writes, and what was written later: four, however many steps
            Assert.All(loaded, l => Assert.Null(ground.Overwritten(l.Step, l.Steps)));
            return true;
        });
        await using var db = await Host.Services.GetRequiredService<IDbContextFactory<OpsDbContext>>().CreateDbContextAsync();
        commands.Of = db;
        var all = await WriteReader.FindAsync(db, Spine.Rollout, new UndoScope(UndoScopeKind.Run, RunId: "run-1"), default);
        Assert.Equal(900, all.Value.Writes.Count);
        Assert.InRange(commands.Count, 5, 10);   // one per 250 records, where it was one per record
    }
}

public sealed class PostgresUndoTakingTests() : UndoTakingTests(postgres: true);

/// <summary>What a look at steps reads, and which of them need somebody.</summary>
public abstract class UndoTakingTests(bool postgres) : UndoFixture(postgres)
{
    [Fact]
    public async Task Needs_FollowWhatBecomesOfTheSteps()
    {
        var (admin, owner, dana) = (Me(AdminEmail), Me("owner@example.com"), Me("dana@example.com"));
        var needs = Host.Services.GetRequiredService<UndoNeeds>();
        Assert.Equal(0, await needs.MineAsync(admin, null, default));
        var plan = await StartPlanAsync(new { decision_id = await ActAsync(Write("a", 1, 2, action: null), Write("b", 1, 2, action: null), Write("c", 1, 2)) });
        var other = await StartPlanAsync(new { decision_id = await ActAsync(Write("d", 1, 2)) });
        Assert.Equal(2, await needs.MineAsync(admin, null, default));
        Assert.Equal(2, await needs.MineAsync(owner, Spine.Rollout, default));
        Assert.Equal(0, await needs.MineAsync(owner, "rol_other", default));
        Assert.Equal(0, await needs.MineAsync(dana, null, default));   // sees the rollout, and is no member
        Assert.Single(await needs.SeenAsync(dana, null, default));
        await HandOverAsync(Id(Steps(plan).Single(s => Word(s, "record") == "a")), "owner@example.com");
        Assert.Equal((1, 2), (await needs.MineAsync(admin, null, default), await needs.MineAsync(owner, null, default)));
        foreach (var task in await TakeAsync()) await SayAsync(Id(task), "failed", "The CRM is down");
        Assert.Equal((3, 4), (await needs.MineAsync(admin, null, default), await needs.MineAsync(owner, null, default)));
        Assert.Equal([Id(other), Id(plan)], (await GetAsync(Host.Admin, "/api/v1/undo/plans?needs_somebody=true")).GetProperty("items").EnumerateArray().Select(Id));
        await TickAsync(Id(Steps(other)[0]), "undone");
        Assert.Equal([Id(plan)], (await GetAsync(Host.Admin, "/api/v1/undo/plans?needs_somebody=true")).GetProperty("items").EnumerateArray().Select(Id));
        foreach (var step in Steps(plan)) await TickAsync(Id(step), "undone", who: Spine.Owner);
        Assert.Equal((0, 0), (await needs.MineAsync(admin, null, default), await needs.MineAsync(owner, null, default)));
        // Another one, as after a restart, says the same.
        using var again = new UndoNeeds(Host.Writer, Host.Services.GetRequiredService<IDbContextFactory<OpsDbContext>>());
        Assert.Empty(await again.SeenAsync(admin, null, default));

        PersonCaller Me(string email) => new(Host.Writer.State.Directory.ByEmail[email], null, "session");
    }
}
