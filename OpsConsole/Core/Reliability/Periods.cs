namespace OpsConsole.Core.Reliability;

/// <summary>How long a stretch is that figures are kept for; by the clocks of a zone.</summary>
public enum Grain { Hour, Day, Week }

/// <summary>
/// Hours, days and weeks by the clocks of a zone, as instants. Hours are counted from the beginning of the day, the last one ends with it. A week begins on Monday (ISO 8601). A day of a change of clocks has 23 or 25 hours, and the hour that comes twice is two hours; where midnight does not
/// exist, the day begins with the first moment that does; a day that does not exist at all has no length. Hours lie in days and days in weeks, without gaps.
/// </summary>
public static class Periods
{
    /// <summary>When the hour, day or week began in which this instant lies, in UTC.</summary>
    public static DateTimeOffset StartOf(Grain grain, DateTimeOffset at, TimeZoneInfo zone)
    {
        var local = TimeZoneInfo.ConvertTime(at, zone);
        var date = DateOnly.FromDateTime(local.DateTime);
        var day = DayStart(date, zone);
        return grain switch { Grain.Hour => day + TimeSpan.FromHours(Math.Floor((at - day).TotalHours)), Grain.Day => day, _ => DayStart(Monday(date), zone) };
    }

    /// <summary>When the stretch ends that began then: the start of the next.</summary>
    public static DateTimeOffset EndOf(Grain grain, DateTimeOffset start, TimeZoneInfo zone)
    {
        var date = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(start, zone).DateTime);
        if (grain == Grain.Day) return DayStart(date.AddDays(1), zone);
        if (grain == Grain.Week) return DayStart(date.AddDays(7), zone);
        var (hour, tomorrow) = (start.AddHours(1), DayStart(date.AddDays(1), zone));
        return hour < tomorrow ? hour : tomorrow;
    }

    /// <summary>So many stretches, oldest first; the last one is that in which <paramref name="until"/> lies.</summary>
    public static IReadOnlyList<(DateTimeOffset Start, DateTimeOffset End)> Last(Grain grain, DateTimeOffset until, int count, TimeZoneInfo zone)
    {
        List<(DateTimeOffset Start, DateTimeOffset End)> periods = [];
        for (var start = StartOf(grain, until, zone); periods.Count < count; start = StartOf(grain, start.AddTicks(-1), zone)) periods.Add((start, EndOf(grain, start, zone)));
        periods.Reverse();
        return periods;
    }

    /// <summary>The first moment of a day by the clocks there, in UTC; of a day that a country left out (Samoa, 30 December 2011), that of the next.</summary>
    public static DateTimeOffset DayStart(DateOnly day, TimeZoneInfo zone)
    {
        for (var midnight = day.ToDateTime(TimeOnly.MinValue); ; midnight = midnight.AddMinutes(15))
        {
            if (zone.IsInvalidTime(midnight)) continue;
            var offset = zone.IsAmbiguousTime(midnight) ? zone.GetAmbiguousTimeOffsets(midnight).Max() : zone.GetUtcOffset(midnight);
            var start = new DateTimeOffset(midnight, offset).ToUniversalTime();
            if (DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(start, zone).DateTime) >= day) return start;   // a gap of a whole day is not called invalid
        }
    }

    /// <summary>The Monday of a day's week.</summary>
    public static DateOnly Monday(DateOnly day) => day.AddDays(-(((int)day.DayOfWeek + 6) % 7));
}
