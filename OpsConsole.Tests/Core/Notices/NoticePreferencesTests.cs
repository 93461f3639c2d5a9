using FsCheck;
using FsCheck.Fluent;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Notices;

/// <summary>When somebody is told: quiet hours over midnight and changes of the clock, digests, floods.</summary>
public sealed class NoticePreferencesTests
{
    private static readonly TimeZoneInfo Berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");
    private static readonly QuietHours Night = new(new(22, 0), new(7, 0));
    private static readonly string[] Zones = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC", "Pacific/Apia", "America/Sao_Paulo"];

    [Theory]
    [InlineData("2026-03-10T20:59:59Z", null)]                       // 21:59:59
    [InlineData("2026-03-10T21:00:00Z", "2026-03-11T06:00:00Z")]
    [InlineData("2026-03-11T05:59:59Z", "2026-03-11T06:00:00Z")]
    [InlineData("2026-03-11T06:00:00Z", null)]
    [InlineData("2026-03-28T22:00:00Z", "2026-03-29T05:00:00Z")]     // clocks are put forward in that night
    [InlineData("2026-10-24T21:00:00Z", "2026-10-25T06:00:00Z")]     // and back in this one
    public void Ends_NightInBerlin_IsByTheClockOnTheWall(string now, string? end)
        => Assert.Equal(end is null ? null : DateTimeOffset.Parse(end, System.Globalization.CultureInfo.InvariantCulture), Night.Ends(DateTimeOffset.Parse(now, System.Globalization.CultureInfo.InvariantCulture), Berlin));

    [Fact]
    public void Next_TimeThatTheClockLeavesOut_IsTheMomentItIsPutForward()
        => Assert.Equal(new DateTimeOffset(2026, 3, 29, 1, 0, 0, TimeSpan.Zero), LocalTimes.Next(new TimeOnly(2, 40), new DateTimeOffset(2026, 3, 28, 12, 0, 0, TimeSpan.Zero), Berlin));

    [Fact]
    public void Moment_InTheMiddleOfAMinuteThatIsLeftOut_IsTheFirstAfterTheGap()
        => Assert.Equal(new DateTimeOffset(2026, 3, 29, 1, 0, 0, TimeSpan.Zero), WallClock.Moment(Berlin, new DateTime(2026, 3, 29, 2, 40, 30)));

    [Fact]
    public void Next_TimeThatComesTwice_IsTheNextOfBoth()
    {
        var first = LocalTimes.Next(new TimeOnly(2, 30), new DateTimeOffset(2026, 10, 24, 12, 0, 0, TimeSpan.Zero), Berlin);
        Assert.Equal(new DateTimeOffset(2026, 10, 25, 0, 30, 0, TimeSpan.Zero), first);
        Assert.Equal(first.AddHours(1), LocalTimes.Next(new TimeOnly(2, 30), first, Berlin));
    }

