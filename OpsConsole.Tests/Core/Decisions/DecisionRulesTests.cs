using System.Globalization;
using System.Text.Json;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Trust;

namespace OpsConsole.Tests.Core.Decisions;

public sealed class DecisionRulesTests
{
    private const string Allow = """{"rules":[{"id":"R","action":"*","consequence":"low","reversible":true,"outcome":"allow"}]}""";
    private const string Approve = """{"rules":[{"id":"R","action":"*","consequence":"low","reversible":true,"outcome":"approve"}]}""";

    // The table of the contract (protocols, section N), row by row; columns: no gate or no grant | A or observer | B or contributor | C and executor | D and executor. '+' is provisional.
    [Theory]
    [InlineData("allow", "read", "low", false, "deny allow allow allow allow")]
    [InlineData("allow", "read", "high", true, "deny allow allow allow allow")]
    [InlineData("approve", "read", "low", true, "deny pending pending pending pending")]
    [InlineData("approve", "read", "high", false, "deny pending pending pending pending")]
    [InlineData("allow", "write", "low", true, "deny deny pending allow+ allow+")]
    [InlineData("allow", "write", "high", true, "deny deny pending pending allow+")]
    [InlineData("allow", "write", "low", false, "deny deny pending pending pending")]
    [InlineData("allow", "write", "high", false, "deny deny pending pending pending")]
    [InlineData("approve", "write", "low", false, "deny deny pending pending pending")]
    [InlineData("approve", "write", "low", true, "deny deny pending pending pending")]
    [InlineData("approve", "write", "high", false, "deny deny pending pending pending")]
    [InlineData("approve", "write", "high", true, "deny deny pending pending pending")]
    [InlineData("deny", "read", "low", true, "deny deny deny deny deny")]
    [InlineData("deny", "write", "low", true, "deny deny deny deny deny")]
    [InlineData("deny", "write", "high", false, "deny deny deny deny deny")]
    public void Decide_GateAndTier_AsTheTableSays(string outcome, string effect, string consequence, bool reversible, string row)
    {
        var cells = row.Split(' ');
        var matrix = $$"""{"rules":[{"id":"R","action":"*","effect":"{{effect}}","consequence":"{{consequence}}","reversible":{{(reversible ? "true" : "false")}},"outcome":"{{outcome}}"}]}""";
        foreach (var gate in Enum.GetValues<Gate>())
        {
            foreach (var tier in new Tier?[] { null, Tier.Observer, Tier.Contributor, Tier.Executor })
            {
                var column = gate == Gate.None || tier is null ? 0 : gate == Gate.A || tier == Tier.Observer ? 1 : gate == Gate.B || tier == Tier.Contributor ? 2 : gate == Gate.C ? 3 : 4;
                var ruling = Worlds.Decide(Worlds.Under(matrix, gate, tier));
                var said = ruling.Outcome.ToString().ToLowerInvariant() + (ruling is { Outcome: Outcome.Allow, Provisional: true } ? "+" : "");
                Assert.True(said == cells[column], $"gate {gate}, tier {tier}: {said}, the table says {cells[column]}");
                // Refused by step 4 alone: says what would have been, and what held it back.
                var onlyStep4 = outcome != "deny" && cells[column] == "deny";
                Assert.Equal(onlyStep4 ? outcome == "allow" ? Outcome.Allow : Outcome.Pending : null, ruling.WouldBe);
                Assert.Equal(onlyStep4, ruling.LimitedBy is not null);
                Assert.Equal((tier, gate, 3), (ruling.Tier, ruling.Gate, ruling.MatrixVersion));
                var shadow = Worlds.Decide(Worlds.Under(matrix, gate, tier), Worlds.Ask(mode: AskMode.Shadow));
                Assert.Equal((Outcome.Shadow, outcome == "allow" ? Outcome.Allow : outcome == "approve" ? Outcome.Pending : Outcome.Deny), (shadow.Outcome, shadow.WouldBe));
                Assert.Equal(outcome != "deny" && cells[column].TrimEnd('+') != (outcome == "allow" ? "allow" : "pending"), shadow.LimitedBy is not null);
            }
        }
    }

