using System.Collections.Frozen;
using FsCheck;
using FsCheck.Fluent;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Decisions;
using OpsConsole.Tests.Core.Authority;
using OpsConsole.Tests.Core.Decisions;

namespace OpsConsole.Tests.Core.Approvals;

/// <summary>Deputies, stand-ins, working hours, handing on, escalating by hand.</summary>
public sealed class RoutingTests
{
    // Ann owns the agent, Dana the rollout with Fay as her deputy; Bob leads risk with Cem as his deputy; Gus and Hal are in 'leads'; Eve is an admin.
    private static readonly PersonEntry Ann = Worlds.Person("ann"), Bob = Worlds.Person("bob"), Cem = Worlds.Person("cem"), Dana = Worlds.Person("dana"), Eve = Worlds.Person("eve", ConsoleRoles.Admin),
        Fay = Worlds.Person("fay"), Gus = Worlds.Person("gus", groups: "leads"), Hal = Worlds.Person("hal", groups: "leads");
    private static readonly PersonEntry[] Everybody = [Ann, Bob, Cem, Dana, Eve, Fay, Gus, Hal];
    private static readonly RolloutAuthority Rollout = Worlds.Rollout with
    {
        Members = [("per_dana", RolloutRole.RolloutOwner, false), ("per_fay", RolloutRole.RolloutOwner, true), ("per_bob", RolloutRole.RiskLead, false), ("per_cem", RolloutRole.RiskLead, true)],
    };
    private static readonly AgentAuthority Agent = Worlds.Agent with { Rollout = Rollout };
    private static readonly DateTimeOffset Now = Worlds.Now;

    private static readonly FrozenSet<string> Risk = FrozenSet.Create("risk");

    private static AbsenceEntry Away(PersonEntry who, PersonEntry? standIn = null, int from = -1, int until = 1) => new(who.Id, Now.AddHours(from), Now.AddHours(until), standIn?.Id);

    private static PeopleDirectory People(PersonEntry[]? instead = null, params AbsenceEntry[] absences)
        => new([.. Everybody.Select(p => instead?.FirstOrDefault(i => i.Id == p.Id) ?? p)], [new GroupEntry("leads", "leads", [Gus.Id, Hal.Id]), new GroupEntry("risk", "risk", [Bob.Id, Cem.Id])], [], [], null, absences);

    private static ApprovalRequest Asking(int quorum, bool sequence, params string[] approvers) => ApprovalRulesTests.Request(ApprovalRulesTests.Terms(quorum, "deny", null, sequence, approvers));

    private static string[] Asked(ApprovalRequest request, PeopleDirectory people, DateTimeOffset? at = null, string? actsFor = null)
        => [.. OpsConsole.Core.Approvals.Asked.Now(request, actsFor, Agent, people, at ?? Now).Select(a => $"{a.Person.Email[..3]} {a.As}{(a.For is { } f ? " " + f[4..7] : "")}{(a.Escalated ? " escalated" : "")}").Order()];

    private static Eligibility Of(PersonEntry person, ApprovalRequest request, PeopleDirectory people, DateTimeOffset? at = null) => Deciders.Of(person, request, null, Agent, people, at ?? Now);

    private static bool Yes(PersonEntry person, ApprovalRequest request, PeopleDirectory people)
    {
        var seat = Of(person, request, people);
        return seat.MayDecide && Deciders.WhyUncounted(person, request, seat, null) == Uncounted.No && ApprovalRules.Cast(request, person.Id, Verdict.Approve, null, null, false, null, Now, seat).Ok;
    }

