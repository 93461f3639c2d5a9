using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using OpsConsole.Core.Authority;
using Xunit;

namespace OpsConsole.Tests.Core.Authority;

/// <summary>The calls that the analysis shows are calls that agents are meant to send, wherever such a call shows it; where none does, it says so.</summary>
public sealed class ArgumentFitTests
{
    private static readonly Gen<string?> Amount = Pick(null, """{"type":"number"}""", """{"type":"integer","minimum":1,"maximum":150}""", """{"type":"number","exclusiveMinimum":100,"exclusiveMaximum":200}""", """{"enum":[100,250]}""", """{"type":["integer","null"],"maximum":-1}""", """{"$ref":"#/$defs/small"}""", """{"anyOf":[{"type":"string"},{"type":"number","minimum":1000}]}""", """{"const":200.5}""");
    private static readonly Gen<string?> To = Pick(null, """{"type":"string"}""", """{"enum":["a@acme.com","b@x.org"]}""", """{"type":"string","minLength":30}""", """{"type":"string","pattern":"^[a-z]+@acme\\.com$"}""", """{"type":"string","format":"date"}""", """{"type":"array","items":{"type":"string","maxLength":4}}""", """{"type":"boolean"}""");
    private static readonly Gen<string?> Items = Pick(null, """{"type":"array","items":{"type":"object","required":["sku"],"properties":{"sku":{"enum":["A","B"]},"price":{"type":"number","minimum":0}}}}""", """{"type":"array","minItems":2,"items":{"type":"object","additionalProperties":false,"properties":{"price":{"enum":[100,300]}}}}""", """{"type":"object","required":["price"],"properties":{"price":{"type":"integer"}}}""");

    private static readonly Gen<string> Schema =
        from amount in Amount
        from to in To
        from items in Items
        from required in Gen.SubListOf("amount", "to", "items", "reason", "meta")
        from closed in Gen.Elements(true, false)
        select SchemaOf(new() { ["amount"] = amount, ["to"] = to, ["items"] = items, ["reason"] = """{"type":"string","minLength":4}""", ["meta"] = """{"type":"object","required":["source"],"properties":{"source":{"const":"desk"}}}""" }, required, closed);

    private static readonly Gen<(MatrixDocument Doc, ActionCatalogue Catalogue, int Seed)> Described =
        from x in AimedCalls.Against(MatrixGenerators.SoundCondition)
        from schemas in Gen.ArrayOf(Schema, 7)
        select (x.Doc, ActionCatalogue.Parse(JsonSerializer.SerializeToElement(x.Catalogue.Actions.Select((a, i) => new { action = a.Action, arguments_schema = JsonElement.Parse(schemas[i]) }))).Value, x.Seed);

    private static Gen<string?> Pick(params string?[] schemas) => Gen.Elements(schemas);

    [Fact]
    public void Analyse_RandomMatricesWithSchemas_EveryExampleShowsItsClaim_AndFitsUnlessItSaysOtherwise() => MatrixGenerators.Holds(Described, x =>
    {
        var analysis = Analyse(x.Doc, x.Catalogue);
        foreach (var finding in analysis.Errors.Concat(analysis.Warnings))
        {
            if (!MatrixAnalyserTests.Shows(finding, x.Doc)) Assert.Fail($"{finding} is not shown by its example in {MatrixJson.ToJson(x.Doc)} with {x.Catalogue.ToJson()}");
            if (finding.Example is { } example && Misfits(example, x.Catalogue).Count > 0 != SaysMisfit(finding)) Assert.Fail($"{finding}: {string.Join(' ', Misfits(example, x.Catalogue))} in {MatrixJson.ToJson(x.Doc)} with {x.Catalogue.ToJson()}");
        }
        foreach (var (line, cell, row) in analysis.Coverage.Lines.SelectMany(l => l.Cells.SelectMany(c => c.Rows.Select(r => (l, c, r)))))
        {
            if (row.Example is not { } example) continue;
            if (!Decides(x.Doc, row, PolicyCall.FromExample(example))) Assert.Fail($"{cell.Fate} {row} in {MatrixJson.ToJson(x.Doc)} with {x.Catalogue.ToJson()}");
            if (Misfits(example, x.Catalogue).Count > 0 != row.Fit is not CallFit.Fits) Assert.Fail($"{cell.Fate} {row}: {string.Join(' ', Misfits(example, x.Catalogue))} in {MatrixJson.ToJson(x.Doc)} with {x.Catalogue.ToJson()}");
        }
        return true;
    }, 500);

