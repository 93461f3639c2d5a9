using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Reliability;
using OpsConsole.Core.Reviews;
using OpsConsole.Core.Rollouts;
using OpsConsole.Tests.Core.Decisions;

namespace OpsConsole.Tests.Core.Rollouts;

public sealed class RequirementsTests
{
    private static Requirement Of(Gate gate, string id, RolloutEvidence evidence) => Gates.Criteria(gate, evidence, []).Single(c => c.Id == id);

    [Fact]
    public void Boundary_ByEachOwner_OnTheTextThatStands_AndByWhoeverHoldsTheRole()
    {
        var before = Evidence.Of(texts: [("canvas/out_of_bounds", "Bank details")]);
        Confirmation[] three = [.. from name in (string[])["rita", "will", "ines"] select Evidence.Confirmed(name, "boundary", before)];
        Assert.Equal((true, true), Now(before with { Confirmations = three }));
        Assert.Equal((false, false), Now(before with { Confirmations = three[..2] }));
        // Another text on the canvas, or a boundary more: it no longer counts, and the gate stands. A published boundary that is gone or looser lets it fall.
        Assert.Equal((false, true), Now(Evidence.Of(texts: [("canvas/out_of_bounds", "Nothing")], confirmations: three)));
        Assert.Equal((false, true), Now(Evidence.Of(Evidence.Matrix.Replace("\"boundaries\": [", "\"boundaries\": [ { \"action\": \"crm.delete\" },", StringComparison.Ordinal), texts: [("canvas/out_of_bounds", "Bank details")], confirmations: three)));
        Assert.Equal((true, true), Now(Evidence.Of(Evidence.Matrix.Replace("\"never\"", "\"never, says finance\"", StringComparison.Ordinal), texts: [("canvas/out_of_bounds", "Bank details")], confirmations: three)));
        var looser = Evidence.Of(Evidence.Matrix.Replace("payment.*", "payment.send", StringComparison.Ordinal), texts: [("canvas/out_of_bounds", "Bank details")], confirmations: three);
        Assert.Equal((false, false), Now(looser));
        Assert.Equal((false, true), Now(looser with { Rollout = looser.Rollout with { Policy = null } }));   // only a draft yet
        // Handed over to somebody who has not confirmed it, and to a deputy who has.
        (string, RolloutRole, bool)[] handed = [("rita", RolloutRole.RolloutOwner, false), ("max", RolloutRole.WorkflowOwner, false), ("ines", RolloutRole.IncidentOwner, false)];
        var after = Evidence.Of(people: [.. Evidence.Three, Worlds.Person("max")], members: handed, texts: [("canvas/out_of_bounds", "Bank details")]);
        Assert.Equal((false, false), Now(after with { Confirmations = three }));
        Assert.Equal((true, true), Now(after with { Confirmations = [.. three, Evidence.Confirmed("max", "boundary", before)] }));

        // One person for two owners: not while duties are separated; nor a deputy.
        (string, RolloutRole, bool)[] two = [("rita", RolloutRole.RolloutOwner, false), ("rita", RolloutRole.WorkflowOwner, false), ("will", RolloutRole.WorkflowOwner, true), ("ines", RolloutRole.IncidentOwner, false)];
        var few = Evidence.Of(members: two, texts: [("canvas/out_of_bounds", "Bank details")], confirmations: three);
        Assert.Equal((false, true), Now(few with { Rollout = few.Rollout with { SeparationOfDuties = true } }));
        Assert.Equal((true, true), Now(few with { Rollout = few.Rollout with { SeparationOfDuties = false } }));
        Assert.True(Now(few with { Rollout = few.Rollout with { SeparationOfDuties = true, Members = [.. few.Rollout.Members, ("per_will", RolloutRole.WorkflowOwner, false)] } }).Item1);   // a second holder
        Assert.False(few.MayConfirm("per_will", ConfirmationRules.Boundary));

        static (bool, bool) Now(RolloutEvidence evidence) => (Of(Gate.A, "boundary", evidence).Met, Of(Gate.A, "boundary", evidence).Holds);
    }

