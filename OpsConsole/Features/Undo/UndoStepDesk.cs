using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Execution;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Undo;

/// <summary>Undo steps on their way: given to agents, answered by them or by people, tried again, handed over. Every beginning and end is on record.</summary>
public sealed class UndoStepDesk(DurableWriter writer, IDbContextFactory<OpsDbContext> factory)
{
    /// <summary>Steps given out in one change, so that no decision waits long.</summary>
    private const int AtOnce = 20;

    /// <summary>
    /// What an agent has to undo now: what may run is given out with a lease (<see cref="UndoRules.Lease"/>), what it was given and has not answered is told again, all under the same ids.
    /// A step is itself the permission; nobody is asked again.
    /// </summary>
    public async Task<IReadOnlyList<UndoTask>> TakeAsync(AgentCaller agent, int limit, CancellationToken ct)
    {
        for (var more = true; more;)
        {
            List<string> ready;
            await using (var db = await factory.CreateDbContextAsync(ct))
            {
                if (await ForAgent(db.UndoSteps.AsNoTracking(), agent.AgentId).CountAsync(s => s.State == UndoState.Sent, ct) >= limit) break;
                ready = await Ready(ForAgent(db.UndoSteps.AsNoTracking(), agent.AgentId), db.UndoSteps).Select(s => s.Id).Take(AtOnce).ToListAsync(ct);
            }
            if (ready.Count == 0) break;
            var taken = await writer.ChangeAsync<bool>(async (scope, inner) =>
            {
                var room = limit - await ForAgent(scope.Db.UndoSteps, agent.AgentId).CountAsync(s => s.State == UndoState.Sent, inner);
                var loaded = await LoadAsync(scope, ready, inner);
                var ground = await WriteReader.GroundAsync(scope.Db, loaded.ConvertAll(l => l.Step), inner);
                foreach (var (plan, step, steps) in loaded)
                {
                    if (room > 0 && step.AgentId == agent.AgentId && step is { Runner: UndoRunner.Agent, State: UndoState.Waiting } && Send(scope, plan, step, steps, ground, agent.Actor)) room--;
                }
                return room > 0;
            });
            more = taken is { Ok: true, Value: true };
        }
        await using var after = await factory.CreateDbContextAsync(ct);
        var given = await ForAgent(after.UndoSteps.AsNoTracking(), agent.AgentId).Where(s => s.State == UndoState.Sent).Take(limit).ToListAsync(ct);
        var writes = await WriteReader.OfAsync(after, given, ct);
        return [.. given.Where(s => writes.ContainsKey((s.DecisionSeq, s.WriteIndex))).Select(s => UndoTask.Of(s, writes[(s.DecisionSeq, s.WriteIndex)]))];
    }

    internal static IQueryable<UndoStep> ForAgent(IQueryable<UndoStep> steps, string agentId) => steps.Where(s => s.State <= UndoState.Sent && s.Runner == UndoRunner.Agent && s.AgentId == agentId).OrderBy(s => s.PlanId).ThenBy(s => s.Place);

    /// <summary>Those of them whose turn has come: everything newer that their plan undoes on the same record is undone. As <see cref="UndoRules.MayRun"/> says it of steps in memory.</summary>
    /// <param name="all">The steps of all plans.</param>
    internal static IQueryable<UndoStep> Ready(IQueryable<UndoStep> of, IQueryable<UndoStep> all)
        => of.Where(s => s.State == UndoState.Waiting && !all.Any(o => o.PlanId == s.PlanId && o.Place < s.Place && o.Record == s.Record && o.System == s.System && o.State != UndoState.Undone && o.State != UndoState.Skipped));

    /// <summary>Whether the step is one of this agent's.</summary>
    public async Task<bool> IsOfAsync(AgentCaller agent, string id, CancellationToken ct)
    {
        await using var db = await factory.CreateDbContextAsync(ct);
        return await db.UndoSteps.AsNoTracking().AnyAsync(s => s.Id == id && s.AgentId == agent.AgentId, ct);
    }

