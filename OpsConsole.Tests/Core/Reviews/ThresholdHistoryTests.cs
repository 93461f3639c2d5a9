using FsCheck;
using FsCheck.Fluent;
using OpsConsole.Core.Reliability;
using OpsConsole.Core.Reviews;

namespace OpsConsole.Tests.Core.Reviews;

/// <summary>When thresholds were agreed: beforehand, or after the cycle had begun.</summary>
public sealed class ThresholdHistoryTests
{
    private static readonly DateTimeOffset Begins = new(2026, 10, 18, 22, 0, 0, TimeSpan.Zero);

    private static ThresholdEntry Set(int day, string? own, bool erased = false) => new(Begins.AddDays(day), "per_1", true, own, erased, null);

    private static ThresholdStanding Of(string? own, params ThresholdEntry[] log) => ThresholdHistory.Of(own, 4, log, Begins, []).First(t => t.Name == Thresholds.OverrideRate);

    [Fact]
    public void Beforehand_IsAgreed_AndLaterIsNot()
    {
        Assert.Equal((null, 0), (Of(null).SetAt, Of(null).Late.Count));
        var before = Of("""{"override_rate":0.1}""", Set(-3, """{"override_rate":0.1}"""));
        Assert.Equal((Begins.AddDays(-3), 0), (before.SetAt, before.Late.Count));
        var after = Of("""{"override_rate":0.9}""", Set(-3, """{"override_rate":0.1}"""), Set(8, """{"override_rate":0.9}"""));
        Assert.Equal(new LateChange(Begins.AddDays(8), "per_1", 0.1, 0.9, 0), Assert.Single(after.Late));
        // Tightened, or set back again: it was moved all the same. Another one that was set with it was not.
        var back = Of("""{"override_rate":0.1}""", Set(-3, """{"override_rate":0.1}"""), Set(8, """{"override_rate":0.9}"""), Set(9, """{"override_rate":0.1,"expired_rate":0.5}"""));
        Assert.Equal(2, back.Late.Count);
        Assert.Empty(Of("""{"override_rate":0.05}""", Set(8, """{"override_rate":0.05,"expired_rate":0.5}""")).Late);   // the default, said outright
    }

    [Fact]
    public void WhatTheLogCannotSay_CountsAsChanged()
    {
        Assert.Null(Assert.Single(Of("""{"override_rate":0.9}""").Late).At);   // the rows say something else
        Assert.Equal(2, Of(null, Set(2, null, erased: true), Set(3, null)).Late.Count);
        Assert.Single(Of(null, Set(-2, null, erased: true)).Late);
        var judged = ThresholdHistory.Of(null, 4, [], Begins, [new FrozenThresholds(Begins.AddDays(8), new Dictionary<string, double> { [Thresholds.OverrideRate] = 0.2 })]);
        Assert.Equal(1, Assert.Single(judged.First(t => t.Name == Thresholds.OverrideRate).Late).WeeksFrozen);
    }

    [Fact]
    public void LengthOfTheCycle_IsAThresholdToo()
    {
        ThresholdEntry shorter = new(Begins.AddDays(9), "per_1", false, null, false, 1);
        var cycle = ThresholdHistory.Of(null, 1, [shorter], Begins, [new FrozenThresholds(Begins.AddDays(8), new Dictionary<string, double>())]).First(t => t.Name == ThresholdHistory.Cycle);
        Assert.Equal(new LateChange(shorter.At, "per_1", 4, 1, 1), Assert.Single(cycle.Late));
        Assert.Empty(ThresholdHistory.Of(null, 1, [shorter with { At = Begins.AddDays(-1) }], Begins, []).First(t => t.Name == ThresholdHistory.Cycle).Late);
    }

    /// <summary>Whatever was set when: it is found moved exactly where two values that differ meet after the beginning.</summary>
    [Fact]
    public void Late_IsEveryStepAfterTheBeginning() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(200), Prop.ForAll<byte[]>(bytes =>
    {
        var values = (bytes ?? []).Take(12).Select(b => b % 4 * 0.05).ToList();
        var log = values.Select((v, i) => Set(i - 4, string.Create(System.Globalization.CultureInfo.InvariantCulture, $$"""{"override_rate":{{v}}}"""))).ToArray();
        var own = values.Count == 0 ? null : log[^1].Own;
        var steps = values.Select((v, i) => i >= 4 && v != (i == 0 ? 0.05 : values[i - 1])).Count(s => s);
        return Of(own, log).Late.Count == steps;
    }));
}
