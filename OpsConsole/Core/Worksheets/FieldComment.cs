namespace OpsConsole.Core.Worksheets;

/// <summary>A remark on a field of a worksheet, for people only: it changes nothing.</summary>
public sealed class FieldComment
{
    public const int MaxLength = 2_000;

    private FieldComment() { }
    public FieldComment(string id, string rolloutId, FieldKey field, string text, string author, IReadOnlyList<string> mentions, DateTimeOffset at)
        => (Id, RolloutId, Field, Text, Author, Mentions, At) = (id, rolloutId, field, text, author, mentions, at);

    public string Id { get; private set; } = "";
    public string RolloutId { get; private set; } = "";
    public FieldKey Field { get; private set; }
    public string Text { get; private set; } = "";
    public string Author { get; private set; } = "";
    /// <summary>Ids of the people it calls.</summary>
    public IReadOnlyList<string> Mentions { get; private set; } = [];
    public DateTimeOffset At { get; private set; }
    public DateTimeOffset? SettledAt { get; private set; }
    public string? SettledBy { get; private set; }

    /// <summary>Puts it away; it stays in the list of what was said.</summary>
    public void Settle(string by, DateTimeOffset at) => (SettledBy, SettledAt) = (SettledBy ?? by, SettledAt ?? at);

    public void Reopen() => (SettledBy, SettledAt) = (null, null);
}
