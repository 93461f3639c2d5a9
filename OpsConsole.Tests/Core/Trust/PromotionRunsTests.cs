using FsCheck;
using FsCheck.Fluent;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Reliability;
using OpsConsole.Core.Trust;
using OpsConsole.Tests.Core.Decisions;
using Outcome = OpsConsole.Core.Decisions.Outcome;

namespace OpsConsole.Tests.Core.Trust;

/// <summary>Which decisions count for a promotion, on which terms, for how long a capability cools, and what an overdue review leaves of a tier.</summary>
public sealed class PromotionRunsTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 9, 0, 0, TimeSpan.Zero);
    private static readonly DecisionFacts Clean = new(1, "dec_1", Now.AddHours(-1), "refund.create", "R-4", Outcome.Allow, true, false, null, Now.AddHours(-1), Now.AddMinutes(-30), Now.AddMinutes(-50), ReportStatus.Succeeded, null, false, false);
    private static readonly PromotionTerms Fixed = new() { Sample = 73, ScenarioClasses = ["R-4"] }, Wald = new() { P1 = 0.01, P2 = 0.10, Alpha = 0.05, Beta = 0.20, ScenarioClasses = ["R-4"] };

    public static TheoryData<DecisionFacts, string?, bool> Kinds() => new()
    {
        { Clean, null, true },
        { Clean with { Approval = ApprovalStatus.Approved }, null, true },
        { Clean with { Approval = ApprovalStatus.Edited }, "edited by a person", true },
        { Clean with { Approval = ApprovalStatus.Rejected, Outcome = Outcome.Deny, ReportedAt = null, Report = null }, "rejected by a person", true },
        { Clean with { Report = ReportStatus.Failed }, "did not succeed", true },
        { Clean with { Undone = true }, "undone", true },
        { Clean with { Incident = true }, "part of an incident", true },
        { Clean with { ReportedAt = null, Report = null }, "nobody reported what became of it", true },
        { Clean with { ReportedAt = null, Report = null, ValidUntil = Now.AddMinutes(1) }, null, false },                    // not over
        { Clean with { ReportedAt = null, Report = null, Write = false }, null, false },                                    // a read that nobody reported
        { Clean with { ReportedAt = null, Report = null, ClaimRequired = true }, null, false },                             // never begun
        { Clean with { ReportedAt = null, Report = null, ClaimRequired = true, ClaimedAt = Now.AddHours(-1) }, "nobody reported what became of it", true },
        { Clean with { Report = ReportStatus.Skipped }, null, false },
        { Clean with { Outcome = Outcome.Deny, ReportedAt = null, Report = null }, null, false },
        { Clean with { Outcome = Outcome.Deny, Approval = ApprovalStatus.Expired, ReportedAt = null, Report = null }, null, false },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Run_OfADecision_IsCleanOrSaysWhyNot(DecisionFacts decision, string? fault, bool counts)
        => Assert.Equal((counts, fault), (PromotionRuns.Of(decision, Now) is not null, PromotionRuns.Of(decision, Now)?.Fault));

    // What is over keeps its place: a run that ends later never comes before one that ended.
    [Fact]
    public void Runs_StandInTheOrderInWhichTheyWereOver()
        => Check.One(Config.QuickThrowOnFailure.WithMaxTest(50), Prop.ForAll<byte[], byte>((minutes, cut) =>
        {
            var all = minutes.Select((m, i) => Clean with { Seq = i + 1, Id = "dec_" + i, ReportedAt = Now.AddMinutes(m), Report = m % 7 == 0 ? ReportStatus.Failed : ReportStatus.Succeeded }).ToList();
            var early = PromotionRuns.Of(all.Where(d => d.ReportedAt <= Now.AddMinutes(cut)), Now.AddMinutes(cut));
            return PromotionRuns.Of(all, Now.AddDays(1)).Take(early.Count).SequenceEqual(early);
        }));

    [Fact]
    public void Judge_TakesTheRowsAsClasses()
    {
        var runs = PromotionRuns.Of(Enumerable.Range(1, 73).Select(i => Clean with { Seq = i, RuleId = i <= 4 ? "r-4" : "R-3" }), Now);
        var result = PromotionRuns.Judge(Fixed, runs);
        Assert.Equal((PromotionVerdict.NotYet, true, 1L), (result.Verdict, result.TestDecided, result.Classes.Single().Missing));
        Assert.Equal(PromotionVerdict.Met, PromotionRuns.Judge(Fixed with { EachAtLeast = 4 }, runs).Verdict);
        Assert.Equal(PromotionVerdict.Rejected, PromotionRuns.Judge(Fixed, PromotionRuns.Of([Clean with { Undone = true }], Now)).Verdict);
    }

    [Theory]
    [InlineData(0.95, 73, null)]
    [InlineData(0.95, 72, "promotion.sample")]
    [InlineData(0.95, 2_001, "promotion.sample")]
    [InlineData(0.999, 2_000, "promotion.sample")]
    [InlineData(0, 10, "field.invalid")]
    [InlineData(double.NaN, 10, "field.invalid")]
    public void Terms_OfAFixedNumber_AreSound(double target, int sample, string? code) => Assert.Equal(code, (Fixed with { Target = target, Sample = sample }).Check()?.Code);

    [Theory]
    [InlineData(0.01, 0.10, 0.05, 0.20, null)]
    [InlineData(0.10, 0.01, 0.05, 0.20, "field.invalid")]
    [InlineData(0.01, 0.0101, 0.05, 0.20, "promotion.sample")]
    [InlineData(0.01, 0.10, 0.6, 0.2, "field.invalid")]
    [InlineData(0.01, 0.10, 0, 0.2, "field.invalid")]
    [InlineData(0, 0.10, 0.05, 0.2, "field.invalid")]
    public void Terms_OfASequentialTest_AreSound(double p1, double p2, double alpha, double beta, string? code) => Assert.Equal(code, (Wald with { P1 = p1, P2 = p2, Alpha = alpha, Beta = beta }).Check()?.Code);

    [Fact]
    public void Terms_WithoutRows_AreRefused()
    {
        Assert.Equal("promotion.no_classes", (Fixed with { ScenarioClasses = [] }).Check()!.Code);
        Assert.Equal("each_at_least", (Fixed with { EachAtLeast = 0 }).Check()!.Field);
        Assert.Equal("review_days", (Fixed with { ReviewDays = 366 }).Check()!.Field);
        Assert.Equal("open_days", (Fixed with { OpenDays = 0 }).Check()!.Field);
        Assert.Equal("At 73 runs the lower bound of the share of clean ones is at least 95 %; not earlier, and not later. Row R-4 met at least 5 times.", Fixed.Words);
        Assert.StartsWith("Sequential test: 1 % of faults is good enough, 10 % is not;", Wald.Words, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("refund.*", "refund.create", true)]
    [InlineData("refund.create", "*", true)]
    [InlineData("refund.create", "refund.create", true)]
    [InlineData("refund.create", "refund.cancel", false)]
    [InlineData("mail.*", "refund.*", false)]
    public void CoolDown_HoldsForWhatTouches(string failed, string capability, bool cools)
    {
        Assert.Equal(cools ? Now.AddDays(13) : null, CoolDown.Until(capability, [(failed, Now.AddDays(-1)), (failed, Now.AddDays(-5))], CoolDown.Length(null), Now));
        Assert.Null(CoolDown.Until(capability, [(failed, Now.AddDays(-14))], CoolDown.Length(null), Now));
        Assert.Null(CoolDown.Until(capability, [(failed, Now)], CoolDown.Length(0), Now));
    }

    [Fact]
    public void Review_OverdueAtTheMoment_LeavesATierLess_AndNeverNone()
    {
        foreach (var tier in Enum.GetValues<Tier>())
        {
            Assert.Equal(tier, TierReview.At(tier, null, Now));
            Assert.Equal(tier, TierReview.At(tier, Now.AddTicks(1), Now));
            Assert.Equal(tier == Tier.Observer ? tier : tier - 1, TierReview.At(tier, Now, Now));
        }
    }

    // The decision itself knows, whether or not the clock has been: a wider grant does not come in instead.
    [Fact]
    public void Decide_WithAnOverdueReview_GivesATierLessAndSaysWhy()
    {
        var agent = Worlds.Agent with { Grants = [new GrantEntry("g1", "refund.create", Tier.Observer, null, Now), new GrantEntry("g2", "refund.*", Tier.Contributor, null, Now), new GrantEntry("g3", "*", Tier.Executor, null)] };
        Assert.Equal((Tier.Observer, Tier.Observer, Tier.Executor), (agent.GrantFor("refund.create", Now)!.Tier, agent.GrantFor("refund.void", Now)!.Tier, agent.GrantFor("mail.send", Now)!.Tier));
        Assert.Equal(Tier.Contributor, agent.GrantFor("refund.void", Now.AddTicks(-1))!.Tier);
    }
}