    [Fact]
    public void Analyse_RandomMatricesWithSchemas_WhatIsCalledShownByNoFittingCall_NoneShows() => MatrixGenerators.Holds(Described, x =>
    {
        var fits = new ArgumentFits(x.Catalogue, new WorkBudget(ArgumentFits.Steps));
        var analysis = Analyse(x.Doc, x.Catalogue);
        foreach (var line in analysis.Coverage.Lines)
        {
            var never = line.Cells.SelectMany(c => c.Rows).Where(r => r.Fit == CallFit.NoneFits).ToList();
            if (never.Count == 0) continue;
            foreach (var call in Calls(x.Doc, line.Action.Action, x.Seed).Select(c => fits.Of(line.Action.Action)!.Complete(c, [])).Where(c => c.Fit == CallFit.Fits))
            {
                if (never.FirstOrDefault(r => Decides(x.Doc, r, PolicyCall.FromExample(call.Call))) is { } row) Assert.Fail($"{call.Call} fits and shows {row} in {MatrixJson.ToJson(x.Doc)} with {x.Catalogue.ToJson()}");
            }
        }
        return true;
    }, 300);

    [Fact]
    public void Of_RandomMatrices_SchemasChangeNoFate() => MatrixGenerators.Holds(Described, x =>
    {
        var plain = CoverageMap.Of(x.Doc, ActionCatalogue.Parse(JsonSerializer.SerializeToElement(x.Catalogue.Actions.Select(a => new { action = a.Action }))).Value);
        static IEnumerable<string> Fates(CoverageMap map) => map.Lines.SelectMany(l => l.Cells.Select(c => $"{l.Action.Action} {c.Fate} {c.Possibility} {string.Join(' ', c.Rows.Select(r => r.Index))}"));
        return Fates(plain).SequenceEqual(Fates(CoverageMap.Of(x.Doc, x.Catalogue)));
    }, 200);

    [Theory]
    [InlineData("amount > 200", """{"amount":{"type":"integer","maximum":210}}""", "amount reason", """{"amount":201,"reason":"x"}""")]
    [InlineData("amount < 200", """{"amount":{"type":"number","minimum":199.5}}""", "", """{"amount":199.5}""")]
    [InlineData("amount != 100", """{"amount":{"enum":[100,300]},"currency":{"enum":["EUR","USD"]}}""", "currency", """{"amount":300,"currency":"EUR"}""")]
    [InlineData("to starts_with EU", """{"to":{"enum":["US-1","EU-7"]}}""", "", """{"to":"EU-7"}""")]
    [InlineData("to ends_with .com", """{"to":{"type":"string","minLength":8}}""", "", """{"to":"xxxx.com"}""")]
    [InlineData("to missing", """{"to":{"type":"string"},"when":{"type":"string","format":"date"}}""", "when", """{"when":"2026-11-21"}""")]
    [InlineData("any items.price > 100", """{"items":{"type":"array","items":{"type":"object","required":["sku"],"properties":{"sku":{"type":"string"},"price":{"type":"number"}}}}}""", "", """{"items":[{"price":101,"sku":"x"}]}""")]
    [InlineData("customer.tier = gold", """{"customer":{"type":"object","required":["id"],"properties":{"tier":{"type":"string"},"id":{"type":"string","pattern":"^C-[0-9]{3}$"}}}}""", "", """{"customer":{"tier":"gold","id":"C-000"}}""")]
    [InlineData("to = a", """{"to":{"$ref":"#/$defs/to"},"$defs":{}}""", "", """{"to":"a"}""")]
    public void Of_RowWithACondition_IsShownByACallThatFits(string when, string properties, string required, string arguments)
    {
        var (doc, catalogue) = One(when, properties, required);
        var row = Assert.Single(CoverageMap.Of(doc, catalogue).Lines[0][CallFate.Alone].Rows);
        Assert.Equal(CallFit.Fits, row.Fit);
        Assert.Equal(arguments, row.Example!.Value.GetProperty("arguments").GetRawText());
    }

