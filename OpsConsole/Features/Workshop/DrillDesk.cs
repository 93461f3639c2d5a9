using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Worksheets;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Workshop;

/// <summary><c>POST rollouts/{id}/drills</c>.</summary>
/// <param name="Row">The id of a row of the escalation matrix.</param>
internal sealed record StartDrillRequest(string Row)
{
    public static StartDrillRequest Read(Fields fields) => new(fields.Text("row", 40, required: true) ?? "");
}

/// <summary>'Report a failure', practised: the console's clock runs from the report until the owner of the scenario, or the deputy, has it. Signals <c>drills</c> and <c>gates</c>.</summary>
internal sealed class DrillDesk(DurableWriter writer, IDbContextFactory<OpsDbContext> factory, TimeProvider time)
{
    public const string Topic = "drills";
    private const string Reporters = "A failure is reported by the members of the rollout, a facilitator or an admin.";
    private const string Enders = "A drill is given up by whoever started it, or by somebody who edits the rollout.";

    public Fault? MayStart(PersonCaller caller, string id) => Sight.Rollout(writer.State, caller, id, Permissions.MayWrite, Reporters).Fault;

    /// <summary>Newest first; <c>after</c> is the id of a drill.</summary>
    public async Task<Result<Wire.Page<DrillView>>> ListAsync(PersonCaller caller, string id, PageQuery page, CancellationToken ct)
    {
        var state = writer.State;
        if (Sight.Rollout(state, caller, id).Fault is { } hidden) return hidden;
        await using var db = await factory.CreateDbContextAsync(ct);
        var drills = db.Drills.AsNoTracking().Where(d => d.RolloutId == id);
        if (page.After is { } after)
        {
            var last = await drills.Where(d => d.Id == after).Select(d => (DateTimeOffset?)d.StartedAt).SingleOrDefaultAsync(ct);
            if (last is null) return Fault.Invalid("field.invalid", "after must be the 'next' of the page before.", "after");
            drills = drills.Where(d => d.StartedAt < last);
        }
        var rows = await drills.OrderByDescending(d => d.StartedAt).Take(page.Limit + 1).ToListAsync(ct);
        foreach (var drill in rows) drill.Lapse(time.GetUtcNow());   // DrillClock puts it on record; nobody reads it as running until then
        return Wire.PageOf(rows, page.Limit, d => d.Id, d => View(d, state));
    }

    public async Task<Result<DrillsView>> PageAsync(PersonCaller caller, string id, CancellationToken ct)
    {
        var state = writer.State;
        if (Sight.Rollout(state, caller, id) is not { Ok: true, Value: var rollout }) return Fault.NotFound("rollout");
        var drills = await ListAsync(caller, id, new PageQuery(null, 50), ct);
        if (drills.Fault is { } fault) return fault;
        await using var db = await factory.CreateDbContextAsync(ct);
        var scenarios = (await RowsAsync(db, id, ct)).Select(r => Scenario(r, rollout, state, caller.Id));
        var running = drills.Value.Items.FirstOrDefault(d => d.Status == "running");
        return new DrillsView(rollout.Name, MayStart(caller, id) is null, caller.Id, [.. scenarios], running, running is not null && MayEnd(running.StartedBy, state, caller, rollout), [.. drills.Value.Items.Where(d => d != running)]);
    }

    /// <summary>Running drills that wait for this person, or that they reported; of all rollouts.</summary>
    public async Task<IReadOnlyList<DrillCall>> CallsAsync(PersonCaller caller, CancellationToken ct)
    {
        var (state, from) = (writer.State, time.GetUtcNow() - RoutingDrill.Longest);
        if (Sight.Me(state, caller).Fault is not null) return [];
        await using var db = await factory.CreateDbContextAsync(ct);
        var running = await db.Drills.AsNoTracking().Where(d => d.EndedAt == null && d.StartedAt > from).OrderBy(d => d.StartedAt).ToListAsync(ct);
        return [.. running.Where(d => (d.StartedBy == caller.Id || d.Expected.Contains(caller.Id)) && state.Rollouts.ContainsKey(d.RolloutId))
            .Select(d => new DrillCall(d.RolloutId, state.Rollouts[d.RolloutId].Name, View(d, state), d.Expected.Contains(caller.Id), Sight.Rollout(state, caller, d.RolloutId).Ok))];
    }

