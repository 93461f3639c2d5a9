using OpsConsole.Core.Approvals;
using OpsConsole.Core.Decisions;

namespace OpsConsole.Tests.Core.Approvals;

public sealed class ReversibilityTests
{
    private static readonly UndoGround Sound = new(true, TimeSpan.FromHours(24), true, "refund.reverse", true, Outcome.Allow, "", 3, 0);

    [Fact]
    public void Of_RulePlanAndMatrixAgree_Holds()
    {
        var found = Reversibility.Of(Sound);
        Assert.True(found.Holds);
        Assert.Equal("The rule calls it reversible for 1 day and the agent sent a plan, and the matrix would allow its undo action “refund.reverse”. This agent did “refund.reverse” 3 times lately: all reported as succeeded.", found.Sentence);
    }

    [Fact]
    public void Of_AnythingAgainstIt_DoesNotHoldAndSaysWhat()
    {
        (UndoGround Ground, string Says)[] doubtful =
        [
            (Sound with { Answer = Outcome.Deny, Why = "No rule covers it." }, "but the matrix denies its undo action “refund.reverse”. No rule covers it."), (Sound with { Answer = Outcome.Pending }, "would wait for a person as well"),
            (Sound with { Listed = false }, "The register does not list"), (Sound with { Failed = 1 }, "3 reported as succeeded, 1 not"), (Sound with { Plan = false, Action = null }, "but the agent sent no plan"),
            (Sound with { Action = null }, "one that people carry out"), (Sound with { ByRule = false }, "The rule calls it irreversible, although the agent sent a plan"),
        ];
        Assert.All(doubtful, d => Assert.False(Reversibility.Of(d.Ground).Holds));
        Assert.All(doubtful, d => Assert.Contains(d.Says, Reversibility.Of(d.Ground).Sentence));
    }
}
