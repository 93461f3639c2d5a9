using System.Text.Json;
using Bunit;
using OpsConsole.Core.Authority;

namespace OpsConsole.Features.Authority.Ui;

/// <summary>The map as a table: what nobody said stands out, every cell opens its rows, and a call found there can be tried.</summary>
public sealed class CoverageMapViewTests : BunitContext
{
    private const string Matrix = """
        {"boundaries":[{"action":"payment.*","when":[{"field":"arguments.amount","op":">","value":900}]}],
         "rules":[{"id":"R-1","action":"payment.wire","outcome":"allow","when":[{"field":"arguments.amount","op":"<","value":50}]},
                  {"id":"R-2","action":"payment.wire","outcome":"approve"},
                  {"id":"R-3","action":"crm.note","outcome":"allow","when":[{"field":"confidence","op":">","value":0.9}]}]}
        """;

    private readonly List<string> _went = [];
    private readonly List<JsonElement> _tried = [];

    private IRenderedComponent<CoverageMapView> Draw(string catalogue = """[{"action":"payment.wire"},{"action":"mail.send"},{"action":"crm.note","consequence":"low"}]""", string matrix = Matrix) => Render<CoverageMapView>(p => p
        .Add(c => c.Map, CoverageMap.Of(MatrixJson.Parse(JsonElement.Parse(matrix)).Value, ActionCatalogue.Parse(JsonElement.Parse(catalogue)).Value))
        .Add(c => c.OnRow, _went.Add).Add(c => c.OnTry, _tried.Add).Add(c => c.ActionsHref, "/rollouts/x/actions"));

    private static string[] Words(IRenderedComponent<CoverageMapView> map, int row) => [.. map.FindAll("tbody tr:not(.group)")[row].QuerySelectorAll("td").Select(c => c.TextContent.Trim())];

    [Fact]
    public void Map_HighConsequenceFirst_SaysOfEveryActionWhatCanBecomeOfIt()
    {
        var map = Draw();
        Assert.Equal("1 of 3 actions is covered; nobody said anything about 1 high-consequence action; 1 has calls that no row matches.", map.Find(".headline").TextContent);
        Assert.Equal(["High consequence", "Low consequence"], map.FindAll("tr.group th").Select(h => h.TextContent));
        Assert.Equal(["–no call", "–no call", "–no call", "!mail.send: every call"], Words(map, 0));
        Assert.Equal(["✓payment.wire: 1 row", "◔payment.wire: 1 row", "✕payment.wire: 1 row", "–no call"], Words(map, 1));
        Assert.Equal(["✓crm.note: 1 row", "–no call", "–no call", "!crm.note: some calls"], Words(map, 2));
    }

    [Fact]
    public async Task Cell_OpensItsRows_AndTheyLeadOn()
    {
        var map = Draw();
        await map.InvokeAsync(() => map.FindAll("button.cell").Single(b => b.TextContent.Contains("✓payment.wire", StringComparison.Ordinal)).ClickAsync(new()));
        Assert.Equal("true", map.FindAll("button.cell").Single(b => b.TextContent.Contains("✓payment.wire", StringComparison.Ordinal)).GetAttribute("aria-expanded"));
        await map.InvokeAsync(() => map.FindAll(".rows button")[0].ClickAsync(new()));
        await map.InvokeAsync(() => map.FindAll(".rows button")[1].ClickAsync(new()));
        Assert.Equal(["R-1"], _went);
        Assert.Equal("payment.wire", Assert.Single(_tried).GetProperty("action").GetString());
        await map.InvokeAsync(() => map.FindAll("button.cell").Single(b => b.TextContent.Contains("✕payment.wire", StringComparison.Ordinal)).ClickAsync(new()));
        await map.InvokeAsync(() => map.FindAll(".rows button")[0].ClickAsync(new()));
        Assert.Equal(["R-1", "boundaries[0]"], _went);
        await map.InvokeAsync(() => map.FindAll("button.cell").Single(b => b.TextContent.Contains("✕payment.wire", StringComparison.Ordinal)).ClickAsync(new()));
        Assert.Empty(map.FindAll(".rows"));
    }

    [Fact]
    public void OnlyWhereARowIsMissing_LeavesOutWhatIsCovered()
    {
        var map = Draw();
        map.Find("input[type=checkbox]").Change(true);
        Assert.Equal(["mail.send", "crm.note"], map.FindAll("tbody th[scope=row] code").Select(c => c.TextContent));
        var whole = Draw(matrix: """{"rules":[{"id":"R","action":"*","outcome":"deny"}]}""");
        whole.Find("input[type=checkbox]").Change(true);
        Assert.Contains("A row speaks about every call", whole.Markup);
    }

    [Fact]
    public void WhatCannotBeTold_IsCalledThat()
    {
        var map = Draw("""[{"action":"x"}]""", """{"rules":[{"id":"A","action":"x","outcome":"approve","when":[{"field":"arguments.n","op":"matches","value":"^a.*b"}]},{"id":"B","action":"x","outcome":"allow","when":[{"field":"arguments.n","op":"matches","value":"^aa(?:c|d)+b$"}]},{"id":"C","action":"x","outcome":"deny"}]}""");
        Assert.Equal(["?x: cannot tell", "◔x: 1 row", "✕x: 1 row", "–no call"], Words(map, 0));
    }

    [Fact]
    public void EmptyCatalogue_SaysWhatToDo() => Assert.Equal("/rollouts/x/actions", Draw("[]").Find("a.button").GetAttribute("href"));
}
