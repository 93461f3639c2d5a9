namespace OpsConsole.Core.Webhooks;

/// <summary>When a delivery is tried again: the schedule of Standard Webhooks, ten attempts within about three days, each a little late by chance so that many do not come at once.</summary>
public static class RetrySchedule
{
    /// <summary>Before each attempt, from the first on.</summary>
    public static IReadOnlyList<TimeSpan> Delays { get; } =
    [
        TimeSpan.Zero, TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5), TimeSpan.FromHours(10), TimeSpan.FromHours(14), TimeSpan.FromHours(20), TimeSpan.FromHours(24),
    ];
    /// <summary>At most so much later than the schedule says, as a share of the delay.</summary>
    public const double Jitter = 0.2;
    /// <summary>A receiver that asks for more is not believed.</summary>
    public static readonly TimeSpan LongestAsked = TimeSpan.FromHours(24);

    /// <summary>When the next attempt is due; null when there is none left.</summary>
    /// <param name="made">Attempts so far, at least one.</param>
    /// <param name="chance">From 0 to 1.</param>
    /// <param name="asked">The receiver's <c>Retry-After</c>: never sooner than that.</param>
    public static DateTimeOffset? Next(int made, DateTimeOffset now, double chance, TimeSpan? asked)
    {
        if (made >= Delays.Count) return null;
        var delay = Delays[made] * (1 + Jitter * Math.Clamp(chance, 0, 1));
        var least = asked is { } wish ? wish < LongestAsked ? wish : LongestAsked : TimeSpan.Zero;
        return now + (delay > least ? delay : least);
    }
}
