using FsCheck.Fluent;
using OpsConsole.Core.Access;
using OpsConsole.Tests.Core.Authority;

namespace OpsConsole.Tests.Core.Access;

public sealed class WorkingHoursTests
{
    private const WorkDays Week = WorkDays.Monday | WorkDays.Tuesday | WorkDays.Wednesday | WorkDays.Thursday | WorkDays.Friday;

    private static WorkingHours Berlin(WorkDays days, string from, string until) => new(days, TimeOnly.Parse(from), TimeOnly.Parse(until), TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"));
    private static DateTimeOffset Utc(string at) => DateTimeOffset.Parse(at + "Z");

    [Theory]
    [InlineData("2026-03-06T07:59:59", "2026-03-06T08:00:00", null)]                       // Friday, 08:59 in Berlin
    [InlineData("2026-03-06T08:00:00", "2026-03-06T08:00:00", "2026-03-06T16:00:00")]
    [InlineData("2026-03-06T16:00:00", "2026-03-09T08:00:00", null)]                       // the end is not work any more; Monday
    [InlineData("2026-03-27T16:00:00", "2026-03-30T07:00:00", null)]                       // over the weekend clocks go forward
    [InlineData("2026-10-23T15:00:00", "2026-10-26T08:00:00", null)]                       // and back
    public void OfficeHours_NextStartAndEnd_FollowTheZone(string now, string next, string? end)
    {
        var hours = Berlin(Week, "09:00", "17:00");
        Assert.Equal((Utc(next), end is null ? null : (DateTimeOffset?)Utc(end)), (hours.NextStart(Utc(now)), hours.EndsAt(Utc(now))));
        Assert.Equal(end is not null, hours.IsAtWork(Utc(now)));
    }

    [Theory]
    [InlineData("2026-03-28T22:00:00", "2026-03-29T04:00:00")]   // 23:00 to 06:00 on the night that has no 02:30: seven hours on the clock, six in fact
    [InlineData("2026-10-24T21:00:00", "2026-10-25T05:00:00")]   // and on the one that has it twice
    public void NightShift_OverAChangeOfClocks_EndsWhenTheClockSaysSo(string start, string end)
    {
        var hours = Berlin(WorkDays.Saturday, "23:00", "06:00");
        Assert.Equal((Utc(start), (DateTimeOffset?)Utc(end)), (hours.NextStart(Utc(start).AddHours(-3)), hours.EndsAt(Utc(start))));
        Assert.False(hours.IsAtWork(Utc(end)));
    }

    [Fact]
    public void AShiftInTheHourThatComesTwice_LastsThroughBoth()
    {
        var hours = Berlin(WorkDays.Sunday, "02:15", "02:45");
        Assert.Equal(Utc("2026-10-25T00:15:00"), hours.NextStart(Utc("2026-10-24T00:00:00")));
        Assert.Equal(Utc("2026-10-25T01:45:00"), hours.EndsAt(Utc("2026-10-25T00:30:00")));
        // In spring there is no 02:15: it begins, and is over, when the gap is.
        Assert.False(hours.IsAtWork(Utc("2026-03-29T01:00:00")));
    }

    /// <summary>Whatever the zone and the hours: between now and the next start nobody works, and at the start and until the end they do.</summary>
    [Fact]
    public void NextStartAndEndsAt_AnyZone_AgreeWithIsAtWork() => MatrixGenerators.Holds(
        from zone in Gen.Elements("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Santiago", "UTC")
        from days in Gen.Choose(1, 127) from start in Gen.Choose(0, 95) from end in Gen.Choose(0, 95) from quarter in Gen.Choose(0, 365 * 96)
        select (zone, days, start, end, quarter),
        x =>
        {
            var hours = new WorkingHours((WorkDays)x.days, new TimeOnly(x.start * 15 * TimeSpan.TicksPerMinute), new TimeOnly(x.end * 15 * TimeSpan.TicksPerMinute), TimeZoneInfo.FindSystemTimeZoneById(x.zone));
            var now = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddMinutes(x.quarter * 15);
            var (next, ends) = (hours.NextStart(now), hours.EndsAt(now));
            if (hours.IsAtWork(now) != (ends is not null) || hours.IsAtWork(now) != (next == now)) return false;
            for (var at = now; at < next; at = at.AddMinutes(15)) if (hours.IsAtWork(at)) return false;
            for (var at = now; at < ends; at = at.AddMinutes(15)) if (!hours.IsAtWork(at)) return false;
            // A day whose hours fall into the gap has none.
            return next < now.AddDays(15) && (hours.IsAtWork(next) || hours.NextStart(next.AddMinutes(15)) > next);
        }, 500);
}