    /// <summary>Recorded samples decide, of each agent that may act; only where there are none does a confirmation by name.</summary>
    [Fact]
    public void Shadow_IsMeasured_WherePeopleRecordedSamples_ElseConfirmed()
    {
        AgentFacts one = new("agt_1", "One", "1", null, true, true), two = new("agt_2", "Two", "1", null, true, true), idle = new("agt_3", "Idle", "1", null, true, false);
        var none = Evidence.Of(agents: [one]);
        var confirmed = none with { Confirmations = [Evidence.Confirmed("will", "shadow", none)] };
        Assert.Equal((false, false, "shadow"), Now(none));
        Assert.Equal((true, true, "shadow"), Now(confirmed));
        Assert.Equal((true, true, null), Now(none with { Shadows = [Seen(one, 30, 0)] }));
        Assert.Equal((false, true, null), Now(confirmed with { Shadows = [Seen(one, 20, 20)] }));     // a confirmation does not outweigh figures; a passed gate stays
        Assert.Equal((false, true, null), Now(none with { Shadows = [Seen(one, 29, 0)] }));
        Assert.Equal((true, true, null), Now(none with { Shadows = [Seen(one, 29, 0)], ShadowNeeds = new ShadowThresholds(0.6, 20, 3) }));
        // Two that may act: each by itself. One that may not is not asked about, unless nobody may.
        var both = Evidence.Of(agents: [one, two]);
        Assert.Equal((false, false, null), Now(both with { Shadows = [Seen(one, 60, 0), Seen(two, 0, 0)] }));
        Assert.Equal("Two: 0 of 30 samples recorded by people", Of(Gate.C, "shadow", both with { Shadows = [Seen(one, 60, 0), Seen(two, 0, 0)] }).Evidence);
        Assert.Equal((true, true, null), Now(both with { Shadows = [Seen(one, 60, 0), Seen(idle, 3, 3)] }));
        Assert.Equal((false, true, null), Now(both with { Shadows = [Seen(idle, 3, 3)] }));
        Assert.Equal("One: kappa 1.00 over 30 samples of 3 actions", Of(Gate.C, "shadow", none with { Shadows = [Seen(one, 30, 0)] }).Evidence);

        static (bool, bool, string?) Now(RolloutEvidence evidence) => Of(Gate.C, "shadow", evidence) is var r ? (r.Met, r.Holds, r.Confirm) : default;

        // Of three actions: so many that people did as well, so many that they did not.
        static AgentShadow Seen(AgentFacts agent, int same, int nothing) => new(agent, ShadowFigures.Of([.. Enumerable.Range(0, same + nothing).Select(i => new ShadowCount(agent.Id, "action." + (i % 3), Outcome.Allow, i < same ? HumanDid.Same : HumanDid.Nothing, null, true, 1))]));
    }

    [Fact]
    public void Owners_DisabledOrOnlyInvited_AreMissing()
    {
        var evidence = Evidence.Of(people: [Worlds.Person("rita"), Worlds.Person("will", disabled: true), Worlds.Person("ines", joined: false)]);
        var owners = Of(Gate.A, "owners", evidence);
        Assert.False(owners.Met || owners.Holds);
        Assert.Equal("missing: workflow owner (Will cannot sign in), incident owner (Ines cannot sign in)", owners.Evidence);
    }

