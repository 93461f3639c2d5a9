using System.Text.Json;
using Bunit;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Authority.Ui;
using OpsConsole.Features.Rollouts;
using OpsConsole.Features.Rollouts.Ui;
using OpsConsole.Ui.Shared;

namespace OpsConsole.Features.Authority;

public sealed class MatrixEditorTests : ShellTestContext
{
    [Fact]
    public void Table_SaysConditionsAndExtrasInWords()
    {
        var table = MatrixTable.Of(MatrixJson.Parse(JsonElement.Parse("""{"rules":[{"id":"R","action":"refund.create","outcome":"approve","approvers":["user:a@example.com"],"quorum":2,"when":[{"field":"arguments.amount","op":">","value":200}]}]}""")).Value);
        Assert.Contains("200", table.Rules[0].When[0]);
        Assert.Contains("2 approvals", table.Rules[0].Extras);
    }

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
