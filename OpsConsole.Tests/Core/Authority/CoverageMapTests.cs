using System.Text.Json;
using OpsConsole.Core.Authority;
using Xunit;

namespace OpsConsole.Tests.Core.Authority;

/// <summary>What the map calls possible is shown by a call; what it calls impossible no call shows.</summary>
public sealed class CoverageMapTests
{
    [Fact]
    public void Of_RandomMatrices_ExamplesShowTheirCells() => MatrixGenerators.Holds(AimedCalls.Against(MatrixGenerators.Condition), x => ExamplesShow(x.Doc, CoverageMap.Of(x.Doc, x.Catalogue)), 600);

    [Fact]
    public void Of_RandomMatrices_WhatHappensToACallIsInTheMap() => MatrixGenerators.Holds(AimedCalls.Against(MatrixGenerators.Condition), x =>
    {
        var policy = CompiledPolicy.Compile(x.Doc, 1);
        var calls = new AimedCalls(x.Doc, [], x.Seed);
        foreach (var line in CoverageMap.Of(x.Doc, x.Catalogue).Lines)
        {
            foreach (var call in calls.Take(60, line.Action.Action))
            {
                var match = policy.Evaluate(call);
                var (fate, index) = Fate(match, x.Doc);
                if (!line[fate].Rows.Any(r => r.Index == index && r.IsBoundary == match.Boundary is not null)) Assert.Fail($"{fate} by {index} is missing: {call.Action} {call.Arguments} {call.ResourceType} {call.ResourceId} {call.ResourceAttributes} in {MatrixJson.ToJson(x.Doc)}");
            }
        }
        return true;
    }, 800);

    private static bool ExamplesShow(MatrixDocument doc, CoverageMap map)
    {
        var policy = CompiledPolicy.Compile(doc, 1);
        foreach (var line in map.Lines)
        {
            foreach (var (cell, row) in line.Cells.SelectMany(c => c.Rows.Select(r => (c, r))))
            {
                if (row.Example is not { } example) continue;
                var match = policy.Evaluate(PolicyCall.FromExample(example));
                if (example.GetProperty("action").GetString() != line.Action.Action || Fate(match, doc) != (cell.Fate, row.Index) || match.Unknown != row.OnlyUnread) Assert.Fail($"{cell.Fate} {row} in {MatrixJson.ToJson(doc)}");
            }
        }
        return true;
    }

    private static (CallFate, int) Fate(PolicyMatch match, MatrixDocument doc) => match switch
    {
        { Boundary: { } boundary } => (CallFate.Denied, doc.Boundaries.Select((b, i) => (b, i)).First(x => ReferenceEquals(x.b, boundary)).i),
        { Rule.Outcome: RuleOutcome.Allow } => (CallFate.Alone, match.RuleIndex),
        { Rule.Outcome: RuleOutcome.Approve } => (CallFate.Approved, match.RuleIndex),
        { Rule: not null } => (CallFate.Denied, match.RuleIndex),
        _ => (CallFate.Nobody, -1),
    };

    [Theory]
    [InlineData("refund.create", "R-0", "R-1", "#0", Coverage.Whole)]
    [InlineData("refund.cancel", "", "", "#0", Coverage.Part)]
    [InlineData("crm.note", "R-2", "", "", Coverage.Part)]
    [InlineData("mail.send", "", "", "", Coverage.None)]
    [InlineData("mail.forward", "R-4", "R-3", "", Coverage.Whole)]
    public void Of_OneAction_NamesTheRowsThatDecideIt(string action, string alone, string approved, string denied, Coverage coverage)
    {
        var doc = Parse("""
            {"boundaries":[{"action":"refund.*","when":[{"field":"arguments.amount","op":">","value":1000}]}],
             "rules":[{"id":"R-0","action":"refund.create","outcome":"allow","when":[{"field":"arguments.amount","op":"<=","value":50}]},
                      {"id":"R-1","action":"refund.create","outcome":"approve"},
                      {"id":"R-2","action":"crm.note","outcome":"allow","when":[{"field":"confidence","op":">=","value":0.9}]},
                      {"id":"R-3","action":"mail.forward","outcome":"approve","when":[{"field":"arguments.to","op":"ends_with","value":"@x.org"}]},
                      {"id":"R-4","action":"mail.forward","outcome":"allow"},
                      {"id":"R-5","action":"mail.forward","outcome":"deny"}]}
            """);
        var line = Assert.Single(CoverageMap.Of(doc, Listed(action)).Lines);
        string Rows(CallFate fate) => string.Join(' ', line[fate].Rows.Select(r => r.IsBoundary ? "#" + r.Index : r.Rule));
        Assert.Equal((alone, approved, denied, coverage), (Rows(CallFate.Alone), Rows(CallFate.Approved), Rows(CallFate.Denied), line.Coverage));
        Assert.All(line.Cells, c => Assert.NotEqual(Possibility.CannotTell, c.Possibility));
        ExamplesShow(doc, CoverageMap.Of(doc, Listed(action)));
    }

