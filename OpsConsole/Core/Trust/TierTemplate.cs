namespace OpsConsole.Core.Trust;

/// <summary>A named set of grants for agents of one kind, with what an agent must show to advance. It gives nothing by itself: applying it makes single grants.</summary>
public sealed class TierTemplate
{
    private TierTemplate() { }
    public TierTemplate(string id, string name, string description, string lines, string by, DateTimeOffset at)
        => (Id, Name, Description, Lines, ChangedBy, ChangedAt) = (id, name, description, lines, by, at);

    public string Id { get; private set; } = "";
    public string Name { get; private set; } = "";
    public string Description { get; private set; } = "";
    /// <summary>Its grants (JSON list).</summary>
    public string Lines { get; private set; } = "[]";
    /// <summary>Counts the changes; grants remember the one they came from.</summary>
    public int Version { get; private set; } = 1;
    public string ChangedBy { get; private set; } = "";
    public DateTimeOffset ChangedAt { get; private set; }
    /// <summary>No longer offered to new agents; grants made from it stay.</summary>
    public DateTimeOffset? ArchivedAt { get; private set; }
    public bool Archived => ArchivedAt is not null;

    public void Change(string name, string description, string lines, string by, DateTimeOffset at)
    {
        if ((name, description, lines) != (Name, Description, Lines)) Version++;
        (Name, Description, Lines, ChangedBy, ChangedAt) = (name, description, lines, by, at);
    }

    public void Archive(string by, DateTimeOffset at) => (ArchivedAt, ChangedBy, ChangedAt) = (ArchivedAt ?? at, by, at);
    public void Restore(string by, DateTimeOffset at) => (ArchivedAt, ChangedBy, ChangedAt) = (null, by, at);
}