    [Fact]
    public void Deputies_OfWhomTheRuleNames_MayDecideAndAreAskedWhenTheyAreNeeded()
    {
        var request = Asking(1, false, "user:bob@example.com", "group:leads");
        var here = People();
        Assert.Equal((Standing.Named, Capacity.Deputy, "per_bob"), (Of(Cem, request, here).Standing, Of(Cem, request, here).As, Of(Cem, request, here).For));
        Assert.Equal(["bob Named", "gus Named", "hal Named"], Asked(request, here));
        Assert.Equal(["cem Deputy bob", "gus Named", "hal Named"], Asked(request, People(null, Away(Bob))));
        Assert.Equal(["cem Deputy bob", "gus Named", "hal Named"], Asked(request, People([Bob with { Disabled = true }])));
        // Where nobody is named the owner's deputy decides, not that of another role.
        Assert.Equal([Capacity.Named, Capacity.Deputy], ((PersonEntry[])[Dana, Fay]).Select(p => Of(p, Asking(1, false), here).As));
        Assert.Equal(Standing.None, Of(Cem, Asking(1, false), here).Standing);
    }

    [Fact]
    public void StandsIn_WhileSomebodyIsAway_OneHopAndNeverWhoMayNot()
    {
        var request = Asking(1, false, "group:leads");
        var people = People(null, Away(Gus, Bob));
        Assert.Equal(["bob StandsIn gus", "hal Named"], Asked(request, people));
        Assert.Equal("You stand in for Gus, who is away.", Of(Bob, request, people).Why);
        Assert.Equal(["gus Named", "hal Named"], Asked(request, people, Now.AddHours(1)));       // back at the very moment it says
        Assert.Equal(Standing.None, Of(Bob, request, people, Now.AddHours(1)).Standing);
        Assert.Equal(Standing.Named, Of(Gus, request, people).Standing);                          // came back early
        Assert.Equal(["hal Named"], Asked(request, People(null, Away(Gus, Bob), Away(Bob, Cem))));   // Bob is away himself, and Cem inherits nothing
        Assert.Equal(["hal Named"], Asked(request, People(null, Away(Gus, Ann))));                // Ann owns the agent
        Assert.Equal(["hal Named"], Asked(request, People(null, Away(Gus, Bob)), actsFor: "bob@example.com"));
        Assert.Equal(["hal Named"], Asked(request, People([Bob with { Disabled = true }], Away(Gus, Bob))));
        // Nobody gives away what they may not do themselves.
        Assert.Equal(Standing.None, Deciders.Of(Bob, Asking(1, false, "user:ann@example.com"), null, Agent, People(null, Away(Ann, Bob)), Now).Standing);
    }

    [Fact]
    public void EverybodyAway_IsEscalatedAtOnceAndTheQuorumStays()
    {
        var (request, people) = (Asking(2, true, "user:gus@example.com", "user:hal@example.com"), People(null, Away(Gus)));
        Assert.Equal(["user:gus@example.com", "user:hal@example.com", "user:dana@example.com"], Circle.EscalateIfStuck(request, false, null, Agent, people, Now)!);
        Assert.Equal(["dan Named escalated", "hal Named"], Asked(request, people));
        // That people are away does not make fewer of them enough when time runs out.
        var late = Asking(2, false, "user:gus@example.com", "user:hal@example.com");
        Assert.Equal(2, Circle.Quorum(late, late.Terms.Approvers, null, Agent, People(null, Away(Gus), Away(Hal)), Now));
    }

    [Fact]
    public void APlace_CountsOnce()
    {
        var (two, people) = (Asking(2, false, "user:bob@example.com", "user:gus@example.com"), People(null, Away(Bob, Hal)));
        Assert.True(Yes(Hal, two, people));
        Assert.False(Yes(Bob, two, people));      // back early: his place has spoken
        Assert.False(Yes(Cem, two, people));      // and so has the one of whom he is the deputy
        Assert.Equal(Standing.Named, Of(Bob, two, people).Standing);   // he may still reject it
        Assert.Equal(["gus Named"], Asked(two, people));
        Assert.True(Yes(Gus, two, people));
        Assert.Equal((ApprovalStatus.Approved, "per_bob", Capacity.StandsIn), (two.Status, two.Votes[0].For, two.Votes[0].As));
        // Whoever could take two places takes the free one.
        var both = Asking(2, false, "user:hal@example.com", "user:bob@example.com");
        Assert.True(Yes(Bob, both, people));
        Assert.True(Yes(Hal, both, people));
        Assert.Equal(ApprovalStatus.Approved, both.Status);
    }

