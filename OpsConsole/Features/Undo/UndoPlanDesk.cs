using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Execution;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Undo;

/// <summary>
/// Plans that undo what agents reported to have written. Whoever may write in the rollout looks at one first (a preview changes nothing) and starts it; one step per write, whichever plan asked for it first.
/// Signals <c>undo:&lt;rollout&gt;</c>.
/// </summary>
public sealed class UndoPlanDesk(DurableWriter writer, IDbContextFactory<OpsDbContext> factory, UndoNeeds needs)
{
    private const int MostAtOnce = 500;
    internal const string Starters = "What an agent wrote is undone by the members of the rollout, a facilitator or an admin.";

    public static string Topic(string rolloutId) => "undo:" + rolloutId;

    /// <summary>What would be done, with the state of each write; nothing is recorded. Faults: not found, forbidden, <c>field.invalid</c>, <c>incident.unknown</c>, <c>undo.too_many</c>.</summary>
    public async Task<Result<UndoPlanView>> PreviewAsync(PersonCaller me, UndoRequest request, CancellationToken ct)
    {
        var state = writer.State;
        await using var db = await factory.CreateDbContextAsync(ct);
        var found = await FindAsync(db, state, me, request, ct);
        if (found.Fault is { } refused) return refused;
        var (rolloutId, writes) = found.Value;
        if (await UnknownIncidentAsync(db, rolloutId, request.IncidentId, ct) is { } unknown) return unknown;
        return (await NamedAsync(db, [await PreviewAsync(db, state, rolloutId, request, writes, writer.Now, writer.Now, ct)], ct))[0];
    }

    /// <param name="asOf">As in <see cref="BeginAsync(ChangeScope, string, UndoRequest, Actor, string, DateTimeOffset?, CancellationToken)"/>.</param>
    internal static async Task<UndoPlanView> PreviewAsync(OpsDbContext db, ConsoleState state, string rolloutId, UndoRequest request, FoundWrites writes, DateTimeOffset now, DateTimeOffset asOf, CancellationToken ct)
    {
        var already = await KnownAsync(db, writes.Writes, ct);
        var endpoint = await UndoEndpoint.OfAsync(db, rolloutId, ct);
        return UndoPlanView.Preview(rolloutId, request, Steps(Left(writes.Writes, already), [.. writes.Later, .. Standing(writes.Writes, already)], "", () => "", endpoint?.Id, await ReachableAsync(db, state, now, ct), asOf, now), already, state);
    }

    /// <summary>Starts a plan. Faults: as of a preview, and <c>undo.nothing</c>.</summary>
    public async Task<Result<UndoPlanView>> StartAsync(PersonCaller me, UndoRequest request, CancellationToken ct)
    {
        Result<(string, FoundWrites)> found;
        await using (var db = await factory.CreateDbContextAsync(ct)) found = await FindAsync(db, writer.State, me, request, ct);
        if (found.Fault is { } refused) return refused;
        var (rolloutId, writes) = found.Value;   // what was reported never changes; what came since is looked at inside
        return await writer.ChangeAsync<UndoPlanView>(async (scope, inner) =>
        {
            if (Sight.Rollout(scope.State, me, rolloutId, Permissions.MayWrite, Starters).Fault is { } forbidden) return forbidden;
            if (await UnknownIncidentAsync(scope.Db, rolloutId, request.IncidentId, inner) is { } unknown) return unknown;
            var begun = await BeginAsync(scope, rolloutId, request, writes, me.Actor, me.Id, scope.Now, inner);
            return begun.Fault is { } none ? none : UndoPlanView.Of(begun.Value.Plan, begun.Value.Steps, scope.State, already: begun.Value.Already);
        });
    }

    /// <summary>Starts a plan about a decision, a run or a record inside a change, for whoever may (the caller has looked). Faults: <c>undo.nothing</c>, <c>undo.too_many</c>.</summary>
    /// <param name="startedBy">The id of a person, or <c>console</c>.</param>
    /// <param name="asOf">Windows that were open then do not keep machines from undoing it; null: now.</param>
    /// <param name="most">With more writes than these nothing is begun: they are read while decisions wait.</param>
    internal static async Task<Result<UndoPlan>> BeginAsync(ChangeScope scope, string rolloutId, UndoRequest request, Actor by, string startedBy, DateTimeOffset? asOf, CancellationToken ct, int most = UndoPlan.MostSteps)
    {
        var found = await WriteReader.FindAsync(scope.Db, rolloutId, request.Scope, ct, most);
        if (found.Fault is { } refused) return refused;
        var begun = await BeginAsync(scope, rolloutId, request, found.Value, by, startedBy, asOf ?? scope.Now, ct);
        return begun.Fault is { } none ? none : begun.Value.Plan;
    }

