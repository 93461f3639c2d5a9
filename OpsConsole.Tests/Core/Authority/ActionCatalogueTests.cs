using System.Text.Json;

namespace OpsConsole.Core.Authority;

/// <summary>The register of actions: read strictly, written stably, and compared with the matrix.</summary>
public sealed class ActionCatalogueTests
{
    [Fact]
    public void Parse_SaysLittle_IsCareful()
    {
        var listed = Parse("""[{"action":"refund.create"}]""").Actions.Single();
        Assert.Equal((Effect.Write, Consequence.High, false), (listed.Effect, listed.Consequence, listed.Reversible));
        Assert.Null(listed.ArgumentsSchema);
    }

    [Fact]
    public void ToJson_IsTheSameForTheSameActions_InWhateverOrder()
    {
        const string refund = """{"action":"refund.create","arguments_schema":{"type":"object","properties":{"amount":{"type":"number"}}},"owner":"group:leads","classes":["revenue"],"effect":"write","consequence":"high","reversible":true,"description":"Gives money back (> 0)"}""", look = """{"action":"Order.get","effect":"read","consequence":"low"}""";
        var json = Parse($"[{refund},{look}]").ToJson();
        Assert.Equal(json, Parse($"[{look},{refund}]").ToJson());
        Assert.Equal(json, Parse(json).ToJson());
        Assert.StartsWith("""[{"action":"Order.get",""", json, StringComparison.Ordinal);
        Assert.Contains("(> 0)", json, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "")]
    [InlineData("""[{"effect":"read"}]""", "[0].action")]
    [InlineData("""[{"action":"refund.*"}]""", "[0].action")]
    [InlineData("""[{"action":"*"}]""", "[0].action")]
    [InlineData("""[{"action":"a"},{"action":"A"}]""", "[1].action")]
    [InlineData("""[{"action":"a","effect":"none"}]""", "[0].effect")]
    [InlineData("""[{"action":"a","classes":["money"]}]""", "[0].classes[0]")]
    [InlineData("""[{"action":"a","owner":"dana@example.com"}]""", "[0].owner")]
    [InlineData("""[{"action":"a","arguments_schema":[]}]""", "[0].arguments_schema")]
    [InlineData("""[{"action":"a","nme":"x"}]""", "[0].nme")]
    public void Parse_WhatIsWrong_IsRefusedWithItsPath(string body, string field) => Assert.Equal(field, ActionCatalogue.Parse(JsonElement.Parse(body)).Fault?.Field);

    [Fact]
    public void With_ChangesOneEntry_AndRefusesOverOneThatMoved()
    {
        var read = Parse("""[{"action":"a"},{"action":"b"}]""");
        var now = Parse("""[{"action":"a"},{"action":"b","reversible":true},{"action":"c"}]""");
        Assert.Equal(["B2", "b", "c"], now.With(read.Find("a"), new CatalogueAction { Action = "B2" }).Value.Actions.Select(a => a.Action).Order(StringComparer.Ordinal));
        Assert.Equal(["b", "c"], now.With(read.Find("A"), null).Value.Actions.Select(a => a.Action));
        Assert.Equal("catalogue.changed", now.With(read.Find("b"), null).Fault?.Code);
        Assert.Equal("catalogue.changed", now.With(new CatalogueAction { Action = "gone" }, null).Fault?.Code);
        Assert.Equal("catalogue.listed", now.With(read.Find("a"), new CatalogueAction { Action = "C" }).Fault?.Code);
        Assert.Equal("catalogue.listed", now.With(null, new CatalogueAction { Action = "C" }).Fault?.Code);
    }

    [Fact]
    public void Analyse_ListedActionWithoutARow_IsShownByACallThatTheDefaultDecides()
    {
        const string matrix = """{"boundaries":[{"action":"payment.*"}],"rules":[{"id":"R","action":"order.*","consequence":"low","outcome":"allow"}]}""";
        var found = Warnings(matrix, """[{"action":"order.get"},{"action":"payment.send"},{"action":"Refund.create"},{"action":"payment"}]""", "catalogue.no_rule");
        Assert.Equal(["payment", "Refund.create"], found.Select(f => f.Example!.Value.GetProperty("action").GetString()));
        var policy = CompiledPolicy.Compile(MatrixJson.Parse(JsonElement.Parse(matrix)).Value, 1);
        Assert.All(found, f => Assert.Equal(PolicyMatch.None, policy.Evaluate(PolicyCall.FromExample(f.Example!.Value))));
    }