    /// <summary>Reports a failure; one drill at a time. Faults: not found, forbidden, <c>row.unknown</c>, <c>drill.nobody</c>, <c>drill.yours</c>, <c>drill.running</c>.</summary>
    public Task<Result<DrillView>> StartAsync(PersonCaller caller, string id, StartDrillRequest request)
        => writer.ChangeAsync<DrillView>(async (scope, ct) =>
        {
            if (Sight.Rollout(scope.State, caller, id, Permissions.MayWrite, Reporters) is not { Ok: true, Value: var rollout }) return MayStart(caller, id) ?? Fault.Forbidden(Reporters);
            if ((await RowsAsync(scope.Db, id, ct)).FirstOrDefault(r => r.Id == request.Row) is not { } row) return Fault.Refused("row.unknown", "The escalation matrix has no such row (any more). Choose another scenario.", "row");
            if (Scenario(row, rollout, scope.State, caller.Id) is { Problem: { } problem, Takers: var takers }) return Fault.Refused(takers.Any(t => t.PersonId == caller.Id) ? "drill.yours" : "drill.nobody", problem, "row");
            foreach (var other in await scope.Db.Drills.Where(d => d.RolloutId == id && d.EndedAt == null).ToListAsync(ct))
            {
                if (!other.Lapse(scope.Now)) return Fault.Conflict("drill.running", $"A drill is under way already: “{VisibleText.Flatten(other.Scenario)}”. Wait for its end.", new Dictionary<string, object?> { ["id"] = other.Id });
                Lapsed(scope, other);
            }
            var drill = new RoutingDrill(Secrets.NewId("drl"), id, row.Id, row.Text("scenario"), EscalationPeople.Takers(row, rollout, scope.State.Directory), caller.Id, scope.Now);
            scope.Db.Drills.Add(drill);
            scope.Audit(caller.Actor, "drill.started", drill.Id, new { row = row.Id, expected = drill.Expected }, new { scenario = drill.Scenario }, id);
            return Told(scope, drill);
        });

    /// <summary>'I have it.' Faults: not found, <c>drill.over</c>, <c>drill.not_yours</c>.</summary>
    public Task<Result<DrillView>> AcknowledgeAsync(PersonCaller caller, string id, string drillId)
        => writer.ChangeAsync<DrillView>(async (scope, ct) =>
        {
            if (await FindAsync(scope, caller, id, drillId, ct) is not { } drill) return Fault.NotFound("drill");
            if (drill.Lapse(scope.Now)) return Fault.Conflict("drill.over", "This drill is over.");
            var done = drill.Acknowledge(caller.Id, scope.Now);
            if (done.Fault is { } refused) return refused;
            scope.Audit(caller.Actor, "drill.acknowledged", drill.Id, new { row = drill.Row, seconds = (long)drill.Took!.Value.TotalSeconds, passed = drill.Passed }, rolloutId: id);
            return Told(scope, drill);
        });

    /// <summary>Ends it as failed: nobody was reached. Faults: not found, forbidden, <c>drill.over</c>.</summary>
    public Task<Result<DrillView>> GiveUpAsync(PersonCaller caller, string id, string drillId)
        => writer.ChangeAsync<DrillView>(async (scope, ct) =>
        {
            if (await FindAsync(scope, caller, id, drillId, ct) is not { } drill) return Fault.NotFound("drill");
            if (!MayEnd(drill.StartedBy, scope.State, caller, scope.State.Rollouts[id])) return Fault.Forbidden(Enders);
            var done = drill.GiveUp(scope.Now);
            if (done.Fault is { } refused) return refused;
            scope.Audit(caller.Actor, "drill.given_up", drill.Id, new { row = drill.Row }, rolloutId: id);
            return Told(scope, drill);
        });