    [Fact]
    public void APlace_OfAnOwnerAndTheirDeputy_CountsOnceAfterAnEscalationToo()
    {
        var (request, people) = (Asking(2, false, "user:gus@example.com"), People([Gus with { Disabled = true }]));
        Assert.NotNull(Circle.EscalateIfStuck(request, false, null, Agent, people, Now));
        Assert.Contains("user:eve@example.com", request.Terms.Approvers);   // the owner and the deputy are not two
        Assert.True(Yes(Dana, request, people));
        Assert.Equal((Standing.Named, Capacity.Deputy, Dana.Id), (Of(Fay, request, people).Standing, Of(Fay, request, people).As, Of(Fay, request, people).For));
        Assert.False(Yes(Fay, request, people));
        Assert.True(Yes(Eve, request, people));
        // When time runs out they are not two either.
        var late = ApprovalRulesTests.Request(ApprovalRulesTests.Terms(3, "widen", null, false, "user:bob@example.com"));
        Assert.Equal(2, Circle.Quorum(late, ["user:bob@example.com", "user:dana@example.com"], null, Agent, People(), Now));
    }

    [Fact]
    public void OutOfHours_DeputiesAreAskedOnce()
    {
        var hours = new WorkingHours(WorkDays.All, new TimeOnly(10, 30), new TimeOnly(17, 0), TimeZoneInfo.Utc);   // it is nine, and the request is due at ten
        var request = Asking(1, false, "user:bob@example.com");
        var people = People([Bob with { Hours = hours }]);
        Assert.Equal(["per_cem"], OpsConsole.Core.Approvals.Asked.AskDeputies(request, null, Agent, people, Now)!.Select(p => p.Id));
        Assert.Equal(["bob Named", "cem Deputy bob"], Asked(request, people));
        Assert.Null(OpsConsole.Core.Approvals.Asked.AskDeputies(request, null, Agent, people, Now));
        Assert.Equal((0, Now.AddHours(1)), (request.Level, request.ExpiresAt));

        Assert.Null(Ask(People([Bob with { Hours = hours with { From = new TimeOnly(9, 59) } }])));
        Assert.Null(Ask(People()));                                                          // always at work
        Assert.Null(Ask(People([Gus with { Hours = hours }]), "user:gus@example.com"));      // has no deputy: nothing changes
        Assert.Equal("per_cem", Ask(People([Bob with { Hours = hours with { From = new TimeOnly(9, 30) } }], Away(Bob, null, 0, 9) with { From = Now.AddMinutes(20) }))!.Single().Id);   // would be, and is away then

        static IReadOnlyList<PersonEntry>? Ask(PeopleDirectory people, string approver = "user:bob@example.com") => OpsConsole.Core.Approvals.Asked.AskDeputies(Asking(1, false, approver), null, Agent, people, Now);
    }

    [Fact]
    public void HandOn_PersonOfAGroup_TheNewOneTakesTheirPlaceAndTheOthersStay()
    {
        var (request, people) = (Asking(2, true, "group:leads", "user:bob@example.com"), People());
        Assert.True(Moves.HandOn(request, Gus, "cem@example.com", "on a train", 1, null, Agent, people, Now).Value);
        Assert.Equal((2, true), (request.Version, request.HandedOn));
        Assert.False(Moves.HandOn(request, Gus, "user:CEM@example.com", "on a train", 1, null, Agent, people, Now).Value);   // the same again, whatever the version
        Assert.Equal(["cem HandedOn gus", "hal Named"], Asked(request, people));
        Assert.Equal("You handed this on to Cem.", Of(Gus, request, people).Why);
        Assert.Equal("approval.not_decider", Moves.HandOn(request, Gus, "dana@example.com", "no", null, null, Agent, people, Now).Fault!.Code);
        // Cem hands it on; Hal still shares the turn, and Bob comes after it.
        Assert.True(Moves.HandOn(request, Cem, "dana@example.com", "ill", null, null, Agent, people, Now).Value);
        Assert.Equal(["dan HandedOn gus", "hal Named"], Asked(request, people));
        Assert.Equal(Standing.NotYet, Of(Bob, request, people).Standing);
        // Dana hands it back to Gus, who is asked again in his own place.
        Assert.True(Moves.HandOn(request, Dana, "gus@example.com", "yours", null, null, Agent, people, Now).Value);
        Assert.Equal(["gus Named", "hal Named"], Asked(request, people));
        Assert.True(Yes(Gus, request, people));
        Assert.Equal(["bob Named"], Asked(request, people));
        Assert.Equal(2, request.Terms.Quorum);
        Assert.Equal("approval.decided", Moves.HandOn(request, Gus, "dana@example.com", "late", null, null, Agent, people, Now).Fault!.Code);   // said yes already
    }

