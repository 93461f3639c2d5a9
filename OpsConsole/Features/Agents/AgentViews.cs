using System.Text.Json;
using OpsConsole.Core.Agents;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Trust;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Agents;

/// <summary>An agent as the API and its page show it.</summary>
/// <param name="Owner">E-mail of who answers for it.</param>
/// <param name="Status"><c>active</c>, <c>paused</c> or <c>retired</c>.</param>
public sealed record AgentView(string Id, string Name, string RolloutId, string RolloutName, AgentKind Kind, string? Owner, string OwnerId, string OwnerName, string? Model, string? Version, string? Purpose, string Status,
    StandstillView? Paused, DateTimeOffset CreatedAt, DateTimeOffset? RetiredAt, bool Simulated);

/// <summary>Since when, by whom and why an agent stands still.</summary>
public sealed record StandstillView(DateTimeOffset At, string By, string ByName, string Reason);

/// <summary>What the reader may do with an agent, for the page.</summary>
public sealed record AgentRights(bool Manage, bool Grant, bool EndGrant, bool Pause, bool Resume, bool Review = false);

/// <summary>A key without its secret, which nobody can read again.</summary>
public sealed record KeyView(string Id, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? LastUsedAt, DateTimeOffset? RevokedAt, bool Live);

/// <summary>A key as it is made: the only time its text is shown.</summary>
public sealed record NewKeyView(string Id, string Key, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt);

/// <summary>A tier for a capability.</summary>
/// <param name="GrantedBy">Who answers for it.</param>
/// <param name="Override">Given by an admin, not by proof.</param>
/// <param name="Template">The template it came from; null for one given on its own.</param>
/// <param name="InForce">The tier that holds now: one less while the review is overdue.</param>
/// <param name="Promotion">The proposal whose test proved it.</param>
public sealed record GrantView(string Id, string Capability, Tier Tier, string Reason, string GrantedBy, string GrantedByName, bool Override, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? ReviewBy,
    DateTimeOffset? EndedAt, string? EndReason, bool Live, TemplateMark? Template, Tier InForce, bool Overdue, string? Promotion);

/// <summary>A template, and its version when the grant was made from it.</summary>
public sealed record TemplateMark(string Id, string Name, int Version);

/// <summary>A cap and how full its present window is.</summary>
/// <param name="Used">In the unit of the limit (micro-dollars for usd); null for caps per run, which have no present window.</param>
public sealed record CapFill(string Unit, string Span, long Limit, long? Used, string Words, string? UsedWords, bool Pauses);

/// <summary>The caps as they were set, and how full they are.</summary>
public sealed record CapsView(JsonElement Caps, DateTimeOffset? Since, IReadOnlyList<CapFill> Fill, int SameCall, string SameCallWindow);

/// <summary><c>POST agents</c>.</summary>
public sealed record RegisterAgentRequest(string Name, string RolloutId, AgentKind Kind, string? Owner, string? Model, string? Version, string? Purpose)
{
    public const int MaxName = 120, MaxModel = 200, MaxPurpose = 2_000;
    private static readonly Dictionary<string, AgentKind> Kinds = new() { ["autonomous"] = AgentKind.Autonomous, ["copilot"] = AgentKind.Copilot };

    internal static RegisterAgentRequest Read(Fields fields) => new(fields.Text("name", required: true) ?? "", fields.Text("rollout_id", required: true) ?? "",
        fields.Word("kind", Kinds) ?? AgentKind.Autonomous, fields.Email("owner"), fields.Text("model"), fields.Text("version"), fields.Text("purpose"));

    /// <summary>What is wrong with it, or null; the service asks.</summary>
    internal Fault? Check()
        => TextRules.Wrong("name", Name, MaxName, required: true) ?? TextRules.Wrong("model", Model, MaxModel) ?? TextRules.Wrong("version", Version, MaxModel) ?? TextRules.Wrong("purpose", Purpose, MaxPurpose);
}

