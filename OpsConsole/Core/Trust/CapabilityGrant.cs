namespace OpsConsole.Core.Trust;

/// <summary>Observer → contributor → executor (product.md, 'Trust tiers').</summary>
public enum Tier { Observer = 1, Contributor = 2, Executor = 3 }

/// <summary>One tier for one capability (an action, or a family <c>refund.*</c>) of one agent. A new grant for the same capability replaces the old one.</summary>
public sealed class CapabilityGrant
{
    private CapabilityGrant() { }
    public CapabilityGrant(string id, string agentId, string capability, Tier tier, string reason, string grantedBy, bool isOverride,
        DateTimeOffset createdAt, DateTimeOffset? expiresAt, DateTimeOffset? reviewBy, string? templateId = null, int? templateVersion = null)
    {
        (Id, AgentId, Capability, Tier, Reason, GrantedBy, Override, CreatedAt, ExpiresAt, ReviewBy) =
            (id, agentId, capability, tier, reason, grantedBy, isOverride, createdAt, expiresAt, reviewBy);
        (TemplateId, TemplateVersion) = (templateId, templateVersion);
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
    public DateTimeOffset? EndedAt { get; private set; }
    public string? EndedBy { get; private set; }
    public string? EndReason { get; private set; }

    public bool Live(DateTimeOffset now) => EndedAt is null && (ExpiresAt is null || now < ExpiresAt);

    public void End(DateTimeOffset at, string by, string reason)
    {
        if (EndedAt is not null) return;
        (EndedAt, EndedBy, EndReason) = (at, by, reason);
    }
}
