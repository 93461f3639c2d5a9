using OpsConsole.Core.Toolkit;

namespace OpsConsole.Tests.Core.Toolkit;

public sealed class ToolkitOrderTests
{
    [Theory]
    [InlineData(null, null, "canvas,authority,checklist,escalation,tests,session,gates,incidents")]
    [InlineData(null, "true", "canvas,authority,checklist,escalation,tests,session,gates,incidents,incident-review,review,memo")]
    [InlineData("gates, canvas", "false", "canvas,gates")]
    [InlineData("memo", "true", "memo")]
    [InlineData("canvas,canvas", null, "canvas")]
    public void Read_GivesTheDocumentsInTheirOrder(string? documents, string? blank, string expected) => Assert.Equal(expected, ToolkitOrder.Read(documents, blank, null).Value.Names);

    [Theory]
    [InlineData("memo", null, null, "toolkit.blank_only", "blank=true")]
    [InlineData("incident-review", null, null, "toolkit.blank_only", "printed from an incident's review")]
    [InlineData("canvass", null, null, "field.invalid", "There are: canvas,")]
    [InlineData(null, "yes", null, "field.invalid", "true or false")]
    [InlineData(null, null, "a5", "field.invalid", "a4 or letter")]
    public void Read_SaysWhatIsWrong(string? documents, string? blank, string? paper, string code, string says)
    {
        var fault = ToolkitOrder.Read(documents, blank, paper).Fault!;
        Assert.Equal(code, fault.Code);
        Assert.Contains(says, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2026-02-30", "", "", "from")]
    [InlineData("", "tomorrow", "", "to")]
    [InlineData("2026-03-02", "2026-03-01", "", "to")]
    [InlineData(null, null, "bad", "severity")]
    public void Log_SaysWhatIsWrong(string? from, string? to, string? severity, string field) => Assert.Equal(("field.invalid", field), (LogFilter.Read(from, to, severity).Fault!.Code, LogFilter.Read(from, to, severity).Fault!.Field));

    [Fact]
    public void Log_WithoutLimits_ShowsAll()
    {
        Assert.Equal(new LogFilter(), LogFilter.Read("", null, "").Value);
        Assert.Equal(new LogFilter(new DateOnly(2026, 3, 1), new DateOnly(2026, 3, 1), OpsConsole.Core.Incidents.Severity.Sev2), LogFilter.Read("2026-03-01", "2026-03-01", "sev2").Value);
    }

    [Fact]
    public void Bundle_IsMoreThanOneDocument()
    {
        Assert.False(ToolkitOrder.Read("canvas", null, "Letter").Value.Bundle);
        Assert.True(ToolkitOrder.Read("canvas,gates", null, null).Value.Bundle);
    }
}
