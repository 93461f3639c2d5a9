using System.Globalization;
using OpsConsole.Core.Reliability;

namespace OpsConsole.Core.Reviews;

/// <summary>When the review of a week opens, after the week has ended, and until when it is to be signed; by the rollout's clocks.</summary>
/// <param name="Day">The first such day after the week, which ends with Sunday.</param>
/// <param name="Minute">Of that day.</param>
/// <param name="DueDays">Days after it has opened.</param>
/// <param name="Attach">The review goes as a PDF with the e-mail that asks for the signature. Else the mail has a link, and nothing that the review says leaves the console.</param>
public sealed record ReviewSchedule(DayOfWeek Day, int Minute, int DueDays, bool Attach = false)
{
    public const int MostDueDays = 6;   // before the next one opens
    public static ReviewSchedule Default { get; } = new(DayOfWeek.Monday, 9 * 60, 4);

    public DateOnly OpensOn(DateOnly week) => week.AddDays(7 + ((int)Day + 6) % 7);

    /// <summary>Where that time of day does not exist (clocks go forward), as much later.</summary>
    public DateTimeOffset OpensAt(DateOnly week, TimeZoneInfo zone)
    {
        var at = OpensOn(week).ToDateTime(new TimeOnly(Minute / 60, Minute % 60));
        while (zone.IsInvalidTime(at)) at = at.AddMinutes(15);
        return new DateTimeOffset(at, zone.IsAmbiguousTime(at) ? zone.GetAmbiguousTimeOffsets(at).Max() : zone.GetUtcOffset(at)).ToUniversalTime();
    }

    public DateOnly DueOn(DateOnly week) => OpensOn(week).AddDays(DueDays);

    /// <summary>The last week whose review should be open by then.</summary>
    public DateOnly LastOpen(DateTimeOffset now, TimeZoneInfo zone)
    {
        var week = Periods.Monday(DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, zone).DateTime));
        do week = week.AddDays(-7); while (OpensAt(week, zone) > now);
        return week;
    }

    /// <summary>A week as people write it, <c>2026-W46</c> (ISO 8601).</summary>
    public static string Name(DateOnly monday) => string.Create(CultureInfo.InvariantCulture, $"{ISOWeek.GetYear(monday.ToDateTime(TimeOnly.MinValue))}-W{ISOWeek.GetWeekOfYear(monday.ToDateTime(TimeOnly.MinValue)):00}");

    /// <summary>The Monday of a week so written; false for anything else.</summary>
    public static bool TryWeek(string? text, out DateOnly monday)
    {
        monday = default;
        if (text is not { Length: 8 } || text[4] != '-' || text[5] != 'W' || !int.TryParse(text.AsSpan(0, 4), NumberStyles.None, CultureInfo.InvariantCulture, out var year) || !int.TryParse(text.AsSpan(6), NumberStyles.None, CultureInfo.InvariantCulture, out var week)
            || year is < 2000 or > 2199 || week < 1 || week > ISOWeek.GetWeeksInYear(year)) return false;
        monday = DateOnly.FromDateTime(ISOWeek.ToDateTime(year, week, DayOfWeek.Monday));
        return true;
    }
}