    [Fact]
    public void HandOn_ByWhoeverCouldTakeTwoPlaces_GivesOne()
    {
        var (request, people) = (Asking(2, false, "user:bob@example.com", "user:dana@example.com"), People([Fay with { Disabled = true }], Away(Dana, Bob)));
        Assert.True(Moves.HandOn(request, Bob, "group:leads", "you two", null, null, Agent, people, Now).Value);
        Assert.Equal(["gus HandedOn bob", "hal HandedOn bob"], Asked(request, people));
        Assert.True(Yes(Gus, request, people));
        Assert.False(Yes(Hal, request, people));
        Assert.Equal(ApprovalStatus.Pending, request.Status);
        // One that was handed on before moves kept whose place it was: the giver's own.
        var old = Asking(1, false, "user:bob@example.com");
        old.Restate(old.Terms with { Moves = [new Move(Bob.Id, "user:hal@example.com", "before", Now)] });
        Assert.Equal(["hal HandedOn bob"], Asked(old, people));
    }

    [Fact]
    public void HandOn_ByWhoMayNotDecideAnyMore_GivesNothing()
    {
        var request = Asking(1, false, "user:bob@example.com");
        Assert.True(Moves.HandOn(request, Bob, "hal@example.com", "yours", null, null, Agent, People(), Now).Value);
        Assert.Equal(Standing.Named, Of(Hal, request, People()).Standing);
        Assert.Equal(Standing.None, Of(Hal, request, People([Bob with { Disabled = true }])).Standing);
        Assert.Equal(Standing.None, Deciders.Of(Hal, request, null, Agent with { OwnerId = Bob.Id }, People(), Now).Standing);
        Assert.Equal(Standing.None, Deciders.Of(Hal, request, "bob@example.com", Agent, People(), Now).Standing);
    }

    [Fact]
    public void HandOn_AgainAndAgain_EndsAndIsCheapToLookAt()
    {
        // As many as there may be, each to a group that they are in (which is refused today): there is still one place, and it is found once.
        PersonEntry[] crowd = [.. Enumerable.Range(0, Moves.MostHanded + 1).Select(i => Worlds.Person("p" + (char)('a' + i), groups: "crowd"))];
        var people = new PeopleDirectory(crowd, [new GroupEntry("crowd", "crowd", [.. crowd.Select(p => p.Id)])], [], []);
        var request = Asking(1, false, "user:pa@example.com");
        request.Restate(request.Terms with { Moves = [.. crowd.Take(Moves.MostHanded).Select(p => new Move(p.Id, "group:crowd", "words", Now, 0, crowd[0].Id))] });
        Assert.Equal([new Place(crowd[0].Id, Capacity.HandedOn)], new Places(request.Terms, null, Agent, people, Now).Of(crowd[^1], request.Terms.Approvers[0]));

        var (again, here) = (Asking(1, false, "user:bob@example.com"), People());
        for (var i = 0; i < Moves.MostHanded; i++) Assert.True(Moves.HandOn(again, i % 2 == 0 ? Bob : Cem, i % 2 == 0 ? "cem@example.com" : "bob@example.com", "no, you", null, null, Agent, here, Now).Value);
        Assert.Equal("approval.too_many_moves", Moves.HandOn(again, Bob, "cem@example.com", "no, you", null, null, Agent, here, Now).Fault!.Code);
        Assert.NotNull(Moves.Escalate(again, Bob, "nobody wants it", null, null, Agent, here, Now).Value);
    }

