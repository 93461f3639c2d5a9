using System.Collections.Frozen;
using OpsConsole.Core.Access;
using OpsConsole.Core.Agents;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Caps;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Trust;

namespace OpsConsole.Core.Decisions;

/// <summary>Why something is paused: who said so and in which words.</summary>
public sealed record PauseInfo(DateTimeOffset At, string By, string Reason);

/// <summary>A rollout as decisions see it.</summary>
/// <param name="Policy">Null while nothing is published.</param>
/// <param name="Audience">Null: everybody.</param>
/// <param name="ReasonCodes">Its own kinds of reasons for a rejection.</param>
/// <param name="RotateApprovers">Where two or more have to say yes, not the same ones as the last time.</param>
public sealed record RolloutAuthority(string Id, string Name, TimeZoneInfo Zone, PauseInfo? Paused, Gate Gate, CompiledPolicy? Policy, double MinConfidence, bool ConfidenceRequired,
    CompiledConditions? Audience, bool SeparationOfDuties, IReadOnlyList<(string PersonId, RolloutRole Role, bool Deputy)> Members, bool Simulated, bool Archived = false, bool RotateApprovers = false, IReadOnlyList<string>? ReasonCodes = null)
{
    public bool Has(string personId, params ReadOnlySpan<RolloutRole> roles)
    {
        foreach (var member in Members)
        {
            if (member.PersonId == personId && roles.Contains(member.Role)) return true;
        }
        return false;
    }

    public IEnumerable<string> Holders(RolloutRole role) => Members.Where(m => m.Role == role).Select(m => m.PersonId);

    /// <summary>The people who decide where a rule names nobody: the rollout owner and their deputies.</summary>
    public IEnumerable<string> Owners => Holders(RolloutRole.RolloutOwner);
}

/// <summary>A live grant, as decisions see it.</summary>
/// <param name="Tier">As it was given; what it is worth at a moment is <see cref="At"/>.</param>
public sealed record GrantEntry(string Id, string Capability, Tier Tier, DateTimeOffset? ExpiresAt, DateTimeOffset? ReviewBy = null)
{
    /// <summary>The same with the tier that holds now: one less where its review is overdue.</summary>
    public GrantEntry At(DateTimeOffset now) => TierReview.Overdue(ReviewBy, now) ? this with { Tier = TierReview.At(Tier, ReviewBy, now) } : this;
}

/// <summary>An agent as decisions see it.</summary>
/// <param name="Grants">Most specific capability first.</param>
public sealed record AgentAuthority(string Id, string Name, AgentKind Kind, string OwnerId, PauseInfo? Paused, bool Retired, RolloutAuthority Rollout, IReadOnlyList<GrantEntry> Grants, CapSpec Caps, bool Simulated)
{
    /// <summary>The most specific live grant that covers the (lower-case) action, with the tier that holds now; or null.</summary>
    public GrantEntry? GrantFor(string action, DateTimeOffset now)
    {
        foreach (var grant in Grants)
        {
            if ((grant.ExpiresAt is null || now < grant.ExpiresAt) && Covers(grant.Capability, action)) return grant.At(now);
        }
        return null;
    }

    /// <summary>Whether a grant of this capability ("*", "payment.*", "payment.send") is about this (lower-case) action.</summary>
    public static bool Covers(string capability, string action)
        => capability == "*" || capability == action
        || (capability.EndsWith(".*", StringComparison.Ordinal) && action.Length > capability.Length - 1 && action.AsSpan().StartsWith(capability.AsSpan(0, capability.Length - 1), StringComparison.Ordinal));
}

/// <summary>
/// Everything a decision needs, in memory and immutable: a cache of the database that is replaced whole when its epoch moves.
/// </summary>
public sealed record ConsoleState(long Epoch, PauseInfo? Paused, PeopleDirectory Directory, FrozenDictionary<string, AgentAuthority> Agents, FrozenDictionary<string, RolloutAuthority> Rollouts)
{
    public static readonly ConsoleState Empty = new(-1, null, PeopleDirectory.Empty, FrozenDictionary<string, AgentAuthority>.Empty, FrozenDictionary<string, RolloutAuthority>.Empty);
}
