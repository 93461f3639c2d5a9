using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Reviews;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;

namespace OpsConsole.Features.Rollouts;

/// <summary>Shows, passes and revokes the gates of a rollout.</summary>
internal sealed class GateKeeper(DurableWriter writer, IDbContextFactory<OpsDbContext> factory, EvidenceReader reader)
{
    /// <summary>A to D, in either case; null for anything else.</summary>
    public static Gate? GateOf(string text) => text.Length == 1 && Enum.TryParse<Gate>(text, ignoreCase: true, out var gate) && gate is >= Gate.A and <= Gate.D ? gate : null;

    public Fault? MayPass(PersonCaller caller, string id, string gate) => May(writer.State, caller, id, gate).Fault;

    public async Task<Result<GateView[]>> ListAsync(PersonCaller caller, string id, CancellationToken ct)
    {
        var state = writer.State;
        if (Sight.Rollout(state, caller, id).Fault is { } fault) return fault;
        var evidence = await reader.OfAsync(id, ct);
        if (evidence.Fault is { } moving) return moving;
        await using var db = await factory.CreateDbContextAsync(ct);
        var records = await db.Gates.AsNoTracking().Where(g => g.RolloutId == id).ToListAsync(ct);
        var history = await GateHistory.ReadAsync(db, state.Directory, id, ct);
        var inForce = Gates.InForce(records);
        List<GateView> views = [];
        foreach (var gate in Gates.All)
        {
            var record = records.FirstOrDefault(r => r.Gate == gate);
            var met = record is { Passed: true } ? await GateHistory.MetAtPassAsync(db, id, gate, ct) : new HashSet<string>();
            views.Add(new GateView(gate.ToString(), record?.Passed ?? false, record is { Passed: true } && gate <= inForce, [.. Gates.Criteria(gate, evidence.Value, records).Select(c => CriterionView.Of(c, evidence.Value, !c.Met && !c.Waived && met.Contains(c.Id)))],
                [.. Gates.NamedPeople(gate).Select(r => r.Wire())], record?.By, record?.By is { } by ? state.Directory.NameOf(by) : null, record?.At, record?.Reason, record?.Waived ?? [], record?.Override ?? false, [.. history[gate.ToString()]]));
        }
        return views.ToArray();
    }

    /// <summary>Passes a gate. Faults: not found, forbidden, <c>gate.unmet</c> with the criteria.</summary>
    public async Task<Result<GateView>> PassAsync(PersonCaller caller, string id, string gateName, PassGateRequest request)
    {
        if (MayPass(caller, id, gateName) is { } forbidden) return forbidden;
        var done = await reader.ChangeAsync<Gate>(id, async (scope, evidence, ct) =>
        {
            if (May(scope.State, caller, id, gateName) is not { Ok: true, Value: var gate }) return May(scope.State, caller, id, gateName).Fault!;
            if (request.Check() is { } wrong) return wrong;
            var records = await scope.Db.Gates.Where(g => g.RolloutId == id).ToListAsync(ct);
            var criteria = Gates.Criteria(gate, evidence, [.. records.Where(r => r.Gate != gate)]);
            var waived = GatePassing.Waivers(gate, criteria, [.. request.Waive ?? []]);
            if (waived.Fault is { } unmet) return unmet;
            var record = records.FirstOrDefault(r => r.Gate == gate);
            if (record is null) scope.Db.Gates.Add(record = new GateRecord(id, gate));
            var isOverride = !Permissions.IsNamedFor(scope.State.Directory.People[caller.Id], scope.State.Rollouts[id], gate);
            record.Pass(caller.Id, scope.Now, request.Reason.Trim(), waived.Value, isOverride);
            scope.Audit(caller.Actor, GateHistory.Passed, GateHistory.ObjectOf(id, gate), new { gate = gate.ToString(), waived = waived.Value, @override = isOverride, evidence = criteria.ToDictionary(c => c.Id, c => c.Met) }, new { reason = request.Reason.Trim() }, id);
            scope.AuthorityChanged();
            return gate;
        });
        return done.Fault is { } fault ? fault : await OneAsync(caller, id, done.Value);
    }

    /// <summary>Takes a gate back; every higher gate that relied on it stops being in force with it, and what was confirmed by name for it is asked for anew. Revoking what is not passed changes nothing.</summary>
    public async Task<Result<GateView>> RevokeAsync(PersonCaller caller, string id, string gateName, ReasonRequest request)
    {
        var done = await writer.ChangeAsync<Gate>(async (scope, ct) =>
        {
            if (May(scope.State, caller, id, gateName) is not { Ok: true, Value: var gate }) return May(scope.State, caller, id, gateName).Fault!;
            if (request.Check() is { } wrong) return wrong;
            var record = await scope.Db.Gates.SingleOrDefaultAsync(g => g.RolloutId == id && g.Gate == gate, ct);
            if (record is not { Passed: true }) return gate;
            record.Revoke(caller.Id, scope.Now, request.Reason.Trim());
            var subjects = Gates.Subjects(gate);
            var given = await scope.Db.Confirmations.Where(c => c.RolloutId == id && subjects.Contains(c.Subject)).ToListAsync(ct);
            foreach (var confirmation in given) confirmation.Outdate();
            if (gate == Gate.D) await TakeBackAsync(scope, caller, id, request.Reason.Trim(), ct);
            scope.Audit(caller.Actor, GateHistory.Revoked, GateHistory.ObjectOf(id, gate), new { gate = gate.ToString(), outdated = given.Count }, new { reason = request.Reason.Trim() }, id);
            scope.AuthorityChanged();
            return gate;
        });
        return done.Fault is { } fault ? fault : await OneAsync(caller, id, done.Value);
    }

    // Whoever passes it again needs a memo about what is so then.
    private static async Task TakeBackAsync(ChangeScope scope, PersonCaller caller, string id, string reason, CancellationToken ct)
    {
        foreach (var memo in await scope.Db.ScaleMemos.Where(m => m.RolloutId == id && m.State == MemoState.Approved).ToListAsync(ct))
        {
            if (!memo.Counts) continue;
            memo.TakeBack(new MemoEnding("Gate D was revoked: " + reason, caller.Id, scope.Now));
            scope.Audit(caller.Actor, "memo.taken_back", memo.Id, new { gate = "D" }, new { words = reason }, id);
            scope.Signal("memos");
        }
    }

    private async Task<Result<GateView>> OneAsync(PersonCaller caller, string id, Gate gate) => (await ListAsync(caller, id, CancellationToken.None)).Then<GateView>(views => views.Single(v => v.Gate == gate.ToString()));

    private static Result<Gate> May(ConsoleState state, PersonCaller caller, string id, string gateName)
    {
        if (Sight.Rollout(state, caller, id).Fault is { } hidden) return hidden;
        if (GateOf(gateName) is not { } gate) return Fault.NotFound("gate");
        var named = string.Join(", ", Gates.NamedPeople(gate).Select(r => r.Words()));
        var may = Sight.Rollout(state, caller, id, (me, rollout) => Permissions.MayPassGate(me, rollout, gate), $"Gate {gate} is passed and revoked by its named people ({named}), their deputies, or an admin.");
        return may.Fault is { } fault ? fault : gate;
    }
}