    /// <summary>Null where the person may take part. Faults: not found, forbidden.</summary>
    public async Task<Fault?> MayAsync(PersonCaller me, string id, CancellationToken ct)
    {
        await using var db = await factory.CreateDbContextAsync(ct);
        return await db.UndoSteps.AsNoTracking().SingleOrDefaultAsync(s => s.Id == id, ct) is { } step ? May(writer.State, me, step) : Fault.NotFound("undo step");
    }

    /// <summary>The write that a step undoes, as it was reported. Null: its report was erased, or the person does not see its rollout.</summary>
    public async Task<ReportedWrite?> WriteAsync(PersonCaller me, string id, CancellationToken ct)
    {
        await using var db = await factory.CreateDbContextAsync(ct);
        return await db.UndoSteps.AsNoTracking().SingleOrDefaultAsync(s => s.Id == id, ct) is { } step && Sight.Rollout(writer.State, me, step.RolloutId).Ok ? await WriteReader.OfAsync(db, step, ct) : null;
    }

    /// <summary>What an agent says became of a step of its own. Faults: not found, and as <see cref="UndoRules.Report"/>.</summary>
    public Task<Result<UndoStepView>> ReportAsync(AgentCaller agent, string id, UndoState became, string? words) => ChangeAsync(id, s => s.AgentId == agent.AgentId ? null : Fault.NotFound("undo step"), (scope, plan, step, steps, _) =>
    {
        if (step is { Runner: not UndoRunner.Agent, EndedBy: null }) return Task.FromResult<Result<Done>>(Fault.Conflict("undo.not_begun", "This step was not given to you, or somebody else took it meanwhile."));
        return Task.FromResult(Report(scope, plan, step, steps, became, agent.Actor, words));
    });

    /// <summary>What a person says became of a step, by name. Faults: not found, forbidden, <c>undo.not_yours</c> (it was handed to somebody else), and as <see cref="UndoRules.Report"/>.</summary>
    public Task<Result<UndoStepView>> ReportAsync(PersonCaller me, string id, UndoState became, string? words) => ChangeAsync(me, id, (scope, plan, step, steps, _) =>
    {
        if (TextRules.Wrong("words", words, UndoStep.LongestWords) is { } wrong) return Task.FromResult<Result<Done>>(wrong);
        if (step is { PersonId: { } theirs, EndedBy: null } && theirs != me.Id) return Task.FromResult<Result<Done>>(Fault.Forbidden($"This step was handed to {scope.State.Directory.NameOf(theirs)}. Hand it over to yourself first.", "undo.not_yours"));
        return Task.FromResult(Report(scope, plan, step, steps, became, me.Actor, words));
    });

    /// <summary>Once more by a machine, under the same id. Faults: not found, forbidden, <c>undo.state</c>, <c>undo.conflict</c> (a later write stands), <c>undo.by_hand</c> (no machine can).</summary>
    public Task<Result<UndoStepView>> RetryAsync(PersonCaller me, string id) => ChangeAsync(me, id, async (scope, plan, step, steps, ct) =>
    {
        if (step.State is not (UndoState.Partly or UndoState.Failed or UndoState.Conflict)) return UndoRules.Retry(step, step.Runner);
        if ((await WriteReader.GroundAsync(scope.Db, [step], ct)).Overwritten(step, steps) is { } newer) return Fault.Conflict("undo.conflict", $"{UndoPlanner.Overwritten(newer, step.RolloutId)} Undo that first, or have somebody do this by hand.");
        var endpoint = await UndoEndpoint.OfAsync(scope.Db, step.RolloutId, ct);
        if (await WriteReader.OfAsync(scope.Db, step, ct) is not { } write) return Fault.Conflict("undo.by_hand", Erased);
        var again = UndoPlanner.Plan([write], [], endpoint is not null, await UndoPlanDesk.ReachableAsync(scope.Db, scope.State, scope.Now, ct), step.SentAt ?? scope.Now).Single();   // a window that was open when it began is held against it no more
        if (again.Runner == UndoRunner.Person) return Fault.Conflict("undo.by_hand", again.Why!);
        // Whoever did not have it before would not know its key, and it may have happened.
        if (step.SentAt is not null && (step.Runner != again.Runner || (again.Runner == UndoRunner.Endpoint && step.EndpointId != endpoint?.Id))) return Fault.Conflict("undo.by_hand", "Somebody else had it before and may have done it. Look at the record, then undo it by hand.");
        var done = UndoRules.Retry(step, again.Runner, endpoint?.Id);
        if (!done.Ok) return done;
        UndoNotes.Note(scope, plan, step, me.Actor, "undo.retried", "to be tried again.");
        foreach (var stuck in UndoNotes.Unstick(steps, scope.Now)) UndoNotes.Reported(scope, plan, stuck, steps, Actor.System);
        return done;
    });

