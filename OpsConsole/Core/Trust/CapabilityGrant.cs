namespace OpsConsole.Core.Trust;

/// <summary>Observer → contributor → executor (product.md, 'Trust tiers').</summary>
public enum Tier { Observer = 1, Contributor = 2, Executor = 3 }

/// <summary>Trust is looked at again by a date, or less is left of it (product.md, 'Trust tiers').</summary>
public static class TierReview
{
    /// <summary>Until when a tier that fell back is looked at next, before it falls again.</summary>
    public static readonly TimeSpan AfterFall = TimeSpan.FromDays(30);
    /// <summary>So far ahead a review may be put off.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(365);

    /// <summary>Whether the review was due and nobody made it.</summary>
    public static bool Overdue(DateTimeOffset? reviewBy, DateTimeOffset now) => reviewBy <= now;

    /// <summary>
    /// What is left of a tier at a moment: from the moment its review is overdue, one tier less, whether or not that was recorded yet. An observer stays one: without it the next wider grant would hold, which may be more.
    /// </summary>
    public static Tier At(Tier tier, DateTimeOffset? reviewBy, DateTimeOffset now) => Overdue(reviewBy, now) && tier > Tier.Observer ? tier - 1 : tier;
}

/// <summary>One tier for one capability (an action, or a family <c>refund.*</c>) of one agent. A new grant for the same capability replaces the old one.</summary>
public sealed class CapabilityGrant
{
    private CapabilityGrant() { }
    public CapabilityGrant(string id, string agentId, string capability, Tier tier, string reason, string grantedBy, bool isOverride,
        DateTimeOffset createdAt, DateTimeOffset? expiresAt, DateTimeOffset? reviewBy, string? templateId = null, int? templateVersion = null, string? promotionId = null)
    {
        (Id, AgentId, Capability, Tier, Reason, GrantedBy, Override, CreatedAt, ExpiresAt, ReviewBy) =
            (id, agentId, capability, tier, reason, grantedBy, isOverride, createdAt, expiresAt, reviewBy);
        (TemplateId, TemplateVersion, PromotionId) = (templateId, templateVersion, promotionId);
    }

    public string Id { get; private set; } = "";
    public string AgentId { get; private set; } = "";
    /// <summary>Lower case: exact, a trailing <c>.*</c>, or <c>*</c>.</summary>
    public string Capability { get; private set; } = "";
    public Tier Tier { get; private set; }
    public string Reason { get; private set; } = "";
    public string GrantedBy { get; private set; } = "";
    /// <summary>Given by an admin rather than by proof; shown as such for ever.</summary>
    public bool Override { get; private set; }
    public DateTimeOffset CreatedAt { get; private set; }
    public DateTimeOffset? ExpiresAt { get; private set; }
    public DateTimeOffset? ReviewBy { get; private set; }
    /// <summary>The tier template that this grant came from and its version then; null for a grant on its own.</summary>
    public string? TemplateId { get; private set; }
    public int? TemplateVersion { get; private set; }
    /// <summary>The proposal whose test proved it; null: it was given without proof.</summary>
    public string? PromotionId { get; private set; }
    /// <summary>It took the place of a higher tier because somebody lowered it, from which a cool-down runs; an overdue review starts none.</summary>
    public bool Demoted { get; private set; }
    public DateTimeOffset? EndedAt { get; private set; }
    public string? EndedBy { get; private set; }
    public string? EndReason { get; private set; }

    public bool Live(DateTimeOffset now) => EndedAt is null && (ExpiresAt is null || now < ExpiresAt);

    /// <summary>What it is worth now: one tier less while its review is overdue.</summary>
    public Tier TierAt(DateTimeOffset now) => TierReview.At(Tier, ReviewBy, now);

    internal void Demote() => Demoted = true;

    internal void Renew(DateTimeOffset reviewBy) => ReviewBy = reviewBy;

    public void End(DateTimeOffset at, string by, string reason)
    {
        if (EndedAt is not null) return;
        (EndedAt, EndedBy, EndReason) = (at, by, reason);
    }
}
