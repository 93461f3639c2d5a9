namespace OpsConsole.Core.Reviews;

/// <summary>How a sponsor decides on a scale memo: widen it; not yet; no.</summary>
public enum MemoVerdict { Approve, Hold, Decline }

/// <summary>Being written; before the sponsor, with its evidence frozen; decided; or taken away by those who wrote it.</summary>
public enum MemoState { Draft, Submitted, Approved, Held, Declined, Withdrawn }

/// <summary>A part that people write; the figures come from the reviews.</summary>
/// <param name="Needed">Without it the memo is not submitted.</param>
public sealed record MemoSection(string Key, string Title, string Help, bool Needed);

/// <summary>What was signed.</summary>
/// <param name="Acknowledged">What the sponsor approved knowing it, in words: each threshold that was changed after the fact.</param>
/// <param name="By">The person's id.</param>
public sealed record SignedMemo(MemoVerdict Verdict, string Words, IReadOnlyList<string> Acknowledged, string By, DateTimeOffset At);

/// <summary>Why a memo counts no more: its writers withdrew it, or its approval was taken back.</summary>
/// <param name="By">The person's id.</param>
public sealed record MemoEnding(string Words, string By, DateTimeOffset At);

/// <summary>
/// Asks the sponsor to let a rollout be widened, after a full cycle of weekly reviews. While it is written it shows the evidence as it is; submitting freezes it, so that what is signed is what was seen. The sponsor approves, holds or declines;
/// an approved one is what gate D asks for.
/// </summary>
public sealed class ScaleMemo
{
    public const int LongestSection = 10_000, LeastWords = 10, MostWords = 4_000;

    public static readonly IReadOnlyList<MemoSection> Sections =
    [
        new("ask", "The ask", "One sentence: what is widened, to whom, and from when.", true),
        new("summary", "What the cycle showed", "What the figures below mean, in a few lines.", false),
        new("guardrails", "What changes in the guardrails", "Matrix, tiers and caps: what was changed in this cycle and why, and what changes with the widening.", false),
        new("risks", "Risks", "What could go wrong once it is wider, how likely, and who would notice first.", true),
        new("costs", "Costs", "What it costs now, what it will cost when it is wider, and what it is worth.", false),
        new("undo", "If we are wrong", "How it is taken back, by whom, and how long that takes.", true),
        new("conditions", "Conditions", "Under which conditions it goes on, and what stops it.", false),
    ];

    private ScaleMemo() { }

    public ScaleMemo(string id, string rolloutId, DateTimeOffset draftedAt, string draftedBy, IReadOnlyDictionary<string, string> texts)
        => (Id, RolloutId, DraftedAt, DraftedBy, Texts) = (id, rolloutId, draftedAt, draftedBy, texts);

    public string Id { get; private set; } = "";
    public string RolloutId { get; private set; } = "";
    public MemoState State { get; private set; }
    public DateTimeOffset DraftedAt { get; private set; }
    /// <summary>A person's id.</summary>
    public string DraftedBy { get; private set; } = "";
    public IReadOnlyDictionary<string, string> Texts { get; private set; } = new Dictionary<string, string>();
    /// <summary>What it rests on as it was known when it was submitted (JSON); null while it is a draft, never written again after that.</summary>
    public string? Evidence { get; private set; }
    /// <summary>Of <see cref="Evidence"/> in UTF-8; it is on the log.</summary>
    public byte[]? Sha256 { get; private set; }
    /// <summary>The Mondays of its first week and its last, by the rollout's clocks; null while it is a draft.</summary>
    public DateOnly? FirstWeek { get; private set; }
    public DateOnly? LastWeek { get; private set; }
    /// <summary>Why its weeks are no full cycle, as they were frozen; null: they are one.</summary>
    public string? Lacks { get; private set; }
    /// <summary>Names of the thresholds that had been changed after the fact when it was submitted.</summary>
    public IReadOnlyList<string> Late { get; private set; } = [];
    public DateTimeOffset? SubmittedAt { get; private set; }
    /// <summary>A person's id.</summary>
    public string? SubmittedBy { get; private set; }
    public SignedMemo? Signed { get; private set; }
    public MemoEnding? Ended { get; private set; }
    public long Version { get; private set; } = 1;

    /// <summary>It can still become something: nobody begins another one beside it.</summary>
    public bool Open => State is MemoState.Draft or MemoState.Submitted;

    /// <summary>Gate D may rest on it.</summary>
    public bool Counts => State == MemoState.Approved && Ended is null;

    internal void Write(string section, string text) => (Texts, Version) = (new Dictionary<string, string>(Texts) { [section] = text }, Version + 1);

    internal void Submit(string evidence, byte[] sha256, DateOnly firstWeek, DateOnly lastWeek, string? lacks, IReadOnlyList<string> late, string by, DateTimeOffset at)
    {
        (Evidence, Sha256, FirstWeek, LastWeek, Lacks, Late) = (evidence, sha256, firstWeek, lastWeek, lacks, late);
        (State, SubmittedBy, SubmittedAt, Version) = (MemoState.Submitted, by, at, Version + 1);
    }

    internal void Sign(SignedMemo signed)
        => (State, Signed, Version) = (signed.Verdict switch { MemoVerdict.Approve => MemoState.Approved, MemoVerdict.Hold => MemoState.Held, _ => MemoState.Declined }, signed, Version + 1);

    internal void Withdraw(MemoEnding why) => (State, Ended, Version) = (MemoState.Withdrawn, why, Version + 1);

    internal void TakeBack(MemoEnding why) => (Ended, Version) = (why, Version + 1);
}

/// <summary>An approved memo as gate D sees it.</summary>
/// <param name="Week">The Monday of its last week.</param>
/// <param name="By">The sponsor's id.</param>
public sealed record ApprovedMemo(string Id, DateOnly Week, string By, DateTimeOffset At);

/// <summary>The scale memos of a rollout as gate D sees them.</summary>
/// <param name="Approved">The newest that counts; null: none does.</param>
/// <param name="Ever">One was approved, whatever became of it.</param>
/// <param name="LastId">The newest one; <paramref name="Last"/> how it stands.</param>
public sealed record MemoStanding(ApprovedMemo? Approved, bool Ever, string LastId, MemoState Last);
