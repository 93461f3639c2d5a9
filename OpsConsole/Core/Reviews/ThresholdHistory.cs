using OpsConsole.Core.Reliability;

namespace OpsConsole.Core.Reviews;

/// <summary>What one entry of the log says about a rollout's thresholds.</summary>
/// <param name="By">The person's id, or <c>console</c>.</param>
/// <param name="Sets">The entry set them.</param>
/// <param name="Own">To what (JSON); null: to the console's defaults.</param>
/// <param name="Erased">What it set was erased from the log, so nobody can say any more.</param>
/// <param name="CycleWeeks">How many weeks a cycle has since; null: the entry does not say.</param>
public sealed record ThresholdEntry(DateTimeOffset At, string By, bool Sets, string? Own, bool Erased, int? CycleWeeks);

/// <summary>A week of the cycle, with the thresholds by which it was judged.</summary>
public sealed record FrozenThresholds(DateTimeOffset FrozenAt, IReadOnlyDictionary<string, double> AtMost);

/// <summary>A threshold that was changed after the first week of the cycle had begun.</summary>
/// <param name="At">Null: the log does not say when.</param>
/// <param name="By">The person's id, or <c>console</c>; null as above.</param>
/// <param name="From">Null: not known, as is <paramref name="To"/>.</param>
/// <param name="WeeksFrozen">So many of the cycle's weeks had been judged by the earlier value.</param>
public sealed record LateChange(DateTimeOffset? At, string? By, double? From, double? To, int WeeksFrozen);

/// <summary>A threshold, and when it was agreed.</summary>
/// <param name="SetAt">When it got the value that it has; null: it is the console's default since the beginning, or was copied with the rollout.</param>
/// <param name="Late">Changes after the fact, oldest first; empty: it was agreed beforehand.</param>
public sealed record ThresholdStanding(string Name, string Words, string Unit, double AtMost, bool Agreed, DateTimeOffset? SetAt, string? SetBy, IReadOnlyList<LateChange> Late);

/// <summary>
/// When a rollout's thresholds were agreed, out of the log: whoever decides on the evidence has to know whether the bar was moved after the game had begun. The length of the cycle is one of them. What the log cannot say counts as changed. Pure.
/// </summary>
public static class ThresholdHistory
{
    public const string Cycle = "cycle_weeks";
    public const int DefaultCycle = 4;

    /// <param name="own">The rollout's own thresholds now (JSON); null: none.</param>
    /// <param name="log">Oldest first, from the beginning of the rollout.</param>
    /// <param name="begins">When the first week of the cycle began.</param>
    /// <param name="weeks">Those weeks of the cycle that were judged.</param>
    public static IReadOnlyList<ThresholdStanding> Of(string? own, int cycleWeeks, IReadOnlyList<ThresholdEntry> log, DateTimeOffset begins, IReadOnlyList<FrozenThresholds> weeks)
    {
        List<ThresholdStanding> found = [.. Thresholds.Of(own).Select(t => Of(t, [.. log.Where(e => e.Sets).Select(e => (e, Set(e, t.Name)))], Value(null, t.Name).AtMost, begins, weeks))];
        found.Add(Of(new Threshold(Cycle, "Weeks of a cycle", "weeks", cycleWeeks, log.Any(e => e.CycleWeeks is not null)), [.. log.Where(e => e.CycleWeeks is not null).Select(e => (e, ((double?)e.CycleWeeks, true)))], DefaultCycle, begins, weeks));
        return found;
    }

    private static ThresholdStanding Of(Threshold threshold, IReadOnlyList<(ThresholdEntry Entry, (double? AtMost, bool Named) Set)> entries, double first, DateTimeOffset begins, IReadOnlyList<FrozenThresholds> weeks)
    {
        double? value = first;
        DateTimeOffset? setAt = null;
        string? setBy = null;
        List<LateChange> late = [];
        foreach (var (entry, (next, named)) in entries)
        {
            if (next is { } same && same == value)
            {
                if (setAt is null && named) (setAt, setBy) = (entry.At, entry.By);   // the default, agreed on
                continue;
            }
            if (entry.At >= begins) late.Add(new(entry.At, entry.By, value, next, weeks.Count(w => w.FrozenAt < entry.At)));
            (value, setAt, setBy) = (next, entry.At, entry.By);
        }
        // The rows say something else than the log: fail closed.
        var judgedOtherwise = weeks.Count(w => w.AtMost.TryGetValue(threshold.Name, out var then) && then != threshold.AtMost);
        if (late.Count == 0 && (value != threshold.AtMost || judgedOtherwise > 0)) late.Add(new(null, null, weeks.Select(w => w.AtMost.TryGetValue(threshold.Name, out var then) ? then : (double?)null).FirstOrDefault(v => v is not null && v != threshold.AtMost), threshold.AtMost, judgedOtherwise));
        return new(threshold.Name, threshold.Words, threshold.Unit, threshold.AtMost, threshold.Agreed, setAt, setBy, late);
    }

    private static (double? AtMost, bool Named) Set(ThresholdEntry entry, string name) => entry.Erased ? (null, false) : Value(entry.Own, name) is var t ? (t.AtMost, t.Agreed) : default;

    private static Threshold Value(string? own, string name) => Thresholds.Of(own).First(t => t.Name == name);
}
