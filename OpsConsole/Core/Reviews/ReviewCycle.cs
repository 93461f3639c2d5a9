using OpsConsole.Core.Reliability;

namespace OpsConsole.Core.Reviews;

/// <summary>A review as the cycle counts it.</summary>
/// <param name="Verdict">Null: not signed.</param>
/// <param name="Outside">Names of the thresholds that the week did not keep.</param>
public sealed record ReviewFact(DateOnly Week, ReviewVerdict? Verdict, string? SignedBy, IReadOnlyList<string> Outside);

/// <summary>The reviews of a rollout, held against its cycle: so many weeks in a row, each signed and inside its thresholds, and none of them long ago.</summary>
/// <param name="Weeks">Of one cycle.</param>
/// <param name="LastOpen">The newest week whose review should be open by now; it may still be under way.</param>
/// <param name="Reviews">Newest first.</param>
public sealed record ReviewCycle(int Weeks, DateOnly LastOpen, IReadOnlyList<ReviewFact> Reviews)
{
    /// <summary>Stands among a week's thresholds where nothing was asked in it: such a week proves nothing.</summary>
    public const string NothingAsked = "nothing_asked";

    /// <summary>The newest one that was signed; null: none.</summary>
    public ReviewFact? LastSigned => Reviews.FirstOrDefault(r => r.Verdict is not null);

    /// <summary>Whether a week is one of those that are judged now.</summary>
    public bool Covers(DateOnly week) => LastSigned is { } last && week <= last.Week && week > last.Week.AddDays(-7 * Weeks);

    /// <summary>Why no full cycle stands behind the rollout; null: one does.</summary>
    public string? Lacks
    {
        get
        {
            if (LastSigned is not { } last) return "no weekly review is signed yet";
            if (last.Week < LastOpen.AddDays(-7)) return $"the last signed review is of {ReviewSchedule.Name(last.Week)}";
            var known = Reviews.ToDictionary(r => r.Week);
            for (var i = 0; i < Weeks; i++)
            {
                var week = last.Week.AddDays(-7 * i);
                var name = ReviewSchedule.Name(week);
                if (!known.TryGetValue(week, out var review)) return $"{name} has no review; a cycle is {Counted(Weeks)}";
                if (review.Verdict is null) return $"{name} is not signed";
                if (review.Verdict == ReviewVerdict.Stop) return $"{name} ended in stop";
                if (review.Outside.Contains(NothingAsked)) return $"nothing was asked in {name}, so it proves nothing";
                if (review.Outside.Count > 0) return $"{name} was outside its threshold: {string.Join(", ", Thresholds.Of(null).Where(t => review.Outside.Contains(t.Name)).Select(t => t.Words))}";
            }
            return null;
        }
    }

    private static string Counted(int weeks) => Shared.Counted.Of(weeks, "week");
}
