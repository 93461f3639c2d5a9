using System.Globalization;
using OpsConsole.Core.Reliability;
using OpsConsole.Core.Reviews;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Reliability;

namespace OpsConsole.Features.Reviews;

/// <summary>How a memo's figures are said, on the pages and on paper.</summary>
public static class MemoWords
{
    /// <summary>A value in a threshold's unit.</summary>
    public static string Value(string unit, double? value) => value is not { } v ? "–" : unit == "%" ? (v * 100).ToString("0.#", CultureInfo.InvariantCulture) + " %" : v.ToString("0.##", CultureInfo.InvariantCulture) + " " + unit;

    /// <summary>What it is reckoned from.</summary>
    public static string Basis(MemoFigure f) => f.N == 0 ? "nothing to count"
        : f.Worst is { } week ? $"worst week {week}; {Number(f.N)} in all"
        : string.Create(CultureInfo.InvariantCulture, $"{f.Count:N0} of {f.N:N0}{(f.Low is { } low ? $", {(f.Unit == "%" ? Value(f.Unit, low) : low.ToString("0.##", CultureInfo.InvariantCulture))} to {Value(f.Unit, f.High)}" : "")}");

    public static string Inside(bool? inside) => inside switch { true => "inside", false => "outside", _ => "not enough data" };

    /// <summary>What the sponsor sends back to say that they have seen that a threshold was changed, and to what: <c>override_rate=0.9</c>. If it is changed again meanwhile, it is another.</summary>
    public static string Stamp(MemoThreshold t) => string.Create(CultureInfo.InvariantCulture, $"{t.Name}={t.AtMost:R}");

    /// <summary>A change after the fact, as the sponsor acknowledges it.</summary>
    public static string Said(MemoThreshold t, TimeZoneInfo zone) => $"{t.Words}: {string.Join("; then ", t.Late.Select(l => $"{Change(t, l)}{(l.At is { } at ? $", {TimeZoneInfo.ConvertTime(at, zone).ToString("d MMM yyyy, HH:mm", CultureInfo.InvariantCulture)} by {VisibleText.Flatten(l.By ?? "somebody")}" : ", the log does not say when")}, {After(l)}"))}";

    private static string Change(MemoThreshold t, MemoThresholdChange l) => $"{(l.From is { } from ? Value(t.Unit, from) : "something that is not known")} became {(l.To is { } to ? Value(t.Unit, to) : "something that was erased from the log")}";

    private static string After(MemoThresholdChange l) => l.WeeksFrozen == 0 ? "after the first week had begun" : $"after {Counted.Of(l.WeeksFrozen, "week was", "weeks were")} judged";

    /// <summary>When a threshold was agreed.</summary>
    public static string SetWhen(MemoThreshold t, TimeZoneInfo zone) => t.Late.Count > 0 ? "changed after the fact" : t.SetAt is { } at ? $"{TimeZoneInfo.ConvertTime(at, zone).ToString("d MMM yyyy", CultureInfo.InvariantCulture)} by {VisibleText.Flatten(t.SetBy ?? "somebody")}" : t.Agreed ? "with the rollout" : "default since the beginning";

    public static IEnumerable<WeekChart> Charts(MemoEvidence e)
    {
        MemoFigure Of(string name) => e.Figures.First(f => f.Name == name);
        IReadOnlyList<(string Name, double? Value)> Line(Func<PeriodView, double?> of) => [.. e.Weeks.Select(w => (w.Week[5..], w.Figures is { } f ? of(f) : null))];
        yield return new("Override rate", Say(Of(Thresholds.OverrideRate)), Line(p => p.Override.Rate * 100), Of(Thresholds.OverrideRate).AtMost * 100, v => v.ToString("0.#", CultureInfo.InvariantCulture) + " %");
        yield return new("Incidents per 1,000", Say(Of(Thresholds.Incidents)), Line(p => p.Incidents?.Rate), Of(Thresholds.Incidents).AtMost, v => v.ToString("0.##", CultureInfo.InvariantCulture));
        yield return new("Nine of ten decided within", Say(Of(Thresholds.ApprovalP90)), Line(p => p.Approval.P90 / 60), Of(Thresholds.ApprovalP90).AtMost, v => v.ToString("0.#", CultureInfo.InvariantCulture) + " min");
        yield return new("Cost per action", e.CostPerAction is { } cost && e.CostUsd > 0 ? string.Create(CultureInfo.InvariantCulture, $"{cost:0.####} $ per executed action, {e.CostUsd:0.00} $ over the cycle.") : "No cost was reported.", Line(p => (double?)p.CostPerAction), null, v => v.ToString("0.####", CultureInfo.InvariantCulture) + " $");
    }

    private static string Say(MemoFigure f) => f.N == 0 ? $"{f.Words}: nothing to count in this cycle." : $"{f.Words} {Value(f.Unit, f.Value)} ({Basis(f)}); {(f.Inside is { } inside ? $"{(inside ? "every week inside" : "not every week inside")} at most {Value(f.Unit, f.AtMost)}" : "not enough data for its threshold")}.{(f.N < 30 ? " Few so far: it may be chance." : "")}";

    /// <summary>Where the decisions of the cycle are listed.</summary>
    public static string Records(string rolloutId, MemoEvidence e) => $"/decisions?rollout={rolloutId}&mode=live&from={Uri.EscapeDataString(Exact(e.Start))}&to={Uri.EscapeDataString(Exact(e.End))}";

    private static string Exact(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static string Number(long n) => n.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>How a week stands, in words; <see cref="ReviewCycle.NothingAsked"/> as well.</summary>
    public static string Week(MemoWeek w) => w.ReviewId is null ? "no review" : w.Verdict is null ? "not signed" : w.Outside.Contains(ReviewCycle.NothingAsked) ? "nothing was asked" : w.Outside.Count > 0 ? "outside: " + string.Join(", ", Thresholds.Of(null).Where(t => w.Outside.Contains(t.Name)).Select(t => t.Words)) : "inside";

    /// <summary>Whether it counts for the cycle.</summary>
    public static bool Good(MemoWeek w) => w.Verdict is not (null or "stop") && w.Outside.Count == 0;

    public static string State(string state) => state switch { "draft" => "being written", "submitted" => "before the sponsor", _ => state };
}
