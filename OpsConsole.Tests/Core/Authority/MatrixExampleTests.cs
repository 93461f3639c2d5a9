using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck.Fluent;
using OpsConsole.Tests.Core.Authority;

namespace OpsConsole.Core.Authority;

/// <summary>Examples: read as strictly as asks, written stably, and held against the matrix.</summary>
public sealed class MatrixExampleTests
{
    private const string One = """[{"id":"E-1","name":"VIP refund","call":{"action":"refund.create","arguments":{"amount":250}},"expect":"approve"}]""";

    [Fact]
    public void ToJson_IsTheSameForTheSameCalls_HoweverTheyWereSpelled()
    {
        const string spelled = """[{"expect":"deny","note":null,"name":"n","call":{"expected_cost":{"tokens":3,"usd":0.50},"confidence":0.9,"arguments":{},"resource":{"id":"8812","attributes":{}},"action":"Refund.create","on_behalf_of":null},"id":"E-7"}]""";
        var json = Parse(spelled).ToJson();
        Assert.Equal("""[{"id":"E-7","name":"n","call":{"action":"Refund.create","resource":{"id":"8812"},"confidence":0.9,"expected_cost":{"usd":"0.5","tokens":3}},"expect":"deny"}]""", json);
        Assert.Equal(json, Parse(json).ToJson());
    }

    [Theory]
    [InlineData("{}", "")]
    [InlineData("""[{"id":"E-1","name":"n","expect":"deny"}]""", "[0].call")]
    [InlineData("""[{"id":"E-1","name":"n","expect":"deny","call":{}}]""", "[0].call.action")]
    [InlineData("""[{"id":"E-1","name":"n","expect":"deny","call":{"action":"refund.*"}}]""", "[0].call.action")]
    [InlineData("""[{"id":"E-1","name":"n","expect":"deny","call":{"action":"a","mode":"live"}}]""", "[0].call.mode")]
    [InlineData("""[{"id":"E-1","name":"n","expect":"deny","call":{"action":"a","confidence":2}}]""", "[0].call.confidence")]
    [InlineData("""[{"id":"E-1","name":"n","expect":"deny","call":{"action":"a","arguments":[]}}]""", "[0].call.arguments")]
    [InlineData("""[{"id":"E-1","name":"n","expect":"deny","call":{"action":"a","expected_cost":{"usd":"-1"}}}]""", "[0].call.expected_cost.usd")]
    [InlineData("""[{"id":"E-1","name":"n","expect":"deny","call":{"action":"a","expected_cost":{"tokens":1.5}}}]""", "[0].call.expected_cost.tokens")]
    [InlineData("""[{"id":"E-1","name":"n","expect":"pending","call":{"action":"a"}}]""", "[0].expect")]
    [InlineData("""[{"id":"E-1","name":"","expect":"deny","call":{"action":"a"}}]""", "[0].name")]
    [InlineData("""[{"id":"E-1","name":"n","expect":"deny","call":{"action":"a"}},{"id":"E-1","name":"m","expect":"deny","call":{"action":"b"}}]""", "[1].id")]
    public void Parse_WhatIsWrong_IsRefusedWithItsPath(string body, string field) => Assert.Equal(field, MatrixExamples.Parse(JsonElement.Parse(body)).Fault?.Field);

    [Fact]
    public void With_ChangesOneExample_UnderTheNextFreeId_AndRefusesOverOneThatMoved()
    {
        var read = Parse(One);
        var first = read.Items[0];
        var more = read.With(null, first with { Id = "", Name = "Second" }).Value;
        Assert.Equal(["E-1", "E-2"], more.Items.Select(e => e.Id));
        var changed = more.With(first, first with { Id = "other", Expect = RuleOutcome.Deny }).Value;
        Assert.Equal(("E-1", RuleOutcome.Deny), (changed.Items[0].Id, changed.Items[0].Expect));
        Assert.Equal("examples.changed", changed.With(first, null).Fault?.Code);
        Assert.Equal(["E-2"], more.With(first, null).Value.Items.Select(e => e.Id));
        var full = Parse("[" + string.Join(',', Enumerable.Range(1, MatrixExamples.MaxExamples).Select(i => $$"""{"id":"E-{{i}}","name":"n","call":{"action":"a"},"expect":"deny"}""")) + "]");
        Assert.Equal("examples.full", full.With(null, first).Fault?.Code);
        var large = $$"""{"action":"a","arguments":{"text":"{{new string('x', 60_000)}}" } }""";
        Assert.Equal("examples.full", MatrixExamples.Parse(JsonElement.Parse("[" + string.Join(',', Enumerable.Range(1, 5).Select(i => $$"""{"id":"E-{{i}}","name":"n","call":{{large}},"expect":"deny"}""")) + "]")).Fault?.Code);
    }

