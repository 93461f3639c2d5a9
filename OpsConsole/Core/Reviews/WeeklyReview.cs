using OpsConsole.Core.Worksheets;

namespace OpsConsole.Core.Reviews;

/// <summary>How a week's review ends: go on as it is; change what the agent may do; stop it.</summary>
public enum ReviewVerdict { Keep, Adjust, Stop }

/// <summary>What an adjustment changes: the matrix, in its draft; or the tier of one capability, downwards and at once.</summary>
public enum Adjustment { Matrix, Tier }

/// <summary>A part that people write; the figures come from the log.</summary>
public sealed record WeekSection(string Key, string Title, string Help, string Example);

/// <summary>What was signed.</summary>
/// <param name="Evidence">Keys of what it rests on, out of the frozen week; never empty.</param>
/// <param name="Adjust">With <see cref="ReviewVerdict.Adjust"/> only.</param>
/// <param name="Effect">What came of it at once: the version of the matrix that was in force (<c>3</c>), or the id of the lower grant. Null where nothing did.</param>
/// <param name="By">The person's id.</param>
public sealed record SignedVerdict(ReviewVerdict Verdict, string Words, IReadOnlyList<string> Evidence, Adjustment? Adjust, string? Effect, string By, DateTimeOffset At);

/// <summary>
/// The review of one week of a rollout. It opens with the figures of the week frozen, so that everybody talks about the same; what comes later is shown as a difference and changes nothing here. It ends signed by name, and stays as it is then.
/// </summary>
public sealed class WeeklyReview
{
    public const int LongestSection = Patch.MaxLength, LeastWords = 10, MostWords = 4_000, MostPeople = 50;
    /// <summary>Whoever is late is reminded this often.</summary>
    public static readonly TimeSpan RemindEvery = TimeSpan.FromDays(2);

    public static readonly IReadOnlyList<WeekSection> Sections =
    [
        new("output", "Measurable output", "What the figure of the canvas was this week, where it was read, and what it means.", "Median from mail to answer: 52 minutes, out of the CRM on Monday; the target is 45"),
        new("overrides", "What the overrides teach", "Why people said no or wrote it anew. Is the rule wrong, the agent, or the case?", "Two refunds of resellers: the rows do not know them; a boundary is proposed"),
        new("quality", "Quality and drift", "What the figures do not say: what people who work with it noticed.", "Answers to angry customers sound too light; Lee collects examples"),
        new("next", "What we do next", "Each with somebody who does it and a day.", "Dana writes the boundary for resellers until Wednesday"),
    ];

    private WeeklyReview() { }

    public WeeklyReview(string id, string rolloutId, DateOnly week, DateTimeOffset start, DateTimeOffset end, string evidence, byte[] sha256, IReadOnlyList<string> outside, DateTimeOffset openedAt, string openedBy, DateOnly dueOn)
        => (Id, RolloutId, Week, Start, End, Evidence, Sha256, Outside, OpenedAt, OpenedBy, DueOn) = (id, rolloutId, week, start, end, evidence, sha256, outside, openedAt, openedBy, dueOn);

    public string Id { get; private set; } = "";
    public string RolloutId { get; private set; } = "";
    /// <summary>Its Monday, by the rollout's clocks. One review a week.</summary>
    public DateOnly Week { get; private set; }
    public DateTimeOffset Start { get; private set; }
    /// <summary>Exclusive.</summary>
    public DateTimeOffset End { get; private set; }
    /// <summary>The week as it was known when the review opened (JSON); never written again.</summary>
    public string Evidence { get; private set; } = "";
    /// <summary>Of <see cref="Evidence"/> in UTF-8; it is on the log.</summary>
    public byte[] Sha256 { get; private set; } = [];
    /// <summary>Names of the thresholds that the frozen week did not keep.</summary>
    public IReadOnlyList<string> Outside { get; private set; } = [];
    public DateTimeOffset OpenedAt { get; private set; }
    /// <summary>A person's id, or <c>console</c>.</summary>
    public string OpenedBy { get; private set; } = "";
    /// <summary>By the rollout's clocks.</summary>
    public DateOnly DueOn { get; private set; }
    /// <summary>What stands in the sections, by key: of several texts written at once the one that came first. They are typed as patches of <see cref="Field"/>, whose owner is the review.</summary>
    public IReadOnlyDictionary<string, string> Texts { get; private set; } = new Dictionary<string, string>();
    /// <summary>Ids of the people who took part.</summary>
    public IReadOnlyList<string> Attendees { get; private set; } = [];
    public SignedVerdict? Signed { get; private set; }
    public DateTimeOffset? RemindedAt { get; private set; }
    public long Version { get; private set; } = 1;

    /// <summary>Where the text of a section is kept, among the review's own patches: <c>review/next</c>.</summary>
    public static FieldKey Field(string section) => new("review", null, section);

    /// <summary>The texts of a section are others now; <paramref name="text"/> is the first of them.</summary>
    internal void Write(string section, string text) => (Texts, Version) = (new Dictionary<string, string>(Texts) { [section] = text }, Version + 1);

    internal void Attend(IReadOnlyList<string> people) => (Attendees, Version) = (people, Version + 1);

    internal void Remind(DateTimeOffset at) => RemindedAt = at;

    internal void Sign(SignedVerdict verdict) => (Signed, Attendees, Version) = (verdict, Attendees.Contains(verdict.By) ? Attendees : [.. Attendees, verdict.By], Version + 1);
}
