using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using OpsConsole.Tests.Core.Authority;
using OpsConsole.Tests.Support;

namespace OpsConsole.Core.Authority;

/// <summary>Lists of actions in the forms that others publish them in: nothing is trusted, and nothing is lost without a word.</summary>
public sealed class CatalogueImportTests
{
    private const string Schema = """{"type":"object","properties":{"amount":{"type":"number"}},"required":["amount"]}""";

    [Theory]
    [InlineData("""{"tools":[{"name":"refund_create","description":"Gives money back","inputSchema":SCHEMA}]}""", "refund_create")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"refund_create","description":"Gives money back","inputSchema":SCHEMA}]}}""", "refund_create")]
    [InlineData("""[{"name":"refund_create","title":"Gives money back","inputSchema":SCHEMA}]""", "refund_create")]
    [InlineData("""[{"type":"function","function":{"name":"refund_create","description":"Gives money back","parameters":SCHEMA}}]""", "refund_create")]
    [InlineData("""[{"type":"function","name":"refund_create","description":"Gives money back","parameters":SCHEMA,"strict":true}]""", "refund_create")]
    [InlineData("""{"functions":[{"name":"refund_create","description":"Gives money back","parameters":SCHEMA}]}""", "refund_create")]
    [InlineData("""{"model":"m","tools":[{"name":"refund_create","description":"Gives money back","input_schema":SCHEMA}]}""", "refund_create")]
    [InlineData("""{"tools":[{"functionDeclarations":[{"name":"refund_create","description":"Gives money back","parameters":SCHEMA}]}]}""", "refund_create")]
    [InlineData("""{"name":"refund_create","description":"Gives money back","input_schema":SCHEMA}""", "refund_create")]
    [InlineData("""{"refund.create":{"description":"Gives money back","type":"object","properties":{"amount":{"type":"number"}},"required":["amount"]}}""", "refund.create")]
    [InlineData("""{"title":"refund.create","description":"Gives money back","type":"object","properties":{"amount":{"type":"number"}},"required":["amount"]}""", "refund.create")]
    [InlineData("""{"$id":"https://example.com/schemas/refund.create.schema.json","description":"Gives money back","type":"object","properties":{"amount":{"type":"number"}},"required":["amount"]}""", "refund.create")]
    public void Read_EveryForm_ShowsByItself_AndIsCarefulWhereNothingIsSaid(string document, string name)
    {
        var import = Read(document.Replace("SCHEMA", Schema, StringComparison.Ordinal));
        var action = Assert.Single(import.Actions).Action;
        Assert.Equal((name, "Gives money back", Effect.Write, Consequence.High, false), (action.Action, action.Description, action.Effect, action.Consequence, action.Reversible));
        Assert.Equal("number", action.ArgumentsSchema!.Value.GetProperty("properties").GetProperty("amount").GetProperty("type").GetString());
        Assert.Empty(import.Notes);
        Assert.Empty(import.Actions[0].Notes);
    }

    [Theory]
    [InlineData("""{"readOnlyHint":true}""", Effect.Read, Consequence.Low, "only reads")]
    [InlineData("""{"readOnlyHint":true,"destructiveHint":true}""", Effect.Write, Consequence.High, "both")]
    [InlineData("""{"destructiveHint":false,"idempotentHint":true}""", Effect.Write, Consequence.High, "only adds")]
    [InlineData("""{"destructiveHint":true}""", Effect.Write, Consequence.High, "may destroy")]
    [InlineData("""{"readOnlyHint":"yes"}""", Effect.Write, Consequence.High, null)]
    public void Read_HintsOfTools_AreToldAsWhatTheyAre(string annotations, Effect effect, Consequence consequence, string? note)
    {
        var tool = Read($$"""{"tools":[{"name":"t","inputSchema":{"type":"object"},"annotations":{{annotations}}}]}""").Actions.Single();
        Assert.Equal((effect, consequence), (tool.Action.Effect, tool.Action.Consequence));
        if (note is null) Assert.Empty(tool.Notes);
        else Assert.Contains(tool.Notes, n => n.Contains(note, StringComparison.Ordinal));
    }

    [Fact]
    public void Read_WhatCannotBeListed_IsNamed()
    {
        var import = Read("""{"tools":[{"description":"no name"},{"type":"web_search"},7,{"name":"???"},{"name":"send mail"},{"name":"Send_Mail"},{"name":"x","inputSchema":[]}],"nextCursor":"more"}""");
        Assert.Equal(["send_mail", "Send_Mail", "x"], import.Actions.Select(a => a.Action.Action));
        Assert.Equal("tools[4]", import.Actions[1].Clash);
        Assert.Contains("'send mail' is no name", import.Actions[0].Notes.Single());
        Assert.Contains("schema is no object", import.Actions[2].Notes.Single());
        Assert.Collection(import.Notes, n => Assert.StartsWith("tools[0] has no name", n), n => Assert.StartsWith("tools[1] ('web_search')", n), n => Assert.StartsWith("tools[2] is no object", n),
            n => Assert.StartsWith("tools[3] is called '???'", n), n => Assert.Contains("nextCursor", n));
    }

    [Theory]
    [InlineData("refund.create", "refund.create")]
    [InlineData("refunds / create", "refunds.create")]
    [InlineData("/orders/{id}/refunds", "orders.id.refunds")]
    [InlineData("Rückerstattung!", "Ruckerstattung")]
    [InlineData("a  b__c", "a_b_c")]
    [InlineData("日本", null)]
    public void LegalName_IsAsCloseAsItGets(string name, string? legal) => Assert.Equal(legal, ImportSheet.LegalName(name));

    [Fact]
    public void Read_TooMuch_IsCutAndSaid()
    {
        var import = Read(JsonSerializer.Serialize(Enumerable.Range(0, 1_005).Select(i => i > 0 ? (object)new { name = $"t{i}" } : new { name = "a", description = new string('x', 5_000), input_schema = new { type = "object", description = new string('x', 33_000) } })));
        Assert.Equal(ActionCatalogue.MaxActions, import.Actions.Count);
        Assert.Equal(4_000, import.Actions[0].Action.Description!.Length);
        Assert.Null(import.Actions[0].Action.ArgumentsSchema);
        Assert.Equal(2, import.Actions[0].Notes.Count);
        Assert.Contains("5 more", import.Notes.Single());
    }

    [Fact]
    public void Read_ACatalogue_IsTakenAsItWasWritten()
    {
        var import = Read("""{"items":[{"action":"refund.create","effect":"write","consequence":"low","reversible":true,"classes":["revenue"],"owner":"group:leads"},{"action":"refund.*"}],"next":null}""");
        Assert.Equal((ImportKind.Catalogue, Consequence.Low, true, "group:leads"), (import.Kind, import.Actions[0].Action.Consequence, import.Actions[0].Action.Reversible, import.Actions[0].Action.Owner));
        Assert.Contains("refund.*", import.Notes.Single());
    }

    [Theory]
    [InlineData("7", "import.unknown")]
    [InlineData("{}", "import.unknown")]
    [InlineData("""{"a":{"b":1}}""", "import.unknown")]
    [InlineData("""{"openapi":"4.0.0","paths":{}}""", "import.unknown")]
    [InlineData("""{"swagger":"2.0","paths":{}}""", "import.swagger")]
    [InlineData("""{"type":"object","properties":{}}""", "import.unnamed")]
    public void Read_AnythingElse_IsRefusedWithWhatToDo(string document, string code) => Assert.Equal(code, CatalogueImport.Read(JsonElement.Parse(document)).Fault?.Code);

    [Theory]
    [InlineData("[]")]
    [InlineData("""{"tools":[]}""")]
    [InlineData("""{"openapi":"3.1.0","info":{}}""")]
    public void Read_Nothing_IsSaid(string document) => Assert.NotEmpty(Read(document).Notes);

    [Fact]
    public void Read_SchemasByName_ReferToEachOther()
    {
        var import = Read("""{"$defs":{"Money":{"type":"object","properties":{"amount":{"type":"number"}}},"refund.create":{"type":"object","properties":{"money":{"$ref":"#/$defs/Money","description":"how much"},"again":{"$ref":"#/$defs/refund.create"},"lost":{"$ref":"other.json#/X"}}}}}""");
        var properties = import.Actions.Single(a => a.Action.Action == "refund.create").Action.ArgumentsSchema!.Value.GetProperty("properties");
        Assert.Equal("number", properties.GetProperty("money").GetProperty("properties").GetProperty("amount").GetProperty("type").GetString());
        Assert.Equal("how much", properties.GetProperty("money").GetProperty("description").GetString());
        Assert.Equal(2, import.Actions[1].Notes.Count);   // contains itself, refers elsewhere
    }

    [SharedFact("vectors/mcp")]
    public void Read_McpVectors_AreToolLists()
    {
        foreach (var file in (string[])["ListToolsResult/tools-list-with-cursor-and-ttl.json", "ListToolsResultResponse/list-tools-result-response.json"])
        {
            var import = Read(File.ReadAllText(SharedFolder.PathTo(["vectors", "mcp", .. file.Split('/')])));
            Assert.Equal(("get_weather", "Get current weather information for a location"), (import.Actions.Single().Action.Action, import.Actions[0].Action.Description));
        }
        var schemas = Read(File.ReadAllText(SharedFolder.PathTo("vectors", "mcp", "schema-2025-11-25.json")));
        Assert.Contains(schemas.Actions, a => a.Action.Action == "CallToolRequest");
    }

    [SharedTheory("data/otel-agent-traces")]
    [InlineData("csharp-agent-with-gemini-2026-03-09.json", "get_adset_infos")]
    [InlineData("microsoft-agent-2025-12-17.json", "get_weather")]
    public void Read_ToolsOfRealAgents_AreListed(string file, string expected)
    {
        var trace = JsonElement.Parse(File.ReadAllText(SharedFolder.PathTo("data", "otel-agent-traces", file)));
        var definitions = trace.GetProperty("observations").EnumerateArray().Select(o => o.GetProperty("metadata")).Where(m => m.ValueKind == JsonValueKind.String).Select(m => JsonElement.Parse(m.GetString()!))
            .Select(m => m.TryGetProperty("attributes", out var a) && a.TryGetProperty("gen_ai.tool.definitions", out var d) ? d.GetString() : null).OfType<string>().ToList();
        Assert.NotEmpty(definitions);
        Assert.Contains(definitions.Select(Read), i => i.Actions.Any(a => a.Action.Action == expected && a.Action.ArgumentsSchema is not null && a.Clash is null));
    }

    [Fact]
    public void Merge_KeepsWhatPeopleSaid_UnlessTheyGiveItUp()
    {
        var catalogue = ActionCatalogue.Parse(JsonElement.Parse("""[{"action":"Refund.create","description":"old","effect":"read","consequence":"low","owner":"group:leads","classes":["revenue"]},{"action":"b","effect":"read"}]""")).Value;
        var lines = CatalogueMerge.Lines(Read("""[{"name":"refund.create","description":"new","input_schema":{"type":"object"},"annotations":{"destructiveHint":true}},{"name":"b","annotations":{"readOnlyHint":true}},{"name":"c"},{"name":"C"}]"""), catalogue);
        Assert.Equal([ImportStanding.Changed, ImportStanding.Same, ImportStanding.New, ImportStanding.Clash], lines.Select(l => l.Standing));
        Assert.Equal(["description", "arguments_schema"], lines[0].Updates);
        Assert.Equal(["effect", "consequence"], lines[0].Kept);
        Assert.Equal(["consequence"], lines[1].Kept);
        var (kept, taken) = (lines[0].Merged(false), lines[0].Merged(true));
        Assert.Equal(("Refund.create", "new", Effect.Read, Consequence.Low, "group:leads"), (kept.Action, kept.Description, kept.Effect, kept.Consequence, kept.Owner));
        Assert.Equal((Effect.Write, Consequence.High, "group:leads"), (taken.Effect, taken.Consequence, taken.Owner));
        var saved = catalogue.WithAll([kept, lines[2].Merged(false)]).Value;
        Assert.Equal(["b", "c", "Refund.create"], saved.Actions.Select(a => a.Action));
        Assert.Equal(ImportStanding.Same, CatalogueMerge.Lines(Read("""[{"name":"refund.create","description":"new","input_schema":{"type":"object"}}]"""), saved)[0].Standing);
    }

    /// <summary>Whatever a document holds, what is read from it can be listed, stored and read again.</summary>
    [Fact]
    public void Read_AnyNameAndText_CanBeListed() => MatrixGenerators.Holds(Gen.Select(Gen.ArrayOf(Gen.Elements("a", "B", "1", ".", "_", "/", " ", "{", "}", "*", "ü", "日", "\u2028", "\u202e", "\t", ":", "-", "\""), 9), string.Concat), text =>
    {
        var import = Read(JsonSerializer.Serialize(new object[] { new { name = text, description = text, input_schema = new Dictionary<string, string> { [text] = text } }, new { name = text + "/x" } }));
        var listed = ActionCatalogue.Empty.WithAll([.. import.Actions.Where(a => a.Clash is null).Select(a => a.Action)]).Value;
        return ActionCatalogue.Parse(JsonElement.Parse(listed.ToJson())) is { Ok: true } again && again.Value.ToJson() == listed.ToJson() && import.Actions.Count + import.Notes.Count >= 2;
    });

    private static readonly string[] Keys = ["tools", "name", "function", "inputSchema", "annotations", "readOnlyHint", "action", "openapi", "paths", "/p", "post", "operationId", "parameters", "requestBody", "content", "application/json", "schema", "$ref", "properties", "allOf", "required", "title", "description", "$defs", "result", "jsonrpc", "type", "items", "in", "enum"];
    private static readonly string[] Scalars = ["null", "true", "7", "\"3.1.0\"", "\"#/paths\"", "\"#\"", "\"#/$defs/title\"", "\"object\"", "\"path\""];

    private static Gen<string> Json(int depth) => depth == 0 ? Gen.Elements(Scalars) : Gen.SelectMany(Gen.Choose(0, 9), shape => shape switch
    {
        < 2 => Gen.Elements(Scalars),
        < 4 => Gen.Select(Gen.ArrayOf(Json(depth - 1), shape - 1), items => $"[{string.Join(',', items)}]"),
        _ => Gen.SelectMany(Gen.ArrayOf(Gen.Elements(Keys), shape - 3), keys => Gen.Select(Gen.ArrayOf(Json(depth - 1), shape - 3),
            values => "{" + string.Join(',', keys.Zip(values).DistinctBy(p => p.First).Select(p => $"\"{p.First}\":{p.Second}")) + "}")),
    });

    /// <summary>Half-right documents are read as far as they go.</summary>
    [Fact]
    public void Read_AnyDocument_NeverThrows() => MatrixGenerators.Holds(Gen.SelectMany(Gen.Elements("OTHER", """{"tools":[OTHER,OTHER]}""", """{"openapi":"3.1.0","paths":{"/p":{"post":OTHER,"parameters":OTHER}},"$defs":OTHER}""", """{"openapi":"3.1.0","paths":{"/p":{"post":{"parameters":[OTHER],"requestBody":{"content":{"application/json":OTHER}}}}},"$defs":OTHER}""", """{"a":OTHER,"$defs":OTHER}"""),
        frame => Gen.Select(Json(4), other => frame.Replace("OTHER", other, StringComparison.Ordinal))), document =>
    {
        var import = CatalogueImport.Read(JsonElement.Parse(document));
        return !import.Ok || ActionCatalogue.Parse(JsonElement.Parse(ActionCatalogue.Empty.WithAll([.. import.Value.Actions.Where(a => a.Clash is null).Select(a => a.Action)]).Value.ToJson())).Ok;
    });

    private static CatalogueImport Read(string json) => CatalogueImport.Read(JsonElement.Parse(json)).Value;
}
