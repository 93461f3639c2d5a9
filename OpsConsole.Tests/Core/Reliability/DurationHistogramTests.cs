using FsCheck;
using FsCheck.Fluent;
using OpsConsole.Core.Reliability;

namespace OpsConsole.Tests.Core.Reliability;

public sealed class DurationHistogramTests
{
    /// <summary>From far below zero to centuries, most of them as approvals are.</summary>
    private static readonly Gen<TimeSpan> Any = Gen.OneOf(Gen.Choose(-5, 200).Select(t => TimeSpan.FromTicks(t)), Gen.Choose(0, 4_000_000).Select(s => TimeSpan.FromMilliseconds(s)), Gen.Choose(-10, 1_000_000).Select(h => TimeSpan.FromHours(h)));

    private static readonly Gen<TimeSpan[]> Sample = Gen.Choose(0, 60).SelectMany(n => Gen.ArrayOf(Any, n));

    [Fact]
    public void Buckets_AreAtMostTwoPerCentWide_AndHoldEveryTime()
    {
        var last = DurationHistogram.BucketOf(TimeSpan.MaxValue);
        Assert.InRange(last, 1_000, 2_500);
        Assert.Equal([0, 0, 0, 1, 2, 100], new[] { long.MinValue, -1, 0, 1, 2, 100 }.Select(t => DurationHistogram.BucketOf(TimeSpan.FromTicks(t))));
        foreach (var ticks in new[] { 1L, 50, 99, 100, 101, 12_345, TimeSpan.TicksPerSecond, TimeSpan.TicksPerDay, TimeSpan.TicksPerDay * 400, long.MaxValue / 2, long.MaxValue })
        {
            var known = DurationHistogram.Rounded(TimeSpan.FromTicks(ticks)).Ticks;
            Assert.InRange(Math.Abs((double)known - ticks) / ticks, 0, 0.0101);
            Assert.Equal(DurationHistogram.BucketOf(TimeSpan.FromTicks(ticks)), DurationHistogram.BucketOf(TimeSpan.FromTicks(known)));
        }
    }

    [Fact]
    public void Stored_IsAscending_WithoutEmptyBuckets_AndReadBack()
    {
        var histogram = DurationHistogram.Of([TimeSpan.FromHours(2), TimeSpan.Zero, TimeSpan.FromTicks(3), TimeSpan.FromTicks(-9), TimeSpan.FromHours(2)]);
        Assert.Equal([new(0, 2), new(3, 1), new(DurationHistogram.BucketOf(TimeSpan.FromHours(2)), 2)], histogram.Buckets);
        Assert.Equal(5, histogram.Count);
        Assert.Equal(histogram.Buckets, DurationHistogram.Of(histogram.Buckets.Reverse()).Buckets);
        Assert.Empty(new DurationHistogram().Buckets);
        Assert.Null(new DurationHistogram().Percentile(50));
    }

    [Fact]
    public void Stored_ByNobodyHere_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => DurationHistogram.Of([new BucketCount(-1, 1)]));
        Assert.Throws<ArgumentException>(() => DurationHistogram.Of([new BucketCount(5_000, 1)]));
        Assert.Throws<ArgumentException>(() => DurationHistogram.Of([new BucketCount(1, 0)]));
        Assert.Throws<OverflowException>(() => DurationHistogram.Of([new BucketCount(1, long.MaxValue), new BucketCount(2, 1)]));
    }

    [Fact]
    public void Merge_AnySamples_IsTheHistogramOfAllOfThem_InAnyOrder() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(500), Prop.ForAll(Sample.Three().ToArbitrary(), x =>
    {
        var (a, b, c) = (DurationHistogram.Of(x.Item1), DurationHistogram.Of(x.Item2), DurationHistogram.Of(x.Item3));
        var all = DurationHistogram.Of(x.Item3.Concat(x.Item1).Concat(x.Item2).Reverse()).Buckets;
        return Merged(Merged(a, b), c).Buckets.SequenceEqual(all) && Merged(a, Merged(c, b)).Buckets.SequenceEqual(all) && a.Count == x.Item1.Length && Merged(a, new()).Buckets.SequenceEqual(a.Buckets);

        static DurationHistogram Merged(DurationHistogram one, DurationHistogram other) => DurationHistogram.Of(one.Buckets.Concat(other.Buckets));
    }));

    [Fact]
    public void Percentile_AnySample_IsThatOfTheRecount() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(1_000), Prop.ForAll(Sample.SelectMany(s => Gen.Choose(1, 100).Select(p => (s, p))).ToArbitrary(), x =>
    {
        List<TimeSpan> sorted = [.. x.s.Order()];
        var (known, raw) = (DurationHistogram.Of(x.s).Percentile(x.p), Percentiles.Of(sorted, x.p));
        if (raw is not { } value) return known is null;
        return known == DurationHistogram.Rounded(value) && (value <= TimeSpan.Zero || Math.Abs((known!.Value - value) / value) <= 0.01)
            && sorted[0] <= value && value <= sorted[^1] && sorted.Contains(value) && sorted.Count(d => d <= value) * 100 >= x.p * sorted.Count && sorted.Count(d => d < value) * 100 < x.p * sorted.Count;
    }));

    [Fact]
    public void Percentile_AnySample_GrowsWithThePercent() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(Sample.Where(s => s.Length > 0).ToArbitrary(), s =>
    {
        var histogram = DurationHistogram.Of(s);
        List<TimeSpan> values = [.. Enumerable.Range(1, 100).Select(p => histogram.Percentile(p)!.Value)];
        return values.SequenceEqual(values.Order()) && values[^1] == DurationHistogram.Rounded(s.Max()) && values[0] == DurationHistogram.Rounded(s.Min());
    }));

    [Fact]
    public void Percentiles_ByNearestRank()
    {
        int[] five = [15, 20, 35, 40, 50];
        Assert.Equal([15, 20, 20, 35, 50], new[] { 5, 30, 40, 50, 100 }.Select(p => Percentiles.Of(five, p)!.Value));
        int[] hundred = [.. Enumerable.Range(1, 100)];
        Assert.Equal([50, 90, 95], new[] { 50, 90, 95 }.Select(p => Percentiles.Of(hundred, p)!.Value));
        Assert.Null(Percentiles.Of<int>([], 90));
        Assert.Throws<ArgumentException>(() => Percentiles.Of(five, 0));
        Assert.Throws<ArgumentException>(() => Percentiles.Of(five, 101));
    }

    [Fact]
    public void Measure_SaysMeanMedianAndP90_WithN()
    {
        List<TimeSpan> minutes = [.. new[] { 2, 4, 4, 6, 184 }.Select(m => TimeSpan.FromMinutes(m))];
        Assert.Equal(new(5, TimeSpan.FromMinutes(40), TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(184)), Measure.Of(minutes));
        Assert.Equal(new(0, null, null, null), Measure.Of([]));
        Assert.Equal(TimeSpan.MaxValue, Measure.Of([TimeSpan.MaxValue, TimeSpan.MaxValue]).Mean);
        Assert.Equal(new Proportion(3, 5), Measure.Within(minutes, TimeSpan.FromMinutes(5)));
        Assert.Null(Measure.Within([], TimeSpan.FromMinutes(5)).Rate);
    }
}