    [Theory]
    [InlineData(Gate.None, Tier.Executor, "no gate", "authority.no_gate")]
    [InlineData(Gate.D, null, "no grant", "authority.no_grant")]
    [InlineData(Gate.A, Tier.Executor, "gate A", "authority.gate")]
    [InlineData(Gate.D, Tier.Observer, "tier observer", "authority.tier")]
    [InlineData(Gate.A, Tier.Observer, "gate A", "authority.gate")]
    public void Decide_HeldBackByStep4_NamesWhatHeldIt(Gate gate, Tier? tier, string limitedBy, string code)
    {
        var ruling = Worlds.Decide(Worlds.Under(Allow, gate, tier));
        Assert.Equal((limitedBy, code), (ruling.LimitedBy, ruling.Reasons[0].Code));
    }

    [Fact]
    public void Decide_EverythingAtOnce_TheEarlierStepIsTheReason()
    {
        var agent = Worlds.Under("""{"boundaries":[{"action":"order.*","reason":"no"}],"rules":[{"id":"D","action":"order.*","outcome":"deny"}]}""", Gate.None, null) with { Paused = Worlds.Pause };
        Assert.Contains("Everything", First(Worlds.Decide(agent, everything: Worlds.Pause), "paused"), StringComparison.Ordinal);
        Assert.Contains("rollout", First(Worlds.Decide(agent with { Rollout = agent.Rollout with { Paused = Worlds.Pause } }), "paused"), StringComparison.Ordinal);
        Assert.Contains("Helper", First(Worlds.Decide(agent), "paused"), StringComparison.Ordinal);
        agent = agent with { Paused = null };
        First(Worlds.Decide(agent), "boundary");
        agent = Worlds.Under("""{"rules":[{"id":"D","action":"order.*","outcome":"deny"},{"id":"A","action":"*","outcome":"allow"}]}""", Gate.None, null);
        First(Worlds.Decide(agent), "rule.denies");
        First(Worlds.Decide(agent, Worlds.Ask("x")), "authority.no_gate");
        First(Worlds.Decide(Worlds.Under("""{"rules":[]}""", Gate.None, null)), "rule.none");
        First(Worlds.Decide(Worlds.Agent), "rule.none");   // nothing published
        First(Worlds.Decide(agent with { Retired = true }), "paused");
        // Nothing resumes what is retired: what was approved does not wait for it.
        Assert.Null(DecisionRules.PauseReason(agent with { Retired = true }, Worlds.State(agent)));
        Assert.Equal("authority.changed", DecisionRules.Tightened(Worlds.Ask().Call, agent with { Retired = true }, true, Worlds.Now)?.Code);

        static string First(Ruling ruling, string code)
        {
            Assert.Equal((Outcome.Deny, code), (ruling.Outcome, ruling.Reasons[0].Code));
            if (!code.StartsWith("authority", StringComparison.Ordinal)) Assert.Null(ruling.WouldBe);
            return ruling.Reasons[0].Message;
        }
    }

    [Theory]
    [InlineData("paused")]
    [InlineData("boundary")]
    [InlineData("rule.none")]
    public void Decide_TrialRefusedBeforeStep4_WouldBeDenied(string code)
    {
        var agent = Worlds.Under(code == "boundary" ? """{"boundaries":[{"action":"*"}]}""" : """{"rules":[]}""") with { Paused = code == "paused" ? Worlds.Pause : null };
        foreach (var mode in (AskMode[])[AskMode.Shadow, AskMode.Simulation])
        {
            var ruling = Worlds.Decide(agent, Worlds.Ask(mode: mode));
            Assert.Equal((mode == AskMode.Shadow ? Outcome.Shadow : Outcome.Simulation, Outcome.Deny, code, null), (ruling.Outcome, ruling.WouldBe, ruling.Reasons[0].Code, ruling.LimitedBy));
        }
    }

