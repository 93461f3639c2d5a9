namespace OpsConsole.Core.Access;

/// <summary>A time in which somebody does not decide, as it is kept.</summary>
public sealed class Absence
{
    private Absence() { }
    public Absence(string id, string personId, DateTimeOffset from, DateTimeOffset until, string? delegateId, string? note, string by, DateTimeOffset at)
        => (Id, PersonId, From, Until, DelegateId, Note, By, At) = (id, personId, from, until, delegateId, note, by, at);

    public string Id { get; private set; } = "";
    public string PersonId { get; private set; } = "";
    public DateTimeOffset From { get; private set; }
    /// <summary>The first moment at which they are back.</summary>
    public DateTimeOffset Until { get; private set; }
    /// <summary>Who was named to decide meanwhile; null: nobody.</summary>
    public string? DelegateId { get; private set; }
    /// <summary>Who decides meanwhile in the person's place, where they may (<c>Places</c>). Nobody whom somebody else named: nobody gives away the authority of another.</summary>
    public string? StandIn => By == PersonId ? DelegateId : null;
    public string? Note { get; private set; }
    /// <summary>Who put it there: the person, or an admin.</summary>
    public string By { get; private set; } = "";
    public DateTimeOffset At { get; private set; }
}

/// <summary>An absence as the rules see it.</summary>
/// <param name="At">When it was entered, which may be after it began.</param>
public sealed record AbsenceEntry(string PersonId, DateTimeOffset From, DateTimeOffset Until, string? DelegateId, DateTimeOffset At = default)
{
    public bool Covers(DateTimeOffset at) => From <= at && at < Until;
}
