using FsCheck;
using FsCheck.Fluent;
using OpsConsole.Core.Incidents;

namespace OpsConsole.Tests.Core.Incidents;

public sealed class SpikesTests
{
    [Theory]
    [InlineData(19, 19, 0, 1000, false)]    // too few cases now
    [InlineData(20, 20, 0, 49, false)]      // too little of a past
    [InlineData(4, 20, 0, 1000, false)]     // too few bad ones
    [InlineData(5, 20, 0, 1000, true)]
    [InlineData(10, 20, 500, 1000, false)]  // as before
    [InlineData(16, 20, 500, 1000, false)]  // 0.80 is inside 0.5 ± 3 · 0.1118
    [InlineData(20, 20, 500, 1000, true)]
    public void Is_ByThePChartOfThePast(int bad, int now, int badBefore, int before, bool expected) => Assert.Equal(expected, Spikes.Is(bad, now, badBefore, before));

    [Fact]
    public void Limit_OfNumbersMd_IsThatOfThePChart()
        => Assert.Equal(0.2313 + 3 * Math.Sqrt(0.2313 * (1 - 0.2313) / 50), Spikes.Limit(50, 2313, 10_000)!.Value, 12);

    [Fact]
    public void Is_MoreBadOnes_NeverCalmsIt() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(
        Gen.Choose(0, 200).Four().ToArbitrary(), four =>
        {
            var (now, before) = (Math.Max(four.Item1, four.Item2), Math.Max(four.Item3, four.Item4));
            var (bad, badBefore) = (Math.Min(four.Item1, four.Item2), Math.Min(four.Item3, four.Item4));
            return !Spikes.Is(bad, now, badBefore, before) || Spikes.Is(Math.Min(bad + 1, now), now, badBefore, before);
        }));

    [Fact]
    public void Silence_IsTwiceTheLongestOfThePast_AndAnHourAtLeast()
    {
        var from = new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);
        List<DateTimeOffset> steady = [.. Enumerable.Range(0, 100).Select(i => from.AddHours(i))];
        Assert.Equal(TimeSpan.FromHours(2), Spikes.Silence(steady));
        Assert.Equal(TimeSpan.FromHours(30), Spikes.Silence([.. steady, steady[^1].AddHours(15)]));
        Assert.Equal(TimeSpan.FromHours(1), Spikes.Silence([.. Enumerable.Range(0, 1000).Select(i => from.AddMinutes(5 * i))]));
        Assert.Null(Spikes.Silence([.. steady.Take(49)]));                                                   // too few
        Assert.Null(Spikes.Silence([.. Enumerable.Range(0, 100).Select(i => from.AddMinutes(i))]));          // for too short a time
        Assert.Null(Spikes.Silence([]));
    }
}
