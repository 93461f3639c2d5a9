using System.Text.Json;

namespace OpsConsole.Platform.Web;

public sealed class StrictJsonTests
{
    [Theory]
    [InlineData("", "body.malformed")]
    [InlineData("{", "body.malformed")]
    [InlineData("{} {}", "body.malformed")]
    [InlineData("""{"a":1,"a":1}""", "body.malformed")]
    [InlineData("""{"b":{"a":1,"\u0061":1}}""", "body.malformed")]
    [InlineData("""{"a":"\u0000"}""", "field.invalid")]
    [InlineData("""{"a":["\ud800"]}""", "field.invalid")]
    [InlineData("""{"a":9007199254740995}""", "field.invalid")]
    [InlineData("""{"a":1e999}""", "field.invalid")]
    public void Parse_WhatHasNoCanonicalForm_IsRefused(string text, string code) => Assert.Equal(code, StrictJson.Parse(text).Fault?.Code);

    [Fact]
    public void Parse_AKeyTwice_SaysWhich()
        => Assert.Equal("This is not valid JSON: the key \"amount\" stands twice in one object.", StrictJson.Parse("""{ "order": "8812", "lines": { "amount": 1, "amount": 2 } }""").Fault?.Message);

    [Fact]
    public void Parse_ElementOfALaxParser_IsReadAgain()
    {
        Assert.Equal("body.malformed", StrictJson.Parse(JsonElement.Parse("""{"a":1,"a":2}""")).Fault?.Code);
        var deep = new string('[', 33) + new string(']', 33);
        Assert.Equal("body.malformed", StrictJson.Parse(JsonElement.Parse(deep)).Fault?.Code);
        Assert.Equal("body.malformed", StrictJson.Parse(default(JsonElement)).Fault?.Code);
        Assert.True(StrictJson.Parse(JsonElement.Parse("""{"a":{"a":1}}""")).Ok);
    }

    [Fact]
    public void Parse_Depth_CountsWhereItWillStand()
    {
        var text = new string('[', 32) + new string(']', 32);
        Assert.True(StrictJson.Parse(text).Ok);
        Assert.False(StrictJson.Parse(text, StrictJson.MaxDepth - 1).Ok);
    }
}
