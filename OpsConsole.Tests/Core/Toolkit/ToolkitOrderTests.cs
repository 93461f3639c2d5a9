using OpsConsole.Core.Toolkit;

namespace OpsConsole.Tests.Core.Toolkit;

public sealed class ToolkitOrderTests
{
    [Theory]
    [InlineData(null, null, "canvas,authority,checklist,escalation,tests,session,gates")]
    [InlineData(null, "true", "canvas,authority,checklist,escalation,tests,session,gates,incidents,review,memo")]
    [InlineData("gates, canvas", "false", "canvas,gates")]
    [InlineData("memo", "true", "memo")]
    [InlineData("canvas,canvas", null, "canvas")]
    public void Read_GivesTheDocumentsInTheirOrder(string? documents, string? blank, string expected) => Assert.Equal(expected, ToolkitOrder.Read(documents, blank, null).Value.Names);

    [Theory]
    [InlineData("memo", null, null, "toolkit.blank_only", "blank=true")]
    [InlineData("canvass", null, null, "field.invalid", "There are: canvas,")]
    [InlineData(null, "yes", null, "field.invalid", "true or false")]
    [InlineData(null, null, "a5", "field.invalid", "a4 or letter")]
    public void Read_SaysWhatIsWrong(string? documents, string? blank, string? paper, string code, string says)
    {
        var fault = ToolkitOrder.Read(documents, blank, paper).Fault!;
        Assert.Equal(code, fault.Code);
        Assert.Contains(says, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bundle_IsMoreThanOneDocument()
    {
        Assert.False(ToolkitOrder.Read("canvas", null, "Letter").Value.Bundle);
        Assert.True(ToolkitOrder.Read("canvas,gates", null, null).Value.Bundle);
    }
}