    /// <summary>Met, and held, by what the matrix says about <c>refund.create</c>.</summary>
    [Theory]
    [InlineData("""{"id":"R","action":"refund.create","outcome":"approve","approvers":["user:rita@example.com"]}""", true, true)]
    [InlineData("""{"id":"R","action":"refund.*","outcome":"deny"}""", true, true)]
    [InlineData("""{"id":"R","action":"refund.create","consequence":"low","outcome":"allow"}""", false, false)]                            // taken for a lesser one, and alone
    [InlineData("""{"id":"D","action":"refund.create","outcome":"deny"},{"id":"R","action":"*","consequence":"low","outcome":"allow"}""", true, true)]   // never comes to the second row
    [InlineData("""{"id":"R","action":"refund.create","when":[{"field":"arguments.amount","op":"<","value":9}],"consequence":"low","outcome":"allow"}""", false, false)]   // small ones alone, the rest unnamed
    [InlineData("""{"id":"R","action":"refund.create","when":[{"field":"arguments.amount","op":"<","value":9}],"consequence":"low","outcome":"allow"},{"id":"S","action":"refund.create","outcome":"approve","approvers":["user:will@example.com"]}""", true, true)]
    [InlineData("""{"id":"R","action":"refund.create","consequence":"low","outcome":"approve"}""", false, false)]
    [InlineData("""{"id":"R","action":"refund.create","outcome":"approve","approvers":["group:leads"]}""", true, true)]
    [InlineData("""{"id":"R","action":"refund.create","outcome":"approve","approvers":["group:gone"]}""", false, false)]   // is there, and nobody in it can sign in
    [InlineData("""{"id":"R","action":"refund.create","outcome":"approve","approvers":["user:gone@example.com"]}""", false, false)]
    public void Approvers_OfActionsOfHighConsequence(string rules, bool met, bool holds)
    {
        var approvers = Of(Gate.B, "approvers", Evidence.Of($$"""{"rules":[{{rules}}]}""", people: [.. Evidence.Three.Select(p => p.Id == "per_rita" ? p with { Groups = System.Collections.Frozen.FrozenSet.Create("leads") } : p), Worlds.Person("out", disabled: true) with { Groups = System.Collections.Frozen.FrozenSet.Create("gone") }]));
        Assert.Equal((met, holds), (approvers.Met, approvers.Holds));
    }

    [Fact]
    public void ApproverLeaves_OneOfTwo_KeepsTheGate_TheLastLetsItFall()
    {
        var (one, both) = (Evidence.Of(people: [Worlds.Person("rita"), Worlds.Person("will", disabled: true)]), Evidence.Of(people: [Worlds.Person("rita", disabled: true), Worlds.Person("will", disabled: true)]));
        var met = new HashSet<string> { "matrix", "approvers" };
        Assert.False(Of(Gate.B, "matrix", one).Met);
        Assert.Empty(Gates.Broken(Gate.B, one, [], met));
        Assert.Equal(["approvers"], Gates.Broken(Gate.B, both, [], met).Select(b => b.Id));
        Assert.Empty(Gates.Broken(Gate.B, both, [], new HashSet<string>()));
    }

    [Fact]
    public void Drill_CountsWhileItsScenarioStands()
    {
        var drill = new RoutingDrill("drl_1", "rol_1", "row-1", "Leak", ["per_ines"], "per_rita", Worlds.Now);
        drill.Acknowledge("per_ines", Worlds.Now.AddMinutes(4));
        (string, string)[] row = [("escalation/row-1/place", "m"), ("escalation/row-1/owner", "role:incident_owner"), ("escalation/row-1/deputy", "user:will@example.com")];
        Assert.True(Of(Gate.B, "drill", Evidence.Of(texts: row, drills: [drill])).Met);
        var handed = Of(Gate.B, "drill", Evidence.Of(texts: [row[0], ("escalation/row-1/owner", "role:rollout_owner")], drills: [drill]));
        Assert.Equal((false, "Ines, who had it in the last one, takes “Leak” no more"), (handed.Met, handed.Evidence));
        var gone = Of(Gate.B, "drill", Evidence.Of(drills: [drill]));
        Assert.Equal((false, "“Leak”, with which it was passed, is no scenario any more"), (gone.Met, gone.Evidence));
    }

