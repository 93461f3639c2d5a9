using System.Globalization;
using Bunit;

namespace OpsConsole.Features.Reliability.Ui;

/// <summary>What a control chart draws is also said, and not by colour alone.</summary>
public sealed class ControlPlotTests : BunitContext
{
    private static readonly DateTimeOffset Start = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    private static ControlPointView Day(int day, double? value, string state = "in", string? excluded = null)
        => new(Start.AddDays(day), Start.AddDays(day + 1), false, 1, 20, value, value, 0.05, 0, 0.2, state, excluded, "45 % (9 of 20), above its upper limit of 20 %: out of control");

    private IRenderedComponent<ControlPlot> Plot(IReadOnlyList<ControlPointView> points, params MarkView[] marks) => Render<ControlPlot>(p => p
        .Add(c => c.Points, points).Add(c => c.Marks, marks).Add(c => c.Sentence, "Override rate 45 %.").Add(c => c.Name, at => at.ToString("d MMM", CultureInfo.InvariantCulture)).Add(c => c.Records, p => "/decisions?from=" + p.Start.Day));

    [Fact]
    public void PointsOutOfControl_AreDiamonds_AndSaidWithTheirDecisions()
    {
        var plot = Plot([Day(0, 0.05), Day(1, null, "none"), Day(2, 0.06, excluded: "a test"), Day(3, 0.45, "out")]);
        Assert.Equal(3, plot.FindAll("svg svg.point").Count);   // nothing happened on one day: no point
        Assert.Contains("-6L6", plot.Find("svg.point.out path").GetAttribute("d"), StringComparison.Ordinal);
        Assert.Single(plot.FindAll("svg.point.excluded"));
        Assert.Contains("left out of the baseline", plot.Find(".legend").TextContent, StringComparison.Ordinal);
        Assert.Equal("/decisions?from=4", plot.Find(".outside a").GetAttribute("href"));
        Assert.Contains("out of control", plot.Find(".outside li").TextContent, StringComparison.Ordinal);
        Assert.Equal("Override rate 45 %.", plot.Find("figure").GetAttribute("aria-label"));
    }

    [Fact]
    public void Changes_AreNumberedOnTheAxis_AndListedWithTheirLinks()
    {
        var plot = Plot([Day(0, 0.05), Day(1, 0.05), Day(2, 0.05)], new MarkView(Start.AddDays(1).AddHours(3), "matrix", "Version 2 of the matrix was put in force", "/m"), new MarkView(Start.AddDays(1).AddHours(5), "tier", "Agent became contributor for *", "/a"), new MarkView(Start.AddDays(-9), "gate", "Gate C was passed", "/g"));
        Assert.Equal(["1", "1"], plot.FindAll(".marks li").Select(l => l.GetAttribute("value")));   // both on one day; what lies before is not on the axis
        Assert.Equal("1", plot.Find(".numbers span").TextContent);
        Assert.Equal("/m", plot.Find(".marks a").GetAttribute("href"));
    }

    [Fact]
    public void NothingToDraw_IsOnlySaid()
    {
        var plot = Plot([Day(0, null, "none") with { Centre = null, Low = null, High = null }]);
        Assert.Empty(plot.FindAll("svg"));
        Assert.Contains("Override rate", plot.Find("figcaption").TextContent, StringComparison.Ordinal);
    }
}