/// <summary><c>PATCH agents/{id}</c>: what is null stays as it is.</summary>
public sealed record AgentPatch(string? Name, string? Owner, string? Model, string? Version, string? Purpose)
{
    internal static AgentPatch Read(Fields fields) => new(fields.Text("name"), fields.Email("owner"), fields.Text("model"), fields.Text("version"), fields.Text("purpose"));

    /// <summary>What is wrong with it, or null; the service asks.</summary>
    internal Fault? Check()
        => TextRules.Wrong("name", Name, RegisterAgentRequest.MaxName, required: Name is not null) ?? TextRules.Wrong("model", Model, RegisterAgentRequest.MaxModel)
        ?? TextRules.Wrong("version", Version, RegisterAgentRequest.MaxModel) ?? TextRules.Wrong("purpose", Purpose, RegisterAgentRequest.MaxPurpose);
}

/// <summary><c>POST agents/{id}/keys</c>.</summary>
public sealed record NewKeyRequest(DateTimeOffset? ExpiresAt)
{
    internal static NewKeyRequest Read(Fields fields) => new(fields.Time("expires_at"));
}

/// <summary><c>POST agents/{id}/grants</c>.</summary>
public sealed record GrantRequest(string Capability, Tier Tier, string Reason, DateTimeOffset? ExpiresAt, DateTimeOffset? ReviewBy)
{
    public const int MaxReason = 2_000;
    internal static readonly IReadOnlyDictionary<string, Tier> Tiers = new Dictionary<string, Tier> { ["observer"] = Tier.Observer, ["contributor"] = Tier.Contributor, ["executor"] = Tier.Executor };

    internal static GrantRequest Read(Fields fields) => new(fields.Text("capability", required: true) ?? "", fields.Word("tier", Tiers, required: true) ?? Tier.Observer,
        fields.Text("reason", required: true) ?? "", fields.Time("expires_at"), fields.Time("review_by"));

    /// <summary>What is wrong with it, or null; the service asks.</summary>
    internal Fault? Check() => TextRules.Wrong("capability", Capability, 128, required: true) ?? TextRules.Wrong("reason", Reason, MaxReason, required: true);
}

/// <summary>Words that may be left out.</summary>
public sealed record EndRequest(string? Reason)
{
    internal static EndRequest Read(Fields fields) => new(fields.Text("reason"));

    /// <summary>What is wrong with it, or null; the service asks.</summary>
    internal Fault? Check() => TextRules.Wrong("reason", Reason, GrantRequest.MaxReason);
}

/// <summary><c>POST agents/{id}/demote</c>.</summary>
/// <param name="From">The tier that was looked at; null: whichever it is.</param>
public sealed record DemoteRequest(string Capability, string Reason, Tier? From = null)
{
    internal static DemoteRequest Read(Fields fields) => new(fields.Text("capability", required: true) ?? "", fields.Text("reason", required: true) ?? "", fields.Word("from", GrantRequest.Tiers));

    /// <summary>What is wrong with it, or null; the service asks.</summary>
    internal Fault? Check() => TextRules.Wrong("capability", Capability, 128, required: true) ?? TextRules.Wrong("reason", Reason, GrantRequest.MaxReason, required: true);
}

/// <summary><c>POST agents/{id}/grants/{grantId}/renew</c>.</summary>
public sealed record RenewRequest(DateTimeOffset ReviewBy, string Reason)
{
    internal static RenewRequest Read(Fields fields)
    {
        var by = fields.Time("review_by");
        if (by is null) fields.Refuse("review_by", "is required: until when it is reviewed next.");
        return new(by ?? default, fields.Text("reason", required: true) ?? "");
    }

    /// <summary>What is wrong with it, or null; the service asks.</summary>
    internal Fault? Check() => TextRules.Wrong("reason", Reason, GrantRequest.MaxReason, required: true);
}
