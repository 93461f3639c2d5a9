using OpsConsole.Core.Reliability;
using OpsConsole.Features.Reliability;

namespace OpsConsole.Features.Reviews;

/// <summary>An incident that was noticed in the week, or was still under way at its end.</summary>
/// <param name="Noticed">In this week; else earlier, and still open.</param>
public sealed record WeekIncident(string Id, string Title, string Severity, string Status, DateTimeOffset Detected, bool Noticed);

/// <summary>A decision that people overrode, worth reading.</summary>
/// <param name="Why">Why it is among these: <c>sure</c> (the agent was most certain, and a person said otherwise) or <c>sample</c> (drawn by a hash, so by nobody's choice).</param>
/// <param name="Verdict"><c>edited</c> or <c>rejected</c>.</param>
public sealed record WeekOverride(string DecisionId, string Action, string AgentName, string Verdict, double? Confidence, string? Reason, string Why);

/// <summary>A request that ran out undecided.</summary>
public sealed record WeekExpired(string ApprovalId, string Action, DateTimeOffset RequestedAt);

/// <summary>A cap that was hit, or a loop.</summary>
public sealed record WeekAlert(long Seq, DateTimeOffset At, string Kind, string AgentName, string? DecisionId, string Text);

/// <summary>Something that changed what an agent may do, or how: it explains a step in the figures.</summary>
public sealed record WeekChange(DateTimeOffset At, string Event, string Words, string By, string? Href);

/// <summary>What is still to be done about earlier incidents.</summary>
public sealed record WeekAction(string Id, string IncidentId, string Text, string Owner, DateOnly DueOn, bool Overdue);

/// <summary>A figure against its threshold, frozen with the threshold as it was agreed then.</summary>
public sealed record WeekJudged(string Name, string Words, string Unit, double AtMost, bool Agreed, double? Value, long N, bool? Inside)
{
    internal static WeekJudged Of(Judged j) => new(j.Threshold.Name, j.Threshold.Words, j.Threshold.Unit, j.Threshold.AtMost, j.Threshold.Agreed, j.Value, j.N, j.Inside);
}

/// <summary>A week as it was known when its review opened. Lists are cut at <see cref="MostListed"/>; the counts beside them are whole.</summary>
/// <param name="Before">The weeks before it, oldest first.</param>
/// <param name="Changes">From the beginning of the week until the review opened.</param>
/// <param name="Zone">By whose clocks the week is.</param>
/// <param name="Output">The canvas's measurable output; <paramref name="Target"/> what it should be.</param>
public sealed record WeekEvidence(PeriodView Week, IReadOnlyList<PeriodView> Before, IReadOnlyList<ActionFigures> Actions, IReadOnlyList<WeekJudged> Thresholds, string Output, string Target, IReadOnlyList<WeekIncident> Incidents, IReadOnlyList<WeekOverride> Overrides,
    long ExpiredCount, IReadOnlyList<WeekExpired> Expired, long AlertCount, IReadOnlyList<WeekAlert> Alerts, long ChangeCount, IReadOnlyList<WeekChange> Changes, IReadOnlyList<WeekAction> OpenActions, int MatrixVersion, string Zone)
{
    public const int WeeksBefore = 8, MostListed = 50, MostOverrides = 5;

    /// <summary>What a verdict may rest on, by key, in words.</summary>
    public IReadOnlyList<(string Key, string Words)> Citable =>
    [
        .. Thresholds.Select(t => ("figure:" + t.Name, t.Words)), ("figure:autonomy_rate", "Autonomy rate"), ("figure:success_rate", "Succeeded"), ("figure:cost", "Cost"),
        .. Incidents.Select(i => ("incident:" + i.Id, i.Title)), .. Overrides.Select(o => ("override:" + o.DecisionId, $"{o.Verdict} {o.Action}")), .. Alerts.Select(a => ("alert:" + a.Seq.ToString(System.Globalization.CultureInfo.InvariantCulture), a.Text)),
    ];
}
