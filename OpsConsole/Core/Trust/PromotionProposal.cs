using OpsConsole.Core.Authority;

namespace OpsConsole.Core.Trust;

/// <summary>
/// Open: runs are counted, or it waits for its second person. Confirmed: the tier is given. Failed: its test was not passed. Withdrawn: taken back. Expired: over without a verdict.
/// Overtaken: the capability got another tier meanwhile, so what it was to be raised from is gone.
/// </summary>
public enum PromotionState { Open, Confirmed, Failed, Withdrawn, Expired, Overtaken }

/// <summary>That a capability of an agent is to be raised by one tier, if a test that was fixed beforehand is passed by what it does from now on.</summary>
public sealed class PromotionProposal
{
    public const int LongestReason = 2_000;

    private PromotionProposal() { }
    public PromotionProposal(long seq, string id, string agentId, string rolloutId, string capability, Tier from, PromotionTerms terms, string reason, string proposedBy, DateTimeOffset at)
    {
        (Seq, Id, AgentId, RolloutId, Capability, From, To, Terms, Reason, ProposedBy, At) = (seq, id, agentId, rolloutId, capability, from, from + 1, terms, reason, proposedBy, at);
        ExpiresAt = at.AddDays(terms.OpenDays);
    }

    /// <summary>Its entry in the log: what was asked after it counts, nothing before.</summary>
    public long Seq { get; private set; }
    public string Id { get; private set; } = "";
    public string AgentId { get; private set; } = "";
    public string RolloutId { get; private set; } = "";
    /// <summary>Lower case, as the grant has it.</summary>
    public string Capability { get; private set; } = "";
    public Tier From { get; private set; }
    public Tier To { get; private set; }
    public PromotionTerms Terms { get; private set; } = new();
    public string Reason { get; private set; } = "";
    public string ProposedBy { get; private set; } = "";
    public DateTimeOffset At { get; private set; }
    public DateTimeOffset ExpiresAt { get; private set; }
    public PromotionState State { get; private set; }
    public DateTimeOffset? EndedAt { get; private set; }
    /// <summary>The person, or <c>console</c>.</summary>
    public string? EndedBy { get; private set; }
    public string? EndReason { get; private set; }
    /// <summary>It failed, or was taken back after somebody could have seen how it goes: a cool-down runs from its end.</summary>
    public bool Cools { get; private set; }
    /// <summary>The grant that it led to.</summary>
    public string? GrantId { get; private set; }
    public long Version { get; private set; } = 1;

    internal void End(PromotionState state, string by, DateTimeOffset at, string reason, bool cools = false, string? grantId = null)
        => (State, EndedBy, EndedAt, EndReason, Cools, GrantId, Version) = (state, by, at, reason, cools, grantId, Version + 1);
}

/// <summary>A cool-down against flapping: after a failure or a demotion a capability is not proposed again for a while, nor one that covers it or that it covers.</summary>
public static class CoolDown
{
    /// <summary>The rollout's threshold that sets its days.</summary>
    public const string Threshold = "promotion_cooldown_days";
    public const double UsualDays = 14, MostDays = 365;

    /// <summary>Its length: the rollout's threshold, from 0 to a year, else the usual.</summary>
    public static TimeSpan Length(double? days) => TimeSpan.FromDays(Math.Clamp(days ?? UsualDays, 0, MostDays));

    /// <summary>Until when the capability cools; null: it does not.</summary>
    /// <param name="setbacks">What failed or was lowered, and when.</param>
    public static DateTimeOffset? Until(string capability, IEnumerable<(string Capability, DateTimeOffset At)> setbacks, TimeSpan length, DateTimeOffset now)
    {
        var until = setbacks.Where(s => Touch(s.Capability, capability)).Select(s => (DateTimeOffset?)s.At + length).Max();
        return until > now ? until : null;
    }

    /// <summary>Whether some action is covered by both.</summary>
    public static bool Touch(string a, string b) => ActionPattern.TryParse(a, out var one) && ActionPattern.TryParse(b, out var other) ? one.Covers(other) || other.Covers(one) : a == b;
}
