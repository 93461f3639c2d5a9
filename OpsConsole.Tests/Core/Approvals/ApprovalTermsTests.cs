using System.Collections.Frozen;
using FsCheck;
using FsCheck.Fluent;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Trust;
using OpsConsole.Tests.Core.Authority;
using OpsConsole.Tests.Core.Decisions;
using Outcome = OpsConsole.Core.Decisions.Outcome;

namespace OpsConsole.Tests.Core.Approvals;

/// <summary>What an edit may not loosen, and what its agent's owner may not.</summary>
public sealed class ApprovalTermsTests
{
    private sealed record Row(RuleOutcome Outcome, string[] Approvers, int Quorum, bool Sequence, bool Low, bool Reversible, string[] EscalateTo)
    {
        public string Json(string action) => $$"""
            { "id": "{{action}}", "action": "{{action}}", "outcome": "{{MatrixWords.Of(Outcome)}}", "approvers": {{List(Approvers)}}, "quorum": {{Quorum}}, "order": "{{(Sequence ? "sequence" : "any")}}", "consequence": "{{(Low ? "low" : "high")}}",
              "reversible": {{(Reversible ? "true" : "false")}}, "escalate_to": {{List(EscalateTo)}} }
            """;

        private static string List(string[] entries) => "[" + string.Join(",", entries.Select(e => $"\"{e}\"")) + "]";
    }

    private static readonly Gen<string[]> Circles = Gen.Elements("user:ann@example.com", "user:bob@example.com", "user:cem@example.com", "group:leads").ArrayOf().Select(a => a.Distinct().Take(3).ToArray());

    private static readonly Gen<Row> Rows =
        from outcome in Gen.Elements(RuleOutcome.Allow, RuleOutcome.Approve) from approvers in Circles from quorum in Gen.Choose(1, 3) from sequence in Gen.Elements(true, false)
        from low in Gen.Elements(true, false) from reversible in Gen.Elements(true, false) from more in Circles
        select new Row(outcome, approvers, quorum, sequence, low, reversible, more);

    /// <summary>Whatever the rows, gate, tier and confidence, and however often it is edited: as many and the same people as a fresh ask; where that would be allowed alone, as the first ask.</summary>
    [Fact]
    public void AfterEdit_AnyRows_NeedsWhoAFreshAskNeeds() => MatrixGenerators.Holds(
        from rows in Rows.ArrayOf().Where(r => r.Length > 1) from gate in Gen.Elements(Gate.B, Gate.C, Gate.D) from tier in Gen.Elements(Tier.Contributor, Tier.Executor) from sure in Gen.Elements(true, false)
        select (rows, gate, tier, sure),
        x =>
        {
            var agent = Worlds.Under($$"""{ "rules": [ {{string.Join(",", x.rows.Select((r, i) => r.Json("a" + i)))}} ] }""", x.gate, x.tier);
            var rulings = x.rows.Select((_, i) => Worlds.Decide(agent, Worlds.Ask("a" + i, confidence: x.sure ? 0.9 : 0.1))).ToList();
            if (rulings[0].Outcome != Outcome.Pending) return true;
            var first = ApprovalTerms.Of(rulings[0], agent);
            var terms = first;
            foreach (var ruling in rulings.Skip(1))
            {
                terms = ApprovalTerms.AfterEdit(ruling, agent, terms);
                var fresh = ApprovalTerms.Of(ruling, agent);
                var needed = ruling.Outcome == Outcome.Pending ? fresh : first;
                if (!terms.Approvers.SequenceEqual(needed.Approvers) || !terms.EscalateTo.SequenceEqual(needed.EscalateTo)) return false;
                if ((terms.Quorum, terms.Sequence, terms.OnExpiry, terms.Sla) != (needed.Quorum, needed.Sequence, needed.OnExpiry, needed.Sla)) return false;
                if ((terms.RuleId, terms.Provisional, terms.Window, terms.Hold, terms.ValidFor) != (fresh.RuleId, fresh.Provisional, fresh.Window, fresh.Hold, fresh.ValidFor)) return false;
            }
            return true;
        });

    [Fact]
    public void Edit_TakesTheConsequenceOfTheNewRule()
    {
        var request = ApprovalRulesTests.Request();
        ApprovalRules.Edit(request, ApprovalRulesTests.Terms(2), false, [1], 9, true, "b", null, false, null, request.RequestedAt);
        Assert.False(request.HighConsequence);
    }

    private static readonly PersonEntry Ann = Worlds.Person("ann"), Dana = Worlds.Person("dana"), Bob = Worlds.Person("bob"), Eve = Worlds.Person("eve", ConsoleRoles.Admin), Max = Worlds.Person("max", ConsoleRoles.Admin);
    private static readonly PersonEntry[] Everybody = [Ann, Dana, Bob, Eve, Max];

