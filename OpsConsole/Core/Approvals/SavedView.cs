namespace OpsConsole.Core.Approvals;

/// <summary>What one person likes to see on the desk, by name. Theirs alone, and no part of the record.</summary>
public sealed class SavedView
{
    public const int Most = 20, LongestName = 60;

    private SavedView() { }

    public SavedView(string id, string personId, string name, string query, DateTimeOffset at) => (Id, PersonId, Name, Query, At) = (id, personId, name, query, at);

    public string Id { get; private set; } = "";
    public string PersonId { get; private set; } = "";
    public string Name { get; private set; } = "";
    /// <summary>As in the desk's address, with its question mark; empty: all that waits, soonest due first.</summary>
    public string Query { get; private set; } = "";
    /// <summary>What the desk shows when its address says nothing. At most one of a person's.</summary>
    public bool Default { get; private set; }
    /// <summary>Their order, and so their key.</summary>
    public DateTimeOffset At { get; private set; }

    public void Rename(string name) => Name = name;
    public void Show(string query) => Query = query;
    public void Prefer(bool yes) => Default = yes;
}