    [Theory]
    [InlineData("amount > 200", """{"amount":{"type":"integer","maximum":200}}""", CallFit.NoneFits)]
    [InlineData("amount > 200", """{"amount":{"type":"string"}}""", CallFit.NoneFits)]
    [InlineData("to starts_with EU", """{"to":{"enum":["US-1"]}}""", CallFit.NoneFits)]
    [InlineData("to starts_with EU", """{"to":{"type":"string","pattern":"^US-[0-9]$"}}""", CallFit.Unsure)]   // that the two exclude each other is more than the analysis can tell
    public void Of_RowThatOnlyAMisfitShows_SaysSo(string when, string properties, CallFit fit)
    {
        var (doc, catalogue) = One(when, properties, "");
        var row = Assert.Single(CoverageMap.Of(doc, catalogue).Lines[0][CallFate.Alone].Rows);
        Assert.Equal(fit, row.Fit);
        Assert.NotEmpty(Misfits(row.Example!.Value, catalogue));
    }

    [Fact]
    public void Analyse_OverlapThatOnlyAMisfitShows_StaysAndSaysSo()
    {
        var doc = Parse("""{"rules":[{"id":"A","action":"x","outcome":"allow","consequence":"low","when":[{"field":"arguments.amount","op":">","value":200}]},{"id":"B","action":"x","outcome":"approve","approvers":["user:a@example.com"],"when":[{"field":"arguments.amount","op":"!=","value":300}]},{"id":"C","action":"x","outcome":"deny"}]}""");
        MatrixAnalysis With(string amount) => Analyse(doc, Catalogue("{\"properties\":{\"amount\":" + amount + "}}"));
        var (all, small) = (With("""{"type":"number"}"""), With("""{"type":"number","maximum":200}"""));
        Assert.DoesNotContain(all.Errors.Concat(all.Warnings), SaysMisfit);
        Assert.EndsWith(" Only a call that does not fit the action's arguments shows it.", Assert.Single(small.Warnings, f => f is { Code: "rule.overlap", Rule: "B" }).Message, StringComparison.Ordinal);
        // Either of the first two rows hides the third; named is the one that does so for a call that fits.
        Assert.Equal(("A", "B"), (Assert.Single(all.Errors).OtherRule, Assert.Single(small.Errors).OtherRule));
    }

    [Fact]
    public void Analyse_ListedActionWithoutARow_IsShownByACallThatFits()
    {
        var analysis = Analyse(Parse("""{"rules":[{"id":"R","action":"y","outcome":"deny"}]}"""), Catalogue("""{"required":["reason","lines"],"properties":{"reason":{"type":"string"},"lines":{"type":"array","minItems":1,"items":{"type":"integer","minimum":7}}}}"""));
        Assert.Equal("""{"action":"x","arguments":{"reason":"x","lines":[8]}}""", Assert.Single(analysis.Warnings, f => f.Code == "catalogue.no_rule").Example!.Value.GetRawText());
    }

    [Fact]
    public void Analyse_SchemasMadeToBeHard_TakeNoMoreThanTheirShare()
    {
        var deep = """{"type":"string","pattern":"^(a|b|c){1,90}$"}""";
        const string both = """{"type":"object","required":["a","b"],"properties":{"a":{"$ref":"#"},"b":{"$ref":"#"}}}""";
        for (var i = 0; i < 10; i++) deep = "{\"anyOf\":[{\"allOf\":[" + deep + ",{\"minLength\":" + i + "}]}," + both + "]}";
        var schema = "{\"type\":\"object\",\"required\":[\"amount\",\"to\"],\"properties\":{\"amount\":" + deep + ",\"to\":{\"$ref\":\"#/properties/amount\"}}}";
        var rules = Enumerable.Range(0, 60).Select(i => $$"""{"id":"R-{{i}}","action":"x","outcome":"{{(i % 2 == 0 ? "deny" : "approve")}}","approvers":["user:a@example.com"],"when":[{"field":"arguments.{{(i % 3 == 0 ? "to" : "amount")}}","op":"starts_with","value":"a{{i}}"}]}""");
        var fitting = new WorkBudget(ArgumentFits.Steps);
        var analysis = MatrixAnalyser.Analyse(Parse($$"""{"rules":[{{string.Join(',', rules)}}]}"""), _ => ApproverStanding.Known, Catalogue(schema), null, new WorkBudget(3_000_000), fitting);
        Assert.NotEmpty(analysis.Warnings);
    }