    /// <summary>
    /// Whoever owned the agent at the ask: no changes of owner and separation, theirs or (as they may) other people's, and no edit in between makes them eligible for that request.
    /// Alone they do not become so for a later one either.
    /// </summary>
    [Fact]
    public void Owner_AnySequenceOfPatches_NeverBecomesEligible() => MatrixGenerators.Holds(
        from owner in Gen.Elements(Everybody) from named in Gen.Elements(true, false)
        from steps in (from who in Gen.Elements(Everybody) from to in Gen.Elements(Everybody) from verb in Gen.Choose(0, 4) select (who, to, verb)).ArrayOf()
        select (owner, named, steps),
        x =>
        {
            var people = Worlds.People(Everybody);
            var agent = Worlds.Under($$"""{ "rules": [ { "id": "R", "action": "*", "outcome": "approve", "approvers": [{{(x.named ? "\"user:ann@example.com\",\"user:dana@example.com\",\"user:bob@example.com\",\"user:eve@example.com\",\"user:max@example.com\"" : "")}}] } ] }""") with { OwnerId = x.owner.Id };
            var (asked, alone) = (ApprovalTerms.Of(Worlds.Decide(agent), agent), agent);
            foreach (var (who, to, verb) in x.steps)
            {
                agent = Patched(agent, who, to, verb);
                if (who == x.owner) alone = Patched(alone, who, to, verb);
                if (verb == 4) asked = ApprovalTerms.AfterEdit(Worlds.Decide(agent), agent, asked);
                if (Deciders.Of(x.owner, asked, [], null, agent, people, Worlds.Now).MayDecide) return false;
                if (Deciders.Of(x.owner, ApprovalTerms.Of(Worlds.Decide(alone), alone), [], null, alone, people, Worlds.Now).MayDecide) return false;
            }
            return true;

            static AgentAuthority Patched(AgentAuthority agent, PersonEntry by, PersonEntry to, int verb)
            {
                var state = ConsoleState.Empty with { Agents = new Dictionary<string, AgentAuthority> { [agent.Id] = agent }.ToFrozenDictionary() };
                if (verb <= 1) return Permissions.MayReassign(by, agent) ? agent with { OwnerId = to.Id } : agent;
                if (verb == 2) return Permissions.MayEndSeparation(by, agent.Rollout, state) ? agent with { Rollout = agent.Rollout with { SeparationOfDuties = false } } : agent;
                return verb == 3 && Permissions.MayGovern(by, agent.Rollout) ? agent with { Rollout = agent.Rollout with { SeparationOfDuties = true } } : agent;
            }
        });

    [Fact]
    public void Separation_SwitchedOff_ActsOnLaterRequests()
    {
        var people = Worlds.People(Everybody);
        var agent = Worlds.Under("""{ "rules": [ { "id": "R", "action": "*", "outcome": "approve", "approvers": ["user:ann@example.com"] } ] }""");
        var before = ApprovalTerms.Of(Worlds.Decide(agent), agent);
        var loose = agent with { Rollout = agent.Rollout with { SeparationOfDuties = false } };
        var after = ApprovalTerms.Of(Worlds.Decide(loose), loose);
        Assert.Equal([Standing.None, Standing.Named], ((ApprovalTerms[])[before, after]).Select(t => Deciders.Of(Ann, t, [], null, loose, people, Worlds.Now).Standing));
        Assert.Equal(Standing.None, Deciders.Of(Ann, after, [], null, agent, people, Worlds.Now).Standing);   // switched on again meanwhile: that counts at once
    }

    [Theory]
    [InlineData("user:bob@example.com", "user:dana@example.com", 3, 3)]     // an admin joins: three people
    [InlineData("user:bob@example.com", "user:dana@example.com", 5, 4)]     // bob, dana and both admins are all there are
    [InlineData("user:gone@example.com", "user:gone@example.com", 2, 2)]
    public void Expire_TooFewPeople_QuorumIsWhatCanBeReached(string approver, string escalateTo, int quorum, int reachable)
    {
        var people = Worlds.People(Everybody);
        var request = ApprovalRulesTests.Request(ApprovalRulesTests.Terms(quorum, "escalate", null, false, approver) with { EscalateTo = [escalateTo] });
        var circle = Circle.Wider(request, null, Worlds.Agent, people, Worlds.Now);
        Assert.Superset(new HashSet<string> { approver, escalateTo }, circle.ToHashSet());   // whoever was asked stays asked
        Assert.False(ApprovalRules.Expire(request, circle, Circle.Quorum(request, circle, null, Worlds.Agent, people, Worlds.Now), request.ExpiresAt));
        Assert.Equal(reachable, request.Terms.Quorum);
    }

    [Fact]
    public void Expire_NobodyLeft_NeverTurnsAnEarlierYesIntoTheDecision()
    {
        var people = Worlds.People(Ann, Bob);
        var request = ApprovalRulesTests.Request(ApprovalRulesTests.Terms(3, "escalate", null, false, "user:bob@example.com"));
        ApprovalRules.Cast(request, Bob.Id, Verdict.Approve, null, null, false, null, request.RequestedAt);
        var circle = Circle.Wider(request, null, Worlds.Agent, people, Worlds.Now);
        Assert.Equal(2, Circle.Quorum(request, circle, null, Worlds.Agent, people, Worlds.Now));   // one more than said yes
    }
}
