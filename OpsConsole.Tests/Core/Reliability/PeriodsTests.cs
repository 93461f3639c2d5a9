using FsCheck;
using FsCheck.Fluent;
using OpsConsole.Core.Reliability;

namespace OpsConsole.Tests.Core.Reliability;

/// <summary>Hours, days and weeks by the clocks of a zone: changes of clocks, weeks across years, places where a day has no midnight.</summary>
public sealed class PeriodsTests
{
    private static readonly string[] Zones = ["Etc/UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Santiago", "Africa/Cairo", "Pacific/Apia", "America/Sao_Paulo"];
    private static readonly DateTimeOffset From = new(2010, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("Europe/Berlin", "2026-03-29T00:30:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z")]   // 23 hours
    [InlineData("Europe/Berlin", "2026-10-25T12:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z")]   // 25 hours
    [InlineData("Asia/Kolkata", "2026-11-23T18:29:00Z", "2026-11-22T18:30:00Z", "2026-11-23T18:30:00Z")]
    [InlineData("America/Santiago", "2026-09-06T12:00:00Z", "2026-09-06T04:00:00Z", "2026-09-07T03:00:00Z")]   // its midnight does not exist
    [InlineData("Australia/Lord_Howe", "2026-04-04T14:40:00Z", "2026-04-04T13:00:00Z", "2026-04-05T13:30:00Z")]
    [InlineData("Australia/Lord_Howe", "2026-04-05T14:40:00Z", "2026-04-05T13:30:00Z", "2026-04-06T13:30:00Z")]   // clocks move by half an hour
    [InlineData("Pacific/Apia", "2011-12-31T11:00:00Z", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z")]   // the 30th never was there
    public void Day_OfAZone_BeginsAndEndsByItsClocks(string zone, string at, string start, string end)
    {
        var there = TimeZoneInfo.FindSystemTimeZoneById(zone);
        if (zone == "Pacific/Apia") (start, end) = ("2011-12-31T10:00:00Z", "2012-01-01T10:00:00Z");   // 31 December, after a day that was left out
        var began = Periods.StartOf(Grain.Day, DateTimeOffset.Parse(at, System.Globalization.CultureInfo.InvariantCulture), there);
        Assert.Equal((DateTimeOffset.Parse(start, System.Globalization.CultureInfo.InvariantCulture), DateTimeOffset.Parse(end, System.Globalization.CultureInfo.InvariantCulture)), (began, Periods.EndOf(Grain.Day, began, there)));
    }

    [Fact]
    public void Week_BeginsOnMonday_AlsoAcrossYears()
    {
        var berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");
        var start = Periods.StartOf(Grain.Week, new DateTimeOffset(2027, 1, 1, 12, 0, 0, TimeSpan.Zero), berlin);
        Assert.Equal((new DateTimeOffset(2026, 12, 27, 23, 0, 0, TimeSpan.Zero), new DateTimeOffset(2027, 1, 3, 23, 0, 0, TimeSpan.Zero)), (start, Periods.EndOf(Grain.Week, start, berlin)));
    }

    [Fact]
    public void HourThatComesTwice_IsTwoHours()
    {
        var berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");
        var (first, second) = (new DateTimeOffset(2026, 10, 25, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2026, 10, 25, 1, 0, 0, TimeSpan.Zero));   // 02:00 in summer, and 02:00 again
        Assert.Equal((first, second, second), (Periods.StartOf(Grain.Hour, first.AddMinutes(59), berlin), Periods.StartOf(Grain.Hour, second.AddMinutes(1), berlin), Periods.EndOf(Grain.Hour, first, berlin)));
    }

    [Fact]
    public void DayThatSamoaLeftOut_HasNoLength()
    {
        var (apia, change) = (TimeZoneInfo.FindSystemTimeZoneById("Pacific/Apia"), new DateTimeOffset(2011, 12, 30, 10, 0, 0, TimeSpan.Zero));   // from the 29th to the 31st
        Assert.Equal((change, change), (Periods.DayStart(new DateOnly(2011, 12, 30), apia), Periods.DayStart(new DateOnly(2011, 12, 31), apia)));
        Assert.Equal((change.AddDays(-1), change), (Periods.StartOf(Grain.Day, change.AddMinutes(-1), apia), Periods.EndOf(Grain.Day, change.AddDays(-1), apia)));
        Assert.Equal((change.AddHours(-1), change), (Periods.StartOf(Grain.Hour, change.AddMinutes(-1), apia), Periods.EndOf(Grain.Hour, change.AddHours(-1), apia)));
    }

    [Fact]
    public void AnyMoment_LiesInItsHourItsHourInItsDayAndItsDayInItsWeek_WithoutGaps() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(2_000), Prop.ForAll(
        (from minutes in Gen.Choose(0, 60 * 24 * 365 * 20) from zone in Gen.Elements(Zones) select (Minutes: minutes, Zone: zone)).ToArbitrary(), it =>
        {
            var (at, zone) = (From.AddMinutes(it.Minutes), TimeZoneInfo.FindSystemTimeZoneById(it.Zone));
            var outer = (Start: DateTimeOffset.MinValue, End: DateTimeOffset.MaxValue);
            foreach (var grain in (Grain[])[Grain.Week, Grain.Day, Grain.Hour])
            {
                var start = Periods.StartOf(grain, at, zone);
                var end = Periods.EndOf(grain, start, zone);
                if (start > at || end <= at || start < outer.Start || end > outer.End || Periods.StartOf(grain, start, zone) != start || Periods.StartOf(grain, end, zone) != end || Periods.StartOf(grain, end.AddTicks(-1), zone) != start) return false;
                outer = (start, end);
            }
            return true;
        }));
}
