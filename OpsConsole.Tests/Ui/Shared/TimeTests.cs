using Bunit;
using Xunit;

namespace OpsConsole.Ui.Shared;

public sealed class TimeTests : ShellTestContext
{
    [Fact]
    public void LocalTime_ZoneUnknown_SaysUtcAndChangesWhenKnown()
    {
        var cut = Render<LocalTime>(p => p.Add(c => c.At, new DateTimeOffset(2026, 3, 4, 8, 30, 7, TimeSpan.Zero)));
        Assert.Equal("08:30 UTC", cut.Find("time").TextContent);

        Clock.Use("Europe/Berlin");

        cut.WaitForAssertion(() => Assert.Equal("09:30", cut.Find("time").TextContent));
        Assert.Equal("Wed 4 Mar 2026 09:30:07 (UTC+01:00) · 08:30:07 UTC", cut.Find("time").GetAttribute("title"));
        Assert.Equal("2026-03-04T08:30:07Z", cut.Find("time").GetAttribute("datetime"));
    }

    [Theory]
    [InlineData("2026-03-04T23:30:00Z", "5 Mar 00:30")]
    [InlineData("2025-12-31T12:00:00Z", "31 Dec 2025 13:00")]
    public void Short_OtherDays_NamesTheDay(string at, string shown)
    {
        Clock.Use("Europe/Berlin");
        Assert.Equal(shown, Clock.Short(DateTimeOffset.Parse(at)));
    }

    [Theory]
    [InlineData(null, "2026-03-04T23:30:00Z", "2026-03-04T00:00:00Z", 24)]
    [InlineData("Europe/Berlin", "2026-03-04T23:30:00Z", "2026-03-04T23:00:00Z", 24)]
    [InlineData("Asia/Kolkata", "2026-03-04T17:00:00Z", "2026-03-03T18:30:00Z", 24)]
    [InlineData("Europe/Berlin", "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z", 23)]   // clocks go forward
    [InlineData("Europe/Berlin", "2026-10-25T12:00:00Z", "2026-10-24T22:00:00Z", 25)]   // and back
    [InlineData("Africa/Cairo", "2026-04-24T12:00:00Z", "2026-04-23T22:00:00Z", 23)]    // forward at midnight: the day begins at one
    public void Today_InTheReadersZone_BeginsAtItsMidnight(string? zone, string now, string began, int hours)
    {
        Time.Advance(DateTimeOffset.Parse(now) - Time.GetUtcNow());
        Clock.Use(zone);
        Assert.Equal(DateTimeOffset.Parse(began), Clock.Today);
        Assert.Equal(hours, (Clock.Tomorrow - Clock.Today).TotalHours);
    }

    [Theory]
    [InlineData("Nowhere/Atall")]
    [InlineData("../../etc/passwd")]
    [InlineData("")]
    [InlineData(null)]
    public void Use_UnknownZone_StaysUtc(string? name)
    {
        Clock.Use(name);
        Assert.Null(Clock.Zone);
    }

    [Theory]
    [InlineData(161, "2:41 left · soon", "soon")]
    [InlineData(40, "0:40 left · urgent", "late")]
    [InlineData(-12, "0:12 over", "late")]
    [InlineData(500, "8:20 left", "calm")]
    public void Countdown_ByShareLeft_SaysWordsAndLevel(int seconds, string text, string level)
    {
        var now = Time.GetUtcNow();
        var cut = Render<Countdown>(p => p.Add(c => c.Due, now.AddSeconds(seconds)).Add(c => c.From, now.AddSeconds(seconds - 600)));
        var time = cut.Find("[role=timer][aria-live=off]");
        Assert.Equal(text, time.TextContent);
        Assert.Equal(level, time.GetAttribute("data-level"));
    }

    [Theory]
    [InlineData(-2, "now")]
    [InlineData(-240, "4 min ago")]
    [InlineData(7300, "in 2 h")]
    [InlineData(-400_000, "4 days ago")]
    [InlineData(604_799, "in 7 days")]
    public void Relative_Durations_AreWords(int seconds, string words) => Assert.Equal(words, Words.Relative(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void Dispose_Clock_IsLetGo()
    {
        var cut = Render<LocalTime>(p => p.Add(c => c.At, Time.GetUtcNow()));
        var renders = cut.RenderCount;
        cut.Instance.Dispose();
        Clock.Use("Europe/Berlin");
        Assert.Equal(renders, cut.RenderCount);
    }
}