    [Fact]
    public void HandOn_ByAnAdmin_TheyBreakNoGlassBesides()
    {
        var (request, people) = (Asking(2, false, "user:eve@example.com", "user:bob@example.com"), People());
        Assert.True(Moves.HandOn(request, Eve, "gus@example.com", "yours", null, null, Agent, people, Now).Value);
        Assert.Equal(Standing.None, Of(Eve, request, people).Standing);
        Assert.True(Yes(Gus, request, people));
        Assert.False(Yes(Eve, request, people));
    }

    [Theory]
    [InlineData("ann@example.com", "approval.may_not_decide", "Ann owns this agent")]
    [InlineData("cem@example.com", "approval.may_not_decide", "acts on behalf of Cem")]
    [InlineData("hal@example.com", "approval.may_not_decide", "Hal is away")]
    [InlineData("fay@example.com", "approval.may_not_decide", "Fay's account is disabled")]
    [InlineData("gus@example.com", "approval.may_not_decide", "Gus said yes to this already")]
    [InlineData("bob@example.com", "reassign.self", "with you already")]
    [InlineData("group:risk", "reassign.self", "in that group yourself")]
    [InlineData("nobody@example.com", "person.unknown", "nobody@example.com")]
    [InlineData("group:none", "person.unknown", "group:none")]
    public void HandOn_ToWhomMayNotDecide_IsRefusedWithTheRule(string to, string code, string words)
    {
        var (request, people) = (Asking(2, false, "user:bob@example.com", "user:gus@example.com"), People([Fay with { Disabled = true }, Bob with { Groups = Risk }], Away(Hal)));
        Assert.True(Yes(Gus, request, people));
        var refused = Moves.HandOn(request, people.People[Bob.Id], to, "please", null, "cem@example.com", Agent, people, Now).Fault!;
        Assert.Equal((code, true, 2L), (refused.Code, refused.Message.Contains(words, StringComparison.Ordinal), request.Version));
    }

    [Fact]
    public void Escalate_ByHand_AsksMorePeopleNowAndNeverFewer()
    {
        var (deny, people) = (ApprovalRulesTests.Request(ApprovalRulesTests.Terms(2, "deny", null, true, "user:bob@example.com", "user:gus@example.com") with { EscalateTo = ["group:leads"] }), People());
        Assert.Equal("approval.not_decider", Moves.Escalate(deny, Cem with { Id = "per_x" }, "hurry", null, null, Agent, people, Now).Fault!.Code);
        Assert.Equal(["user:bob@example.com", "user:gus@example.com", "group:leads"], Moves.Escalate(deny, Bob, "hurry", 1, null, Agent, people, Now.AddMinutes(5)).Value!);
        Assert.Equal((1, 2, Now.AddHours(1), ApprovalStatus.Pending), (deny.Level, deny.Terms.Quorum, deny.ExpiresAt, deny.Status));   // the clock goes on: at its end it is denied
        Assert.Null(Moves.Escalate(deny, Bob, "hurry", 1, null, Agent, people, Now).Value);          // the same again
        Assert.Equal(["bob Named", "gus Named", "hal Named escalated"], Asked(deny, people));
        // About another proposal it is not the same again.
        var edited = ApprovalRulesTests.Request(deny.Terms);
        ApprovalRules.Edit(edited, edited.Terms, true, [1], 9, false, "per_gus", null, false, null, Now);
        Assert.NotNull(Moves.Escalate(edited, Bob, "still", null, null, Agent, people, Now).Value);
        // An admin who is not asked may as well, further; and then nobody is left to ask.
        Assert.NotNull(Moves.Escalate(deny, Eve, "nobody answers", null, null, Agent, people, Now).Value);
        Assert.Contains("dan Named escalated", Asked(deny, people));
        Assert.Equal(Standing.BreakGlass, Of(Eve, deny, people).Standing);
        var rule = ApprovalRulesTests.Request(ApprovalRulesTests.Terms(1, "escalate", null, false, "user:bob@example.com"));
        Assert.NotNull(Moves.Escalate(rule, Bob, "hurry", null, null, Agent, people, Now.AddMinutes(5)).Value);
        Assert.Equal(Now.AddMinutes(65), rule.ExpiresAt);                                            // a whole SLA for whoever is asked now
        Assert.True(ApprovalRules.Expire(rule, ["user:eve@example.com"], 1, rule.ExpiresAt));         // and that was the rule's only escalation
    }

