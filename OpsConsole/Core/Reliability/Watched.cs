namespace OpsConsole.Core.Reliability;

/// <summary>What is watched of a capability.</summary>
public enum Watched { Override, Failure, Autonomy, Confidence, Outcome }

/// <summary>A watched figure: what it counts, on which chart it stands, and which side of it is worth an alert.</summary>
/// <param name="Wire">As the API calls it.</param>
/// <param name="Words">For people.</param>
/// <param name="Cases">What it is a share, or the mean, of.</param>
/// <param name="Level">A level, watched by an EWMA against a stored centre and sigma; else a rate, watched by a p-chart.</param>
/// <param name="Alert">The kind of its alerts.</param>
/// <param name="High">Above its limits is an alert; else it is only said.</param>
/// <param name="Low">Below its limits is.</param>
public sealed record WatchedSpec(Watched Watched, string Wire, string Words, string Cases, bool Level, string Alert, bool High, bool Low)
{
    public static readonly IReadOnlyList<WatchedSpec> All =
    [
        new(Watched.Override, "override", "Override rate", "decided by people", false, "limit.override", true, false),
        new(Watched.Failure, "failure", "Failed outcomes", "executed", false, "limit.failure", true, false),
        new(Watched.Autonomy, "autonomy", "Autonomy", "executed", false, "limit.autonomy", true, true),
        new(Watched.Confidence, "confidence", "Confidence", "asked with a confidence", true, "drift.confidence", true, true),
        new(Watched.Outcome, "outcome", "Outcome quality", "executed", true, "drift.outcome", false, true),
    ];

    public static WatchedSpec Of(Watched watched) => All[(int)watched];

    /// <summary>What of these counts it is reckoned from: so many (of confidences their sum, in thousandths) of so many.</summary>
    public (long K, long N) Count(RollupCounts c) => Watched switch
    {
        Watched.Override => (c.Overridden, c.DecidedByPeople),
        Watched.Failure => (c.Failed, c.Executed),
        Watched.Autonomy => (c.ExecutedAlone, c.Executed),
        Watched.Confidence => (c.ConfidenceSum, c.ConfidenceSaid),
        _ => (c.Succeeded, c.Executed),
    };

    /// <summary>The figure, from 0 to 1; of nothing: null.</summary>
    public double? Value(long k, long n) => n == 0 ? null : (double)k / n / (Watched == Watched.Confidence ? 1_000 : 1);

    /// <summary>Whether a point on that side of its limits is worth an alert.</summary>
    public bool Alarms(bool high) => high ? High : Low;
}
