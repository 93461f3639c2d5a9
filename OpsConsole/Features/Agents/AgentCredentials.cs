using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Agents;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Trust;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Access;

namespace OpsConsole.Features.Agents;

/// <summary>What an agent can present and what it is trusted with: keys and capability grants.</summary>
internal sealed class AgentCredentials(DurableWriter writer)
{
    internal const string Granters = "Tiers are granted by an admin.";
    private const string Enders = "A tier is taken away by whoever may pause the agent.";

    public Fault? MayGrant(PersonCaller caller, string id) => Sight.Agent(writer.State, caller, id, (me, _) => Permissions.MayGrant(me), Granters).Fault;
    public Fault? MayEndGrant(PersonCaller caller, string id) => Sight.Agent(writer.State, caller, id, Permissions.MayEndGrant, Enders).Fault;

    /// <summary>Makes a key; its text is in the answer and nowhere else. Faults: <c>keys.too_many</c>, <c>agent.retired</c>, <c>field.invalid</c> (expired before it began).</summary>
    public Task<Result<NewKeyView>> CreateKeyAsync(PersonCaller caller, string id, DateTimeOffset? expiresAt)
    {
        var (keyId, text, hash) = Secrets.NewCredential("ops");
        return writer.ChangeAsync<NewKeyView>(async (scope, ct) =>
        {
            if (Sight.Agent(scope.State, caller, id, Permissions.MayManage, AgentRegistry.Managers) is not { Ok: true, Value: var agent }) return Sight.Agent(scope.State, caller, id, Permissions.MayManage, AgentRegistry.Managers).Fault!;
            if (agent.Retired) return AgentRegistry.Retired;
            if (expiresAt <= scope.Now) return InThePast("expires_at");
            var live = (await scope.Db.AgentKeys.Where(k => k.AgentId == id && k.RevokedAt == null).ToListAsync(ct)).Count(k => k.Live(scope.Now));
            if (live >= AgentKey.MaxLive) return Fault.Conflict("keys.too_many", $"An agent has at most {AgentKey.MaxLive} live keys: revoke the one that is not used any more, then make a new one.");
            scope.Db.AgentKeys.Add(new AgentKey(keyId, id, hash, scope.Now, expiresAt));
            scope.Audit(caller.Actor, "key.created", keyId, new { agent = id, expires_at = expiresAt }, rolloutId: agent.Rollout.Id);
            scope.AuthorityChanged();
            return new NewKeyView(keyId, text, scope.Now, expiresAt);
        });
    }

    /// <summary>Revokes a key for the very next request. Twice is once.</summary>
    public Task<Result<Done>> RevokeKeyAsync(PersonCaller caller, string id, string keyId)
        => writer.ChangeAsync<Done>(async (scope, ct) =>
        {
            if (Sight.Agent(scope.State, caller, id, Permissions.MayManage, AgentRegistry.Managers) is not { Ok: true, Value: var agent }) return Sight.Agent(scope.State, caller, id, Permissions.MayManage, AgentRegistry.Managers).Fault!;
            if (await scope.Db.AgentKeys.SingleOrDefaultAsync(k => k.Id == keyId && k.AgentId == id, ct) is not { } key) return Fault.NotFound("key of this agent");
            if (key.RevokedAt is not null) return Done.Value;
            key.Revoke(scope.Now);
            scope.Audit(caller.Actor, "key.revoked", keyId, new { agent = id }, rolloutId: agent.Rollout.Id);
            scope.AuthorityChanged();
            return Done.Value;
        });

    /// <summary>Grants a tier for a capability, in place of the one it had. By an admin, hence an override on record. Faults: forbidden, <c>field.invalid</c>, <c>agent.retired</c>.</summary>
    public Task<Result<GrantView>> GrantAsync(PersonCaller caller, string id, GrantRequest request)
        => writer.ChangeAsync<GrantView>(async (scope, ct) =>
        {
            if (Sight.Agent(scope.State, caller, id, (me, _) => Permissions.MayGrant(me), Granters) is not { Ok: true, Value: var agent }) return MayGrant(caller, id) ?? Fault.Forbidden(Granters);
            if (request.Check() is { } wrong) return wrong;
            if (agent.Retired) return AgentRegistry.Retired;
            var capability = request.Capability.Trim().ToLowerInvariant();
            if (!ActionPattern.TryParse(capability, out _)) return Fault.Invalid("field.invalid", "capability must be an action, a family such as refund.* or *.", "capability");
            if (request.ExpiresAt <= scope.Now) return InThePast("expires_at");
            var grant = new CapabilityGrant(Secrets.NewId("grt"), id, capability, request.Tier, request.Reason.Trim(), caller.Id, isOverride: true, scope.Now, request.ExpiresAt, request.ReviewBy);
            await GrantLedger.GiveAsync(scope, caller.Actor, agent, grant, ct);
            return AgentReader.View(grant, scope.State.Directory, scope.Now);
        });

    /// <summary>Takes a grant away for the very next decision. Twice is once.</summary>
    public Task<Result<Done>> EndGrantAsync(PersonCaller caller, string id, string grantId, EndRequest request)
        => writer.ChangeAsync<Done>(async (scope, ct) =>
        {
            if (Sight.Agent(scope.State, caller, id, Permissions.MayEndGrant, Enders) is not { Ok: true, Value: var agent }) return MayEndGrant(caller, id) ?? Fault.Forbidden(Enders);
            if (request.Check() is { } wrong) return wrong;
            if (await scope.Db.Grants.SingleOrDefaultAsync(g => g.Id == grantId && g.AgentId == id, ct) is not { } grant) return Fault.NotFound("grant of this agent");
            if (grant.EndedAt is not null) return Done.Value;
            GrantLedger.End(scope, caller.Actor, agent, grant, "taken_away", request.Reason?.Trim() ?? "taken away");
            return Done.Value;
        });

    internal static Fault InThePast(string field) => Fault.Invalid("field.invalid", $"{field} must lie in the future.", field);
}