    /// <summary>A person does it instead of a machine. Faults: not found, forbidden, <c>person.unknown</c>, <c>undo.already_reported</c>.</summary>
    /// <param name="to">E-mail; null: whoever may.</param>
    public Task<Result<UndoStepView>> HandOverAsync(PersonCaller me, string id, string? to, string? words) => ChangeAsync(me, id, (scope, plan, step, _, _) =>
    {
        string? person = null;
        if (TextRules.Wrong("words", words, UndoStep.LongestWords) is { } wrong) return Task.FromResult<Result<Done>>(wrong);
        if (!string.IsNullOrWhiteSpace(to))
        {
            if (scope.State.Directory.People.Values.FirstOrDefault(p => string.Equals(p.Email, to.Trim(), StringComparison.OrdinalIgnoreCase)) is not { } found || !Permissions.MayWrite(found, scope.State.Rollouts[step.RolloutId]))
                return Task.FromResult<Result<Done>>(Fault.Refused("person.unknown", "Nobody with this e-mail may undo something in this rollout.", "to"));
            person = found.Id;
        }
        if (step is { State: UndoState.Waiting, Runner: UndoRunner.Person } && step.PersonId == person && string.IsNullOrWhiteSpace(words)) return Task.FromResult<Result<Done>>(Done.Value);
        if (step.Ended) return Task.FromResult(UndoRules.HandOver(step, person));
        UndoNotes.HandOver(scope, plan, step, me.Actor, person, string.IsNullOrWhiteSpace(words) ? null : words.Trim());
        return Task.FromResult<Result<Done>>(Done.Value);
    });

    internal const string Erased = "What the report said about it was erased, so no machine can undo it.";

    /// <summary>Hands one step out, if its turn has come and nothing newer stands in its way. False: it was not handed out.</summary>
    /// <param name="steps">Of its plan, those of the same record at least.</param>
    /// <param name="ground">Of this step, among others.</param>
    internal static bool Send(ChangeScope scope, UndoPlan plan, UndoStep step, IReadOnlyList<UndoStep> steps, StepGround ground, Actor by)
    {
        if (step.State == UndoState.Waiting)
        {
            if (!UndoRules.MayRun(step, steps)) return false;
            if (!ground.Reports.Contains(step.DecisionSeq))
            {
                UndoNotes.HandOver(scope, plan, step, Actor.System, null, Erased);
                return false;
            }
            if (ground.Overwritten(step, steps) is { } newer)
            {
                step.End(UndoState.Conflict, "system:console", scope.Now, UndoPlanner.Overwritten(newer, step.RolloutId));
                UndoNotes.Reported(scope, plan, step, steps, Actor.System);
                return false;
            }
        }
        var was = step.State;
        if (UndoRules.Send(step, steps, scope.Now))
        {
            UndoNotes.Sent(scope, plan, step, by);
            return true;
        }
        if (step.State != was) UndoNotes.Reported(scope, plan, step, steps, Actor.System);
        return false;
    }

    /// <summary>What an endpoint answered. Nothing that can be relied on leaves the step as it is: it is sent again when its lease is over.</summary>
    internal Task<Result<UndoStepView>> HeardAsync(string id, UndoOutcomeRequest? answer, string says) => ChangeAsync(id, _ => null, (scope, plan, step, steps, _) =>
    {
        var has = step is { State: UndoState.Sent, Runner: UndoRunner.Endpoint };
        if (has && answer is not null) return Task.FromResult(Report(scope, plan, step, steps, answer.Status, Actor.System, answer.Words));
        if (has) step.Hear(says);
        else if (answer is not null && step.NeedsSomebody) step.Hear($"The team's endpoint answered late: {UndoWords.Of(answer.Status)}. {answer.Words}".TrimEnd());   // whoever has it now should know
        return Task.FromResult<Result<Done>>(Done.Value);
    });

