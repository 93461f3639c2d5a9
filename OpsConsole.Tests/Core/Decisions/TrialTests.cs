using System.Text.Json;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Trust;

namespace OpsConsole.Tests.Core.Decisions;

/// <summary>A trial says what a decision would.</summary>
public sealed class TrialTests
{
    private const string Matrix = """
    { "boundaries": [ { "action": "payment.*" } ],
      "rules": [ { "id": "A", "action": "order.update", "outcome": "deny", "when": [ { "field": "arguments.amount", "op": ">", "value": 1000 } ] },
                 { "id": "B", "action": "order.update", "outcome": "approve", "when": [ { "field": "arguments.amount", "op": ">", "value": 200 } ] },
                 { "id": "C", "action": "order.update", "outcome": "allow", "consequence": "low", "reversible": true, "when": [ { "field": "arguments.amount", "op": ">", "value": 0 } ] },
                 { "id": "D", "action": "order.get", "outcome": "allow", "effect": "read" } ] }
    """;

    private static readonly string[] Actions = ["order.update", "order.get", "payment.wire", "mail.send"];
    private static readonly string[] Arguments = ["{}", """{"amount":5}""", """{"amount":500}""", """{"amount":5000}""", """{"amount":"5"}"""];

    [Fact]
    public void Of_EveryGateAndTier_IsWhatTheDecisionWouldBe()
    {
        var audience = CompiledConditions.Compile([new Condition { Field = "arguments.amount", Op = Op.Less, Value = JsonElement.Parse("100") }]);
        foreach (var gate in Enum.GetValues<Gate>())
        foreach (var tier in new Tier?[] { null, Tier.Observer, Tier.Contributor, Tier.Executor })
        foreach (var action in Actions)
        foreach (var arguments in Arguments)
        foreach (var confidence in new double?[] { null, 0.2, 0.9 })
        {
            var agent = Worlds.Under(Matrix, gate, tier, r => r with { Audience = audience });
            var policy = agent.Rollout.Policy!;
            var ruling = Worlds.Decide(agent, Worlds.Ask(action, arguments, confidence));
            var call = CallShape.Parse(JsonElement.Parse($$"""{"action":"{{action}}","arguments":{{arguments}},"confidence":{{confidence?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "null"}}}""")).Value;
            var trial = Trial.Of(call, policy, agent.Rollout with { Policy = null, Paused = Worlds.Pause }, new TrialAs(agent with { Paused = Worlds.Pause }), Worlds.Now);
            Assert.Equal((ruling.Outcome, ruling.Provisional, ruling.Rule?.Id, ruling.LimitedBy, ruling.WouldBe), (trial.Answer!.Outcome, trial.Answer.Provisional, trial.Answer.Rule?.Id, trial.Answer.LimitedBy, trial.Answer.WouldBe));
            Assert.Equal(ruling.Reasons, trial.Answer.Reasons);
            Assert.Equal(AuthorityTable.Column(gate, tier), trial.Column);
            // A cell stands for every gate and tier of its column.
            Assert.Equal(ruling.Outcome, trial.Cells[trial.Column!.Value].Outcome);
            Assert.Equal(trial.Rows.Any(r => r.Decides), trial.Match.Rule is not null || trial.Match.Boundary is not null);
            if (tier is null) continue;
            Assert.Equal(ruling.Outcome, Trial.Of(call, policy, agent.Rollout with { Gate = Gate.None }, new TrialAs(Tier: tier, Gate: gate), Worlds.Now).Answer!.Outcome);
        }
    }

    [Fact]
    public void Of_NobodyInParticular_HasTheTableAndNoAnswer()
    {
        var agent = Worlds.Under(Matrix);
        var trial = Trial.Of(JsonElement.Parse("""{"action":"order.update","arguments":{"amount":5},"confidence":0.2}"""), agent.Rollout.Policy!, agent.Rollout, new TrialAs(), Worlds.Now);
        Assert.Equal((RuleOutcome.Allow, "C", null, null), (trial.Says, trial.Match.Rule?.Id, trial.Column, trial.Answer));
        Assert.Equal([Outcome.Deny, Outcome.Deny, Outcome.Pending, Outcome.Pending, Outcome.Pending], trial.Cells.Select(c => c.Outcome));
        Assert.Equal("confidence.low", Assert.Single(trial.Care).Code);
        Assert.Equal([(Truth.False, false), (Truth.False, false), (Truth.True, true)], trial.Rows.Select(r => (r.Truth, r.Decides)));
    }
}
