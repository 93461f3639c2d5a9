using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Trust;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Access;

namespace OpsConsole.Features.Agents;

/// <summary>The one way in which a grant begins and ends, by hand or from a template: each on its own, each with its own entry.</summary>
public static class GrantLedger
{
    /// <summary>Gives it, in place of the one that its capability had.</summary>
    /// <param name="why">A word for the chain where it is no grant by hand: <c>review_overdue</c>, from which no cool-down runs, <c>demoted</c>, <c>promoted</c>.</param>
    public static async Task GiveAsync(ChangeScope scope, Actor by, AgentAuthority agent, CapabilityGrant grant, CancellationToken ct, string? why = null)
    {
        foreach (var old in await scope.Db.Grants.Where(g => g.AgentId == grant.AgentId && g.Capability == grant.Capability && g.EndedAt == null).ToListAsync(ct))
        {
            if (old.TierAt(scope.Now) > grant.Tier && old.Live(scope.Now) && why != Overdue) grant.Demote();
            old.End(scope.Now, grant.GrantedBy, "replaced");
            scope.Audit(by, "grant.ended", old.Id, new { agent = agent.Id, capability = old.Capability, tier = Word(old.Tier), why = "replaced" }, rolloutId: agent.Rollout.Id);
        }
        await OvertakeAsync(scope, by, agent, grant.Capability, grant.Tier, grant.PromotionId, ct);
        scope.Db.Grants.Add(grant);
        scope.Audit(by, "grant.given", grant.Id, new { why, promotion = grant.PromotionId, agent = agent.Id, capability = grant.Capability, tier = Word(grant.Tier), @override = grant.Override, expires_at = grant.ExpiresAt, review_by = grant.ReviewBy, template = grant.TemplateId, template_version = grant.TemplateVersion }, new { reason = grant.Reason }, agent.Rollout.Id);
        scope.AuthorityChanged();
    }

    /// <summary>The same grant a tier (or more) lower. Its dates hold for the one in its place, because nothing that takes away lengthens what somebody gave for a time; a review that is overdue is due anew after <see cref="TierReview.AfterFall"/>.</summary>
    public static async Task<CapabilityGrant> LowerAsync(ChangeScope scope, Actor by, AgentAuthority agent, CapabilityGrant of, Tier tier, string reason, string grantedBy, CancellationToken ct, string? why = null)
    {
        var review = TierReview.Overdue(of.ReviewBy, scope.Now) ? scope.Now + TierReview.AfterFall : of.ReviewBy;
        var lower = new CapabilityGrant(Secrets.NewId("grt"), of.AgentId, of.Capability, tier, reason, grantedBy, isOverride: false, scope.Now, of.ExpiresAt, review, of.TemplateId, of.TemplateVersion);
        await GiveAsync(scope, by, agent, lower, ct, why);
        return lower;
    }

    /// <summary>A proposal to raise a tier that the capability has no more is over: its test was about something else.</summary>
    private static async Task OvertakeAsync(ChangeScope scope, Actor by, AgentAuthority agent, string capability, Tier? tier, string? promotionId, CancellationToken ct)
    {
        foreach (var open in await scope.Db.Promotions.Where(p => p.AgentId == agent.Id && p.State == PromotionState.Open).ToListAsync(ct))
        {
            if (open.Capability != capability || open.From == tier || open.Id == promotionId) continue;
            open.End(PromotionState.Overtaken, by.Type == "person" ? by.Id : "console", scope.Now, tier is null ? "the tier was taken away" : $"the tier became {Word(tier.Value)} meanwhile");
            scope.Audit(by, "promotion.overtaken", open.Id, new { agent = agent.Id, capability }, rolloutId: agent.Rollout.Id);
            scope.Signal("promotions:" + agent.Id);
        }
    }

    private const string Overdue = "review_overdue";

    /// <param name="why">A word for the chain; <paramref name="reason"/> is for people, and erasable.</param>
    public static async Task EndAsync(ChangeScope scope, Actor by, AgentAuthority agent, CapabilityGrant grant, string why, string reason, CancellationToken ct)
    {
        await OvertakeAsync(scope, by, agent, grant.Capability, null, null, ct);
        grant.End(scope.Now, by.Id, reason);
        scope.Audit(by, "grant.ended", grant.Id, new { agent = agent.Id, capability = grant.Capability, tier = Word(grant.Tier), why }, new { reason }, agent.Rollout.Id);
        scope.AuthorityChanged();
    }

    private static string Word(Tier tier) => tier.ToString().ToLowerInvariant();
}
