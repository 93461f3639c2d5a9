using System.Text.Json;

namespace OpsConsole.Core.Trust;

/// <summary>The lines of a template: read strictly, written stably, said in words.</summary>
public sealed class TemplateLinesTests
{
    [Fact]
    public void Parse_SaysLittle_HasAReviewAndNoEnd()
    {
        var line = Assert.Single(Parse("""[{"capability":"Refund.*","tier":"contributor","reason":" drafts "}]"""));
        Assert.Equal(("refund.*", Tier.Contributor, "drafts", null, TimeSpan.FromDays(90), null), (line.Capability, line.Tier, line.Reason, line.ExpiresIn, line.ReviewIn, line.Advance));
    }

    [Fact]
    public void Parse_AdvanceSaysLittle_TakesTheUsualTest()
    {
        var advance = Assert.Single(Parse("""[{"capability":"*","tier":"observer","reason":"x","advance":{"to":"contributor"}}]""")).Advance!;
        Assert.Equal((Tier.Contributor, 0.95, 73, 0), (advance.To, advance.Target, advance.MinSample, advance.ScenarioClasses.Count));
        Assert.Equal("To contributor by a test fixed beforehand: at least 73 runs, with a lower bound of 95 % clean ones. Time served alone counts for nothing.", advance.Words);
    }

    [Fact]
    public void Words_NameClassesAndASampleThatIsTooSmallToShowIt()
        => Assert.Equal("To executor by a test fixed beforehand: at least 30 runs, with a lower bound of 97.5 % clean ones (which takes 150 runs even without a fault), and “edge cases” and “refusals” met at least 5 times each. Time served alone counts for nothing.",
            new AdvanceCriteria { To = Tier.Executor, Target = 0.975, MinSample = 30, ScenarioClasses = ["edge cases", "refusals"] }.Words);

    [Theory]
    [InlineData(0.95, 73)]
    [InlineData(0.9, 35)]
    [InlineData(0.999, 3838)]
    public void LeastSample_IsTheFirstWhoseFaultlessBoundReachesTheTarget(double target, int expected)
    {
        Assert.Equal(expected, AdvanceCriteria.LeastSample(target));
        Assert.True(Bound(expected) >= target && Bound(expected - 1) < target);

        static double Bound(int n) => n / (n + 1.959964 * 1.959964);   // Wilson's lower bound at p = 1
    }

    [Theory]
    [InlineData("""{}""", "lines")]
    [InlineData("""[]""", "lines")]
    [InlineData("""null""", "lines")]
    [InlineData("""[{"tier":"observer","reason":"x"}]""", "lines[0].capability")]
    [InlineData("""[{"capability":"a.*.b","tier":"observer","reason":"x"}]""", "lines[0].capability")]
    [InlineData("""[{"capability":"a","tier":"observer","reason":"x"},{"capability":"A","tier":"executor","reason":"x"}]""", "lines[1].capability")]
    [InlineData("""[{"capability":"a","reason":"x"}]""", "lines[0].tier")]
    [InlineData("""[{"capability":"a","tier":"god","reason":"x"}]""", "lines[0].tier")]
    [InlineData("""[{"capability":"a","tier":"observer","reason":"  "}]""", "lines[0].reason")]
    [InlineData("""[{"capability":"a","tier":"observer","reason":"x","expires_in":"PT1M"}]""", "lines[0].expires_in")]
    [InlineData("""[{"capability":"a","tier":"observer","reason":"x","review_in":90}]""", "lines[0].review_in")]
    [InlineData("""[{"capability":"a","tier":"observer","reason":"x","owner":"dana"}]""", "lines[0].owner")]
    [InlineData("""[{"capability":"a","tier":"executor","reason":"x","advance":{"to":"executor"}}]""", "lines[0].advance.to")]
    [InlineData("""[{"capability":"a","tier":"observer","reason":"x","advance":{"to":"executor","target":1}}]""", "lines[0].advance.target")]
    [InlineData("""[{"capability":"a","tier":"observer","reason":"x","advance":{"to":"executor","min_sample":0}}]""", "lines[0].advance.min_sample")]
    [InlineData("""[{"capability":"a","tier":"observer","reason":"x","advance":{"to":"executor","scenario_classes":["a","A"]}}]""", "lines[0].advance.scenario_classes")]
    [InlineData("""[{"capability":"a","tier":"observer","reason":"x","advance":{"to":"executor","scenario_classes":["a\nb"]}}]""", "lines[0].advance.scenario_classes[0]")]
    [InlineData("""[{"capability":"a","tier":"observer","reason":"x","advance":{"to":"executor","each_at_least":5}}]""", "lines[0].advance.each_at_least")]
    public void Parse_WhatIsWrong_IsRefusedWithItsPath(string lines, string field) => Assert.Equal(field, TemplateLines.Parse(JsonElement.Parse(lines)).Fault?.Field);

    private static IReadOnlyList<TemplateLine> Parse(string lines) => TemplateLines.Parse(JsonElement.Parse(lines)).Value;
}