    [Theory]
    [InlineData("""{"action":"payment.*","when":[{"field":"arguments.amount","op":">","value":100}]}""", true)]
    [InlineData("""{"action":"payment.*","resource":{"type":"account"}}""", true)]
    [InlineData("""{"action":"payment.*","when":[{"field":"arguments.amount","op":">","value":100}]},{"action":"*","when":[]}""", false)]
    public void Analyse_ListedActionUnderABoundaryWithConditions_IsNotTakenForSettled(string boundaries, bool named)
    {
        var found = Warnings($$"""{"boundaries":[{{boundaries}}],"rules":[{"id":"R","action":"order.*","outcome":"deny"}]}""", """[{"action":"payment.send"}]""", "catalogue.no_rule");
        Assert.Equal(named, found.Count == 1);
        Assert.All(found, f => Assert.Null(f.Example));   // a plain call would be held back by the boundary, which cannot read it
    }

    [Fact]
    public void Analyse_ListedActionUnderARuleWithConditions_IsLeftToTheAnalysisOfTheRules()
    {
        const string matrix = """{"boundaries":[{"action":"payment.send","when":[{"field":"arguments.amount","op":">","value":100}]}],"rules":[{"id":"R","action":"payment.send","when":[{"field":"arguments.amount","op":"<","value":50}],"outcome":"deny"}]}""";
        Assert.Empty(Warnings(matrix, """[{"action":"payment.send"}]""", "catalogue.no_rule"));
        Assert.Single(Warnings(matrix, """[{"action":"payment.send"}]""", "gap.default"));
    }

    [Fact]
    public void Analyse_RowAboutWhatNobodyListed_IsNamed_UnlessNothingIsListed()
    {
        const string matrix = """{"rules":[{"id":"A","action":"refnud.create","outcome":"deny"},{"id":"B","action":"REFUND.create","outcome":"deny"},{"id":"C","action":"refund.*","outcome":"deny"}]}""";
        Assert.Equal("A", Assert.Single(Warnings(matrix, """[{"action":"refund.create"}]""", "catalogue.unlisted")).Rule);
        Assert.Empty(Warnings(matrix, "[]", "catalogue.unlisted"));
    }

    [Theory]
    [InlineData("""{"effect":"write","consequence":"low","outcome":"allow"}""", "rules[0].consequence")]
    [InlineData("""{"effect":"read","consequence":"high","outcome":"approve","approvers":["user:a@example.com"]}""", "rules[0].effect")]
    [InlineData("""{"effect":"write","consequence":"high","outcome":"approve","approvers":["user:a@example.com"]}""", null)]
    [InlineData("""{"effect":"read","consequence":"low","outcome":"deny"}""", null)]   // nothing happens, so nothing is taken for less
    [InlineData("""{"consequence":"low","outcome":"allow","when":[{"field":"arguments.amount","op":"<=","value":50}]}""", null)]   // small amounts may well be of low consequence
    [InlineData("""{"consequence":"low","outcome":"allow","when":[{"field":"expected_cost.usd","op":"<","value":1}]}""", null)]
    [InlineData("""{"effect":"read","outcome":"allow","resource":{"type":"draft"},"approvers":["user:a@example.com"]}""", null)]
    [InlineData("""{"consequence":"low","outcome":"allow","resource":{"type":"*"}}""", "rules[0].consequence")]
    [InlineData("""{"consequence":"low","outcome":"allow","when":[{"field":"confidence","op":">","value":0.9},{"field":"on_behalf_of","op":"exists"}]}""", "rules[0].consequence")]   // the agent is sure, and the refund is what it was
    public void Analyse_RowThatTakesAnActionForLess_IsNamed(string rule, string? field)
    {
        var matrix = $$"""{"rules":[{"id":"R","action":"refund.create",{{rule[1..]}}]}""";
        Assert.Equal(field, Warnings(matrix, """[{"action":"refund.create"}]""", "catalogue.differs").SingleOrDefault()?.Field);
    }

    private static ActionCatalogue Parse(string json) => ActionCatalogue.Parse(JsonElement.Parse(json)).Value;

    private static List<Finding> Warnings(string matrix, string catalogue, string code)
        => [.. MatrixAnalyser.Analyse(MatrixJson.Parse(JsonElement.Parse(matrix)).Value, _ => ApproverStanding.Known, Parse(catalogue)).Warnings.Where(f => f.Code == code)];
}