    private static async Task<Result<BegunUndo>> BeginAsync(ChangeScope scope, string rolloutId, UndoRequest request, FoundWrites writes, Actor by, string startedBy, DateTimeOffset asOf, CancellationToken ct)
    {
        var already = await KnownAsync(scope.Db, writes.Writes, ct);
        var left = Left(writes.Writes, already);
        if (left.Count == 0) return Fault.Refused("undo.nothing", already.Count == 0 ? "No write was reported there." : "Everything that was reported there has a step already.", "scope");
        var seq = scope.Head.Seq + 1;
        var id = Ids.Make("udp", seq, RandomNumberGenerator.GetBytes(8));
        var endpoint = await UndoEndpoint.OfAsync(scope.Db, rolloutId, ct);
        List<ReportedWrite> later = [.. writes.Later, .. Standing(writes.Writes, already), .. await WriteReader.SinceAsync(scope.Db, writes.Through, left, ct)];
        var steps = Steps(left, later, id, () => Secrets.NewId("und"), endpoint?.Id, await ReachableAsync(scope.Db, scope.State, scope.Now, ct), asOf, scope.Now);
        var plan = new UndoPlan(seq, id, rolloutId, request.Scope, request.IncidentId, string.IsNullOrWhiteSpace(request.Reason) ? null : request.Reason.Trim(), startedBy, scope.Now, already.Count, request.Rehearsal);
        var conflicts = steps.Count(s => s.State == UndoState.Conflict);
        var text = $"Undoing {Counted.Of(steps.Count, "write")} began{(conflicts > 0 ? $", {Counted.Of(conflicts, "conflict")} among them" : "")}{(already.Count > 0 ? $"; {already.Count} had a step already" : "")}.{(plan.Reason is { } why ? " " + why : "")}";
        UndoNotes.Note(scope, plan, by, "undo.planned", id, null, new { scope = request.Scope.Kind.ToString().ToLowerInvariant(), steps = steps.Count, conflicts, left_out = already.Count, incident = request.IncidentId }, text,
            new { reason = plan.Reason, scope = request.Scope, steps = steps.Select(s => new { id = s.Id, decision = s.DecisionId, write = s.WriteIndex, runner = s.Runner.ToString().ToLowerInvariant(), state = UndoWords.Of(s.State), says = s.Says }) });
        scope.Db.UndoPlans.Add(plan);
        scope.Db.UndoSteps.AddRange(steps);
        return new BegunUndo(plan, steps, already);
    }

    private sealed record BegunUndo(UndoPlan Plan, IReadOnlyList<UndoStep> Steps, IReadOnlyList<UndoStep> Already);

    /// <summary>Newest first, without their steps; <c>after</c> is the <c>next</c> of the page before.</summary>
    /// <param name="incidentId">Only those that belong to it.</param>
    /// <param name="needing">Only those of which a step needs somebody.</param>
    public async Task<Result<Wire.Page<UndoPlanView>>> ListAsync(PersonCaller me, string? rolloutId, string? incidentId, PageQuery page, CancellationToken ct, bool needing = false)
    {
        var state = writer.State;
        if (Sight.Me(state, me) is not { Ok: true, Value: var person }) return Fault.NotFound("undo plan");
        if (rolloutId is not null && Sight.Rollout(state, me, rolloutId).Fault is { } hidden) return hidden;
        var before = long.MaxValue;
        if (page.After is not null && !Ids.TrySeq(page.After, "udp", out before)) return Fault.Invalid("field.invalid", "after must be the 'next' of the page before.", "after");
        await using var db = await factory.CreateDbContextAsync(ct);
        List<UndoPlan> found = [];
        if (needing)
        {
            var seqs = (await needs.SeenAsync(me, rolloutId, ct)).Select(n => n.Seq).Where(seq => seq < before).ToList();
            if (incidentId is null) seqs = [.. seqs.Take(page.Limit + 1)];
            foreach (var some in seqs.Chunk(MostAtOnce)) found.AddRange(await db.UndoPlans.AsNoTracking().Where(p => some.Contains(p.Seq) && (incidentId == null || p.IncidentId == incidentId)).ToListAsync(ct));
        }
        else foreach (var rollout in Permissions.OneByOne(Permissions.VisibleRollouts(person, state), rolloutId))
            found.AddRange(await Listed(db, rollout, incidentId, before).Take(page.Limit + 1).ToListAsync(ct));
        List<UndoPlan> shown = [.. found.OrderByDescending(p => p.Seq).Take(page.Limit + 1)];
        var ids = shown.Take(page.Limit).Select(p => p.Id).ToList();
        var steps = (await db.UndoSteps.AsNoTracking().Where(s => ids.Contains(s.PlanId)).ToListAsync(ct)).ToLookup(s => s.PlanId);
        return new Wire.Page<UndoPlanView>(await NamedAsync(db, [.. shown.Take(page.Limit).Select(p => UndoPlanView.Of(p, [.. steps[p.Id]], state, listed: true))], ct), shown.Count > page.Limit ? shown[page.Limit - 1].Id : null);
    }