    [Fact]
    public void EscalationOwnerLeaves_TheGateFalls_AFieldThatIsBeingWrittenKeepsIt()
    {
        (string Field, string Text)[] row = [("escalation/row-1/place", "m"), ("escalation/row-1/scenario", "Leak"), ("escalation/row-1/owner", "user:ines@example.com"), ("escalation/row-1/deputy", "role:workflow_owner")];
        Assert.Equal((false, true), Now(row[..3]));
        Assert.Equal((false, true), Now(row));
        Assert.Equal((false, false), Now(row, Worlds.Person("rita"), Worlds.Person("will"), Worlds.Person("ines", disabled: true)));

        static (bool, bool) Now((string, string)[] texts, params PersonEntry[] people)
        {
            var line = Of(Gate.B, "escalation", Evidence.Of(people: people.Length == 0 ? null : people, texts: texts));
            return (line.Met, line.Holds);
        }
    }

    [Fact]
    public void Drill_LeftAlone_EndsAsFailedAfterHalfAnHour()
    {
        var drill = new RoutingDrill("drl_1", "rol_1", "row-1", "Leak", ["per_ines"], "per_rita", Worlds.Now);
        Assert.False(drill.Lapse(Worlds.Now.AddMinutes(29)));
        Assert.True(drill.Lapse(Worlds.Now.AddHours(5)));
        Assert.Equal((false, false, Worlds.Now.AddMinutes(30)), (drill.Running, drill.Passed, drill.EndedAt!.Value));
        Assert.False(drill.Lapse(Worlds.Now.AddHours(6)));
    }

    [Theory]
    [InlineData(false, false, false, true)]   // registered, and may do nothing yet
    [InlineData(false, true, false, false)]
    [InlineData(true, true, true, true)]
    public void Caps_OfAgentsThatMayAct(bool caps, bool mayAct, bool met, bool holds)
    {
        var line = Of(Gate.C, "caps", Evidence.Of(agents: [new AgentFacts("agt_1", "Helper", "1", null, caps, mayAct)]));
        Assert.Equal((met, holds), (line.Met, line.Holds));
    }

    [Fact]
    public void Evals_ConfirmedForAnotherVersion_NoLongerCount()
    {
        (string, RolloutRole, bool)[] members = [("rita", RolloutRole.EngineeringOwner, true)];
        var before = Evidence.Of(members: members, agents: [new AgentFacts("agt_1", "Helper", "1", "m", true, true)]);
        var given = Evidence.Confirmed("rita", "evals", before);
        Assert.True(Of(Gate.C, "evals", before with { Confirmations = [given] }).Met);
        var later = Of(Gate.C, "evals", before with { Confirmations = [given], Agents = [new AgentFacts("agt_1", "Helper", "2", "m", true, true)] });
        Assert.Equal((false, false, "Rita confirmed it for an earlier version"), (later.Met, later.Holds, later.Evidence));
        Assert.True(Holds(new AgentFacts("agt_1", "Helper", "1", "m", true, true), new AgentFacts("agt_2", "New", "1", "m", true, false)));   // registered, and may do nothing yet
        Assert.False(Holds(new AgentFacts("agt_1", "Helper", "1", "m", true, true), new AgentFacts("agt_2", "New", "1", "m", true, true)));
        Assert.True(Holds());
        given.Outdate();
        var revoked = Of(Gate.C, "evals", before with { Confirmations = [given] });
        Assert.Equal((false, false, "Rita confirmed it for the gate before it was revoked"), (revoked.Met, revoked.Holds, revoked.Evidence));

        bool Holds(params AgentFacts[] agents) => Of(Gate.C, "evals", before with { Confirmations = [given], Agents = agents }).Holds;
        Assert.False(Of(Gate.C, "evals", Evidence.Of(confirmations: [given])).Holds);   // no engineering owner any more
    }

