using System.Text.Json.Serialization;
using OpsConsole.Core.Reviews;
using OpsConsole.Features.Incidents;

namespace OpsConsole.Features.Reviews;

/// <summary>One review in the series.</summary>
/// <param name="Week">Such as <c>2026-W46</c>.</param>
/// <param name="Verdict">Null: not signed yet.</param>
/// <param name="Outside">Names of the thresholds that the week did not keep.</param>
public sealed record ReviewLine(string Id, string Week, DateTimeOffset Start, DateTimeOffset End, DateTimeOffset OpenedAt, DateOnly DueOn, bool Overdue, string? Verdict, NamedPerson? SignedBy, DateTimeOffset? SignedAt, IReadOnlyList<string> Outside);

/// <summary>A review that nobody has signed yet.</summary>
public sealed record DueReview(string Id, string RolloutId, string RolloutName, string Week, DateOnly DueOn, bool Overdue);

/// <summary>A rollout's reviews, newest first, with the weeks of the cycle that have none.</summary>
/// <param name="Missing">Weeks between the first review and the last that ended, of which none was opened.</param>
/// <param name="NextOpensAt">When the review of the running week opens by itself; null: the rollout is archived, or nothing was asked of it yet.</param>
/// <param name="MayWrite">The reader may open, write and attend.</param>
public sealed record ReviewSeries(string RolloutId, string RolloutName, IReadOnlyList<ReviewLine> Reviews, IReadOnlyList<string> Missing, DateTimeOffset? NextOpensAt, string Zone, bool MayWrite, bool MayGovern);

/// <summary>A text that stands in a section. <paramref name="Id"/> is what a patch goes over.</summary>
public sealed record SectionText(string Id, string Value, NamedPerson By, DateTimeOffset At);

/// <summary>A part that people write.</summary>
/// <param name="Field">Where patches of it go.</param>
/// <param name="Text">Of several that stand, the one that came first.</param>
/// <param name="Standing">Oldest first; more than one where two people wrote at once and nobody has chosen yet. Empty once the review is signed.</param>
public sealed record WeekSectionView(string Key, string Field, string Title, string Help, string Text, IReadOnlyList<SectionText> Standing)
{
    /// <summary>The different texts, where there is more than one; else none.</summary>
    [JsonIgnore]
    public IReadOnlyList<SectionText> Rivals => Standing.DistinctBy(t => t.Value, StringComparer.Ordinal).ToList() is { Count: > 1 } rivals ? rivals : [];
}

/// <summary>A figure that is another by now than when the week was frozen.</summary>
public sealed record WeekDifference(string What, string Was, string Is);

/// <summary>What was signed. <paramref name="Effect"/> says in words what came of it, <paramref name="Href"/> where.</summary>
public sealed record VerdictView(string Verdict, string Words, IReadOnlyList<string> Evidence, string? Adjust, string? Effect, string? Href, NamedPerson By, DateTimeOffset At);

/// <summary>What somebody may lower: one live grant of an agent.</summary>
public sealed record LowerableGrant(string GrantId, string AgentId, string AgentName, string Capability, string Tier, string To);

/// <summary>The review of a week. <paramref name="Version"/> goes into <c>If-Match</c>.</summary>
/// <param name="Sha256">Of the frozen evidence, as it is on the log.</param>
/// <param name="Differences">What came since the week was frozen; empty: nothing.</param>
/// <param name="MaySign">The reader is one of those who end it.</param>
/// <param name="Signers">Who they are, in words.</param>
public sealed record WeeklyReviewView(string Id, long Version, string RolloutId, string RolloutName, string Zone, string Week, DateTimeOffset Start, DateTimeOffset End, DateTimeOffset OpenedAt, DateOnly DueOn, bool Overdue, string Sha256, WeekEvidence Evidence, IReadOnlyList<WeekDifference> Differences,
    IReadOnlyList<WeekSectionView> Sections, IReadOnlyList<NamedPerson> Attendees, VerdictView? Signed, IReadOnlyList<ReviewLine> Earlier, bool MayWrite, bool MaySign, string Signers, IReadOnlyList<NamedPerson> People, IReadOnlyList<LowerableGrant> Lowerable)
{
    /// <summary>For pages: the name of anybody.</summary>
    [JsonIgnore]
    public Func<string, string> NameOf { get; init; } = id => id;
}

/// <summary>How a review is ended.</summary>
/// <param name="Evidence">Keys out of <see cref="WeekEvidence.Citable"/>.</param>
/// <param name="Adjust">With <see cref="ReviewVerdict.Adjust"/>.</param>
/// <param name="GrantId">With <see cref="Adjustment.Tier"/>: the grant that goes a tier down.</param>
public sealed record SignRequest(ReviewVerdict Verdict, string Words, IReadOnlyList<string> Evidence, Adjustment? Adjust = null, string? GrantId = null);
