using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Caps;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;

namespace OpsConsole.Features.Decisions;

public sealed record SelfRollout(string Id, string Name, string Purpose, string? Gate, int MatrixVersion);
public sealed record SelfOwner(string Name, string? Email);

/// <summary>What one rule of the matrix in force means for this agent now.</summary>
/// <param name="Says">What the rule says: allow, approve or deny.</param>
/// <param name="ComesTo">What that comes to under the rollout's gate and the agent's tier: allow, pending or deny (before confidence, audience and caps).</param>
/// <param name="Provisional">An allow can be undone for the rule's window.</param>
public sealed record SelfRule(string Rule, string Action, ResourceView? Resource, IReadOnlyList<string> When, string Effect, string Consequence, bool Reversible, string Says, string? Tier, string ComesTo, bool Provisional, bool ClaimRequired, string? Note);

/// <summary>A cap with what is left of its present window; per run, what each run may use.</summary>
/// <param name="Limit">US dollars as text, or a number of tokens or decisions as text.</param>
public sealed record SelfCap(string Unit, string Per, string Limit, string? Used, string? Left, bool Pauses);

public sealed record SelfLoop(int SameCall, string Window);
public sealed record SelfPause(string Reason, string Message);

/// <summary>Who an agent is and what it may do, as it can read itself (protocols.md, section N, <c>GET /agent</c>).</summary>
/// <param name="PerformanceCriteria">The rollout's thresholds by name; an empty object while none are set.</param>
public sealed record AgentSelfView(string Id, string Name, string Kind, SelfRollout Rollout, SelfOwner Owner, string Objective, IReadOnlyList<string> Constraints, JsonElement PerformanceCriteria, string Default, IReadOnlyList<SelfRule> Authority,
    double MinConfidence, bool ConfidenceRequired, IReadOnlyList<SelfCap> Caps, SelfLoop Loop, SelfPause? Paused, bool Simulated);

/// <summary>Answers an agent's question about itself.</summary>
public sealed class AgentSelf(IDbContextFactory<OpsDbContext> factory, DurableWriter writer, TimeProvider time)
{
    public async Task<Result<AgentSelfView>> DescribeAsync(AgentCaller me, CancellationToken ct)
    {
        var (state, now) = (writer.State, time.GetUtcNow());
        if (!state.Agents.TryGetValue(me.AgentId, out var agent)) return Fault.NotFound("agent");
        await using var db = await factory.CreateDbContextAsync(ct);
        var purpose = await db.Agents.AsNoTracking().Where(a => a.Id == agent.Id).Select(a => a.Purpose).SingleOrDefaultAsync(ct);
        if (await db.Rollouts.AsNoTracking().SingleOrDefaultAsync(r => r.Id == agent.Rollout.Id, ct) is not { } rollout) return Fault.NotFound("rollout");
        var (document, gate) = (agent.Rollout.Policy?.Document, agent.Rollout.Gate);
        var owner = state.Directory.People.GetValueOrDefault(agent.OwnerId);
        var pause = DecisionRules.HaltReason(agent, state);
        return new AgentSelfView(agent.Id, agent.Name, agent.Kind.ToString().ToLowerInvariant(),
            new SelfRollout(rollout.Id, rollout.Name, rollout.Purpose, gate == Gate.None ? null : gate.ToString(), agent.Rollout.Policy?.Version ?? 0),
            new SelfOwner(owner?.Name ?? agent.OwnerId, owner?.Email),
            string.IsNullOrWhiteSpace(purpose) ? rollout.Purpose : purpose, [.. (document?.Boundaries ?? []).Select(Never)],
            JsonElement.Parse(rollout.Thresholds ?? "{}"), MatrixWords.Of(document?.Default ?? DefaultOutcome.Deny),
            [.. (document?.Rules ?? []).Select(r => Rule(r, agent, gate, now))], rollout.MinConfidence, rollout.ConfidenceRequired, [.. (await StoredCaps.OfAsync(db, agent, now, ct)).Select(c => Cap(c.Limit, c.Used))],
            new SelfLoop(agent.Caps.SameCall, IsoDuration.Write(agent.Caps.SameCallWindow)), pause is null ? null : new SelfPause(pause.Code, pause.Message), agent.Simulated);
    }

    private static SelfRule Rule(MatrixRule rule, AgentAuthority agent, Gate gate, DateTimeOffset now)
    {
        var tier = agent.GrantFor(rule.Action.ToLowerInvariant(), now)?.Tier;
        var (outcome, provisional) = AuthorityTable.Limit(rule, gate, tier);
        return new SelfRule(rule.Id, rule.Action, rule.Resource is { } resource ? new ResourceView(resource.Type, resource.Id) : null, [.. rule.When.Select(ConditionStory.Describe)], rule.Effect.ToString().ToLowerInvariant(),
            rule.Consequence.ToString().ToLowerInvariant(), rule.Reversible, MatrixWords.Of(rule.Outcome), tier?.ToString().ToLowerInvariant(), DecisionWire.Word(outcome), provisional, rule.Claim, rule.Note);
    }

    /// <summary>A boundary in words: 'Never payment.*, when arguments.amount &gt; 10: out of bounds in v1'.</summary>
    internal static string Never(Boundary boundary)
    {
        var resource = boundary.Resource is { } r ? $" on {r.Type ?? "any type"}{(r.Id is null ? "" : " " + r.Id)}" : "";
        var when = boundary.When.Count == 0 ? "" : " when " + string.Join(" and ", boundary.When.Select(ConditionStory.Describe));
        return $"Never {boundary.Action}{resource}{when}{(boundary.Reason.Length == 0 ? "." : ": " + boundary.Reason)}";
    }

    private static SelfCap Cap(CapLimit limit, long? used)
    {
        return new SelfCap(CapUnitNames.Of(limit.Unit), limit.Span.ToString().ToLowerInvariant(), Say(limit.Limit), used is { } u ? Say(u) : null, used is { } spent ? Say(Math.Max(0, limit.Limit - spent)) : null, limit.Pause);

        string Say(long amount) => limit.Unit == CapUnit.Usd ? Money.ToWire(amount) : amount.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }
}
