using OpsConsole.Core.Authority;

namespace OpsConsole.Core.Decisions;

/// <summary>What an agent would be told if it undid something now. A pause is about a moment, not about whether it could be undone, and is left out.</summary>
public static class UndoAnswer
{
    public static Ruling Of(in PolicyCall call, AgentAuthority agent, DateTimeOffset now)
        => DecisionRules.Decide(PretendedAsk.Of(call, call.Confidence, AskMode.Live), agent with { Paused = null, Rollout = agent.Rollout with { Paused = null } }, ConsoleState.Empty, now);
}
