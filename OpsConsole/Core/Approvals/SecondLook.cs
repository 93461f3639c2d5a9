namespace OpsConsole.Core.Approvals;

/// <summary>
/// A request that was approved and that somebody else looks at once more. Which ones is not chosen by anybody: a share of all, by their digest. Whatever is said here changes nothing about the decision.
/// </summary>
public sealed class SecondLook
{
    public const int LongestWords = 2_000;

    private SecondLook() { }

    public SecondLook(long seq, string rolloutId, DateTimeOffset at) => (Seq, RolloutId, At) = (seq, rolloutId, at);

    /// <summary>The approval's.</summary>
    public long Seq { get; private set; }
    public string RolloutId { get; private set; } = "";
    /// <summary>When it was approved.</summary>
    public DateTimeOffset At { get; private set; }
    public string? By { get; private set; }
    public bool? Agrees { get; private set; }
    public string? Words { get; private set; }
    public DateTimeOffset? AnsweredAt { get; private set; }

    public void Answer(string personId, bool agrees, string? words, DateTimeOffset at) => (By, Agrees, Words, AnsweredAt) = (personId, agrees, words, at);
}
