using System.Text.Json;
using OpsConsole.Core.Agents;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Trust;

namespace OpsConsole.Core.Decisions;

/// <summary>Who would ask. Nothing said: nobody in particular, so that only the table can be shown.</summary>
/// <param name="Tier">Instead of the agent's own grants.</param>
/// <param name="Gate">Instead of the rollout's own.</param>
public sealed record TrialAs(AgentAuthority? Agent = null, Tier? Tier = null, Gate? Gate = null);

/// <summary>The answer in one column of <see cref="AuthorityTable"/>; <paramref name="Gate"/> and <paramref name="Tier"/> stand for it.</summary>
public sealed record TrialCell(Gate Gate, Tier? Tier, Outcome Outcome, bool Provisional);

/// <summary>What a matrix would answer to a call, and why. Pauses, caps and loops are left out: they are about a moment, not about the matrix.</summary>
/// <param name="Says">What the matrix says, before tier and gate.</param>
/// <param name="Rows">Every row that covers the action, up to and with the one that decides.</param>
/// <param name="Cells">The five columns of the table, confidence and audience looked at.</param>
/// <param name="Care">Why a write waits for a person whatever the rules allow: confidence, audience.</param>
/// <param name="Column">The one of <paramref name="Cells"/> that counts for who asks; null for nobody in particular, and then there is no <paramref name="Answer"/>.</param>
public sealed record Trial(PolicyMatch Match, RuleOutcome Says, IReadOnlyList<RuleTrace> Rows, IReadOnlyList<TrialCell> Cells, IReadOnlyList<Reason> Care, int? Column, Ruling? Answer)
{
    private static readonly (Gate Gate, Tier? Tier)[] Columns = [(Gate.None, null), (Gate.A, Tier.Executor), (Gate.B, Tier.Executor), (Gate.C, Tier.Executor), (Gate.D, Tier.Executor)];

    /// <param name="call">In the form of <see cref="CallShape"/>.</param>
    /// <param name="policy">In place of the one in force.</param>
    /// <param name="patterns">How long patterns may look in all.</param>
    public static Trial Of(JsonElement call, CompiledPolicy policy, RolloutAuthority rollout, TrialAs who, DateTimeOffset now, PatternBudget? patterns = null)
    {
        var looked = PolicyCall.FromExample(call, patterns);
        var ask = PretendedAsk.Of(looked, looked.Confidence, AskMode.Live);
        var match = policy.Evaluate(ask.Call);
        var gate = who.Gate ?? rollout.Gate;
        Ruling Decide(AgentAuthority agent, Gate passed) => DecisionRules.Decide(ask, agent with { Paused = null, Rollout = rollout with { Paused = null, Gate = passed, Policy = policy } }, ConsoleState.Empty, now);
        Ruling Under(Gate passed, Tier? tier) => Decide(PretendedAsk.Agent(rollout, tier), passed);
        TrialCell Cell(Gate passed, Tier? tier)
        {
            var ruling = Under(passed, tier);
            return new TrialCell(passed, tier, ruling.Outcome, ruling is { Outcome: Outcome.Allow, Provisional: true });
        }

        var agent = who.Agent ?? PretendedAsk.Agent(rollout, null);
        var answer = who is { Agent: null, Tier: null } ? null : Decide(who.Tier is not null ? agent with { Grants = PretendedAsk.Grants(who.Tier) } : agent, gate);
        return new Trial(match, ExampleChecks.Said(match, policy.Document.Default), policy.Explain(ask.Call), [.. Columns.Select(c => Cell(c.Gate, c.Tier))],
            [.. Under(gate, Tier.Executor).Reasons.Where(r => r.Code is "confidence.low" or "audience")], answer is null ? null : AuthorityTable.Column(gate, answer.Tier), answer);
    }
}
