using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Notices;

/// <summary>Times of day by the clock on somebody's wall.</summary>
public static class LocalTimes
{
    /// <summary>
    /// The first moment after <paramref name="after"/> at which the clock shows <paramref name="at"/>. Where clocks are put forward over it, the moment they are; where they are put back, it comes twice.
    /// </summary>
    public static DateTimeOffset Next(TimeOnly at, DateTimeOffset after, TimeZoneInfo zone)
    {
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(after, zone).Date);
        return Enumerable.Range(-1, 4).Select(d => today.AddDays(d).ToDateTime(at)).SelectMany(local => new[] { WallClock.Moment(zone, local), WallClock.Moment(zone, local, later: true) }).Where(m => m > after).Min();
    }
}

/// <summary>From one time of day to another, over midnight where the second is the earlier one. Never empty: the two differ.</summary>
public sealed record QuietHours(TimeOnly From, TimeOnly To)
{
    /// <summary>When the quiet that holds now is over; null when it does not hold.</summary>
    public DateTimeOffset? Ends(DateTimeOffset now, TimeZoneInfo zone) => Holds(TimeOnly.FromTimeSpan(TimeZoneInfo.ConvertTime(now, zone).TimeOfDay)) ? LocalTimes.Next(To, now, zone) : null;

    private bool Holds(TimeOnly clock) => From < To ? clock >= From && clock < To : clock >= From || clock < To;
}
