namespace OpsConsole.Core.Worksheets;

/// <summary>One text that somebody put into one field. Its contents never change: a field's history is its patches.</summary>
public sealed class Patch
{
    /// <summary>A text may have this many characters.</summary>
    public const int MaxLength = 8_000;

    private Patch() { }

    /// <param name="id">Made by whoever wrote it, so that the same patch sent twice is one.</param>
    /// <param name="over">The patches whose texts the author had before them, and which this one replaces: none in an empty field, several where it settles two texts.</param>
    /// <param name="value">Empty clears the field.</param>
    /// <param name="author">A person's id.</param>
    public Patch(string rolloutId, string id, FieldKey field, IReadOnlyList<string> over, string value, string author, DateTimeOffset at)
        => (RolloutId, Id, Field, Over, Value, Author, At) = (rolloutId, id, field, over, value, author, at);

    /// <summary>Its number in the order of this console; 0 until it is stored.</summary>
    public long Seq { get; private set; }
    /// <summary>Whose worksheets it is in; or whose text it is a part of, where that is no worksheet: the id of a weekly review.</summary>
    public string RolloutId { get; private set; } = "";
    public string Id { get; private set; } = "";
    public FieldKey Field { get; private set; }
    public IReadOnlyList<string> Over { get; private set; } = [];
    public string Value { get; private set; } = "";
    public string Author { get; private set; } = "";
    public DateTimeOffset At { get; private set; }
    /// <summary>Whether another goes over it; then it is history.</summary>
    public bool Replaced { get; private set; }

    public void Replace() => Replaced = true;
}
