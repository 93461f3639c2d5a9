using OpsConsole.Core.Reliability;

namespace OpsConsole.Core.Trust;

/// <summary>The test of a promotion, fixed in its proposal before anybody looks at a result: either at a number of runs, or by a sequential test, never whichever comes out better.</summary>
public sealed record PromotionPlan
{
    /// <summary>The sequential test that numbers.md gives a target of .95: against .90, with α .05 (a good agent is rejected) and β .20 (one that is at .90 is promoted).</summary>
    public static readonly Sprt UsualTest = new(0.05, 0.10, 0.05, 0.20);

    /// <summary>What the Wilson lower bound of the share of clean runs has to reach at <see cref="Sample"/> runs.</summary>
    public double Target { get; init; } = AdvanceCriteria.UsualTarget;
    /// <summary>The number of runs at which it is decided; without meaning beside <see cref="Sequential"/>.</summary>
    public long Sample { get; init; }
    /// <summary>The sequential test that decides in place of a fixed number, on the share of runs that were not clean.</summary>
    public Sprt? Sequential { get; init; }
    /// <summary>Kinds of scenarios that must have been met.</summary>
    public IReadOnlyList<string> ScenarioClasses { get; init; } = [];
    /// <summary>How often each of <see cref="ScenarioClasses"/> must have been met.</summary>
    public int EachAtLeast { get; init; } = AdvanceCriteria.UsualEach;
}

/// <summary>One run that counts for a promotion.</summary>
/// <param name="Clean">Executed or shadowed, not overridden, not undone, not tied to an incident, outcome succeeded (numbers.md, 'clean run').</param>
/// <param name="ScenarioClass">Which kind it was, whatever its case; null where nobody said.</param>
public readonly record struct PromotionRun(bool Clean, string? ScenarioClass = null);

/// <summary>Where a promotion stands: the test goes on or classes are missing; everything is shown; the test has failed, and only another proposal begins anew.</summary>
public enum PromotionVerdict { NotYet, Met, Rejected }

/// <summary>How often a required class was met, by whatever outcome, and how many times it still has to be.</summary>
/// <param name="ScenarioClass">As the plan has it.</param>
/// <param name="Seen">Runs of this class.</param>
/// <param name="Missing">0 where it is covered.</param>
public sealed record ClassCoverage(string ScenarioClass, long Seen, long Missing);

/// <summary>What the runs say about a promotion so far.</summary>
/// <param name="Verdict">Met only with every class covered.</param>
/// <param name="Judged">The clean ones among the runs that the test has looked at. Once it is decided these no longer change. Its Wilson interval is for display: it decides nothing before the fixed number.</param>
/// <param name="TestDecided">Whether the test is over; what is missing may still be classes.</param>
/// <param name="MoreRuns">How many more runs the test needs: up to its fixed number, or until the sequential boundary if all of them are clean. 0 once it is decided.</param>
/// <param name="FailuresLeft">How many of those runs may still not be clean. Null for a sequential test, where more failures mean more runs, and once it is decided.</param>
/// <param name="Classes">The required classes in the order of the plan.</param>
public sealed record PromotionResult(PromotionVerdict Verdict, Proportion Judged, bool TestDecided, long MoreRuns, long? FailuresLeft, IReadOnlyList<ClassCoverage> Classes);

/// <summary>
/// Whether an agent has shown what its promotion asks for (numbers.md, 'promotion'). Looking after every run and stopping when the bound is met would promote 14 % of the agents that are exactly at a target of .90,
/// so the bound counts at a number of runs that was fixed beforehand, or Wald's test is made, which may be looked at always. Nothing is promoted by this, and nobody demoted.
/// </summary>
public static class PromotionRule
{
    /// <summary>The plan's test on the runs so far, and what is still missing.</summary>
    /// <param name="plan">As the proposal has it.</param>
    /// <param name="runs">All runs since the proposal, oldest first. The first <see cref="PromotionPlan.Sample"/> decide, or those up to the boundary; later ones only count for the classes.</param>
    /// <returns>Rejected as soon as the target cannot be reached at the fixed number any more, which is no earlier look at the bound; met when the test is passed and every class is covered.</returns>
    /// <exception cref="ArgumentException">The target cannot be reached with so few runs even without a failure (see <see cref="AdvanceCriteria.LeastSample"/>).</exception>
    public static PromotionResult Judge(PromotionPlan plan, IReadOnlyList<PromotionRun> runs)
    {
        var (test, failures, more, left) = plan.Sequential is { } sequential ? Sequentially(sequential, runs) : AtFixedNumber(plan, runs);
        List<ClassCoverage> classes = [.. plan.ScenarioClasses.Select(name =>
        {
            var seen = runs.LongCount(r => string.Equals(r.ScenarioClass, name, StringComparison.OrdinalIgnoreCase));
            return new ClassCoverage(name, seen, Math.Max(0, plan.EachAtLeast - seen));
        })];
        var verdict = test == PromotionVerdict.Met && classes.Any(c => c.Missing > 0) ? PromotionVerdict.NotYet : test;
        return new(verdict, new(failures.N - failures.K, failures.N), test != PromotionVerdict.NotYet, more, left, classes);
    }

    private static (PromotionVerdict Test, Proportion Failures, long More, long? Left) Sequentially(Sprt test, IReadOnlyList<PromotionRun> runs)
    {
        var (verdict, failures) = test.Of(runs.Select(r => !r.Clean));
        return verdict switch
        {
            SprtVerdict.Accept => (PromotionVerdict.Met, failures, 0, null),
            SprtVerdict.Reject => (PromotionVerdict.Rejected, failures, 0, null),
            _ => (PromotionVerdict.NotYet, failures, test.CleanRunsToAccept(failures) ?? 0, null),
        };
    }

    private static (PromotionVerdict Test, Proportion Failures, long More, long? Left) AtFixedNumber(PromotionPlan plan, IReadOnlyList<PromotionRun> runs)
    {
        if (Proportion.MostFailures(plan.Sample, plan.Target) is not { } allowed)
            throw new ArgumentException($"With {plan.Sample} runs the target cannot be reached even without a failure.", nameof(plan));
        var failures = new Proportion(0, 0);
        foreach (var run in runs.Take((int)Math.Min(plan.Sample, int.MaxValue)))
        {
            failures = new(failures.K + (run.Clean ? 0 : 1), failures.N + 1);
            if (failures.K > allowed) return (PromotionVerdict.Rejected, failures, 0, null);
        }
        return failures.N == plan.Sample ? (PromotionVerdict.Met, failures, 0, null) : (PromotionVerdict.NotYet, failures, plan.Sample - failures.N, allowed - failures.K);
    }
}