    // Whatever is chosen: nothing is mailed in quiet hours that is not pressing, nothing before now, nothing later than some two days.
    [Fact]
    public void Mails_AnyWishesAnyMoment_KeepTheQuietAndComeInTime() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(2_000), Prop.ForAll(Anything().ToArbitrary(), x =>
    {
        var (wishes, high, lately, now) = x;
        var zone = TimeZoneInfo.FindSystemTimeZoneById(wishes.Zone);
        var sending = wishes.Mails(NoticeKind.Waits, "rol_1", high, now, lately, null)!.Value;
        var pressing = high && wishes.HighAtOnce;
        return sending.At >= now && sending.At <= now.AddHours(52) && (pressing || wishes.Quiet?.Ends(sending.At, zone) is null)
            && (sending.Gathered || (sending.At == now && lately < NoticePreferences.MostAnHour)) && (!pressing || lately >= NoticePreferences.MostAnHour || !sending.Gathered);
    }));

    [Theory]
    [InlineData("2026-03-13T15:59:00Z", "2026-03-13T15:59:00Z")]     // Friday, at work
    [InlineData("2026-03-13T16:00:00Z", "2026-03-16T08:00:00Z")]     // 17:00: the next work is on Monday
    [InlineData("2026-03-28T12:00:00Z", "2026-03-30T07:00:00Z")]     // over the weekend on which clocks are put forward
    public void Mails_OutOfWorkingHours_WaitForTheNext(string now, string at)
    {
        var hours = new WorkingHours(WorkDays.Monday | WorkDays.Tuesday | WorkDays.Wednesday | WorkDays.Thursday | WorkDays.Friday, new(9, 0), new(17, 0), Berlin);
        var (moment, due) = (DateTimeOffset.Parse(now, System.Globalization.CultureInfo.InvariantCulture), DateTimeOffset.Parse(at, System.Globalization.CultureInfo.InvariantCulture));
        var wishes = NoticePreferences.Default with { AtWorkOnly = true };
        Assert.Equal(new Sending(due, due > moment), wishes.Mails(NoticeKind.Waits, "rol_1", false, moment, 0, hours));
        Assert.Equal(new Sending(moment, false), wishes.Mails(NoticeKind.Waits, "rol_1", true, moment, 0, hours));
        Assert.Equal(due == moment, wishes.Notifies(NoticeKind.Waits, "rol_1", false, moment, hours));
        // Quiet hours that leave no working time hold nothing for ever.
        Assert.True((wishes with { Quiet = new(new(8, 0), new(18, 0)), Zone = "Europe/Berlin" }).Mails(NoticeKind.Waits, "rol_1", false, moment, 0, hours)!.Value.At < moment.AddDays(8));
    }

    [Fact]
    public void Mails_WhatIsNotChosen_IsNotMailed()
    {
        var plain = NoticePreferences.Default;
        Assert.NotNull(Mails(plain, NoticeKind.Waits, false));
        Assert.Null(Mails(plain with { Email = new([NoticeKind.Reminder], false) }, NoticeKind.Waits, true));
        Assert.Null(Mails(plain with { Email = plain.Email with { HighOnly = true } }, NoticeKind.Waits, false));
        Assert.NotNull(Mails(plain with { Email = plain.Email with { HighOnly = true } }, NoticeKind.Waits, true));
        Assert.Null(Mails(plain with { Rollouts = new Dictionary<string, Follow> { ["rol_1"] = Follow.Mute } }, NoticeKind.Waits, true));
    }

    // It goes on to the next people within minutes.
    [Fact]
    public void Mails_IncidentThatWaits_IsHeldByNothing() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(Anything().ToArbitrary(), x =>
    {
        var wishes = x.Wishes with { Follow = Follow.Mute, Email = new([], true) };
        return wishes.Mails(NoticeKind.Incident, "rol_1", x.High, x.Now, x.Lately, null) == new Sending(x.Now, false) && (!x.High || wishes.Mails(NoticeKind.News, "rol_1", true, x.Now, 0, null) == new Sending(x.Now, false))
            && wishes.Notifies(NoticeKind.Incident, "rol_1", x.High, x.Now, null);
    }));

    [Theory]
    [InlineData(Follow.Asked, false, false)]
    [InlineData(Follow.High, false, true)]
    [InlineData(Follow.All, true, true)]
    [InlineData(Follow.Mute, false, false)]
    public void Follows_WhoIsNotAsked_ByWhatTheyChose(Follow follow, bool low, bool high)
    {
        var wishes = NoticePreferences.Default with { Rollouts = new Dictionary<string, Follow> { ["rol_1"] = follow } };
        Assert.Equal((low, high), (wishes.Follows("rol_1", false), wishes.Follows("rol_1", true)));
        Assert.False(wishes.Follows("rol_2", true));
    }

    private static Sending? Mails(NoticePreferences wishes, NoticeKind kind, bool high) => wishes.Mails(kind, "rol_1", high, new DateTimeOffset(2026, 3, 10, 12, 0, 0, TimeSpan.Zero), 0, null);

    private static Gen<(NoticePreferences Wishes, bool High, int Lately, DateTimeOffset Now)> Anything()
        => from zone in Gen.Elements(Zones)
           from quiet in Gen.OneOf(Gen.Constant((QuietHours?)null), from a in Gen.Choose(0, 1439) from b in Gen.Choose(1, 1439) select (QuietHours?)new QuietHours(Clock(a), Clock((a + b) % 1440)))
           from digest in Gen.Elements(Enum.GetValues<DigestEvery>())
           from at in Gen.Choose(0, 1439)
           from highAtOnce in Gen.Elements(true, false)
           from high in Gen.Elements(true, false)
           from lately in Gen.Choose(0, 2 * NoticePreferences.MostAnHour)
           from minutes in Gen.Choose(0, 366 * 1440)
           from seconds in Gen.Choose(0, 59)
           select (NoticePreferences.Default with { Zone = zone, Quiet = quiet, Digest = digest, DigestAt = Clock(at), HighAtOnce = highAtOnce }, high, lately, new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddMinutes(minutes).AddSeconds(seconds));

    private static TimeOnly Clock(int minutes) => new(minutes / 60, minutes % 60);
}
