using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Agents;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Caps;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Access;
using OpsConsole.Features.Decisions;

namespace OpsConsole.Features.Agents;

/// <summary>Registers agents, describes them, sets their caps, retires them.</summary>
internal sealed class AgentRegistry(DurableWriter writer)
{
    internal const string Managers = "An agent is managed by its owner, the rollout owner, the engineering owner, their deputies, or an admin.";

    /// <summary>Whether the person may register agents anywhere at all; asked before the body is read.</summary>
    public Fault? MayRegister(PersonCaller caller)
        => Sight.Me(writer.State, caller) is { Ok: true, Value: var me } && (Permissions.IsAdmin(me) || writer.State.Rollouts.Values.Any(r => Permissions.MayManageAgents(me, r))) ? null : Fault.Forbidden("Agents are registered by rollout owners, engineering owners and admins.");

    public Fault? MayManage(PersonCaller caller, string id) => Sight.Agent(writer.State, caller, id, Permissions.MayManage, Managers).Fault;

    /// <summary>Registers an agent, or finds the one of that name in that rollout. Faults: not found (rollout), forbidden, <c>person.unknown</c>.</summary>
    public Task<Result<(string Id, bool Created)>> RegisterAsync(PersonCaller caller, RegisterAgentRequest request)
        => writer.ChangeAsync<(string, bool)>(async (scope, ct) =>
        {
            if (Sight.Rollout(scope.State, caller, request.RolloutId, Permissions.MayManageAgents, Managers).Fault is { } fault) return fault;
            if (request.Check() is { } wrong) return wrong;
            var name = request.Name.Trim();
            if (await scope.Db.Agents.FirstOrDefaultAsync(a => a.RolloutId == request.RolloutId && a.Name == name && a.RetiredAt == null, ct) is { } known) return (known.Id, false);
            var owner = Owner(scope.State, request.Owner ?? scope.State.Directory.People[caller.Id].Email);
            if (owner.Fault is { } unknown) return unknown;
            var agent = new Agent(Secrets.NewId("agt"), request.RolloutId, name, request.Kind, owner.Value.Id, request.Model?.Trim(), scope.Now);
            agent.Describe(agentVersion: request.Version?.Trim(), purpose: request.Purpose?.Trim());
            scope.Db.Agents.Add(agent);
            scope.Audit(caller.Actor, "agent.registered", agent.Id, new { kind = request.Kind.ToString().ToLowerInvariant(), owner = owner.Value.Id, model = request.Model?.Trim(), version = request.Version?.Trim() }, new { name, purpose = request.Purpose?.Trim() }, agent.RolloutId);
            scope.AuthorityChanged();
            return (agent.Id, true);
        });

    public Task<Result<Done>> ChangeAsync(PersonCaller caller, string id, AgentPatch patch)
        => writer.ChangeAsync<Done>(async (scope, ct) =>
        {
            if (Sight.Agent(scope.State, caller, id, Permissions.MayManage, Managers).Fault is { } fault) return fault;
            if (patch.Check() is { } wrong) return wrong;
            var agent = await scope.Db.Agents.SingleAsync(a => a.Id == id, ct);
            string? ownerId = null;
            if (patch.Owner is { } email)
            {
                var owner = Owner(scope.State, email);
                if (owner.Fault is { } unknown) return unknown;
                ownerId = owner.Value.Id;
                if (ownerId != agent.OwnerId && !Permissions.MayReassign(scope.State.Directory.People[caller.Id], scope.State.Agents[id])) return OwnerStays;
            }
            agent.Describe(patch.Name?.Trim(), ownerId, patch.Model?.Trim(), patch.Version?.Trim(), patch.Purpose?.Trim());
            scope.Audit(caller.Actor, "agent.changed", id, new { owner = ownerId, model = patch.Model?.Trim(), version = patch.Version?.Trim() }, new { name = patch.Name?.Trim(), purpose = patch.Purpose?.Trim() }, agent.RolloutId);
            scope.AuthorityChanged();
            return Done.Value;
        });

    /// <summary>Takes an agent out of service for good: its keys are revoked, what waits for people is denied, its decisions stay. Twice is once.</summary>
    public Task<Result<Done>> RetireAsync(PersonCaller caller, string id, EndRequest request)
        => writer.ChangeAsync<Done>(async (scope, ct) =>
        {
            if (Sight.Agent(scope.State, caller, id, Permissions.MayManage, Managers).Fault is { } fault) return fault;
            if (request.Check() is { } wrong) return wrong;
            var agent = await scope.Db.Agents.SingleAsync(a => a.Id == id, ct);
            if (agent.Retired) return Done.Value;
            agent.Retire(scope.Now);
            scope.Audit(caller.Actor, "agent.retired", id, null, request.Reason is { } reason ? new { reason } : null, agent.RolloutId);
            await Resolution.CloseAllAsync(scope, caller.Actor, agent, ct);
            foreach (var key in await scope.Db.AgentKeys.Where(k => k.AgentId == id && k.RevokedAt == null).ToListAsync(ct))
            {
                key.Revoke(scope.Now);
                scope.Audit(caller.Actor, "key.revoked", key.Id, new { agent = id }, rolloutId: agent.RolloutId);
            }
            scope.AuthorityChanged();
            return Done.Value;
        });

    /// <summary>Sets the caps; an empty object takes them away. Faults: <c>field.invalid</c>, <c>field.unknown</c>, <c>agent.retired</c>.</summary>
    public async Task<Result<Done>> SetCapsAsync(PersonCaller caller, string id, JsonElement caps)
    {
        if (MayManage(caller, id) is { } forbidden) return forbidden;
        if (CapJson.Parse(caps, default).Fault is { } bad) return bad;
        var text = caps.EnumerateObject().Any() ? Jcs.Text(caps) : null;
        return await writer.ChangeAsync<Done>(async (scope, ct) =>
        {
            if (Sight.Agent(scope.State, caller, id, Permissions.MayManage, Managers).Fault is { } fault) return fault;
            var agent = await scope.Db.Agents.SingleAsync(a => a.Id == id, ct);
            if (agent.Retired) return Retired;
            if (agent.Caps == text) return Done.Value;   // the windows go on counting as they are
            agent.SetCaps(text, scope.Now);
            scope.Audit(caller.Actor, "caps.set", id, new { caps = text ?? "{}" }, rolloutId: agent.RolloutId);
            scope.AuthorityChanged();
            return Done.Value;
        });
    }

    private static readonly Fault OwnerStays = Fault.Forbidden("Whoever owns an agent may not decide for it, so it is given to somebody else by an admin or an owner of the rollout who does not own it.", "agent.owner");
    internal static readonly Fault Retired = Fault.Conflict("agent.retired", "This agent is retired: it gets no keys, tiers or caps any more.");

    private static Result<PersonEntry> Owner(ConsoleState state, string email)
        => state.Directory.ByEmail.TryGetValue(email, out var person) && !person.Disabled ? person
         : Fault.Refused("person.unknown", $"The console knows nobody with the e-mail address '{(email.Length > 80 ? email[..80] : email)}'. Invite them first.", "owner");
}
