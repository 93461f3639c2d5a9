using Bunit;
using Xunit;

namespace OpsConsole.Ui.Shared;

public sealed class SafeTextTests : ShellTestContext
{
    [Fact]
    public void UntrustedText_Markup_IsTextAndLinksAreNotLinks()
    {
        var cut = Render<UntrustedText>(p => p.Add(c => c.Text, "<img src=x onerror=alert(1)> https://evil.example [a](b)"));
        Assert.Empty(cut.FindAll("img, a, script"));
        Assert.Contains("<img src=x onerror=alert(1)>", cut.Find(".exact").TextContent);
        Assert.Equal("Text from the agent", cut.Find(".source").TextContent);
    }

    [Fact]
    public void UntrustedText_Override_IsMarked()
    {
        var cut = Render<UntrustedText>(p => p.Add(c => c.Text, "invoice\u202Efdp.exe"));
        Assert.Equal("⟨U+202E⟩", cut.Find(".hidden-char").TextContent);
        Assert.DoesNotContain('\u202E', cut.Markup);
    }

    [Fact]
    public void ExactText_Long_IsFoldedSaysSoAndIsAllThere()
    {
        var text = new string('a', 599) + "😀" + new string('b', 4000) + "END";
        var cut = Render<ExactText>(p => p.Add(c => c.Text, text));
        Assert.Equal(text, cut.Find("details > .exact").TextContent);
        Assert.Contains("4,604 characters", cut.Find("summary").TextContent);
        Assert.Empty(cut.FindAll(".hidden-char"));
    }

    [Fact]
    public void JsonView_Object_ShowsEveryValueByKind()
    {
        var cut = Render<JsonView>(p => p.Add(c => c.Json, """{"amount":420.00,"id":"8812","ok":true,"none":null,"list":[1,{"a":"b"}],"empty":{},"blank":""}"""));
        Assert.Equal(["amount", "id", "ok", "none", "list", "1.", "2.", "a", "empty", "blank"], cut.FindAll("dt").Select(d => d.TextContent));
        Assert.Equal("420.00", cut.Find("dd .num").TextContent);
        Assert.Equal("\"8812\"", cut.FindAll("dd")[1].TextContent.Trim());
        Assert.Contains("\"amount\":420.00", cut.Find("details.raw pre").TextContent);
    }

    [Fact]
    public void JsonView_DuplicateAndHostileNames_AreShownAsSent()
    {
        var cut = Render<JsonView>(p => p.Add(c => c.Json, "{\"a\":1,\"a\":2,\"x\\u202ey\":\"<b>\"}"));
        Assert.Equal(["a", "a", "x⟨U+202E⟩y"], cut.FindAll("dt").Select(d => d.TextContent));
        Assert.Empty(cut.FindAll("b"));
    }

    [Theory]
    [InlineData("{broken", "{broken")]
    [InlineData("{\"a\":\"\\ud800\"}", "\\ud800")]
    public void JsonView_NotQuiteJson_IsShownNotThrown(string json, string shown) =>
        Assert.Contains(shown, Render<JsonView>(p => p.Add(c => c.Json, json)).Markup);

    [Theory]
    [InlineData(null)]
    [InlineData(" ")]
    public void JsonView_Nothing_SaysSo(string? json) =>
        Assert.Equal("Nothing was sent.", Render<JsonView>(p => p.Add(c => c.Json, json)).Find(".muted").TextContent);
}