    [Theory]
    [InlineData(0.6, false, Outcome.Allow)]
    [InlineData(0.59, false, Outcome.Pending)]
    [InlineData(null, false, Outcome.Allow)]
    [InlineData(null, true, Outcome.Pending)]
    [InlineData(1.0, true, Outcome.Allow)]
    public void Decide_Confidence_BelowOrMissingIsPending(double? confidence, bool required, Outcome expected)
    {
        var write = Worlds.Decide(Worlds.Under(Allow, rollout: r => r with { ConfidenceRequired = required }), Worlds.Ask(confidence: confidence));
        Assert.Equal((expected, expected == Outcome.Pending), (write.Outcome, write.Reasons.Any(r => r.Code == "confidence.low")));
        var read = Worlds.Decide(Worlds.Under("""{"rules":[{"id":"R","action":"*","effect":"read","outcome":"allow"}]}""", rollout: r => r with { ConfidenceRequired = required }), Worlds.Ask(confidence: confidence));
        Assert.Equal(Outcome.Allow, read.Outcome);
        // Step 5 is part of what would be.
        Assert.Equal(expected, Worlds.Decide(Worlds.Under(Allow, Gate.A, rollout: r => r with { ConfidenceRequired = required }), Worlds.Ask(confidence: confidence)).WouldBe);
    }

    [Theory]
    [InlineData(Gate.C, """{"tier":"gold"}""", Outcome.Allow)]
    [InlineData(Gate.C, """{"tier":"basic"}""", Outcome.Pending)]
    [InlineData(Gate.C, "{}", Outcome.Pending)]
    [InlineData(Gate.C, """{"tier":5}""", Outcome.Pending)]
    [InlineData(Gate.D, "{}", Outcome.Allow)]
    public void Decide_Audience_HoldsAtGateCOnly(Gate gate, string arguments, Outcome expected)
    {
        var audience = CompiledConditions.Compile(MatrixJson.ParseConditions(JsonElement.Parse("""[{"field":"arguments.tier","op":"=","value":"gold"}]"""), "audience").Value);
        var ruling = Worlds.Decide(Worlds.Under(Allow, gate, rollout: r => r with { Audience = audience }), Worlds.Ask(arguments: arguments));
        Assert.Equal((expected, expected == Outcome.Pending), (ruling.Outcome, ruling.Reasons.Any(r => r.Code == "audience")));
    }

    [Fact]
    public void Decide_UnknownCondition_HoldsForGuardsAndNotForAllows()
    {
        const string When = "\"when\":[{\"field\":\"arguments.amount\",\"op\":\">\",\"value\":200}]";
        var deny = Worlds.Decide(Worlds.Under($$"""{"rules":[{"id":"D","action":"*",{{When}},"outcome":"deny"},{"id":"A","action":"*","outcome":"allow"}]}"""));
        Assert.Equal((Outcome.Deny, "D", "rule.denies", "condition.unknown"), (deny.Outcome, deny.Rule!.Id, deny.Reasons[0].Code, deny.Reasons[1].Code));
        var approve = Worlds.Decide(Worlds.Under($$"""{"rules":[{"id":"P","action":"*",{{When}},"outcome":"approve"},{"id":"A","action":"*","outcome":"allow"}]}"""));
        Assert.Equal((Outcome.Pending, true), (approve.Outcome, approve.Reasons.Any(r => r.Code == "condition.unknown")));
        Assert.Equal("rule.none", Worlds.Decide(Worlds.Under($$"""{"rules":[{"id":"A","action":"*",{{When}},"outcome":"allow"}]}""")).Reasons[0].Code);
        var boundary = $$"""{"boundaries":[{"action":"*",{{When}}}],"rules":[{"id":"A","action":"*","outcome":"allow"}]}""";
        Assert.Equal(["boundary", "condition.unknown"], Worlds.Decide(Worlds.Under(boundary)).Reasons.Select(r => r.Code));
        Assert.Equal(["boundary"], Worlds.Decide(Worlds.Under(boundary), Worlds.Ask(arguments: "{\"amount\":201}")).Reasons.Select(r => r.Code));
    }

