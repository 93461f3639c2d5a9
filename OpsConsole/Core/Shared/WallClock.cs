namespace OpsConsole.Core.Shared;

/// <summary>The moment that a clock on the wall means.</summary>
public static class WallClock
{
    /// <summary>
    /// The moment of a local time. Where clocks are put forward over it, the first moment after the gap; where they are put back and it comes twice,
    /// the first of the two, or the second with <paramref name="later"/>.
    /// </summary>
    public static DateTimeOffset Moment(TimeZoneInfo zone, DateTime local, bool later = false)
    {
        local = DateTime.SpecifyKind(local, DateTimeKind.Unspecified);
        if (zone.IsInvalidTime(local)) local = local.Date.AddMinutes(Math.Floor(local.TimeOfDay.TotalMinutes));
        while (zone.IsInvalidTime(local)) local = local.AddMinutes(1);
        var offset = !zone.IsAmbiguousTime(local) ? zone.GetUtcOffset(local) : later ? zone.GetAmbiguousTimeOffsets(local).Min() : zone.GetAmbiguousTimeOffsets(local).Max();
        return new DateTimeOffset(local, offset).ToUniversalTime();
    }
}
