using System.Globalization;
using OpsConsole.Core.Reliability;
using OpsConsole.Core.Shared;

namespace OpsConsole.Features.Reliability;

/// <summary>How watched figures are said, on pages, in alerts and in the API.</summary>
internal static class MonitoringWords
{
    public static string Value(WatchedSpec spec, double value) => spec.Watched == Watched.Confidence ? value.ToString("0.00", CultureInfo.InvariantCulture) : (value * 100).ToString("0.#", CultureInfo.InvariantCulture) + " %";

    public static string Counts(WatchedSpec spec, long k, long n) => spec.Watched == Watched.Confidence ? $"mean of {Number(n)}" : $"{Number(k)} of {Number(n)}";

    /// <summary>Such as <c>22 Nov</c> or <c>2026-W47</c>.</summary>
    public static string Name(Grain grain, DateTimeOffset start, TimeZoneInfo zone)
    {
        var day = TimeZoneInfo.ConvertTime(start, zone).DateTime;
        return grain == Grain.Week ? string.Create(CultureInfo.InvariantCulture, $"{ISOWeek.GetYear(day)}-W{ISOWeek.GetWeekOfYear(day):00}") : day.ToString("d MMM", CultureInfo.InvariantCulture);
    }

    public static string When(Grain grain, DateTimeOffset start, TimeZoneInfo zone) => (grain == Grain.Week ? "in week " : "on ") + Name(grain, start, zone);

    /// <summary>What a point says of itself.</summary>
    public static string Point(WatchedSpec spec, ControlPoint p)
    {
        var excluded = p.Excluded is { } why ? $"; excluded from the baseline: {VisibleText.Flatten(why)}" : "";
        if (p.Value is not { } value) return $"nothing {spec.Cases}{excluded}";
        var said = $"{Value(spec, value)} ({Counts(spec, p.Of.K, p.Of.N)})";
        if (p.Limits is not { } limits || p.Plotted is not { } plotted) return said + excluded;
        if (spec.Level) said += $", weighted mean {Value(spec, plotted)}";
        var limit = p.Above ? $"above its upper limit of {Value(spec, limits.High)}" : $"below its lower limit of {Value(spec, limits.Low)}";
        return said + p.State switch
        {
            PointState.Out => $", {limit}: out of control",
            PointState.Few => $", {limit}, but of so few that it may be chance",
            PointState.In => $", inside {Value(spec, limits.Low)} to {Value(spec, limits.High)}",
            _ => $", not over yet; its limits are {Value(spec, limits.Low)} to {Value(spec, limits.High)}",
        } + excluded;
    }

    /// <summary>What a chart shows, in a sentence.</summary>
    public static string Sentence(WatchedSpec spec, Grain grain, TimeZoneInfo zone, IReadOnlyList<ControlPoint> closed)
        => closed.LastOrDefault(p => p.Value is not null) is { } said ? $"{spec.Words} {When(grain, said.Of.Start, zone)}: {Point(spec, said)}." : $"{spec.Words}: nothing to count yet.";

    /// <summary>How it stands against its baseline, or why it does not.</summary>
    public static string Judged(WatchedSpec spec, Grain grain, TimeZoneInfo zone, IReadOnlyList<ControlPoint> closed, Baseline? last, int have, DateTimeOffset since)
        => last is not { EndedAt: null } ? NoBaseline(grain, zone, last, have, since) + "."
            : (ControlChart.OutSince(closed.Where(p => p.Baseline?.Seq == last.Seq && p.Of.Start >= last.To)) is { } from ? $"Out of control since {Name(grain, from.Of.Start, zone)}" : "In control") + $"; its baseline of {Value(spec, last.Centre)} is fixed from {Counted.Of(last.Points.Count(Baseline.Counts), Word(grain))}.";

    /// <summary>Why nothing is judged, without a full stop.</summary>
    public static string NoBaseline(Grain grain, TimeZoneInfo zone, Baseline? last, int have, DateTimeOffset since)
        => (last is { EndedAt: { } ended } ? $"Its baseline ended {When(Grain.Day, ended, zone)}: {VisibleText.Flatten(last.EndReason ?? "")}. A new one is needed from {Name(Grain.Day, since, zone)}; " : "No baseline; ")
            + (have >= Baseline.FewestPoints ? $"there are enough {Word(grain)}s to fix one from" : $"not enough data: {have} of {Baseline.FewestPoints} {Word(grain)}s");

    public static string Burn(string measure, BurnRule rule, Proportion inLong, Proportion inShort, double? burn)
        => string.Create(CultureInfo.InvariantCulture, $"{inLong.K} of {inLong.N} {measure} in the last {Window(rule.Long)}, {inShort.K} of {inShort.N} in the last {Window(rule.Short)}: {burn:0.#} times as fast as the objective allows");

    public static string Window(TimeSpan window) => DurationWords.Of(window);
    public static string Word(Grain grain) => grain.ToString().ToLowerInvariant();
    public static string Number(long n) => n.ToString("N0", CultureInfo.InvariantCulture);
}
