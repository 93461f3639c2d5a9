using FsCheck;
using FsCheck.Fluent;
using OpsConsole.Core.Rollouts;
using OpsConsole.Tests.Core.Authority;

namespace OpsConsole.Tests.Core.Rollouts;

public sealed class DiagnosticScoreTests
{
    private static Dictionary<string, string> All(string answer) => DiagnosticQuestions.All.ToDictionary(q => q.Id, _ => answer);

    private static Dictionary<string, string> With(Dictionary<string, string> answers, int i, string name, string often, string end, string undo, string measure)
    {
        foreach (var (what, text) in new[] { ("name", name), ("often", often), ("end", end), ("undo", undo), ("measure", measure) }) answers[DiagnosticScore.Key(i, what)] = text;
        return answers;
    }

    [Fact]
    public void Questions_AreTwelve_OverSevenAreas_AndEveryFailureModeCanBeClosest()
    {
        Assert.Equal(12, DiagnosticQuestions.All.Select(q => q.Id).Distinct().Count());
        Assert.Equal(["scope", "authority", "exceptions", "testing", "monitoring", "recovery", "ownership"], DiagnosticQuestions.All.Select(q => q.Area).Distinct());
        Assert.All(DiagnosticQuestions.All, q => Assert.Equal(3, q.Answers.Count));
        foreach (var mode in Enum.GetValues<FailureMode>())
        {
            var answers = All("c");
            foreach (var question in DiagnosticQuestions.All.Where(q => q.Mode == mode)) answers[question.Id] = "a";
            Assert.Equal(mode, DiagnosticScore.Of(answers).Value.Closest);
        }
    }

    [Fact]
    public void BestAndWorst()
    {
        var (best, worst) = (DiagnosticScore.Of(All("c")).Value, DiagnosticScore.Of(All("a")).Value);
        Assert.Equal((100, null, 0), (best.Percent, best.Closest, best.First.Count));
        Assert.Equal((0, 3), (worst.Percent, worst.First.Count));
        Assert.All(worst.Areas, a => Assert.Equal(0, a.Percent));
    }

    [Fact]
    public void First_ArePoorAnswersBeforeMiddlingOnes()
    {
        var answers = All("c");
        answers["workflow"] = "b";
        answers["undo"] = "a";
        Assert.Equal(["undo", "workflow"], DiagnosticScore.Of(answers).Value.First.Select(f => f.Question));
    }

    [Fact]
    public void ABetterAnswer_NeverMakesAnythingWorse() => MatrixGenerators.Holds(Gen.ArrayOf(Gen.Choose(0, 2), 12).SelectMany(points => Gen.Choose(0, 11).Select(better => (points, better))), pair =>
    {
        var (points, better) = pair;
        var answers = DiagnosticQuestions.All.Select((q, i) => (q.Id, Text: DiagnosticQuestions.Letters[points[i]].ToString())).ToDictionary(a => a.Id, a => a.Text);
        var before = DiagnosticScore.Of(answers).Value;
        answers[DiagnosticQuestions.All[better].Id] = "c";
        var after = DiagnosticScore.Of(answers).Value;
        return after.Percent >= before.Percent && before.Areas.Zip(after.Areas).All(a => a.Second.Percent >= a.First.Percent) && (after.Closest is null) == (after.Percent == 100);
    }, 300);

    [Fact]
    public void Pilot_IsWhatIsDailyAndUndone_AndNeverWhatHasNoWayBack()
    {
        var score = DiagnosticScore.Of(With(With(All("b"), 1, "Contracts", "c", "c", "a", "c"), 2, "Routine mail", "c", "b", "c", "b")).Value;
        Assert.Equal("Routine mail", score.Pilot);
        Assert.Equal([8, 6], score.Candidates.Select(c => c.Points));
        Assert.Contains("mistakes cannot be undone", score.Candidates[1].Why);
        Assert.Null(DiagnosticScore.Of(With(All("b"), 1, "Contracts", "c", "c", "a", "c")).Value.Pilot);
        Assert.Null(DiagnosticScore.Of(With(All("b"), 1, "Rare", "a", "a", "b", "a")).Value.Pilot);
        Assert.Null(DiagnosticScore.Of(All("b")).Value.Pilot);
    }

    [Theory]
    [InlineData("workflow", null, "answer.missing")]
    [InlineData("workflow", "d", "answer.unknown")]
    [InlineData("workflow", "", "answer.unknown")]
    [InlineData("weather", "a", "answer.unknown")]
    [InlineData("pilot-1-name", "Mail", "answer.missing")]
    [InlineData("pilot-4-name", "Mail", "answer.unknown")]
    [InlineData("say-figure", " ", "answer.unknown")]
    public void WhatIsWrong_IsSaid(string id, string? answer, string code)
    {
        var answers = All("b");
        if (answer is null) answers.Remove(id);
        else answers[id] = answer;
        Assert.Equal(code, DiagnosticScore.Of(answers).Fault!.Code);
    }
}
