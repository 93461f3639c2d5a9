using OpsConsole.Core.Agents;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Caps;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Trust;

namespace OpsConsole.Core.Decisions;

/// <summary>An ask that nobody makes, and somebody who could make it: for <see cref="DecisionRules"/> alone, which looks at the call and at who asks. Digest and payload are for what is recorded, and this never is.</summary>
internal static class PretendedAsk
{
    private static readonly CallDigest NoDigest = CallDigest.Of("", "", default, default, default, null);

    public static Ask Of(in PolicyCall call, double? confidence, AskMode mode) => new()
    {
        Action = call.Action, ResourceType = call.ResourceType, ResourceId = call.ResourceId, Call = call, Confidence = confidence, OnBehalfOf = call.OnBehalfOf, Mode = mode,
        Digest = NoDigest, Payload = [], Arguments = "{}",
    };

    /// <summary>An agent that may do everything at one tier, or nothing.</summary>
    public static AgentAuthority Agent(RolloutAuthority rollout, Tier? tier) => new("", "The agent", AgentKind.Autonomous, "", null, false, rollout, Grants(tier), CapSpec.None, false);

    public static IReadOnlyList<GrantEntry> Grants(Tier? tier) => tier is { } held ? [new GrantEntry("", "*", held, null)] : [];
}