    [Fact]
    public void Escalate_ByAnAdminWhoIsNotAsked_TheyStillBreakTheGlass()
    {
        // Eve is the only admin and rollout owner there is, and in the group it escalates to.
        var (eve, agent) = (Eve with { Groups = FrozenSet.Create("leads") }, Agent with { Rollout = Rollout with { Members = [(Eve.Id, RolloutRole.RolloutOwner, false)] } });
        var people = People([eve, Gus with { Disabled = true }], Away(eve, Cem, from: 1));
        foreach (var (onExpiry, escalateTo) in ((string, string[])[])[("widen", []), ("escalate", ["group:leads"])])
        {
            var request = ApprovalRulesTests.Request(ApprovalRulesTests.Terms(1, onExpiry, null, false, "user:bob@example.com") with { EscalateTo = escalateTo });
            var moved = Moves.Escalate(request, eve, "hurry", null, null, agent, people, Now);
            Assert.Equal((escalateTo.Length == 0, Standing.BreakGlass), (moved.Fault?.Code == "approval.nobody_wider", Deciders.Of(eve, request, null, agent, people, Now).Standing));   // alone she is nobody more
            Assert.Equal(Standing.None, Deciders.Of(Cem, request, null, agent, people, Now.AddHours(1)).Standing);   // nor is whoever stands in for her
            if (moved.Ok) Assert.Equal(Standing.Named, Deciders.Of(Hal, request, null, agent, people, Now).Standing);
        }
        // Somebody else's escalation names her.
        var others = ApprovalRulesTests.Request(ApprovalRulesTests.Terms(1, "widen", null, false, "user:bob@example.com"));
        Assert.NotNull(Moves.Escalate(others, Bob, "hurry", null, null, agent, people, Now).Value);
        Assert.Equal(Standing.Named, Deciders.Of(eve, others, null, agent, people, Now).Standing);
    }

    [Fact]
    public void SamePeople_AsTheLastTime_DoNotCompleteIt()
    {
        var (request, people, last) = (Asking(2, false, "user:gus@example.com", "user:hal@example.com"), People(), (string[])[Gus.Id, Hal.Id]);
        Assert.True(Yes(Gus, request, people));
        Assert.Equal(Uncounted.SamePeople, Deciders.WhyUncounted(Hal, request, Of(Hal, request, people), last));
        Assert.Empty(Deciders.Eligible(request, null, Agent, people, Now, last));
        Assert.NotNull(Circle.EscalateIfStuck(request, false, null, Agent, people, Now, last));
        Assert.Equal(["per_dana", "per_fay"], Deciders.Eligible(request, null, Agent, people, Now, last).Select(p => p.Id).Order());
        Assert.Equal(Uncounted.No, Deciders.WhyUncounted(Hal, request, Of(Hal, request, people), [Gus.Id, Bob.Id]));
    }

    private static readonly Gen<string> Entries = Gen.Elements("user:ann@example.com", "user:bob@example.com", "user:cem@example.com", "user:dana@example.com", "group:leads");

