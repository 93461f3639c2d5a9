using System.Globalization;
using OpsConsole.Core.Reliability;
using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Trust;

/// <summary>The terms of a promotion, stored with its proposal and never changed: the test (numbers.md, 'promotion'), what must have been met, and how long the tier holds until it is looked at again.</summary>
public sealed record PromotionTerms
{
    /// <summary>The most runs that any test may need: more are asked of nobody, and what counts is read in one go.</summary>
    public const int MostRuns = 2_000;
    public const int MostEach = 200, UsualDays = 90, MostDays = 365;

    /// <summary>The lower bound to reach at <see cref="Sample"/> runs; without meaning beside <see cref="P1"/>.</summary>
    public double Target { get; init; } = AdvanceCriteria.UsualTarget;
    /// <summary>The number of runs at which it is decided; 0: by the sequential test.</summary>
    public int Sample { get; init; }
    /// <summary>The share of failures that is good enough, of the sequential test; null: decided at a fixed number.</summary>
    public double? P1 { get; init; }
    public double P2 { get; init; }
    public double Alpha { get; init; }
    public double Beta { get; init; }
    /// <summary>Ids of rows of the matrix: a row stands for one kind of case. Each must have decided so many of the runs.</summary>
    public IReadOnlyList<string> ScenarioClasses { get; init; } = [];
    public int EachAtLeast { get; init; } = AdvanceCriteria.UsualEach;
    /// <summary>Days from the confirmation until the new tier is reviewed, or falls back.</summary>
    public int ReviewDays { get; init; } = UsualDays;
    /// <summary>Days from the proposal until it is over, whatever it says then.</summary>
    public int OpenDays { get; init; } = UsualDays;

    public bool Sequential => P1 is not null;

    /// <summary>The test; only of terms that <see cref="Check"/> takes.</summary>
    public PromotionPlan Plan() => new() { Target = Target, Sample = Sample, Sequential = P1 is { } p1 ? new Sprt(p1, P2, Alpha, Beta) : null, ScenarioClasses = ScenarioClasses, EachAtLeast = EachAtLeast };

    /// <summary>What is wrong, or null. Codes: <c>field.invalid</c>, <c>promotion.sample</c>, <c>promotion.no_classes</c>.</summary>
    public Fault? Check()
    {
        if (P1 is { } p1)
        {
            if (!(p1 > 0 && p1 < P2 && P2 < 1)) return Fault.Invalid("field.invalid", "A sequential test needs two shares of failures, 0 < p1 < p2 < 1: good enough, and not.", "test.p1");
            if (!(Alpha is > 0 and <= 0.5 && Beta is > 0 and <= 0.5 && Alpha + Beta < 1)) return Fault.Invalid("field.invalid", "alpha and beta are above 0 and at most 0.5, and less than 1 together.", "test.alpha");
            if (new Sprt(p1, P2, Alpha, Beta).CleanRunsToAccept(new(0, 0)) is not (> 0 and <= MostRuns)) return Fault.Refused("promotion.sample", $"This test would need more than {Number(MostRuns)} runs even without a fault. Put p1 and p2 further apart, or choose a larger beta.", "test");
        }
        else
        {
            if (!(Target is > 0 and <= AdvanceCriteria.MaxTarget)) return Fault.Invalid("field.invalid", "target must be above 0 and at most 0.999: no number of runs proves that nothing ever fails.", "test.target");
            var least = AdvanceCriteria.LeastSample(Target);
            if (Sample < least || Sample > MostRuns) return Fault.Refused("promotion.sample", least > MostRuns
                ? $"A target of {Percent(Target)} takes {Number(least)} runs even without a fault, and a promotion is decided by at most {Number(MostRuns)}. Choose a lower target."
                : $"For a target of {Percent(Target)} choose {Number(least)} to {Number(MostRuns)} runs: with fewer its lower bound cannot be reached even without a fault.", "test.sample");
        }
        if (EachAtLeast is < 1 or > MostEach) return Fault.Invalid("field.invalid", $"each_at_least must be a whole number from 1 to {MostEach}.", "each_at_least");
        if (ReviewDays is < 1 or > MostDays) return Fault.Invalid("field.invalid", $"review_days must be a whole number from 1 to {MostDays}.", "review_days");
        if (OpenDays is < 1 or > MostDays) return Fault.Invalid("field.invalid", $"open_days must be a whole number from 1 to {MostDays}.", "open_days");
        if (ScenarioClasses.Count > AdvanceCriteria.MaxClasses) return Fault.Invalid("field.invalid", $"scenario_classes must be at most {AdvanceCriteria.MaxClasses} rows of the matrix.", "scenario_classes");
        return ScenarioClasses.Count == 0 ? Fault.Refused("promotion.no_classes", "Name at least one row of the published matrix whose cases must have been met. A promotion rests on several kinds of cases, not on one that is easy.", "scenario_classes") : null;
    }

    /// <summary>The rollout's threshold for how much a promotion has to prove: a share of clean runs (numbers.md: .95, against .90).</summary>
    public const string AgreedTarget = "promotion_target";
    private const double Between = 0.05, MostBeta = 0.20;

    /// <summary>Why the test proves less than the rollout agreed on, or null. Code: <c>promotion.weak</c>. Without it two people could call anything proven.</summary>
    /// <param name="agreed">The share of clean runs; null: the usual one.</param>
    public Fault? Weaker(double? agreed)
    {
        var target = agreed ?? AdvanceCriteria.UsualTarget;
        const double rounding = 1e-9;
        return (Sequential ? P2 > 1 - (target - Between) + rounding || Beta > MostBeta + rounding : Target < target - rounding)
            ? Fault.Refused("promotion.weak", $"This test proves less than this rollout asks for: {(Sequential ? $"p2 at most {Percent(1 - (target - Between))} and beta at most {Percent(MostBeta)}" : $"a target of at least {Percent(target)}")}. Whoever governs the rollout sets the threshold {AgreedTarget}.", "test") : null;
    }

    /// <summary>The test as a sentence.</summary>
    public string Words => (P1 is { } p1
            ? $"Sequential test: {Percent(p1)} of faults is good enough, {Percent(P2)} is not; a good agent fails with {Percent(Alpha)}, one that is not good enough passes with {Percent(Beta)}."
            : $"At {Number(Sample)} runs the lower bound of the share of clean ones is at least {Percent(Target)}; not earlier, and not later.")
        + $" {(ScenarioClasses.Count == 1 ? "Row" : "Rows")} {string.Join(", ", ScenarioClasses)} met at least {Counted.Of(EachAtLeast, "time")}{(ScenarioClasses.Count == 1 ? "" : " each")}.";

    private static string Percent(double share) => (share * 100).ToString("0.##", CultureInfo.InvariantCulture) + " %";
    private static string Number(int n) => n.ToString("N0", CultureInfo.InvariantCulture);
}