    [Fact]
    public void Of_RowThatDecidesOnlyWhatItCannotRead_SaysSo()
    {
        var doc = Parse("""{"rules":[{"id":"A","action":"x","outcome":"allow","when":[{"field":"arguments.n","op":">","value":5}]},{"id":"B","action":"x","outcome":"deny","when":[{"field":"arguments.n","op":">","value":7}]}]}""");
        var row = Assert.Single(CoverageMap.Of(doc, Listed("x")).Lines[0][CallFate.Denied].Rows);
        Assert.True(row is { Rule: "B", OnlyUnread: true });
    }

    [Fact]
    public void Of_PatternsNobodyCanCompare_AreNotCalledImpossible()
    {
        var doc = Parse("""{"rules":[{"id":"A","action":"x","outcome":"allow","when":[{"field":"arguments.n","op":"matches","value":"^a.*b"}]},{"id":"B","action":"x","outcome":"allow","when":[{"field":"arguments.n","op":"matches","value":"^aa(?:c|d)+b$"}]},{"id":"C","action":"x","outcome":"deny"}]}""");
        Assert.True(CoverageMap.Of(doc, Listed("x")).Lines[0][CallFate.Alone].Rows is [{ Rule: "A", Example: not null }, { Rule: "B", Example: null }]);
    }

    [Fact]
    public void Of_NoWorkLeft_CannotTellInsteadOfAllClear()
    {
        var doc = Parse("""{"rules":[{"id":"A","action":"x","outcome":"allow","when":[{"field":"arguments.n","op":">","value":5}]},{"id":"B","action":"x","outcome":"deny"}]}""");
        var line = CoverageMap.Of(new AnalysisGround(doc), Listed("x"), new WorkBudget(0)).Lines[0];
        Assert.Equal((Coverage.CannotTell, Possibility.CannotTell), (line.Coverage, line[CallFate.Denied].Possibility));
    }

    [Fact]
    public void Of_ActionsWithTheSameRows_AreLookedAtOnce()
    {
        var doc = Parse("""{"rules":[{"id":"A","action":"crm.*","outcome":"allow","when":[{"field":"confidence","op":">","value":0.5}]},{"id":"B","action":"crm.*","outcome":"approve"}]}""");
        var (one, many) = (new WorkBudget(1_000_000), new WorkBudget(1_000_000));
        CoverageMap.Of(new AnalysisGround(doc), Listed("crm.a0"), one);
        var map = CoverageMap.Of(new AnalysisGround(doc), Listed([.. Enumerable.Range(0, 500).Select(i => $"crm.a{i}")]), many);
        Assert.Equal(one.Left, many.Left);
        ExamplesShow(doc, map);
    }

    [Theory]
    [InlineData("", "The catalogue lists no action yet.")]
    [InlineData("a", "1 of 1 action is covered.")]
    [InlineData("a b", "1 of 2 actions is covered; nobody said anything about 1 high-consequence action.")]
    [InlineData("a b c low.d", "1 of 4 actions is covered; nobody said anything about 2 high-consequence actions; nor about 1 of low consequence.")]
    [InlineData("a part low.d", "1 of 3 actions is covered; nobody said anything about 1 low-consequence action; 1 has calls that no row matches.")]
    public void Headline_SaysWhatIsMissing(string listed, string sentence) => Assert.Equal(sentence, CoverageMap.Of(
        Parse("""{"rules":[{"id":"A","action":"a","outcome":"deny"},{"id":"P","action":"part","outcome":"allow","when":[{"field":"confidence","op":">","value":0.5}]}]}"""),
        Listed(listed.Split(' ', StringSplitOptions.RemoveEmptyEntries))).Headline());

    private static ActionCatalogue Listed(params string[] actions) =>
        ActionCatalogue.Parse(JsonSerializer.SerializeToElement(actions.Select(a => new { action = a, consequence = a.StartsWith("low.", StringComparison.Ordinal) ? "low" : "high" }))).Value;

    private static MatrixDocument Parse(string json) => MatrixJson.Parse(JsonElement.Parse(json)).Value;
}
