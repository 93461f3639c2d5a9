namespace OpsConsole.Core.Incidents;

/// <summary>One line of an incident's timeline. Its key is that of the log entry that proves it.</summary>
public sealed class IncidentEntry
{
    private IncidentEntry() { }

    /// <param name="kind">What it is, for filters and signs: <c>opened</c>, <c>told</c>, <c>acknowledged</c>, <c>let_go</c>, <c>state</c>, <c>severity</c>, <c>times</c>, <c>role</c>, <c>affected</c>, <c>linked</c>, <c>merged</c>, <c>hold</c>, <c>response</c>, <c>alert</c>, <c>report</c> (its agent reported it again), <c>review</c>, <c>action</c>, <c>undo</c>, <c>note</c> or <c>update</c>.</param>
    public IncidentEntry(long seq, string incidentId, string kind, DateTimeOffset at, string by, string text) => (Seq, IncidentId, Kind, At, By, Text) = (seq, incidentId, kind, at, by, text);

    public long Seq { get; private set; }
    public string IncidentId { get; private set; } = "";
    public string Kind { get; private set; } = "";
    public DateTimeOffset At { get; private set; }
    /// <summary><c>person:…</c>, <c>agent:…</c> or <c>system:console</c>.</summary>
    public string By { get; private set; } = "";
    public string Text { get; private set; } = "";
}

/// <summary>What an incident is about: a <c>decision</c>, a <c>run</c>, an <c>agent</c> or an <c>alert</c>, by its id.</summary>
public sealed class IncidentLink
{
    private IncidentLink() { }

    public IncidentLink(string incidentId, string rolloutId, string kind, string reference, DateTimeOffset at) => (IncidentId, RolloutId, Kind, Reference, At) = (incidentId, rolloutId, kind, reference, at);

    public string IncidentId { get; private set; } = "";
    public string RolloutId { get; private set; } = "";
    public string Kind { get; private set; } = "";
    public string Reference { get; private set; } = "";
    public DateTimeOffset At { get; private set; }
}
