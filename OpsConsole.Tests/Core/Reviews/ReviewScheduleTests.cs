using FsCheck;
using FsCheck.Fluent;
using OpsConsole.Core.Reliability;
using OpsConsole.Core.Reviews;

namespace OpsConsole.Tests.Core.Reviews;

/// <summary>When a week's review opens and is due, by the rollout's clocks.</summary>
public sealed class ReviewScheduleTests
{
    private static readonly TimeZoneInfo Berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");
    private static readonly DateOnly Week = new(2026, 3, 23);   // the clocks go forward on its Sunday, 29 March

    [Fact]
    public void Usual_IsMondayAtNine_DueOnFriday()
    {
        Assert.Equal((new DateOnly(2026, 3, 30), new DateOnly(2026, 4, 3)), (ReviewSchedule.Default.OpensOn(Week), ReviewSchedule.Default.DueOn(Week)));
        Assert.Equal(new DateTimeOffset(2026, 3, 30, 7, 0, 0, TimeSpan.Zero), ReviewSchedule.Default.OpensAt(Week, Berlin));   // summer time by then
    }

    [Theory]
    [InlineData(DayOfWeek.Monday, "2026-03-30")]
    [InlineData(DayOfWeek.Wednesday, "2026-04-01")]
    [InlineData(DayOfWeek.Sunday, "2026-04-05")]
    public void Day_IsTheFirstSuchAfterTheWeek(DayOfWeek day, string opens) => Assert.Equal(DateOnly.Parse(opens, System.Globalization.CultureInfo.InvariantCulture), new ReviewSchedule(day, 0, 1).OpensOn(Week));

    [Fact]
    public void TimeThatDoesNotExist_IsAsMuchLater()
        => Assert.Equal(new DateTimeOffset(2026, 3, 29, 1, 0, 0, TimeSpan.Zero), new ReviewSchedule(DayOfWeek.Sunday, 150, 1).OpensAt(Week.AddDays(-7), Berlin));   // 02:30 on the day of the change

    [Fact]
    public void LastOpen_IsTheNewestWeekWhoseTimeHasCome()
        => Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll<byte, ushort, int>((day, minute, hours) =>
        {
            var schedule = new ReviewSchedule((DayOfWeek)(day % 7), minute % 1440, 3);
            var now = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddHours(Math.Abs(hours % 20_000));
            var week = schedule.LastOpen(now, Berlin);
            return schedule.OpensAt(week, Berlin) <= now && schedule.OpensAt(week.AddDays(7), Berlin) > now && Periods.EndOf(Grain.Week, Periods.DayStart(week, Berlin), Berlin) <= now;
        }));

    [Theory]
    [InlineData("2026-12-28", "2026-W53")]
    [InlineData("2027-01-04", "2027-W01")]
    [InlineData("2024-12-30", "2025-W01")]
    public void Name_IsIso_AndReadBack(string monday, string name)
    {
        var day = DateOnly.Parse(monday, System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(name, ReviewSchedule.Name(day));
        Assert.True(ReviewSchedule.TryWeek(name, out var read));
        Assert.Equal(day, read);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("2026-W54")]
    [InlineData("2025-W53")]
    [InlineData("2026-W00")]
    [InlineData("2026W46")]
    [InlineData("2026-W+1")]
    public void OtherWords_AreNoWeek(string? text) => Assert.False(ReviewSchedule.TryWeek(text, out _));
}

/// <summary>Thresholds: the rollout's own where it set them, the product's otherwise.</summary>
public sealed class ThresholdTests
{
    [Fact]
    public void Defaults_AreThoseOfTheProduct()
        => Assert.Equal([("override_rate", 0.05, false), ("incidents_per_1000", 2d, false), ("approval_p90_minutes", 15d, false), ("expired_rate", 0.01, false), ("recovery_p90_minutes", 60d, false)], Thresholds.Of(null).Select(t => (t.Name, t.AtMost, t.Agreed)));

    [Fact]
    public void Own_CountsAsAgreed_AndUnknownNamesAreLeftAlone()
    {
        var own = Thresholds.Of("""{"override_rate":0.1,"shadow_kappa":0.6}""");
        Assert.Equal((5, 0.1, true), (own.Count, own[0].AtMost, own[0].Agreed));
    }

    [Theory]
    [InlineData(0.05, true)]
    [InlineData(0.0501, false)]
    [InlineData(null, null)]
    public void Judge_AtItIsInside_AndNothingIsNeither(double? value, bool? inside) => Assert.Equal(inside, Thresholds.Judge(Thresholds.Of(null)[0], value, 100).Inside);
}