    [Theory]
    [InlineData("""{"rules":[{"id":"R-13","action":"refund.create","consequence":"low","outcome":"allow"}]}""", "Example 'VIP refund' must be approved; now R-13 allows it.", "R-13", "rules[0].outcome")]
    [InlineData("""{"boundaries":[{"action":"mail.*"},{"action":"refund.*"}]}""", "Example 'VIP refund' must be approved; now the boundary about refund.* denies it.", null, "boundaries[1]")]
    [InlineData("""{}""", "Example 'VIP refund' must be approved; now no row matches, and the default denies it.", null, "default")]
    [InlineData("""{"default":"approve"}""", null, null, null)]
    public void Analyse_ExampleThatIsAnsweredOtherwise_IsAnErrorThatNamesWhatDecides(string matrix, string? message, string? rule, string? field)
    {
        var analysis = MatrixAnalyser.Analyse(MatrixJson.Parse(JsonElement.Parse(matrix)).Value, _ => ApproverStanding.Known, ActionCatalogue.Empty, Parse(One));
        var found = analysis.Errors.SingleOrDefault(e => e.Code == "example.failed");
        Assert.Equal((message, rule, field), (found?.Message, found?.Rule, found?.Field));
        Assert.Equal(message is null, found?.Example is null);
    }

    [Fact]
    public void Answer_OfThePresentMatrix_SavedAsAnExample_NeverFails() => MatrixGenerators.Holds(Cases, at =>
    {
        var policy = CompiledPolicy.Compile(at.Document, 1);
        var read = CallShape.Parse(at.Call);
        if (!read.Ok) return at.Call.TryGetProperty("arguments", out var odd) && odd.ValueKind is JsonValueKind.Array or JsonValueKind.Number;
        var match = policy.Evaluate(PolicyCall.FromExample(at.Call));
        var example = new MatrixExample { Id = "E-1", Name = "n", Call = read.Value, Expect = ExampleChecks.Said(match, at.Document.Default) };
        var saved = Parse(MatrixExamples.Empty.With(null, example).Value.ToJson());
        var others = Enum.GetValues<RuleOutcome>().Where(o => o != example.Expect).Select(o => MatrixExamples.Empty.With(null, example with { Expect = o }).Value);
        return !ExampleChecks.Errors(policy, saved).Any() && ExampleChecks.Answer(policy, saved.Items[0]).Match == match
            && others.All(o => ExampleChecks.Errors(policy, o).Single() is { Code: "example.failed" } failed && failed.Rule == match.Rule?.Id);
    });

    private static readonly FsCheck.Gen<(MatrixDocument Document, JsonElement Call)> Cases = from document in MatrixGenerators.Document(MatrixGenerators.Condition) from call in MatrixGenerators.Call select (document, AskOf(call));

    // What JSON cannot say or an ask may not, is left out.
    private static JsonElement AskOf(PolicyCall call)
    {
        var ask = new JsonObject { ["action"] = call.Action, ["arguments"] = JsonNode.Parse(call.Arguments.GetRawText()), ["resource"] = new JsonObject { ["attributes"] = JsonNode.Parse(call.ResourceAttributes.GetRawText()) } };
        if (call.ResourceType is { } type) ask["resource"]!["type"] = type;
        if (call.ResourceId is { } id) ask["resource"]!["id"] = id;
        if (call.Confidence is { } confidence && confidence is >= 0 and <= 1) ask["confidence"] = confidence;
        if (call.OnBehalfOf is { } person) ask["on_behalf_of"] = person;
        var cost = new JsonObject();
        if (call.CostUsd is { } usd && double.IsFinite(usd)) cost["usd"] = usd.ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (call.CostTokens is { } tokens) cost["tokens"] = tokens;
        if (cost.Count > 0) ask["expected_cost"] = cost;
        return JsonSerializer.SerializeToElement(ask);
    }

    private static MatrixExamples Parse(string json) => MatrixExamples.Parse(JsonElement.Parse(json)).Value;
}
