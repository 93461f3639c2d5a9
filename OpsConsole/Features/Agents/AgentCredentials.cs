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
    private const string Demoters = "A tier is lowered by whoever may pause the agent: its owner, the people who answer for its rollout, or an admin.";
    private const string Renewers = "The review of a tier is made by whoever confirms promotions: the rollout owner, the risk lead, their deputies or an admin; not by the agent's owner where duties are separated.";
    private const string Enders = "A tier is taken away by whoever may pause the agent.";

    public Fault? MayGrant(PersonCaller caller, string id) => Sight.Agent(writer.State, caller, id, (me, _) => Permissions.MayGrant(me), Granters).Fault;
    public Fault? MayDemote(PersonCaller caller, string id) => Sight.Agent(writer.State, caller, id, Permissions.MayEndGrant, Demoters).Fault;
    public Fault? MayRenew(PersonCaller caller, string id) => Sight.Agent(writer.State, caller, id, Permissions.MayConfirmPromotion, Renewers).Fault;
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
            if (request.ReviewBy <= scope.Now) return InThePast("review_by");
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
            if (!Permissions.MayGrant(scope.State.Directory.People[caller.Id]) && await WiderAsync(scope, grant, ct) is { } wider)
                return Fault.Forbidden($"Without it {wider.Capability} would hold, as {wider.TierAt(scope.Now).ToString().ToLowerInvariant()}, which is more than {grant.Capability} as {grant.TierAt(scope.Now).ToString().ToLowerInvariant()} has. Only an admin takes it away; you may lower or take away {wider.Capability} first.");
            await GrantLedger.EndAsync(scope, caller.Actor, agent, grant, "taken_away", request.Reason?.Trim() ?? "taken away", ct);
            return Done.Value;
        });

    /// <summary>The live grant that would hold more where this one holds now; null: taking it away takes away.</summary>
    private static async Task<CapabilityGrant?> WiderAsync(ChangeScope scope, CapabilityGrant grant, CancellationToken ct)
        => ActionPattern.TryParse(grant.Capability, out var narrow) && grant.Live(scope.Now) ? (await scope.Db.Grants.Where(g => g.AgentId == grant.AgentId && g.Id != grant.Id && g.EndedAt == null).ToListAsync(ct))
            .Find(g => g.Live(scope.Now) && g.TierAt(scope.Now) > grant.TierAt(scope.Now) && ActionPattern.TryParse(g.Capability, out var wide) && wide.Covers(narrow)) : null;

    /// <summary>
    /// Lowers a capability by one tier for the very next decision, by whoever may pause the agent; a cool-down begins, and an open promotion of it is over. Of two people who press at once the second is told, where they say which tier they looked at.
    /// Faults: forbidden, <c>field.invalid</c>, <c>agent.retired</c>, <c>grant.none</c>, <c>grant.changed</c>, <c>grant.lowest</c>.
    /// </summary>
    public Task<Result<GrantView>> DemoteAsync(PersonCaller caller, string id, DemoteRequest request)
        => writer.ChangeAsync<GrantView>(async (scope, ct) =>
        {
            if (Sight.Agent(scope.State, caller, id, Permissions.MayEndGrant, Demoters) is not { Ok: true, Value: var agent }) return MayDemote(caller, id) ?? Fault.Forbidden(Demoters);
            if (request.Check() is { } wrong) return wrong;
            if (agent.Retired) return AgentRegistry.Retired;
            var capability = request.Capability.Trim().ToLowerInvariant();
            var grant = (await scope.Db.Grants.Where(g => g.AgentId == id && g.Capability == capability && g.EndedAt == null).ToListAsync(ct)).Find(g => g.Live(scope.Now));
            if (grant is null) return Fault.Refused("grant.none", $"{agent.Name} has no grant of its own for {capability}. GET grants lists what it has.", "capability");
            var held = grant.TierAt(scope.Now);
            if (request.From is { } seen && seen != held) return Fault.Conflict("grant.changed", $"{agent.Name} is {held.ToString().ToLowerInvariant()} for {capability} now, and you looked at {seen.ToString().ToLowerInvariant()}. Look at it again, then decide.");
            if (held == Tier.Observer) return Fault.Refused("grant.lowest", $"{agent.Name} is observer for {capability}, the lowest tier. Take the tier away, or pause the agent.");
            var lower = await GrantLedger.LowerAsync(scope, caller.Actor, agent, grant, held - 1, request.Reason.Trim(), caller.Id, ct, "demoted");
            scope.Signal("promotions:" + id);
            return AgentReader.View(lower, scope.State.Directory, scope.Now);
        });

    /// <summary>Puts off the review of a grant before it is overdue, by whoever confirms promotions: it was looked at, and stays. Faults: forbidden, not found, <c>field.invalid</c>, <c>agent.retired</c>, <c>grant.ended</c>, <c>grant.overdue</c>.</summary>
    public Task<Result<GrantView>> RenewAsync(PersonCaller caller, string id, string grantId, RenewRequest request)
        => writer.ChangeAsync<GrantView>(async (scope, ct) =>
        {
            if (Sight.Agent(scope.State, caller, id, Permissions.MayConfirmPromotion, Renewers) is not { Ok: true, Value: var agent }) return MayRenew(caller, id) ?? Fault.Forbidden(Renewers);
            if (request.Check() is { } wrong) return wrong;
            if (request.ReviewBy <= scope.Now) return InThePast("review_by");
            if (request.ReviewBy > scope.Now + TierReview.Longest) return Fault.Invalid("field.invalid", "review_by is at most 365 days ahead: trust that nobody looks at is no trust.", "review_by");
            if (agent.Retired) return AgentRegistry.Retired;
            if (await scope.Db.Grants.SingleOrDefaultAsync(g => g.Id == grantId && g.AgentId == id, ct) is not { } grant) return Fault.NotFound("grant of this agent");
            if (!grant.Live(scope.Now)) return Fault.Conflict("grant.ended", "This grant has ended, so there is nothing to review.");
            if (TierReview.Overdue(grant.ReviewBy, scope.Now)) return Fault.Conflict("grant.overdue", "The review of this tier was due already, so it has fallen back. Propose a promotion: it proves the tier anew. An admin can grant it.");
            var before = grant.ReviewBy;
            grant.Renew(request.ReviewBy);
            scope.Audit(caller.Actor, "grant.renewed", grant.Id, new { agent = id, capability = grant.Capability, tier = grant.Tier.ToString().ToLowerInvariant(), before, review_by = request.ReviewBy }, new { reason = request.Reason.Trim() }, agent.Rollout.Id);
            scope.AuthorityChanged();
            return AgentReader.View(grant, scope.State.Directory, scope.Now);
        });

    internal static Fault InThePast(string field) => Fault.Invalid("field.invalid", $"{field} must lie in the future.", field);
}
