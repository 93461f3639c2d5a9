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
    private static readonly MatrixPageView View = new("Refunds", new MatrixDraft("{}", 4, 1), "{}", new MatrixTable("deny", [], []), new AnalysisView([], []), [], null, true, true);

    [Fact]
    public void Stale_KeepsTheTextAndOffersBoth()
    {
        List<bool> saves = [];
        var theirs = 0;
        var cut = Render<MatrixEditor>(p => p.Add(c => c.View, View).Add(c => c.Text, "{ mine }").Add(c => c.Stale, true).Add(c => c.OnSave, (bool over) => saves.Add(over)).Add(c => c.OnTheirs, () => theirs++));
        Assert.Equal("{ mine }", cut.Find("textarea").GetAttribute("value"));
        Assert.True(cut.Find(".form-actions .button.primary").HasAttribute("disabled"));
        cut.Find(".callout .danger").Click();
        cut.Find(".callout .button").Click();
        Assert.Equal([true], saves);
        Assert.Equal(1, theirs);
    }

    [Fact]
    public void Fault_NamesTheField()
    {
        var cut = Render<MatrixEditor>(p => p.Add(c => c.View, View).Add(c => c.Text, "{}").Add(c => c.Fault, Fault.Invalid("field.invalid", "That is no action.", "rules[0].action")));
        Assert.Contains("rules[0].action", cut.Find("[role=alert]").TextContent);
        Assert.Equal("true", cut.Find("textarea").GetAttribute("aria-invalid"));
    }

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
