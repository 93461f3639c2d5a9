using System.Globalization;
using OpsConsole.Core.Reliability;

namespace OpsConsole.Core.Trust;

/// <summary>What an agent has to show before it is raised to the next tier (numbers.md, 'promotion'): a test that is fixed before anybody looks at its result.</summary>
public sealed record AdvanceCriteria
{
    public const double UsualTarget = 0.95;
    /// <summary>The highest target: no number of runs proves that nothing ever fails.</summary>
    public const double MaxTarget = 0.999;
    public const int UsualEach = 5, MaxSample = 100_000, MaxEach = 1_000, MaxClasses = 20, MaxClass = 120;

    public required Tier To { get; init; }
    /// <summary>What the lower bound of the share of clean runs has to reach, above 0.</summary>
    public double Target { get; init; } = UsualTarget;
    /// <summary>The least number of runs that the test may be made with.</summary>
    public int MinSample { get; init; } = LeastSample(UsualTarget);
    /// <summary>Kinds of scenarios that must have been met; names as people give them.</summary>
    public IReadOnlyList<string> ScenarioClasses { get; init; } = [];
    /// <summary>How often each of <see cref="ScenarioClasses"/> must have been met.</summary>
    public int EachAtLeast { get; init; } = UsualEach;

    /// <summary>The least number of runs whose Wilson lower bound can reach the target: all of them clean. 73 for .95.</summary>
    public static int LeastSample(double target) => (int)Proportion.FewestAllSuccess(target);

    /// <summary>The criterion as a sentence.</summary>
    public string Words
    {
        get
        {
            var least = LeastSample(Target);
            var classes = ScenarioClasses.Count == 0 ? "" : $", and {Listed(ScenarioClasses)} met at least {EachAtLeast} {(EachAtLeast == 1 ? "time" : "times")}{(ScenarioClasses.Count == 1 ? "" : " each")}";
            return string.Create(CultureInfo.InvariantCulture, $"To {To.ToString().ToLowerInvariant()} by a test fixed beforehand: at least {MinSample:N0} runs, with a lower bound of {Target * 100:0.##} % clean ones{(MinSample < least ? $" (which takes {least:N0} runs even without a fault)" : "")}{classes}. Time served alone counts for nothing.");
        }
    }

    private static string Listed(IReadOnlyList<string> names) => names.Count == 1 ? $"“{names[0]}”" : $"{string.Join(", ", names.Take(names.Count - 1).Select(n => $"“{n}”"))} and “{names[^1]}”";
}
