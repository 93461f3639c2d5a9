using FsCheck;
using FsCheck.Fluent;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Decisions;
using OpsConsole.Tests.Core.Authority;
using OpsConsole.Tests.Core.Decisions;

namespace OpsConsole.Tests.Core.Approvals;

public sealed class DecidersTests
{
    // Ann owns the agent, Dana the rollout; Bob and Cem are in 'leads'; Eve is an admin.
    private static readonly PersonEntry Ann = Worlds.Person("ann"), Dana = Worlds.Person("dana"), Bob = Worlds.Person("bob", groups: "leads"), Cem = Worlds.Person("cem", groups: "leads"), Eve = Worlds.Person("eve", ConsoleRoles.Admin);
    private static readonly PeopleDirectory People = Worlds.People(Ann, Dana, Bob, Cem, Eve);

    private static Standing Of(PersonEntry person, ApprovalRequest request, string? onBehalfOf = null, AgentAuthority? agent = null) => Deciders.Of(person, request, onBehalfOf, agent ?? Worlds.Agent, People, Worlds.Now).Standing;

    private static ApprovalRequest Asking(params string[] approvers) => ApprovalRulesTests.Request(ApprovalRulesTests.Terms(approvers: approvers));

    [Fact]
    public void Of_NamedPeopleAndGroups_Decide()
    {
        var request = Asking("user:DANA@example.com", "group:LEADS");
        Assert.Equal([Standing.Named, Standing.Named, Standing.Named, Standing.None, Standing.BreakGlass], ((PersonEntry[])[Dana, Bob, Cem, Ann, Eve]).Select(p => Of(p, request)));
        Assert.Equal(["per_bob", "per_cem", "per_dana"], Deciders.Eligible(request, null, Worlds.Agent, People, Worlds.Now).Select(p => p.Id).Order());
    }

    [Fact]
    public void Of_NobodyNamed_TheOwnersOfTheRolloutDecide()
    {
        Assert.Equal([Standing.Named, Standing.None], ((PersonEntry[])[Dana, Bob]).Select(p => Of(p, Asking())));
        var deputy = Worlds.Agent with { Rollout = Worlds.Rollout with { Members = [("per_dana", RolloutRole.RolloutOwner, false), ("per_bob", RolloutRole.RolloutOwner, true)] } };
        Assert.Equal(Standing.Named, Of(Bob, Asking(), agent: deputy));
    }

    [Fact]
    public void Of_NobodyNamed_SaysThatTheOwnersDecideAndNotThatOthersAreNamed()
    {
        Assert.Equal("The rule names nobody, so the rollout's owners decide, and you are not one of them.", Why(Bob, Asking()));
        Assert.Equal("The rule names other people.", Why(Bob, Asking("user:dana@example.com")));
        Assert.StartsWith("You are not an owner of the rollout.", Why(Eve, Asking()), StringComparison.Ordinal);
        Assert.StartsWith("You are not named by the rule.", Why(Eve, Asking("group:leads")), StringComparison.Ordinal);

        static string Why(PersonEntry person, ApprovalRequest request) => Deciders.Of(person, request, null, Worlds.Agent, People, Worlds.Now).Why;
    }

    [Theory]
    [InlineData("bob@example.com")]
    [InlineData("BOB@Example.com")]
    [InlineData(" bob@example.com\t")]
    [InlineData("per_bob")]
    [InlineData("user:bob@example.com")]
    [InlineData("bob\u200B@exam\u00ADple.com")]
    [InlineData("Bob <bob@example.com>")]
    [InlineData("\uFF42ob@example.com")]
    public void Of_TheAgentActsForThem_HoweverThatIsSpelled_TheyNeverDecide(string onBehalfOf)
        => Assert.Equal([Standing.None, Standing.Named], ((PersonEntry[])[Bob, Cem]).Select(p => Of(p, Asking("group:leads"), onBehalfOf)));

    [Fact]
    public void Of_TheAgentActsForACustomer_HoldsNobodyBack() => Assert.Equal(Standing.Named, Of(Bob, Asking("group:leads"), "Bob Customer <bob@customer.example>"));

