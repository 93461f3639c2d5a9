using System.Text.Json;
using OpsConsole.Core.Shared;

namespace OpsConsole.Features.Approvals.Ui;

public sealed class ArgumentDraftTests
{
    [Theory]
    [InlineData("")]
    [InlineData("[1]")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{\"a\":1,\"a\":2}")]
    [InlineData("{\"a\":1e999}")]
    [InlineData("{\"a\":\"\\ud800\"}")]
    [InlineData("{\"a\":9007199254740995}")]
    public void Read_NotArguments_IsRefusedWithWords(string text) => Assert.False(string.IsNullOrWhiteSpace(ArgumentDraft.Read(text).Fault?.Message));

    [Theory]
    [InlineData("é", 32_700, true)]
    [InlineData("é", 32_800, false)]
    [InlineData("e", 65_500, true)]
    public void Read_Size_CountsBytesAndNotCharacters(string letter, int times, bool fits)
        => Assert.Equal(fits, ArgumentDraft.Read($$"""{"a":"{{string.Concat(Enumerable.Repeat(letter, times))}}"}""").Ok);

    [Fact]
    public void Read_EmptyObject_IsARealEdit()
    {
        var after = ArgumentDraft.Read("{}").Value;
        var change = Assert.Single(ArgumentDraft.Compare(JsonElement.Parse("""{"amount":420}"""), after));
        Assert.Equal(new FieldChange("amount", "420", null), change);
    }

    [Fact]
    public void Compare_Nested_NamesEachField()
    {
        var changes = ArgumentDraft.Compare(JsonElement.Parse("""{"a":{"b":1,"c":[1,2]},"same":1.0,"gone":"x"}"""), JsonElement.Parse("""{"a":{"b":2,"c":[1,2,3]},"same":1,"new":null}"""));
        Assert.Equal([new("a.b", "1", "2"), new("gone", "\"x\"", null), new("a.c[3]", null, "3"), new("new", null, "null")], changes);
    }

    [Fact]
    public void Spell_Hidden_IsVisibleAndReadsBackTheSame()
    {
        var sent = JsonElement.Parse("""{"name":"invoice\u202efdp.exe \u200b é","n":420.00,"thanks":"😀 <b>日本</b>","tag":"\udb40\udc41","path":"\\ud83d\\ude00"}""");
        var text = VisibleJson.Of(sent);
        Assert.Contains("\\u202e", text);
        Assert.Contains("\\u200b", text);
        Assert.Contains("420.00", text);
        Assert.Contains("\"😀 <b>日本</b>\"", text);
        Assert.Contains("\\udb40\\udc41", text);   // an invisible tag takes two units, as emoji do
        Assert.Contains("""\\ud83d\\ude00""", text);   // no escape, but backslashes
        Assert.Empty(ArgumentDraft.Compare(sent, ArgumentDraft.Read(text).Value));
    }
}
