using System.Text.Json;

namespace OpsConsole.Core.Authority;

/// <summary>Operations of an API as actions: parameters and body are one object of arguments, and references never run away.</summary>
public sealed class OpenApiReaderTests
{
    private const string Orders = """
    { "openapi": "3.0.3", "info": { "title": "Orders", "version": "1" },
      "paths": {
        "/orders/{id}": {
          "parameters": [ { "$ref": "#/components/parameters/OrderId" } ],
          "get": { "operationId": "order.get", "summary": "Reads an order", "parameters": [ { "name": "id", "in": "query", "schema": { "type": "integer" } }, { "name": "Authorization", "in": "header", "schema": { "type": "string" } } ] },
          "delete": { "summary": "Removes an order.", "description": "For good." } },
        "/orders/{id}/refunds": {
          "post": { "operationId": "refund order", "deprecated": true,
            "parameters": [ { "name": "id", "in": "path", "required": true, "schema": { "type": "string" } } ],
            "requestBody": { "required": true, "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Refund" } } } } } },
        "/labels": { "post": { "requestBody": { "content": { "application/json": { "schema": { "type": "array", "items": { "type": "string" } } } } } },
                     "put": { "requestBody": { "content": { "text/plain": {} } } } },
        "/elsewhere": { "$ref": "other.json" } },
      "components": {
        "parameters": { "OrderId": { "name": "id", "in": "path", "required": true, "description": "The order", "schema": { "type": "string" } } },
        "schemas": {
          "Refund": { "allOf": [ { "$ref": "#/components/schemas/Money" }, { "type": "object", "required": [ "reason" ], "properties": { "reason": { "type": "string", "enum": [ "$ref" ] }, "inner": { "$ref": "#/components/schemas/Refund" } } } ] },
          "Money": { "type": "object", "required": [ "amount" ], "properties": { "amount": { "type": "number" } } } } } }
    """;

    [Fact]
    public void Read_EveryOperation_IsOneAction()
    {
        var import = Read(Orders);
        Assert.Equal(ImportKind.Openapi, import.Kind);
        Assert.Equal(["order.get", "orders.id.delete", "refund_order", "labels.post", "labels.put"], import.Actions.Select(a => a.Action.Action));
        Assert.Contains("/elsewhere is left out", import.Notes.Single());

        Assert.Equal((Effect.Read, Consequence.Low), (import.Actions[0].Action.Effect, import.Actions[0].Action.Consequence));
        Assert.Equal("""{"type":"object","properties":{"id":{"type":"string","description":"The order"},"query_id":{"type":"integer"}},"required":["id"]}""", SchemaOf(import, 0).GetRawText());
        Assert.Contains(import.Actions[0].Notes, n => n.Contains("query_id", StringComparison.Ordinal));

        Assert.Equal(("Removes an order. For good.", Effect.Write, Consequence.High, false), (import.Actions[1].Action.Description, import.Actions[1].Action.Effect, import.Actions[1].Action.Consequence, import.Actions[1].Action.Reversible));
        Assert.Equal(["effect", "consequence", "reversible"], import.Actions[1].Stated);
        Assert.Contains(import.Actions[1].Notes, n => n.Contains("no operationId", StringComparison.Ordinal));

        Assert.Equal(["id", "amount", "reason", "inner"], SchemaOf(import, 2).GetProperty("properties").EnumerateObject().Select(p => p.Name));
        Assert.Equal(["id", "amount", "reason"], SchemaOf(import, 2).GetProperty("required").EnumerateArray().Select(p => p.GetString()));
        Assert.Contains(import.Actions[2].Notes, n => n.Contains("contains itself (Refund)", StringComparison.Ordinal));
        Assert.Contains(import.Actions[2].Notes, n => n.Contains("deprecated", StringComparison.Ordinal));

        Assert.Equal("array", SchemaOf(import, 3).GetProperty("properties").GetProperty("body").GetProperty("type").GetString());
        Assert.Contains(import.Actions[4].Notes, n => n.Contains("text/plain", StringComparison.Ordinal));
        Assert.DoesNotContain("$ref\":", string.Concat(import.Actions.Select(a => a.Action.ArgumentsSchema!.Value.GetRawText())), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_ReferencesThatMultiply_AreGivenUpAndSaid()
    {
        var levels = string.Join(',', Enumerable.Range(0, 20).Select(i => """ "S0":{"type":"object","properties":{"a":{"$ref":"#/components/schemas/S1"},"b":{"$ref":"#/components/schemas/S1"},"c":{"$ref":"#/components/schemas/S1"}}} """
            .Replace("S1", $"S{i + 1}", StringComparison.Ordinal).Replace("S0", $"S{i}", StringComparison.Ordinal)));
        var paths = string.Join(',', Enumerable.Range(0, 300).Select(Post));
        var import = Document(paths, levels + ",\"S20\":{\"type\":\"string\"}");
        Assert.Equal(300, import.Actions.Count);
        Assert.All(import.Actions, a => Assert.Null(a.Action.ArgumentsSchema));
        Assert.All(import.Actions, a => Assert.Contains(a.Notes, n => n.Contains("was left out", StringComparison.Ordinal)));
    }

    [Fact]
    public void Read_ALongChainOfReferences_IsLeftOpen()
    {
        var chain = string.Join(',', Enumerable.Range(0, 3_000).Select(i => $$"""  "S{{i}}":{"$ref":"#/components/schemas/S{{i + 1}}"}  """));
        var import = Document(Post(0), chain);
        Assert.Contains(import.Actions.Single().Notes, n => n.Contains("too often", StringComparison.Ordinal));
    }

    private static string Post(int i) => """ "/p0":{"post":{"requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/S0"}}}}}} """.Replace("p0", $"p{i}", StringComparison.Ordinal);
    private static CatalogueImport Document(string paths, string schemas) => Read("{\"openapi\":\"3.1.0\",\"paths\":{" + paths + "},\"components\":{\"schemas\":{" + schemas + "}}}");
    private static CatalogueImport Read(string json) => CatalogueImport.Read(JsonElement.Parse(json)).Value;
    private static JsonElement SchemaOf(CatalogueImport import, int i) => import.Actions[i].Action.ArgumentsSchema!.Value;
}
