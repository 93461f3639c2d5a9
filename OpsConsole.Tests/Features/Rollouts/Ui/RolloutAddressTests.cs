using OpsConsole.Platform.Web;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Rollouts.Ui;

public sealed class RolloutAddressTests
{
    private static readonly NavEntry[] Entries =
    [
        new("/", "Home", "home", 0, ByRollout: true), new("/approvals", "Approvals", "approvals", 10, ByRollout: true), new("/decisions", "Decisions", "decisions", 20, ByRollout: true),
        new("/rollouts", "Rollouts", "rollouts", 30), new("/people", "People", "people", 60),
    ];

    [Theory]
    [InlineData("/", "rol_b", "/?rollout=rol_b")]
    [InlineData("/?rollout=rol_a", null, "/")]
    [InlineData("/decisions?outcome=deny&after=77&rollout=rol_a", "rol_b", "/decisions?outcome=deny&rollout=rol_b")]
    [InlineData("/decisions?outcome=deny&rollout=rol_a", null, "/decisions?outcome=deny")]
    [InlineData("/approvals/apr_1?show=mine", "rol_b", "/approvals?rollout=rol_b")]
    [InlineData("/rollouts/rol_a/matrix", "rol_b", "/rollouts/rol_b/matrix")]
    [InlineData("/rollouts/rol_a", null, "/rollouts")]
    [InlineData("/people", "rol_b", "/rollouts/rol_b")]
    [InlineData("/people?x=1", null, "/people?x=1")]
    public void For_Address_StaysOnThePageWhereItCan(string address, string? rollout, string expected) => Assert.Equal(expected, RolloutAddress.For(address, Entries, rollout));

    [Theory]
    [InlineData("/decisions", "/decisions?rollout=rol_b")]
    [InlineData("/decisions?outcome=deny", "/decisions?outcome=deny&rollout=rol_b")]
    [InlineData("/decisions?rollout=", null)]
    [InlineData("/decisions?rollout=rol_a", null)]
    [InlineData("/approvals/apr_1", null)]
    [InlineData("/people", null)]
    public void Missing_Picked_OnlyWhereThePageWasNotTold(string address, string? expected)
    {
        Assert.Equal(expected, RolloutAddress.Missing(address, Entries, "rol_b"));
        Assert.Null(RolloutAddress.Missing(address, Entries, null));
    }

    [Theory]
    [InlineData("/decisions?rollout=rol_a", "rol_a", true)]
    [InlineData("/decisions?rollout=", null, true)]
    [InlineData("/decisions", null, false)]
    [InlineData("/rollouts/rol_a/matrix", "rol_a", true)]
    [InlineData("/people?rollout=rol_a", null, false)]
    public void Shown_Address_SaysWhich(string address, string? expected, bool says) => Assert.Equal((expected, says), (RolloutAddress.Shown(address, Entries, out var told), told));

    [Theory]
    [InlineData("per_1~rol_a", "rol_a")]
    [InlineData("per_1~", null)]
    [InlineData("per_2~rol_a", null)]
    [InlineData("per_12~rol_a", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void Choice_OfAPerson_IsNobodyElses(string? memo, string? expected)
    {
        var choice = new RolloutChoice();
        choice.Use(memo);
        Assert.Equal(expected, choice.Of("per_1"));
    }
}