    private static (MatrixDocument, ActionCatalogue) One(string when, string properties, string required)
    {
        var words = when.Split(' ');
        var each = words[0] == "any" ? "\"each\":\"any\"," : "";
        if (each.Length > 0) words = words[1..];
        var value = words.Length < 3 ? "" : ",\"value\":" + (double.TryParse(words[2], out _) ? words[2] : JsonSerializer.Serialize(words[2]));
        return (Parse("{\"rules\":[{\"id\":\"R\",\"action\":\"x\",\"outcome\":\"allow\",\"consequence\":\"low\",\"when\":[{" + each + "\"field\":\"arguments." + words[0] + "\",\"op\":\"" + words[1] + "\"" + value + "}]}]}"),
            Catalogue("{\"type\":\"object\",\"required\":" + JsonSerializer.Serialize(required.Split(' ', StringSplitOptions.RemoveEmptyEntries)) + ",\"properties\":" + properties + "}"));
    }

    private static string SchemaOf(Dictionary<string, string?> properties, IEnumerable<string> required, bool closed)
    {
        var described = new JsonObject();
        foreach (var (name, schema) in properties)
        {
            if (schema is not null) described[name] = JsonNode.Parse(schema);
        }
        return new JsonObject
        {
            ["type"] = "object", ["properties"] = described, ["required"] = new JsonArray([.. required.Select(r => JsonValue.Create(r))]), ["additionalProperties"] = !closed,
            ["$defs"] = JsonNode.Parse("""{"small":{"type":"number","maximum":99.5}}"""),
        }.ToJsonString();
    }

    // Aimed at the conditions, and at what schemas allow.
    private static IEnumerable<JsonElement> Calls(MatrixDocument doc, string action, int seed)
    {
        var random = new Random(seed);
        string[] amounts = ["100", "250", "200.5", "1", "150", "101", "199", "-1", "1000", "99", "null"], to = ["\"a@acme.com\"", "\"b@x.org\"", "\"x@acme.com\"", "true", "[\"abc\"]", "[\"EU\",\"x\"]", "\"2026-11-21\""], items = ["[{\"price\":100}]", "[{\"price\":100},{\"price\":300}]", "{\"price\":200}", "[]"];
        foreach (var call in new AimedCalls(doc, [], seed).Take(80, action))
        {
            var node = new JsonObject { ["action"] = action };
            if (call.ResourceType is { } type) node["resource"] = new JsonObject { ["type"] = type, ["id"] = call.ResourceId };
            var arguments = call.Arguments.ValueKind == JsonValueKind.Object ? JsonNode.Parse(call.Arguments.GetRawText())!.AsObject() : [];
            foreach (var (name, values) in new[] { ("amount", amounts), ("to", to), ("items", items) })
            {
                if (random.Next(3) > 0) arguments[name] = JsonNode.Parse(values[random.Next(values.Length)]);
                else if (random.Next(3) == 0) arguments.Remove(name);
            }
            node["arguments"] = arguments;
            yield return JsonElement.Parse(node.ToJsonString());
        }
    }

    private static bool Decides(MatrixDocument doc, CoverageRow row, PolicyCall call)
    {
        var match = CompiledPolicy.Compile(doc, 1).Evaluate(call);
        return row.Index < 0 ? match is { Rule: null, Boundary: null } : row.IsBoundary ? ReferenceEquals(match.Boundary, doc.Boundaries[row.Index]) : match.RuleIndex == row.Index;
    }

    private static bool SaysMisfit(Finding finding) => finding.Message.Contains("does not fit", StringComparison.Ordinal);

    private static IReadOnlyList<string> Misfits(JsonElement example, ActionCatalogue catalogue) => catalogue.Find(example.GetProperty("action").GetString()!)?.ArgumentsSchema is { } schema
        ? [.. SchemaFit.Misfits(schema, example.TryGetProperty("arguments", out var arguments) ? arguments : JsonElement.Parse("{}")).Select(m => m.ToString())] : [];

    private static MatrixAnalysis Analyse(MatrixDocument doc, ActionCatalogue catalogue) => MatrixAnalyser.Analyse(doc, _ => ApproverStanding.Known, catalogue);

    private static ActionCatalogue Catalogue(string schema) => ActionCatalogue.Parse(JsonElement.Parse("[{\"action\":\"x\",\"arguments_schema\":" + schema + "}]")).Value;

    private static MatrixDocument Parse(string json) => MatrixJson.Parse(JsonElement.Parse(json)).Value;
}