    /// <summary>
    /// Whoever is away, hands it on to whom, escalates it or lets it expire, in any order: nobody decides whom a rule keeps from it, everybody who is asked stands in a place of the circle,
    /// no two yes come from one place, and only as many yes as are needed let it go: never time, never moving it about.
    /// </summary>
    [Fact]
    public void AnyRouting_NeverLetsInWhoMayNot_NorApprovesByItself() => MatrixGenerators.Holds(
        from approvers in Entries.ArrayOf().Select(a => a.Distinct().Take(3).ToArray()) from quorum in Gen.Choose(1, 3) from sequence in Gen.Elements(true, false) from onExpiry in Gen.Elements("deny", "escalate", "widen")
        from off in Gen.Choose(0, 255) from owner in Gen.Elements("per_ann", "per_bob", "per_gus") from actsFor in Gen.Elements<string?>(null, "cem@example.com", "hal@example.com")
        from absences in (from who in Gen.Elements(Everybody) from to in Gen.Elements(Everybody) from until in Gen.Choose(0, 3) select Away(who, to, -1, until)).ArrayOf().Select(a => a.DistinctBy(x => x.PersonId).Where(x => x.DelegateId != x.PersonId).Take(4).ToArray())
        from steps in (from verb in Gen.Choose(0, 4) from who in Gen.Elements(Everybody) from to in Gen.Elements((string[])[.. Everybody.Select(p => p.Email), "group:leads", "group:risk"]) select (verb, who, to)).ArrayOf().Select(s => s.Take(12).ToArray())
        select (approvers, quorum, sequence, onExpiry, off, owner, actsFor, absences, steps),
        x =>
        {
            var disabled = x.off & (x.off >> 4) & 0xf;   // few
            var people = People([.. Everybody.Select((p, i) => p with { Disabled = (disabled & (1 << i)) > 0 })], x.absences);
            var agent = Agent with { OwnerId = x.owner };
            var request = ApprovalRulesTests.Request(ApprovalRulesTests.Terms(x.quorum, x.onExpiry, null, x.sequence, x.approvers));
            var now = request.RequestedAt;
            foreach (var (verb, who, to) in x.steps)
            {
                var (open, yes, me) = (request.Open, request.Approvals, people.People[who.Id]);
                var seat = Deciders.Of(me, request, x.actsFor, agent, people, now);
                if (verb == 0) Moves.HandOn(request, me, to, "words", null, x.actsFor, agent, people, now);
                else if (verb == 1) Moves.Escalate(request, me, "words", null, x.actsFor, agent, people, now);
                else if (verb == 2 && open && now < request.ExpiresAt) now = request.ExpiresAt;
                else if (verb == 3 && open && now >= request.ExpiresAt)
                {
                    var circle = Circle.Wider(request, x.actsFor, agent, people, now);
                    ApprovalRules.Expire(request, circle, Circle.Quorum(request, circle, x.actsFor, agent, people, now), now);
                }
                else if (verb == 4 && seat.MayDecide && Deciders.WhyUncounted(me, request, seat, null) == Uncounted.No) ApprovalRules.Cast(request, me.Id, Verdict.Approve, null, null, false, null, now, seat);
                Circle.EscalateIfStuck(request, true, x.actsFor, agent, people, now);
                if (verb != 4 && (request.Approvals != yes || request.Status is ApprovalStatus.Approved or ApprovalStatus.Edited && open)) return false;
                foreach (var p in people.People.Values)
                {
                    var may = Deciders.Of(p, request, x.actsFor, agent, people, now).MayDecide;
                    if (may && (!p.Active || p.Id == x.owner || p.Email == x.actsFor)) return false;
                }
                if (Deciders.Eligible(request, x.actsFor, agent, people, now).Any(p => people.Away(p.Id, now) is not null || request.CurrentVotes.Any(v => v.PersonId == p.Id))) return false;
                if (request.CurrentVotes.Select(v => v.For ?? v.PersonId).Distinct().Count() != request.CurrentVotes.Count()) return false;
                if (request.CurrentVotes.Any(v => v.PersonId == Fay.Id && v.For is null)) return false;   // named nowhere, a deputy has no place of their own
                if (request.Status == ApprovalStatus.Approved && request.Approvals < request.Terms.Quorum) return false;
            }
            return true;
        }, 3_000);
}
