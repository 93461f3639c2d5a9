using System.Globalization;
using OpsConsole.Core.Reliability;
using OpsConsole.Core.Reviews;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Reliability;

namespace OpsConsole.Features.Reviews;

/// <summary>A figure over the weeks, with what it says in a sentence.</summary>
/// <param name="Limit">Its threshold; null: none.</param>
public sealed record WeekChart(string Title, string Sentence, IReadOnlyList<(string Name, double? Value)> Values, double? Limit, Func<double, string> Format);

/// <summary>How a week's figures are said, on the page and on paper.</summary>
public static class WeekWords
{
    /// <summary>What a section is called: the first has the words of the canvas.</summary>
    public static string Title(WeekEvidence e, string section) => section == "output" && e.Output.Length > 0 ? VisibleText.Flatten(e.Output) : WeeklyReview.Sections.First(s => s.Key == section).Title;

    public static IEnumerable<WeekChart> Charts(WeekEvidence e)
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById(e.Zone);   // of then: another one now makes other weeks
        List<PeriodView> weeks = [.. e.Before, e.Week];
        IReadOnlyList<(string Name, double? Value)> Line(Func<PeriodView, double?> of) => [.. weeks.Select(p => (Name(p, zone)[5..], of(p)))];
        WeekJudged Of(string name) => e.Thresholds.First(t => t.Name == name);
        yield return new("Override rate", Say("Override rate", e.Week.Override, e.Before, p => p.Override, Of(Thresholds.OverrideRate)), Line(p => p.Override.Rate * 100), Of(Thresholds.OverrideRate).AtMost * 100, Percent);
        yield return new("Autonomy", Say("Done without a person", e.Week.Autonomy, e.Before, p => p.Autonomy, null), Line(p => p.Autonomy.Rate * 100), null, Percent);
        yield return new("Incidents per 1,000", SayIncidents(e.Week, Of(Thresholds.Incidents)), Line(p => p.Incidents?.Rate), Of(Thresholds.Incidents).AtMost, v => v.ToString("0.##", CultureInfo.InvariantCulture));
        yield return new("Nine of ten decided within", e.Week.Approval.N == 0 ? "No person had to decide anything." : $"Half of {Counted.Of(e.Week.Approval.N, "request")} within {Took(e.Week.Approval.P50)}, nine of ten within {Took(e.Week.Approval.P90)}; {Inside(Of(Thresholds.ApprovalP90))}.{Small(e.Week.Approval.N)}", Line(p => p.Approval.P90 / 60), Of(Thresholds.ApprovalP90).AtMost, v => v.ToString("0.#", CultureInfo.InvariantCulture) + " min");
        yield return new("Outcome", Say("Succeeded", e.Week.Success, e.Before, p => p.Success, null), Line(p => p.Success.Rate * 100), null, Percent);
        yield return new("Cost per action", e.Week.CostPerAction is { } cost && e.Week.CostUsd > 0 ? string.Create(CultureInfo.InvariantCulture, $"{cost:0.####} $ per executed action, {e.Week.CostUsd:0.00} $ in all.") : "No cost was reported.", Line(p => (double?)p.CostPerAction), null, v => v.ToString("0.####", CultureInfo.InvariantCulture) + " $");
    }

    private static string Say(string what, ShareView share, IReadOnlyList<PeriodView> before, Func<PeriodView, ShareView> of, WeekJudged? threshold)
    {
        if (share.Rate is not { } rate) return $"{what}: nothing to count this week.";
        var last = before.Select(of).LastOrDefault(s => s.Of > 0);
        return $"{what} {Percent(rate * 100)} ({WeeklyReviewReader.Number(share.Count)} of {WeeklyReviewReader.Number(share.Of)}), interval {Percent(share.Low!.Value * 100)} to {Percent(share.High!.Value * 100)}{(threshold is null ? "" : "; " + Inside(threshold))}{(last?.Rate is { } was ? $"; {Percent(was * 100)} before" : "")}.{Small(share.Of)}";
    }

    private static string SayIncidents(PeriodView week, WeekJudged threshold) => week.Incidents is not { Rate: { } rate } incidents
        ? $"{Counted.Of(week.Incidents?.Count ?? 0, "incident")}; nothing was executed, so there is no rate."
        : string.Create(CultureInfo.InvariantCulture, $"{Counted.Of(incidents.Count, "incident")}: {rate:0.##} per 1,000 executed, interval {incidents.Low:0.##} to {incidents.High:0.##}; {Inside(threshold)}.{Small(incidents.Of)}");

    private static string Inside(WeekJudged t) => t.Inside is { } inside ? $"{(inside ? "inside" : "outside")} its threshold of {Value(t, t.AtMost)}" : "not enough data for its threshold";

    public static string Value(WeekJudged t, double? value) => value is not { } v ? "–" : t.Unit == "%" ? Percent(v * 100) : v.ToString("0.##", CultureInfo.InvariantCulture) + " " + t.Unit;

    /// <summary>A week, such as <c>2026-W46</c>.</summary>
    public static string Name(PeriodView p, TimeZoneInfo zone) => ReviewSchedule.Name(DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(p.Start, zone).DateTime));

    private static string Small(long n) => n < 30 ? " Few so far: it may be chance." : "";
    private static string Percent(double percent) => percent.ToString("0.#", CultureInfo.InvariantCulture) + " %";
    private static string Took(double? seconds) => DurationWords.Of(TimeSpan.FromSeconds(Math.Round(seconds ?? 0)));
}