    [Fact]
    public void Meant_IsTheHoldersOfARole_ThenItsDeputies_ActiveOnesOnly()
    {
        var evidence = Evidence.Of(people: [Worlds.Person("rita"), Worlds.Person("will"), Worlds.Person("ines", disabled: true)],
            members: [("rita", RolloutRole.IncidentOwner, true), ("will", RolloutRole.IncidentOwner, false), ("ines", RolloutRole.IncidentOwner, false)]);
        Assert.Equal(["per_will", "per_rita"], evidence.Meant("role:incident_owner"));
        Assert.Equal(["per_rita"], evidence.Meant("user:Rita@example.com"));
        foreach (var nobody in (string[])["user:ines@example.com", "role:king", "rita", ""]) Assert.Empty(evidence.Meant(nobody));
    }

    [Fact]
    public void Steps_OfAnEmptyRollout_AreAllOpen_AndSayWhatTheyNeed()
    {
        var steps = Steps.Of(Evidence.Of("""{"rules":[]}""", "[]", [], []));
        Assert.Equal([1, 2, 3, 4, 5, 6], steps.Select(s => s.Number));
        Assert.All(steps, s => Assert.False(s.Done));
        Assert.All(steps.SelectMany(s => s.Requirements).Where(r => !r.Met), r => Assert.True(r.Evidence.Length > 0 && r.Who.Count > 0, r.Id));
    }

    /// <summary>An approved memo about the present cycle; where no review was ever opened, somebody's word; and what was passed on such words stays.</summary>
    [Fact]
    public void Memo_IsWhatTheSponsorApproved_OnThePresentCycle()
    {
        (string, RolloutRole, bool)[] members = [("rita", RolloutRole.ExecSponsor, false)];
        var none = Evidence.Of(members: members);
        var confirmed = none with { Confirmations = [Evidence.Confirmed("rita", "memo", none)] };
        Assert.Equal((false, false, "memo"), Now(none));
        Assert.Equal((true, true, "memo"), Now(confirmed));

        DateOnly last = new(2026, 11, 9);
        var reviewed = none with { Reviews = new ReviewCycle(4, last, [.. Enumerable.Range(0, 4).Select(i => new ReviewFact(last.AddDays(-7 * i), ReviewVerdict.Keep, "per_rita", []))]) };
        Assert.Equal((false, false, null), Now(reviewed));
        Assert.Equal((false, true, null), Now(reviewed with { Confirmations = confirmed.Confirmations }));   // passed on a word, before there were memos
        MemoStanding Standing(MemoState state, ApprovedMemo? approved, bool ever) => new(approved, ever, "mem_1", state);
        ApprovedMemo good = new("mem_1", last, "per_rita", Worlds.Now), old = good with { Week = last.AddDays(-28) };
        Assert.Equal((true, true, null), Now(reviewed with { Memos = Standing(MemoState.Approved, good, true) }));
        Assert.Equal((false, true, null), Now(reviewed with { Memos = Standing(MemoState.Approved, old, true) }));   // time alone lets no gate fall
        Assert.Equal((true, true, null), Now(reviewed with { Memos = Standing(MemoState.Declined, good, true) }));   // a further ask was declined
        Assert.Equal((false, false, null), Now(reviewed with { Confirmations = confirmed.Confirmations, Memos = Standing(MemoState.Approved, null, true) }));   // taken back
        Assert.Equal((false, true, null), Now(reviewed with { Confirmations = confirmed.Confirmations, Memos = Standing(MemoState.Draft, null, false) }));
        foreach (var (state, says) in ((MemoState, string)[])[(MemoState.Draft, "is being written"), (MemoState.Submitted, "waits for the sponsor"), (MemoState.Held, "holds"), (MemoState.Declined, "declined"), (MemoState.Withdrawn, "withdrawn"), (MemoState.Approved, "taken back")])
            Assert.Contains(says, Of(Gate.D, "memo", reviewed with { Memos = Standing(state, null, false) }).Evidence, StringComparison.Ordinal);

        static (bool, bool, string?) Now(RolloutEvidence evidence) => Of(Gate.D, "memo", evidence) is var r ? (r.Met, r.Holds, r.Confirm) : default;
    }
}
