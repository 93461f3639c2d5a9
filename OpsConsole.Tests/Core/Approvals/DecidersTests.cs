using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Decisions;
using OpsConsole.Tests.Core.Decisions;

namespace OpsConsole.Tests.Core.Approvals;

public sealed class DecidersTests
{
    // Ann owns the agent, Dana the rollout; Bob and Cem are in 'leads'; Eve is an admin.
    private static readonly PersonEntry Ann = Worlds.Person("ann"), Dana = Worlds.Person("dana"), Bob = Worlds.Person("bob", groups: "leads"), Cem = Worlds.Person("cem", groups: "leads"), Eve = Worlds.Person("eve", ConsoleRoles.Admin);
    private static readonly PeopleDirectory People = Worlds.People(Ann, Dana, Bob, Cem, Eve);

    private static Standing Of(PersonEntry person, ApprovalRequest request, string? onBehalfOf = null, AgentAuthority? agent = null) => Deciders.Of(person, request, onBehalfOf, agent ?? Worlds.Agent, People).Standing;

    private static ApprovalRequest Asking(params string[] approvers) => ApprovalRulesTests.Request(ApprovalRulesTests.Terms(approvers: approvers));

    [Fact]
    public void Of_NamedPeopleAndGroups_Decide()
    {
        var request = Asking("user:DANA@example.com", "group:LEADS");
        Assert.Equal([Standing.Named, Standing.Named, Standing.Named, Standing.None, Standing.BreakGlass], ((PersonEntry[])[Dana, Bob, Cem, Ann, Eve]).Select(p => Of(p, request)));
        Assert.Equal(["per_bob", "per_cem", "per_dana"], Deciders.Named(request, null, Worlds.Agent, People).Select(p => p.Id).Order());
    }

    [Fact]
    public void Of_NobodyNamed_TheOwnersOfTheRolloutDecide()
    {
        Assert.Equal([Standing.Named, Standing.None], ((PersonEntry[])[Dana, Bob]).Select(p => Of(p, Asking())));
        var deputy = Worlds.Agent with { Rollout = Worlds.Rollout with { Members = [("per_dana", RolloutRole.RolloutOwner, false), ("per_bob", RolloutRole.RolloutOwner, true)] } };
        Assert.Equal(Standing.Named, Of(Bob, Asking(), agent: deputy));
    }

    [Theory]
    [InlineData(true, Standing.None)]
    [InlineData(false, Standing.Named)]
    public void Of_OwnerOfTheAgent_OnlyWithoutSeparationOfDuties(bool separated, Standing expected)
    {
        var agent = Worlds.Agent with { OwnerId = Dana.Id, Rollout = Worlds.Rollout with { SeparationOfDuties = separated } };
        Assert.Equal(expected, Of(Dana, Asking("user:dana@example.com"), agent: agent));
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
        Assert.Equal(["group:leads"], Circle.Wider(terms, Worlds.Agent, People));
        Assert.Equal(["user:bob@example.com", "group:leads", "user:dana@example.com"], Circle.Wider(terms with { OnExpiry = "widen" }, Worlds.Agent, People));
        Assert.Equal(["user:dana@example.com"], Circle.Wider(terms with { EscalateTo = [] }, Worlds.Agent, People));
        Assert.Equal(["group:gone", "user:dana@example.com"], Circle.Wider(terms with { EscalateTo = ["group:gone"] }, Worlds.Agent, People));
        var ownersAgent = Worlds.Agent with { OwnerId = Dana.Id };   // duties are separated: the only owner may not
        Assert.Equal(["user:dana@example.com", "user:eve@example.com"], Circle.Wider(terms with { EscalateTo = [] }, ownersAgent, People));
    }
}
