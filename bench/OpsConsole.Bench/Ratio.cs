namespace OpsConsole.Bench;

/// <summary>What one measurement says.</summary>
/// <param name="Value">Subject over the mean of the two baselines.</param>
/// <param name="Moved">By which part of the smaller baseline the larger one exceeds it.</param>
internal sealed record RatioResult(double Value, double Moved, bool Met)
{
    /// <summary>The baseline moved by more than a quarter during the run: something else used the machine.</summary>
    public bool Invalid => Moved > 0.25;

    /// <summary>0 met, 1 missed, 2 invalid.</summary>
    public int ExitCode => Invalid ? 2 : Met ? 0 : 1;
}

/// <summary>The A-B-A protocol: baseline, subject, baseline again, in one run. Only ratios are compared, never absolute numbers of different runs.</summary>
internal static class Ratio
{
    /// <summary>Runs the three legs and prints the ratio, the goal, and <c>INVALID</c> where the baseline moved.</summary>
    /// <param name="limit">The goal: the ratio must be at least this, or at most this where <paramref name="atMost"/>.</param>
    public static async Task<RatioResult> MeasureAsync(string name, double limit, Func<Task<double>> baseline, Func<Task<double>> subject, bool atMost = false)
    {
        var before = await baseline();
        var measured = await subject();
        var after = await baseline();
        var result = Judge(limit, before, measured, after, atMost);
        Console.WriteLine($"{name}: ratio {result.Value:0.000} (goal {(atMost ? "<=" : ">=")} {limit:0.###}; subject {measured:0.##}, baseline {before:0.##} then {after:0.##}, moved {result.Moved:0.0%}) "
            + (result.Invalid ? "INVALID" : result.Met ? "met" : "MISSED"));
        return result;
    }

    /// <summary>The judgement alone.</summary>
    public static RatioResult Judge(double limit, double before, double measured, double after, bool atMost)
    {
        var value = measured / ((before + after) / 2);
        var moved = Math.Max(before, after) / Math.Min(before, after) - 1;
        // A leg that measured nothing makes NaN or infinity: never "met", and always invalid.
        var sound = before > 0 && after > 0 && measured > 0 && double.IsFinite(value);
        return new RatioResult(value, sound ? moved : double.PositiveInfinity, sound && (atMost ? value <= limit : value >= limit));
    }
}