    /// <summary>With what the decisions that they name were about.</summary>
    private static async Task<IReadOnlyList<UndoPlanView>> NamedAsync(OpsDbContext db, IReadOnlyList<UndoPlanView> plans, CancellationToken ct)
    {
        var seqs = plans.Select(p => Ids.TrySeq(p.Scope.DecisionId, "dec", out var seq) ? seq : 0).Where(seq => seq > 0).Distinct().ToList();
        if (seqs.Count == 0) return plans;
        var decisions = await db.Decisions.AsNoTracking().Where(d => seqs.Contains(d.Seq)).Select(d => new { d.Id, d.Action, d.ResourceType, d.ResourceId }).ToDictionaryAsync(d => d.Id, ct);
        return [.. plans.Select(p => p.Scope.DecisionId is { } id && decisions.TryGetValue(id, out var d) ? p with { Action = d.Action, ResourceType = d.ResourceType, ResourceId = d.ResourceId } : p)];
    }

    internal static IQueryable<UndoPlan> Listed(OpsDbContext db, string? rollout, string? incident, long before)
    {
        var all = db.UndoPlans.AsNoTracking().Where(p => p.Seq < before);
        if (rollout is not null) all = all.Where(p => p.RolloutId == rollout);
        if (incident is not null) all = all.Where(p => p.IncidentId == incident);
        return all.OrderByDescending(p => p.Seq);
    }

    /// <summary>With its steps. Not found where the person does not see the rollout.</summary>
    public async Task<Result<UndoPlanView>> FindAsync(PersonCaller me, string id, CancellationToken ct)
    {
        var state = writer.State;
        await using var db = await factory.CreateDbContextAsync(ct);
        if (!Ids.TrySeq(id, "udp", out var seq) || await db.UndoPlans.AsNoTracking().SingleOrDefaultAsync(p => p.Seq == seq, ct) is not { } plan || plan.Id != id || !Sight.Rollout(state, me, plan.RolloutId).Ok) return Fault.NotFound("undo plan");
        return (await NamedAsync(db, [UndoPlanView.Of(plan, await OfPlan(db.UndoSteps.AsNoTracking(), id).ToListAsync(ct), state)], ct))[0];
    }

    /// <summary>A rollout's name for whoever sees it; null otherwise.</summary>
    public string? NameOf(PersonCaller me, string rolloutId) => Sight.Rollout(writer.State, me, rolloutId) is { Ok: true, Value: var rollout } ? rollout.Name : null;

    /// <summary>Whether the person starts plans there, and says what became of their steps.</summary>
    public bool May(PersonCaller me, string rolloutId) => Sight.Rollout(writer.State, me, rolloutId, Permissions.MayWrite, Starters).Ok;

    /// <summary>Whom a step of this rollout may be handed to: its members and the reader, where they may; by name.</summary>
    public IReadOnlyList<(string Id, string Email, string Name)> Hands(PersonCaller me, string rolloutId)
        => Sight.Rollout(writer.State, me, rolloutId) is not { Ok: true, Value: var rollout } ? []
            : [.. rollout.Members.Select(m => m.PersonId).Append(me.Id).Distinct().Select(writer.State.Directory.People.GetValueOrDefault).OfType<PersonEntry>().Where(p => Permissions.MayWrite(p, rollout))
                .OrderBy(p => p.Name, StringComparer.OrdinalIgnoreCase).Select(p => (p.Id, p.Email, p.Name))];

    internal static IQueryable<UndoStep> OfPlan(IQueryable<UndoStep> steps, string planId) => steps.Where(s => s.PlanId == planId).OrderBy(s => s.Place);

