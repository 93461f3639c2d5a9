using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Trust;
using OpsConsole.Data.Writer;

namespace OpsConsole.Features.Agents;

/// <summary>The one way in which a grant begins and ends, by hand or from a template: each on its own, each with its own entry.</summary>
internal static class GrantLedger
{
    /// <summary>Gives it, in place of the one that its capability had.</summary>
    public static async Task GiveAsync(ChangeScope scope, Actor by, AgentAuthority agent, CapabilityGrant grant, CancellationToken ct)
    {
        foreach (var old in await scope.Db.Grants.Where(g => g.AgentId == grant.AgentId && g.Capability == grant.Capability && g.EndedAt == null).ToListAsync(ct))
        {
            old.End(scope.Now, grant.GrantedBy, "replaced");
            scope.Audit(by, "grant.ended", old.Id, new { agent = agent.Id, capability = old.Capability, tier = Word(old.Tier), why = "replaced" }, rolloutId: agent.Rollout.Id);
        }
        scope.Db.Grants.Add(grant);
        scope.Audit(by, "grant.given", grant.Id, new { agent = agent.Id, capability = grant.Capability, tier = Word(grant.Tier), @override = grant.Override, expires_at = grant.ExpiresAt, review_by = grant.ReviewBy, template = grant.TemplateId, template_version = grant.TemplateVersion }, new { reason = grant.Reason }, agent.Rollout.Id);
        scope.AuthorityChanged();
    }

    /// <param name="why">A word for the chain; <paramref name="reason"/> is for people, and erasable.</param>
    public static void End(ChangeScope scope, Actor by, AgentAuthority agent, CapabilityGrant grant, string why, string reason)
    {
        grant.End(scope.Now, by.Id, reason);
        scope.Audit(by, "grant.ended", grant.Id, new { agent = agent.Id, capability = grant.Capability, tier = Word(grant.Tier), why }, new { reason }, agent.Rollout.Id);
        scope.AuthorityChanged();
    }

    private static string Word(Tier tier) => tier.ToString().ToLowerInvariant();
}