    private static bool MayEnd(string startedBy, ConsoleState state, PersonCaller caller, RolloutAuthority rollout) => startedBy == caller.Id || (Sight.Me(state, caller) is { Ok: true, Value: var me } && Permissions.MayEdit(me, rollout));

    /// <summary>Whoever is called sees the drill, also without seeing the rollout.</summary>
    private static async Task<RoutingDrill?> FindAsync(ChangeScope scope, PersonCaller caller, string id, string drillId, CancellationToken ct)
    {
        var drill = await scope.Db.Drills.SingleOrDefaultAsync(d => d.Id == drillId && d.RolloutId == id, ct);
        return drill is not null && scope.State.Rollouts.ContainsKey(id) && (Sight.Rollout(scope.State, caller, id).Ok || (Sight.Me(scope.State, caller).Ok && drill.Expected.Contains(caller.Id))) ? drill : null;
    }

    /// <summary>Ends every drill that ran its longest. When the next one will have; null while none runs.</summary>
    internal async Task<DateTimeOffset?> EndLapsedAsync(CancellationToken ct)
    {
        await using var db = await factory.CreateDbContextAsync(ct);
        var running = await db.Drills.AsNoTracking().Where(d => d.EndedAt == null).Select(d => d.StartedAt).ToListAsync(ct);
        if (running.Exists(at => at + RoutingDrill.Longest <= time.GetUtcNow()))
        {
            await writer.ChangeAsync<Done>(async (scope, inner) =>
            {
                foreach (var drill in await scope.Db.Drills.Where(d => d.EndedAt == null).ToListAsync(inner)) if (drill.Lapse(scope.Now)) Lapsed(scope, drill);
                return Done.Value;
            });
        }
        return running.Count == 0 ? null : running.Min() + RoutingDrill.Longest;
    }

    private static void Lapsed(ChangeScope scope, RoutingDrill drill)
    {
        scope.Audit(Actor.System, "drill.lapsed", drill.Id, new { row = drill.Row }, rolloutId: drill.RolloutId);
        scope.Signal(Topic);
        scope.Signal("gates");
    }

    private static DrillView Told(ChangeScope scope, RoutingDrill drill)
    {
        scope.Signal(Topic);
        scope.Signal("gates");
        return View(drill, scope.State);
    }

    private static async Task<IReadOnlyList<WorksheetRow>> RowsAsync(OpsDbContext db, string id, CancellationToken ct)
        => Worksheet.Of("escalation", await db.Patches.AsNoTracking().Where(p => p.RolloutId == id && !p.Replaced).ToListAsync(ct)).Rows;

    private static DrillScenario Scenario(WorksheetRow row, RolloutAuthority rollout, ConsoleState state, string me)
    {
        var takers = EscalationPeople.Takers(row, rollout, state.Directory);
        var problem = !row.Has("scenario") ? "This row has no scenario yet. Write one in the escalation matrix." : takers.Count == 0 ? "Its owner and deputy lead to no member who can sign in. Name them in the escalation matrix."
            : takers.Contains(me) ? "You are among those who take it: have somebody else report it." : null;
        return new DrillScenario(row.Id, row.Text("scenario"), row.Text("trigger"), row.Text("path"), row.Text("sla"), [.. takers.Select(t => new DrillPerson(t, state.Directory.NameOf(t)))], problem);
    }

    private static DrillView View(RoutingDrill d, ConsoleState state)
        => new(d.Id, d.Row, d.Scenario, d.Running ? "running" : d.Passed ? "passed" : "failed", d.StartedBy, state.Directory.NameOf(d.StartedBy), d.StartedAt, d.StartedAt + RoutingDrill.Limit,
            [.. d.Expected.Select(p => new DrillPerson(p, state.Directory.NameOf(p)))], d.AcknowledgedBy, d.AcknowledgedBy is { } by ? state.Directory.NameOf(by) : null, d.EndedAt, d.Took?.TotalSeconds);
}
