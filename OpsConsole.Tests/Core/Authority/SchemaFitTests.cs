using System.Text.Json;

namespace OpsConsole.Core.Authority;

/// <summary>Hints about arguments and their schema, and schemas guessed from conditions.</summary>
public sealed class SchemaFitTests
{
    private const string Schema = """
    { "type": "object", "required": ["amount"], "additionalProperties": false,
      "properties": { "amount": { "type": "number", "minimum": 0, "exclusiveMaximum": 1000 }, "currency": { "enum": ["EUR", "USD"] }, "due": { "type": "string", "format": "date" }, "to": { "type": "array", "items": { "$ref": "#/$defs/address" }, "maxItems": 2 },
                      "vip": { "anyOf": [ { "type": "boolean" }, { "type": "null" } ] }, "slow": { "type": "string", "pattern": "^(a+)+$" }, "odd": { "pattern": "(?=a)b" } },
      "$defs": { "address": { "type": "string", "minLength": 3 }, "loop": { "$ref": "#/$defs/loop" } } }
    """;

    [Theory]
    [InlineData("""{"amount":10,"currency":"EUR","due":"2026-11-21","to":["abc"],"vip":null,"slow":"aaa","odd":"b"}""", "")]
    [InlineData("""{}""", "It needs amount.")]
    [InlineData("""[]""", "It should be an object.")]
    [InlineData("""{"amount":"10"}""", "amount should be a number.")]
    [InlineData("""{"amount":-1}""", "amount should be at least 0.")]
    [InlineData("""{"amount":1000}""", "amount should be under 1000.")]
    [InlineData("""{"amount":1,"currency":"GBP"}""", "currency should be \"EUR\" or \"USD\".")]
    [InlineData("""{"amount":1,"due":"tomorrow"}""", "due should be a date such as 2026-11-21.")]
    [InlineData("""{"amount":1,"to":["abc","x","abc"]}""", "to should have at most 2 entries.|to[1] should have at least 3 characters.")]
    [InlineData("""{"amount":1,"vip":"yes"}""", "vip fits none of the forms that the schema offers.")]
    [InlineData("""{"amount":1,"extra":1}""", "It has extra, which the schema does not know.")]
    [InlineData("""{"amount":1,"slow":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"}""", "slow should look like ^(a+)+$.")]
    public void Misfits_SaysWhatDoesNotFit(string value, string said) => Assert.Equal(said, string.Join('|', SchemaFit.Misfits(JsonElement.Parse(Schema), JsonElement.Parse(value))));

    [Theory]
    [InlineData("true")]
    [InlineData("""{"$ref":"#/$defs/loop","$defs":{"loop":{"$ref":"#/$defs/loop"}}}""")]
    [InlineData("""{"$ref":"https://example.com/schema.json"}""")]
    [InlineData("""{"allOf":[{"$ref":"#"},{"$ref":"#"}]}""")]
    [InlineData("""{"type":5,"enum":{},"required":"x","properties":[],"pattern":5,"minimum":"1"}""")]
    public void Misfits_OddSchema_SaysNothing(string schema) => Assert.Empty(SchemaFit.Misfits(JsonElement.Parse(schema), JsonElement.Parse("""{"a":[1,"b"]}""")));

    [Fact]
    public void Sketch_NamesTheArgumentsThatRowsAskFor()
    {
        var doc = MatrixJson.Parse(JsonElement.Parse("""
        { "boundaries": [ { "action": "*", "when": [ { "field": "arguments.test", "op": "=", "value": true } ] } ],
          "rules": [ { "id": "A", "action": "Refund.*", "outcome": "deny", "when": [ { "field": "arguments.amount", "op": ">", "value": 200 }, { "field": "arguments.customer.tier", "op": "in", "value": ["vip"] }, { "field": "confidence", "op": "<", "value": 1 } ] },
                     { "id": "B", "action": "refund.create", "outcome": "deny", "when": [ { "field": "arguments.to", "each": "any", "op": "ends_with", "value": "@acme.com" }, { "field": "arguments.items.price", "each": "any", "op": ">", "value": 1 } ] },
                     { "id": "C", "action": "mail.send", "outcome": "deny", "when": [ { "field": "arguments.subject", "op": "exists" } ] } ] }
        """)).Value;
        Assert.Equal("""{"type":"object","properties":{"test":{"type":"boolean"},"amount":{"type":"number"},"customer":{"type":"object","properties":{"tier":{"type":"string"}}},"to":{"type":"array","items":{"type":"string"}},"items":{}}}""", ArgumentSketch.Of(doc, "refund.CREATE")?.GetRawText());
        Assert.Equal("""{"type":"object","properties":{"test":{"type":"boolean"},"subject":{"type":"string"}}}""", ArgumentSketch.Of(doc, "mail.send")?.GetRawText());
        Assert.Null(ArgumentSketch.Of(MatrixDocument.Empty, "mail.send"));
    }
}
