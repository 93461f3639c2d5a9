using OpsConsole.Core.Reviews;
using OpsConsole.Features.Reliability;

namespace OpsConsole.Features.Reviews;

/// <summary>A week of the cycle: its review, with the figures that were frozen there.</summary>
/// <param name="ReviewId">Null: none was opened, so there are no figures.</param>
/// <param name="Sha256">Of the review's frozen evidence.</param>
/// <param name="Verdict">Null: not signed.</param>
/// <param name="Outside">Names of the thresholds that it did not keep, or <see cref="ReviewCycle.NothingAsked"/>.</param>
public sealed record MemoWeek(string Week, DateTimeOffset Start, DateTimeOffset End, string? ReviewId, string? Sha256, DateTimeOffset? FrozenAt, string? Verdict, string? SignedBy, IReadOnlyList<string> Outside, PeriodView? Figures, IReadOnlyList<WeekJudged> Thresholds);

/// <summary>A figure over the whole cycle against its threshold. Shares and rates are pooled over the weeks; of times, the week that was worst.</summary>
/// <param name="Value">In the threshold's unit; null: nothing to count.</param>
/// <param name="Low">Of the 95 % interval (Wilson for shares, Garwood for incidents); null where there is none.</param>
/// <param name="Count">Of so many, <paramref name="N"/>.</param>
/// <param name="Worst">The week whose value it is; null: it is pooled.</param>
/// <param name="Inside">Every week that had something to count kept it; null: none had.</param>
public sealed record MemoFigure(string Name, string Words, string Unit, double AtMost, bool Agreed, double? Value, double? Low, double? High, long Count, long N, string? Worst, bool? Inside);

/// <summary>A change of a threshold after the fact, by whom.</summary>
public sealed record MemoThresholdChange(DateTimeOffset? At, string? By, double? From, double? To, int WeeksFrozen);

/// <summary>A threshold, and when it was agreed. <paramref name="Late"/> is empty where that was before the cycle began.</summary>
public sealed record MemoThreshold(string Name, string Words, string Unit, double AtMost, bool Agreed, DateTimeOffset? SetAt, string? SetBy, IReadOnlyList<MemoThresholdChange> Late);

/// <summary>An incident for which scaling waits: a policy or compliance exception, or another one that somebody held it for.</summary>
public sealed record MemoHold(string IncidentId, string Title, string Severity, string Status, DateTimeOffset Detected);

/// <summary>What gate D asks for besides the memo, and what was found.</summary>
/// <param name="Link">Where it is looked at and mended.</param>
public sealed record MemoCriterion(string Id, string Text, bool Met, string Evidence, bool Waived, string Link);

/// <summary>What a memo rests on: the reviews of one cycle, as they were frozen, and what held when it was gathered. Lists are cut at <see cref="WeekEvidence.MostListed"/>; counts are whole.</summary>
/// <param name="Zone">By whose clocks the weeks are.</param>
/// <param name="Lacks">Why the weeks are no full cycle; null: they are one.</param>
/// <param name="Weeks">Oldest first.</param>
/// <param name="Changes">Guardrails that were changed from the beginning of the first week until it was gathered.</param>
/// <param name="AlertCount">Caps and loops that were hit in these weeks.</param>
public sealed record MemoEvidence(string Zone, int CycleWeeks, string FirstWeek, string LastWeek, DateTimeOffset Start, DateTimeOffset End, string? Lacks, IReadOnlyList<MemoWeek> Weeks, IReadOnlyList<MemoFigure> Figures, IReadOnlyList<MemoThreshold> Thresholds,
    IReadOnlyList<MemoHold> Holds, IReadOnlyList<MemoCriterion> Criteria, IReadOnlyList<WeekIncident> Incidents, long ChangeCount, IReadOnlyList<WeekChange> Changes, IReadOnlyList<WeekAction> OpenActions, long Asked, long Executed, decimal CostUsd, decimal? CostPerAction, long AlertCount,
    string Output, string Target, int MatrixVersion)
{
    /// <summary>Those that were changed after the first week had begun.</summary>
    internal IReadOnlyList<MemoThreshold> Moved => [.. Thresholds.Where(t => t.Late.Count > 0)];
}
