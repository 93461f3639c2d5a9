using Bunit;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Rollouts.Ui;

public sealed class GateStepsTests : ShellTestContext
{
    [Fact]
    public void GateSteps_SaysInWordsWhatItShows()
    {
        var cut = Render<GateSteps>(p => p.Add(c => c.InForce, "B"));
        Assert.Equal("gate B in force", cut.Find(".visually-hidden").TextContent);
        Assert.Equal(2, cut.FindAll(".on").Count);
    }

    [Fact]
    public void Patch_HoldsOnlyWhatChanged()
    {
        var view = new RolloutView("rol_1", "Refunds", "Small", "UTC", default, "per_1", new Dictionary<string, string?>(), new Dictionary<string, string?>(), [], null, null, new MatrixState(1, 0), 0.6, "optional", null, true, 4, null, 0, false);
        Assert.Equal(new RolloutPatch(Purpose: "Smaller"), RolloutForm.Patch(view, true, "Refunds", "Smaller", "UTC", 4, 0.6, false, true, "").Value);
        Assert.False(RolloutForm.Patch(view, true, " ", "", "UTC", 4, 0.6, false, true, "").Ok);
        Assert.Equal("audience", RolloutForm.Patch(view, true, "Refunds", "Small", "UTC", 4, 0.6, false, true, "[").Fault?.Field);
    }
}