    [Theory]
    [InlineData(true, Standing.None)]
    [InlineData(false, Standing.Named)]
    public void Of_OwnerOfTheAgent_OnlyWithoutSeparationOfDuties(bool separated, Standing expected)
    {
        var agent = Worlds.Agent with { OwnerId = Dana.Id, Rollout = Worlds.Rollout with { SeparationOfDuties = separated } };
        Assert.Equal(expected, Of(Dana, ApprovalRulesTests.Request(ApprovalRulesTests.Terms(approvers: "user:dana@example.com") with { Separated = separated }), agent: agent));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Of_AdminWhoOwnsTheAgent_NeverBreaksTheGlass(bool separated) =>
        Assert.Equal(Standing.None, Of(Eve, Asking("user:bob@example.com"), agent: Worlds.Agent with { OwnerId = Eve.Id, Rollout = Worlds.Rollout with { SeparationOfDuties = separated } }));

    [Fact]
    public void Of_PersonTheAgentActsFor_NeverDecides()
    {
        Assert.Equal(Standing.None, Of(Bob, Asking("group:leads"), "BOB@example.com"));
        Assert.Equal(Standing.None, Of(Eve, Asking("group:leads"), "eve@example.com"));
        Assert.Equal(Standing.Named, Of(Cem, Asking("group:leads"), "bob@example.com"));
    }

    [Fact]
    public void Of_DisabledOrNotJoined_NeverDecides()
    {
        Assert.Equal(Standing.None, Of(Dana with { Disabled = true }, Asking("user:dana@example.com")));
        Assert.Equal(Standing.None, Of(Dana with { Joined = false }, Asking("user:dana@example.com")));
        Assert.Equal(Standing.None, Of(Eve with { Disabled = true }, Asking("user:dana@example.com")));
    }

    [Fact]
    public void Of_Sequence_OneAfterTheOther()
    {
        var request = ApprovalRulesTests.Request(ApprovalRulesTests.Terms(2, "deny", null, true, "user:bob@example.com", "user:dana@example.com"));
        Assert.Equal([Standing.Named, Standing.NotYet], ((PersonEntry[])[Bob, Dana]).Select(p => Of(p, request)));
        ApprovalRules.Cast(request, Bob.Id, Verdict.Approve, null, null, false, null, request.RequestedAt);
        Assert.Equal([Standing.NotYet, Standing.Named], ((PersonEntry[])[Bob, Dana]).Select(p => Of(p, request)));
    }

    [Fact]
    public void Wider_EscalateWidenAndNobody_NamesWhoIsNext()
    {
        var terms = ApprovalRulesTests.Terms(1, "escalate", null, false, "user:bob@example.com") with { EscalateTo = ["group:leads"] };
        Assert.Equal(["user:bob@example.com", "group:leads"], Wider(terms));
        Assert.Equal(["user:bob@example.com", "group:leads", "user:dana@example.com"], Wider(terms with { OnExpiry = "widen" }));
        Assert.Equal(["user:bob@example.com", "user:dana@example.com"], Wider(terms with { EscalateTo = [] }));
        Assert.Equal(["user:bob@example.com", "group:gone", "user:dana@example.com"], Wider(terms with { EscalateTo = ["group:gone"] }));
        var ownersAgent = Worlds.Agent with { OwnerId = Dana.Id };   // duties are separated: the only owner may not
        Assert.Equal(["user:bob@example.com", "user:dana@example.com", "user:eve@example.com"], Wider(terms with { EscalateTo = [] }, ownersAgent));
        Assert.Equal(["user:bob@example.com", "user:dana@example.com", "user:eve@example.com"], Wider(terms with { EscalateTo = [] }, onBehalfOf: "dana@example.com"));
        Assert.Equal(["user:bob@example.com", "user:dana@example.com"], Wider(terms with { EscalateTo = [] }, ownersAgent with { OwnerId = Eve.Id }, "dana@example.com"));   // an admin never for an agent they own

        static IReadOnlyList<string> Wider(ApprovalTerms terms, AgentAuthority? agent = null, string? onBehalfOf = null) => Circle.Wider(ApprovalRulesTests.Request(terms), onBehalfOf, agent ?? Worlds.Agent, People, Worlds.Now);
    }

    // Bob decides first, then Dana; each way in which Bob's step can be nobody's.
    [Theory]
    [InlineData("fine", false)]
    [InlineData("separation", true)]
    [InlineData("on_behalf_of", true)]
    [InlineData("disabled", true)]
    [InlineData("not_joined", true)]
    [InlineData("empty_group", true)]
    [InlineData("unknown", true)]
    public void EscalateIfStuck_SequenceWhoseStepIsNobodys_IsEscalatedAtOnce(string how, bool stuck)
    {
        var request = ApprovalRulesTests.Request(ApprovalRulesTests.Terms(2, "deny", null, true, how switch { "empty_group" => "group:nobody", "unknown" => "user:gone@example.com", _ => "user:bob@example.com" }, "user:cem@example.com"));
        var people = Worlds.People(Ann, Dana, Cem, Eve, Bob with { Disabled = how == "disabled", Joined = how != "not_joined" });
        var agent = how == "separation" ? Worlds.Agent with { OwnerId = Bob.Id } : Worlds.Agent;
        var actsFor = how == "on_behalf_of" ? "bob@example.com" : null;
        var asked = Circle.EscalateIfStuck(request, said: false, actsFor, agent, people, request.RequestedAt);
        Assert.Equal((stuck, stuck ? 1 : 0), (asked is not null, request.Level));
        if (!stuck) return;
        // Cem stays asked, the rollout's owner joins; two people still have to say yes.
        Assert.Equal([request.Terms.Approvers[0], "user:cem@example.com", "user:dana@example.com"], request.Terms.Approvers);
        Assert.Equal(["per_cem", "per_dana"], Deciders.Eligible(request, actsFor, agent, people, Worlds.Now).Select(p => p.Id).Order());
        Assert.Equal((2, ApprovalStatus.Pending), (request.Terms.Quorum, request.Status));
        Assert.Null(Circle.EscalateIfStuck(request, said: true, actsFor, agent, people, request.RequestedAt));
    }

    [Fact]
    public void EscalateIfStuck_LaterStepsAndQuorums_AreSeenWhenItIsTheirTurn()
    {
        var sequence = ApprovalRulesTests.Request(ApprovalRulesTests.Terms(2, "deny", null, true, "user:bob@example.com", "user:bob@example.com"));   // one person cannot take both steps
        Assert.Null(Circle.EscalateIfStuck(sequence, false, null, Worlds.Agent, People, sequence.RequestedAt));
        ApprovalRules.Cast(sequence, Bob.Id, Verdict.Approve, null, null, false, null, sequence.RequestedAt);
        Assert.Equal(["user:bob@example.com", "user:dana@example.com"], Circle.EscalateIfStuck(sequence, false, null, Worlds.Agent, People, sequence.RequestedAt)!);
        Assert.Equal(Standing.Named, Of(Dana, sequence));

        var owners = ApprovalRulesTests.Request(ApprovalRulesTests.Terms(2));   // the rule names nobody, and the rollout has one owner
        ApprovalRules.Cast(owners, Dana.Id, Verdict.Approve, null, null, false, null, owners.RequestedAt);
        Assert.Equal(["user:dana@example.com", "user:eve@example.com"], Circle.EscalateIfStuck(owners, false, null, Worlds.Agent, People, owners.RequestedAt)!);
    }

    [Fact]
    public void EscalateIfStuck_NobodyAtAll_SaysSoOnceAndAgainOnlyWhenSomebodyIsThere()
    {
        var request = Asking("user:bob@example.com");
        var (nobody, somebody) = (Worlds.People(Ann, Bob with { Disabled = true }), Worlds.People(Ann, Bob with { Disabled = true }, Eve));
        Assert.Equal(["user:bob@example.com"], Circle.EscalateIfStuck(request, said: false, null, Worlds.Agent, nobody, request.RequestedAt)!);
        Assert.Null(Circle.EscalateIfStuck(request, said: true, null, Worlds.Agent, nobody, request.RequestedAt));
        Assert.Equal(["user:bob@example.com", "user:eve@example.com"], Circle.EscalateIfStuck(request, said: true, null, Worlds.Agent, somebody, request.RequestedAt)!);
        ApprovalRules.Cast(request, Eve.Id, Verdict.Reject, null, null, false, null, request.RequestedAt);
        Assert.Null(Circle.EscalateIfStuck(request, said: false, null, Worlds.Agent, nobody, request.RequestedAt));   // decided
    }

    /// <summary>Whatever the rule, the people and what they said: an open request is never left with somebody else who could be asked and nobody who may answer.</summary>
    [Fact]
    public void EscalateIfStuck_AnyPeople_LeavesNobodyStuckWhereAnAdminCouldDecide() => MatrixGenerators.Holds(
        from approvers in Gen.Elements("user:ann@example.com", "user:bob@example.com", "user:cem@example.com", "user:dana@example.com", "group:leads", "group:none").ArrayOf().Select(a => a.Take(3).ToArray())
        from quorum in Gen.Choose(1, 3) from sequence in Gen.Elements(true, false) from onExpiry in Gen.Elements("deny", "escalate", "widen")
        from off in Gen.Choose(0, 15) from voted in Gen.Choose(0, 15) from owner in Gen.Elements("per_ann", "per_bob", "per_dana") from actsFor in Gen.Elements<string?>(null, "cem@example.com", "dana@example.com")
        select (approvers, quorum, sequence, onExpiry, off, voted, owner, actsFor),
        x =>
        {
            PersonEntry[] some = [Ann, Bob, Cem, Dana];
            var people = Worlds.People([.. some.Select((p, i) => p with { Disabled = (x.off & (1 << i)) > 0 }), Eve]);
            var agent = Worlds.Agent with { OwnerId = x.owner };
            var request = ApprovalRulesTests.Request(ApprovalRulesTests.Terms(x.quorum, x.onExpiry, null, x.sequence, x.approvers));
            for (var i = 0; i < some.Length; i++)
            {
                if ((x.voted & (1 << i)) > 0 && Deciders.Of(people.People[some[i].Id], request, x.actsFor, agent, people, Worlds.Now).MayDecide) ApprovalRules.Cast(request, some[i].Id, Verdict.Approve, null, null, false, null, request.RequestedAt);
            }
            var quorum = request.Terms.Quorum;
            var before = Deciders.Eligible(request, x.actsFor, agent, people, Worlds.Now).Any();
            var asked = Circle.EscalateIfStuck(request, false, x.actsFor, agent, people, request.RequestedAt);
            if (!request.Open) return asked is null;
            var eligible = Deciders.Eligible(request, x.actsFor, agent, people, Worlds.Now).ToList();
            return before == (asked is null) && eligible.Count > 0 && eligible.All(p => p.Active && p.Id != x.owner && p.Email != x.actsFor) && request.Terms.Quorum == quorum;
        }, 2_000);
}