    [Fact]
    public void Decide_ServerOfAnotherCulture_SaysTheSame()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");
            Assert.StartsWith("Confidence 0.595 is below 0.6,", Assert.Single(Worlds.Decide(Worlds.Under(Allow), Worlds.Ask(confidence: 0.595)).Reasons, r => r.Code == "confidence.low").Message, StringComparison.Ordinal);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Theory]
    [InlineData(Gate.D, Tier.Executor, Outcome.Pending)]
    [InlineData(Gate.B, Tier.Executor, Outcome.Pending)]
    [InlineData(Gate.A, Tier.Executor, Outcome.Deny)]
    [InlineData(Gate.D, null, Outcome.Deny)]
    public void Decide_DefaultApprove_AsksThePeopleOfTheRollout(Gate gate, Tier? tier, Outcome expected)
    {
        var ruling = Worlds.Decide(Worlds.Under("""{"default":"approve"}""", gate, tier));
        Assert.Equal(expected, ruling.Outcome);
        Assert.Contains(ruling.Reasons, r => r.Code == "rule.none");
        Assert.Empty(ruling.Rule!.Approvers);
        Assert.False(ruling.Rule.Reversible);
    }

    [Fact]
    public void Decide_Grants_TheMostSpecificLiveOneCounts()
    {
        GrantEntry[] grants = [new("1", "order.update", Tier.Observer, Worlds.Now), new("2", "order.*", Tier.Contributor, Worlds.Now.AddTicks(1)), new("3", "*", Tier.Executor, null)];
        var agent = Worlds.Under(Allow) with { Grants = grants };
        Assert.Equal(Tier.Contributor, Worlds.Decide(agent).Tier);   // the first ended this very moment
        Assert.Equal(Tier.Executor, Worlds.Decide(agent, Worlds.Ask("order")).Tier);
        Assert.Equal(Tier.Executor, Worlds.Decide(agent, Worlds.Ask("orders.update")).Tier);
        Assert.Null(Worlds.Decide(agent with { Grants = [grants[1]] }, Worlds.Ask("order.")).Tier);
    }

    [Theory]
    [InlineData(Approve, Gate.B, Tier.Contributor, null)]
    [InlineData(Allow, Gate.B, Tier.Executor, null)]
    [InlineData("""{"rules":[{"id":"D","action":"*","outcome":"deny"}]}""", Gate.D, Tier.Executor, "rule D denies")]
    [InlineData("""{"boundaries":[{"action":"*"}]}""", Gate.D, Tier.Executor, "out of bounds")]
    [InlineData("""{"rules":[]}""", Gate.D, Tier.Executor, "no rule")]
    [InlineData("""{"default":"approve"}""", Gate.D, Tier.Executor, null)]
    [InlineData(Approve, Gate.None, Tier.Executor, "no gate")]
    [InlineData(Approve, Gate.D, null, "no live grant")]
    [InlineData(Approve, Gate.A, Tier.Executor, "gate or tier")]
    [InlineData(Approve, Gate.D, Tier.Observer, "gate or tier")]
    public void Tightened_SinceTheAsk_OnlyWhatForbidsCounts(string matrix, Gate gate, Tier? tier, string? why)
    {
        var agent = Worlds.Under(matrix, gate, tier) with { Paused = Worlds.Pause };   // a pause delays, it does not tighten
        var reason = DecisionRules.Tightened(Worlds.Ask().Call, agent, write: true, Worlds.Now);
        if (why is null) Assert.Null(reason);
        else
        {
            Assert.Equal("authority.changed", reason!.Code);
            Assert.Contains(why, reason.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(false, true)]   // asked as a write, the rule calls it a read now
    [InlineData(true, false)]   // asked as a read, the rule calls it a write now
    public void Tightened_ReadOrWriteThenOrNow_IsJudgedAsAWrite(bool read, bool write)
    {
        var agent = Worlds.Under($$"""{"rules":[{"id":"R","action":"*","effect":"{{(read ? "write" : "read")}}","outcome":"approve"}]}""", Gate.A);
        Assert.NotNull(DecisionRules.Tightened(Worlds.Ask().Call, agent, write, Worlds.Now));
        Assert.Null(DecisionRules.Tightened(Worlds.Ask().Call, agent with { Rollout = agent.Rollout with { Gate = Gate.B } }, write, Worlds.Now));
    }

    // An allow of gate D and an executor, claimed after something changed.
    [Theory]
    [InlineData("low", Gate.D, Tier.Executor, null)]
    [InlineData("low", Gate.C, Tier.Executor, null)]
    [InlineData("low", Gate.B, Tier.Executor, "a person decides it now")]
    [InlineData("low", Gate.A, Tier.Executor, "denied now")]
    [InlineData("low", Gate.None, Tier.Executor, "denied now")]
    [InlineData("low", Gate.D, Tier.Contributor, "a person decides it now")]
    [InlineData("low", Gate.D, Tier.Observer, "denied now")]
    [InlineData("low", Gate.D, null, "No live grant")]
    [InlineData("high", Gate.D, Tier.Executor, null)]
    [InlineData("high", Gate.C, Tier.Executor, "gate C")]
    public void NoLongerAllowed_GateOrTierSinceTheAllow_IsWhatTheTableSaysToday(string consequence, Gate gate, Tier? tier, string? why)
    {
        var agent = Worlds.Under(Allow.Replace("\"low\"", $"\"{consequence}\"", StringComparison.Ordinal), gate, tier);
        Says(DecisionRules.NoLongerAllowed(Worlds.Ask(), agent, Worlds.State(agent), Worlds.Now), why);
    }

    [Theory]
    [InlineData(Approve, 0.6, "is approved by a person")]
    [InlineData("""{"boundaries":[{"action":"*"}]}""", 0.6, "out of bounds")]
    [InlineData("""{"rules":[{"id":"R","action":"*","reversible":false,"outcome":"allow"}]}""", 0.6, "cannot be undone")]
    [InlineData(Allow, 0.9, "Confidence 0.8 is below 0.9")]
    [InlineData(Allow, 0.8, null)]
    public void NoLongerAllowed_RuleOrConfidenceSinceTheAllow_CountsAsForANewAsk(string matrix, double minimum, string? why)
    {
        var agent = Worlds.Under(matrix, rollout: r => r with { MinConfidence = minimum });
        Says(DecisionRules.NoLongerAllowed(Worlds.Ask(confidence: 0.8), agent, Worlds.State(agent), Worlds.Now), why);
    }

    private static void Says(Reason? reason, string? why)
    {
        Assert.Equal(why is null ? null : "authority.changed", reason?.Code);
        if (why is not null) Assert.Contains(why, reason!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Digest_AnyPartOfTheCall_Changes()
    {
        static string Digest(string agent = "a", string action = "x", string arguments = "{}", string preconditions = "{}", string? resource = null, string? who = null, int version = 1) =>
            CallDigest.ToWire(CallDigest.Of(agent, action, JsonElement.Parse(arguments), JsonElement.Parse(preconditions), resource is null ? default : JsonElement.Parse(resource), who).Under(version));
        string[] all = [Digest(), Digest("b"), Digest(action: "y"), Digest(arguments: """{"a":1}"""), Digest(preconditions: """{"a":1}"""), Digest(resource: "{}"), Digest(who: "d@example.com"), Digest(version: 11)];
        Assert.Equal(all.Length, all.Distinct().Count());
        Assert.Equal(Digest(arguments: """{"b":1.0,"a":"\u0061"}"""), Digest(arguments: """{"a":"a","b":1}"""));
        Assert.Equal("sha256:" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("""{"action":"x","agent":"a","arguments":{},"matrix_version":1,"preconditions":{}}"""u8)), Digest());
    }
}