    private static async Task<Result<(string RolloutId, FoundWrites)>> FindAsync(OpsDbContext db, ConsoleState state, PersonCaller me, UndoRequest request, CancellationToken ct)
    {
        if (request.Wrong() is { } wrong) return wrong;
        var rolloutId = request.RolloutId;
        if (request.Scope.DecisionId is { } decision)
        {
            rolloutId = Ids.TrySeq(decision, "dec", out var seq) ? await db.Decisions.AsNoTracking().Where(d => d.Seq == seq && d.Id == decision).Select(d => d.RolloutId).SingleOrDefaultAsync(ct) : null;
            if (rolloutId is null || Sight.Rollout(state, me, rolloutId).Fault is not null) return Fault.NotFound("decision");
        }
        if (request.Scope.AgentId is { } agentId)
        {
            if (!state.Agents.TryGetValue(agentId, out var agent) || Sight.Rollout(state, me, agent.Rollout.Id).Fault is not null) return Fault.NotFound("agent");
            rolloutId = agent.Rollout.Id;
        }
        if (request.RolloutId is not null && request.RolloutId != rolloutId) return Fault.NotFound("rollout");
        if (Sight.Rollout(state, me, rolloutId!, Permissions.MayWrite, Starters).Fault is { } refused) return refused;
        var found = await WriteReader.FindAsync(db, rolloutId!, request.Scope, ct);
        return found.Fault is { } fault ? fault : (rolloutId!, found.Value);
    }

    private static async Task<Fault?> UnknownIncidentAsync(OpsDbContext db, string rolloutId, string? incidentId, CancellationToken ct)
        => incidentId is null || (Ids.TrySeq(incidentId, "inc", out var seq) && await db.Incidents.AsNoTracking().AnyAsync(i => i.Seq == seq && i.Id == incidentId && i.RolloutId == rolloutId, ct)) ? null
            : Fault.Refused("incident.unknown", "There is no such incident in this rollout.", "incident_id");

    /// <summary>The steps that these writes have by now.</summary>
    private static async Task<List<UndoStep>> KnownAsync(OpsDbContext db, IReadOnlyList<ReportedWrite> writes, CancellationToken ct)
    {
        var seqs = writes.Select(w => w.DecisionSeq).Distinct().ToList();
        var wanted = writes.Select(w => (w.DecisionSeq, w.Index)).ToHashSet();
        // Also those of a plan that this change has just begun.
        return [.. (await OfDecisions(db, seqs).ToListAsync(ct)).Concat(db.UndoSteps.Local).Where(s => wanted.Contains((s.DecisionSeq, s.WriteIndex))).DistinctBy(s => s.Id)];
    }

    internal static IQueryable<UndoStep> OfDecisions(OpsDbContext db, IReadOnlyList<long> seqs) => db.UndoSteps.AsNoTracking().Where(s => seqs.Contains(s.DecisionSeq));

    private static List<ReportedWrite> Left(IReadOnlyList<ReportedWrite> writes, List<UndoStep> already)
    {
        var known = already.Select(s => (s.DecisionSeq, s.WriteIndex)).ToHashSet();
        return [.. writes.Where(w => !known.Contains((w.DecisionSeq, w.Index)))];
    }

    private static List<UndoStep> Steps(IReadOnlyList<ReportedWrite> writes, IReadOnlyList<ReportedWrite> later, string planId, Func<string> newId, string? endpointId, Func<string, bool> reachable, DateTimeOffset asOf, DateTimeOffset now)
    {
        var own = writes.Select(w => (w.DecisionSeq, w.Index)).ToHashSet();
        var planned = UndoPlanner.Plan(writes, [.. later.Where(l => !own.Contains((l.DecisionSeq, l.Index)))], endpointId is not null, reachable, asOf);
        List<UndoStep> steps = [.. planned.Select((p, i) => new UndoStep(newId(), planId, i + 1, p.Write, p.Runner, p.State, p.Why, endpointId))];
        UndoNotes.Unstick(steps, now);
        return steps;
    }

    // What an earlier plan has in hand and has not undone.
    private static IEnumerable<ReportedWrite> Standing(IReadOnlyList<ReportedWrite> writes, List<UndoStep> already)
    {
        var standing = already.Where(s => s.State is not (UndoState.Undone or UndoState.Skipped)).Select(s => (s.DecisionSeq, s.WriteIndex)).ToHashSet();
        return writes.Where(w => standing.Contains((w.DecisionSeq, w.Index)));
    }

    /// <summary>Whether an agent can come for its steps: it is in service and has a key that is good.</summary>
    internal static async Task<Func<string, bool>> ReachableAsync(OpsDbContext db, ConsoleState state, DateTimeOffset now, CancellationToken ct)
    {
        var keyed = (await db.AgentKeys.AsNoTracking().Where(k => k.RevokedAt == null).ToListAsync(ct)).Where(k => k.Live(now)).Select(k => k.AgentId).ToHashSet();
        return id => keyed.Contains(id) && state.Agents.TryGetValue(id, out var agent) && !agent.Retired;
    }
}
