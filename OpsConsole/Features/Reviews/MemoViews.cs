using OpsConsole.Core.Reviews;
using OpsConsole.Features.Incidents;

namespace OpsConsole.Features.Reviews;

/// <summary>One memo in the list.</summary>
/// <param name="State"><c>draft</c>, <c>submitted</c>, <c>approved</c>, <c>held</c>, <c>declined</c> or <c>withdrawn</c>.</param>
/// <param name="Ask">What it asks for; empty while nobody wrote it.</param>
/// <param name="FirstWeek">Such as <c>2026-W43</c>, as is <paramref name="LastWeek"/>; null while it is a draft.</param>
/// <param name="Counts">Gate D may rest on it.</param>
public sealed record MemoLine(string Id, string State, string Ask, string? FirstWeek, string? LastWeek, NamedPerson DraftedBy, DateTimeOffset DraftedAt, DateTimeOffset? SubmittedAt, NamedPerson? SignedBy, DateTimeOffset? SignedAt, bool Counts);

/// <summary>A rollout's memos, newest first.</summary>
/// <param name="OpenId">The one that is written or waits; while there is one nobody begins another.</param>
/// <param name="Lacks">Why no full cycle stands behind the rollout yet; null: one does.</param>
public sealed record MemoSeries(string RolloutId, string RolloutName, int CycleWeeks, IReadOnlyList<MemoLine> Memos, string? OpenId, string? Lacks, bool MayWrite);

/// <summary>A memo that waits for the reader's decision.</summary>
public sealed record DueMemo(string Id, string RolloutId, string RolloutName, string Ask, DateTimeOffset SubmittedAt);

/// <summary>A part that people wrote.</summary>
/// <param name="Needed">Without it the memo is not submitted.</param>
public sealed record MemoSectionView(string Key, string Title, string Help, bool Needed, string Text);

/// <param name="Acknowledged">What the sponsor approved knowing it.</param>
public sealed record SignedMemoView(string Verdict, string Words, IReadOnlyList<string> Acknowledged, NamedPerson By, DateTimeOffset At);

public sealed record MemoEndingView(string Words, NamedPerson By, DateTimeOffset At);

/// <summary>A scale memo. <paramref name="Version"/> goes into <c>If-Match</c>.</summary>
/// <param name="Evidence">As it was frozen when it was submitted; of a draft, as it is now.</param>
/// <param name="Sha256">Of the frozen evidence, as it is on the log; null while it is a draft.</param>
/// <param name="Differences">What is another now than when it was frozen.</param>
/// <param name="Bars">What keeps it from being approved now; empty: nothing does. Of a decided one: empty.</param>
/// <param name="Changed">Thresholds that were changed after the fact, until now: approving needs each of them to be acknowledged.</param>
/// <param name="MayWrite">The reader may write its texts now.</param>
/// <param name="MayManage">The reader may submit it, or withdraw it.</param>
/// <param name="MayDecide">The reader may approve, hold or decline it now.</param>
/// <param name="MayTakeBack">The reader may take its approval back.</param>
/// <param name="Undecided">Why the reader cannot decide on it, in words; null: they can, or nobody has to.</param>
/// <param name="Deciders">Who can, by name.</param>
public sealed record ScaleMemoView(string Id, long Version, string RolloutId, string RolloutName, string State, NamedPerson DraftedBy, DateTimeOffset DraftedAt, NamedPerson? SubmittedBy, DateTimeOffset? SubmittedAt, string? Sha256, MemoEvidence Evidence, IReadOnlyList<WeekDifference> Differences,
    IReadOnlyList<MemoSectionView> Sections, IReadOnlyList<MemoBar> Bars, IReadOnlyList<MemoThreshold> Changed, SignedMemoView? Signed, MemoEndingView? Ended, bool Counts, bool MayWrite, bool MayManage, bool MayDecide, bool MayTakeBack, string? Undecided, IReadOnlyList<NamedPerson> Deciders)
{
    internal string Text(string section) => Sections.First(s => s.Key == section).Text;
}

/// <summary>How a memo is decided.</summary>
/// <param name="Acknowledge">Where it is approved: the thresholds that were changed after the fact, each with the value that it has now, as <see cref="MemoWords.Stamp"/>.</param>
public sealed record MemoDecision(MemoVerdict Verdict, string Words, IReadOnlyList<string> Acknowledge);