    /// <summary>These steps to be changed, in their order, each with its plan and with what that plan undoes on the same records: nothing else of a plan says what may become of a step.</summary>
    internal static async Task<List<(UndoPlan Plan, UndoStep Step, IReadOnlyList<UndoStep> Steps)>> LoadAsync(ChangeScope scope, IReadOnlyCollection<string> ids, CancellationToken ct)
    {
        var chosen = await scope.Db.UndoSteps.Where(s => ids.Contains(s.Id)).ToListAsync(ct);
        var (planIds, records) = (chosen.Select(s => s.PlanId).Distinct().ToList(), chosen.Select(s => s.Record).Distinct().ToList());
        var plans = await scope.Db.UndoPlans.AsNoTracking().Where(p => planIds.Contains(p.Id)).ToDictionaryAsync(p => p.Id, ct);
        var targets = chosen.Select(s => (s.PlanId, s.Target)).ToHashSet();
        var steps = (await scope.Db.UndoSteps.Where(s => planIds.Contains(s.PlanId) && records.Contains(s.Record)).ToListAsync(ct)).Where(s => targets.Contains((s.PlanId, s.Target))).OrderBy(s => s.Place).ToLookup(s => s.PlanId);
        return [.. chosen.OrderBy(s => plans[s.PlanId].Seq).ThenBy(s => s.Place).Select(s => (plans[s.PlanId], s, (IReadOnlyList<UndoStep>)[.. steps[s.PlanId]]))];
    }

    private static Result<Done> Report(ChangeScope scope, UndoPlan plan, UndoStep step, IReadOnlyList<UndoStep> steps, UndoState became, Actor by, string? words)
    {
        var version = step.Version;
        var done = UndoRules.Report(step, became, $"{by.Type}:{by.Id}", words, scope.Now);
        if (done.Ok && step.Version != version) UndoNotes.Reported(scope, plan, step, steps, by);   // the same again is no news
        return done;
    }

    private static Fault? May(Core.Decisions.ConsoleState state, PersonCaller me, UndoStep step)
        => !Sight.Rollout(state, me, step.RolloutId).Ok ? Fault.NotFound("undo step") : Sight.Rollout(state, me, step.RolloutId, Permissions.MayWrite, UndoPlanDesk.Starters).Fault;

    private Task<Result<UndoStepView>> ChangeAsync(PersonCaller me, string id, Func<ChangeScope, UndoPlan, UndoStep, IReadOnlyList<UndoStep>, CancellationToken, Task<Result<Done>>> change)
        => writer.ChangeAsync<UndoStepView>((scope, ct) => OnAsync(scope, id, s => May(scope.State, me, s), change, ct));

    private Task<Result<UndoStepView>> ChangeAsync(string id, Func<UndoStep, Fault?> may, Func<ChangeScope, UndoPlan, UndoStep, IReadOnlyList<UndoStep>, CancellationToken, Task<Result<Done>>> change)
        => writer.ChangeAsync<UndoStepView>((scope, ct) => OnAsync(scope, id, may, change, ct));

    private static async Task<Result<UndoStepView>> OnAsync(ChangeScope scope, string id, Func<UndoStep, Fault?> may, Func<ChangeScope, UndoPlan, UndoStep, IReadOnlyList<UndoStep>, CancellationToken, Task<Result<Done>>> change, CancellationToken ct)
    {
        if (await LoadAsync(scope, [id], ct) is not [var (plan, step, steps)]) return Fault.NotFound("undo step");
        if (may(step) is { } refused) return refused;
        var done = await change(scope, plan, step, steps, ct);
        return done.Fault is { } fault ? fault : UndoStepView.Of(step, scope.State);
    }
}
