using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Access;

/// <summary>Days of the week on which somebody begins to work.</summary>
[Flags]
public enum WorkDays { None = 0, Monday = 1, Tuesday = 2, Wednesday = 4, Thursday = 8, Friday = 16, Saturday = 32, Sunday = 64, All = 127 }

/// <summary>When somebody is at work, in their own zone. Whoever has none is always at work.</summary>
/// <param name="Days">At least one.</param>
/// <param name="Until">Not after <paramref name="From"/>: the shift ends on the next day; the same: it lasts a whole day.</param>
public sealed record WorkingHours(WorkDays Days, TimeOnly From, TimeOnly Until, TimeZoneInfo Zone)
{
    /// <summary>The days as the wire has them.</summary>
    public static readonly IReadOnlyDictionary<string, WorkDays> DayNames = new Dictionary<string, WorkDays>
    {
        ["mon"] = WorkDays.Monday, ["tue"] = WorkDays.Tuesday, ["wed"] = WorkDays.Wednesday, ["thu"] = WorkDays.Thursday, ["fri"] = WorkDays.Friday, ["sat"] = WorkDays.Saturday, ["sun"] = WorkDays.Sunday,
    };

    public bool IsAtWork(DateTimeOffset now) => Shift(now) is not null;

    /// <summary>When they stop working for this time; null when they are not at work. Shifts without a pause between them are one.</summary>
    public DateTimeOffset? EndsAt(DateTimeOffset now)
    {
        var end = Shift(now)?.End;
        for (var i = 0; i < 7 && end is { } last && Shift(last) is { } next; i++) end = next.End;
        return end;
    }

    /// <summary>The first moment from <paramref name="now"/> on at which they are at work: now itself if they are.</summary>
    public DateTimeOffset NextStart(DateTimeOffset now)
    {
        if (IsAtWork(now)) return now;
        var today = Date(now);
        for (var i = 0; i < 8; i++)
        {
            if (On(today.AddDays(i)) is { } shift && shift.Start >= now) return shift.Start;
        }
        return DateTimeOffset.MaxValue;   // no day at all: nobody can set that
    }

    // The shift that contains a moment began on its day, or on the one before.
    private (DateTimeOffset Start, DateTimeOffset End)? Shift(DateTimeOffset now)
    {
        var today = Date(now);
        for (var day = today.AddDays(-1); day <= today; day = day.AddDays(1))
        {
            if (On(day) is { } shift && shift.Start <= now && now < shift.End) return shift;
        }
        return null;
    }

    private (DateTimeOffset Start, DateTimeOffset End)? On(DateOnly day)
    {
        if (!Days.HasFlag((WorkDays)(1 << (((int)day.DayOfWeek + 6) % 7)))) return null;
        return (WallClock.Moment(Zone, day.ToDateTime(From)), WallClock.Moment(Zone, (Until > From ? day : day.AddDays(1)).ToDateTime(Until), later: true));
    }

    private DateOnly Date(DateTimeOffset at) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(at, Zone).DateTime);
}
