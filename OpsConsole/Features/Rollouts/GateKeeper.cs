using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;

namespace OpsConsole.Features.Rollouts;

/// <summary>Shows, passes and revokes the gates of a rollout.</summary>
internal sealed class GateKeeper(DurableWriter writer, IDbContextFactory<OpsDbContext> factory)
{
    /// <summary>A to D, in either case; null for anything else.</summary>
    public static Gate? GateOf(string text) => text.Length == 1 && Enum.TryParse<Gate>(text, ignoreCase: true, out var gate) && gate is >= Gate.A and <= Gate.D ? gate : null;

    public Fault? MayPass(PersonCaller caller, string id, string gate) => May(writer.State, caller, id, gate).Fault;

    public async Task<Result<GateView[]>> ListAsync(PersonCaller caller, string id, CancellationToken ct)
    {
        var state = writer.State;
        if (Sight.Rollout(state, caller, id).Fault is { } fault) return fault;
        await using var db = await factory.CreateDbContextAsync(ct);
        return await ViewsAsync(db, state, id, ct);
    }

    /// <summary>Passes a gate. Faults: not found, forbidden, <c>gate.unmet</c> with the criteria.</summary>
    public Task<Result<GateView>> PassAsync(PersonCaller caller, string id, string gateName, PassGateRequest request)
        => writer.ChangeAsync<GateView>(async (scope, ct) =>
        {
            if (May(scope.State, caller, id, gateName) is not { Ok: true, Value: var gate }) return May(scope.State, caller, id, gateName).Fault!;
            if (request.Check() is { } wrong) return wrong;
            var records = await scope.Db.Gates.Where(g => g.RolloutId == id).ToListAsync(ct);
            var criteria = Gates.Criteria(gate, await FactsAsync(scope.Db, scope.State, id, ct), [.. records.Where(r => r.Gate != gate)]);
            var waived = GatePassing.Waivers(gate, criteria, [.. request.Waive ?? []]);
            if (waived.Fault is { } unmet) return unmet;
            var record = records.FirstOrDefault(r => r.Gate == gate);
            if (record is null) scope.Db.Gates.Add(record = new GateRecord(id, gate));
            var isOverride = !Permissions.IsNamedFor(scope.State.Directory.People[caller.Id], scope.State.Rollouts[id], gate);
            record.Pass(caller.Id, scope.Now, request.Reason.Trim(), waived.Value, isOverride);
            scope.Audit(caller.Actor, "gate.passed", $"{id}/{gate}", new { gate = gate.ToString(), waived = waived.Value, @override = isOverride, evidence = criteria.ToDictionary(c => c.Id, c => c.Met) }, new { reason = request.Reason.Trim() }, id);
            scope.AuthorityChanged();
            await scope.Db.SaveChangesAsync(ct);
            return (await ViewsAsync(scope.Db, scope.State, id, ct)).Single(v => v.Gate == gate.ToString());
        });

    /// <summary>Takes a gate back; every higher gate that relied on it stops being in force with it. Revoking what is not passed changes nothing.</summary>
    public Task<Result<GateView>> RevokeAsync(PersonCaller caller, string id, string gateName, ReasonRequest request)
        => writer.ChangeAsync<GateView>(async (scope, ct) =>
        {
            if (May(scope.State, caller, id, gateName) is not { Ok: true, Value: var gate }) return May(scope.State, caller, id, gateName).Fault!;
            if (request.Check() is { } wrong) return wrong;
            var record = await scope.Db.Gates.SingleOrDefaultAsync(g => g.RolloutId == id && g.Gate == gate, ct);
            if (record is { Passed: true })
            {
                record.Revoke(caller.Id, scope.Now, request.Reason.Trim());
                scope.Audit(caller.Actor, "gate.revoked", $"{id}/{gate}", new { gate = gate.ToString() }, new { reason = request.Reason.Trim() }, id);
                scope.AuthorityChanged();
                await scope.Db.SaveChangesAsync(ct);
            }
            return (await ViewsAsync(scope.Db, scope.State, id, ct)).Single(v => v.Gate == gate.ToString());
        });

    private static Result<Gate> May(ConsoleState state, PersonCaller caller, string id, string gateName)
    {
        if (Sight.Rollout(state, caller, id).Fault is { } hidden) return hidden;
        if (GateOf(gateName) is not { } gate) return Fault.NotFound("gate");
        var named = string.Join(", ", Gates.NamedPeople(gate).Select(r => r.Words()));
        var may = Sight.Rollout(state, caller, id, (me, rollout) => Permissions.MayPassGate(me, rollout, gate), $"Gate {gate} is passed and revoked by its named people ({named}), their deputies, or an admin.");
        return may.Fault is { } fault ? fault : gate;
    }

    private static async Task<GateView[]> ViewsAsync(OpsDbContext db, ConsoleState state, string id, CancellationToken ct)
    {
        var records = await db.Gates.AsNoTracking().Where(g => g.RolloutId == id).ToListAsync(ct);
        var facts = await FactsAsync(db, state, id, ct);
        var inForce = Gates.InForce(records);
        return [.. Gates.All.Select(gate =>
        {
            var record = records.FirstOrDefault(r => r.Gate == gate);
            return new GateView(gate.ToString(), record?.Passed ?? false, gate <= inForce, [.. Gates.Criteria(gate, facts, records).Select(c => new CriterionView(c.Id, c.Text, c.Met, c.Evidence, c.Waived))],
                [.. Gates.NamedPeople(gate).Select(r => r.Wire())], record?.By, record?.By is { } by ? state.Directory.NameOf(by) : null, record?.At, record?.Reason, record?.Waived ?? [], record?.Override ?? false);
        })];
    }

    private static async Task<GateFacts> FactsAsync(OpsDbContext db, ConsoleState state, string id, CancellationToken ct)
    {
        var rollout = await db.Rollouts.AsNoTracking().SingleAsync(r => r.Id == id, ct);
        var filled = await db.Members.AsNoTracking().Where(m => m.RolloutId == id).Select(m => m.Role).Distinct().ToListAsync(ct);
        var agents = state.Agents.Values.Where(a => a.Rollout.Id == id && !a.Retired).OrderBy(a => a.Name, StringComparer.OrdinalIgnoreCase).ToList();
        var published = state.Rollouts.TryGetValue(id, out var live) ? live.Policy?.Document : null;
        var draft = MatrixJson.Parse(JsonElement.Parse(rollout.Draft));
        return new GateFacts(filled.ToHashSet(), Math.Max(published?.Boundaries.Count ?? 0, draft.Ok ? draft.Value.Boundaries.Count : 0), rollout.PublishedVersion, published?.Rules.Count ?? 0,
            [.. agents.Select(a => a.Name)], [.. agents.Where(a => a.Caps.Limits.Count == 0).Select(a => a.Name)]);
    }
}
