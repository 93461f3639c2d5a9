using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Trust;

namespace OpsConsole.Core.Rollouts;

public sealed class RosterTests
{
    [Fact]
    public void Name_AnotherHolder_ReplacesTheOneBefore()
    {
        var roster = new Roster([new Seat("ann", RolloutRole.RolloutOwner, false)]);
        Assert.True(roster.Name(RolloutRole.RolloutOwner, "bob", false).Ok);
        Assert.Equal([new Seat("bob", RolloutRole.RolloutOwner, false)], roster.Seats);
    }

    [Fact]
    public void Name_TheDeputyAsHolder_IsNoDeputyAnyMore()
    {
        var roster = new Roster([new Seat("ann", RolloutRole.RolloutOwner, false), new Seat("bob", RolloutRole.RolloutOwner, true)]);
        roster.Name(RolloutRole.RolloutOwner, "bob", false);
        Assert.Equal([new Seat("bob", RolloutRole.RolloutOwner, false)], roster.Seats);
    }

    [Fact]
    public void Name_TheHolderAsDeputy_IsRefused()
        => Assert.Equal("deputy.is_holder", new Roster([new Seat("ann", RolloutRole.RiskLead, false)]).Name(RolloutRole.RiskLead, "ann", true).Fault?.Code);

    [Fact]
    public void Check_WithoutRolloutOwner_IsRefused()
    {
        var roster = new Roster([new Seat("ann", RolloutRole.RolloutOwner, false), new Seat("bob", RolloutRole.RolloutOwner, true)]);
        Assert.True(roster.Check().Ok);
        roster.Remove("ann");
        Assert.Equal("rollout_owner.required", roster.Check().Fault?.Code);   // a deputy alone does not answer for it
        Assert.Equal(FaultKind.NotFound, roster.Remove("carl").Fault?.Kind);
    }

    [Fact]
    public void Add_RolesHeldAlready_AreKeptOnce()
    {
        var roster = new Roster([new Seat("ann", RolloutRole.Approver, false)]);
        roster.Add("ann", [RolloutRole.Approver, RolloutRole.Member]);
        Assert.Equal(2, roster.Seats.Count);
    }

    [Fact]
    public void Waivers_UnmetAndNotWaived_NamesWhatStandsInTheWay()
    {
        Requirement[] criteria = [new("owners", "Owners are named", true, ""), new("caps", "Caps are set", false, "none")];
        Assert.Equal("gate.unmet", GatePassing.Waivers(Gate.C, criteria, []).Fault?.Code);
        Assert.Equal(["caps"], GatePassing.Waivers(Gate.C, criteria, ["*"]).Value);
        Assert.Equal(["caps"], GatePassing.Waivers(Gate.C, criteria, ["caps", "owners"]).Value);   // what is met needs no waiver
        Assert.Equal(FaultKind.Invalid, GatePassing.Waivers(Gate.C, criteria, ["bogus"]).Fault?.Kind);
    }

    [Theory]
    [InlineData("Europe/Berlin", true)]
    [InlineData("UTC", true)]
    [InlineData("Etc/GMT+5", true)]
    [InlineData("Europe/Atlantis", false)]
    [InlineData("/etc/localtime", false)]
    [InlineData("../../etc/localtime", false)]
    [InlineData("", false)]
    public void IsKnown_OnlyZonesAndNeverPaths(string name, bool known) => Assert.Equal(known, IanaZone.IsKnown(name));

    [Theory]
    [InlineData(Gate.None, Tier.Executor, "no gate")]
    [InlineData(Gate.A, Tier.Executor, "Held there by gate A")]
    [InlineData(Gate.D, Tier.Contributor, "Gate D would open more")]
    [InlineData(Gate.C, Tier.Executor, "Low-consequence")]
    [InlineData(Gate.D, null, "no tier")]
    public void Effective_SaysTheLeastOfTheTwo(Gate gate, Tier? tier, string words) => Assert.Contains(words, AuthorityWords.Effective(gate, tier));
}
