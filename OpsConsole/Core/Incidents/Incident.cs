using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Incidents;

/// <summary>Triage: reported, nobody has it. Active: somebody has it. Mitigated: the harm has stopped. Resolved: what was wrong is right. Closed: learned from. Merged and Cancelled end it without any of these.</summary>
public enum IncidentStatus { Triage, Active, Mitigated, Resolved, Closed, Merged, Cancelled }

/// <summary>Where an incident came from.</summary>
public enum IncidentSource { Person, Agent, Alert }

/// <summary>Who does what while it is open, beside its owner.</summary>
public enum IncidentRole { Lead, Scribe, Communications }

/// <summary>A record, a customer or whatever else it touched, as somebody who has to look after it would name it.</summary>
/// <param name="Kind"><c>record</c>, <c>customer</c> or <c>other</c>.</param>
public sealed record Affected(string Kind, string Name);

/// <summary>
/// One thing that went wrong, from the report to what was learned. Its key is the audit sequence number of its opening, and is inside <see cref="Id"/>. All that happens to it goes through the writer and onto its timeline.
/// While nobody has it, <see cref="NextAt"/> says when the next people are told: a moment in the database, so a restart continues.
/// </summary>
public sealed class Incident
{
    public const int LongestTitle = 200, LongestText = 4_000, MostAffected = 500;

    private Incident() { }

    /// <param name="row">The id of the row of the escalation matrix that it follows; null: none fitted.</param>
    /// <param name="cause">What an alert groups by; an open incident of the same cause takes the next one in.</param>
    public Incident(long seq, string id, string rolloutId, string title, string? text, Severity severity, IncidentSource source, string openedBy, string? row, string? cause, IReadOnlyList<EscalationLevel> levels, IncidentTimes times, DateTimeOffset at)
    {
        (Seq, Id, RolloutId, Title, Text, Severity, Source, OpenedBy, Row, Cause, Levels) = (seq, id, rolloutId, title, text, severity, source, openedBy, row, cause, levels);
        (Times, OpenedAt, UpdateDueAt) = (times, at, at + SeveritySpec.Of(severity).UpdateEvery);
    }

    public long Seq { get; private set; }
    public string Id { get; private set; } = "";
    public string RolloutId { get; private set; } = "";
    public string Title { get; private set; } = "";
    /// <summary>What happened, in the words of whoever reported it.</summary>
    public string? Text { get; private set; }
    public Severity Severity { get; private set; }
    public IncidentStatus Status { get; private set; }
    public IncidentSource Source { get; private set; }
    /// <summary><c>person:…</c>, <c>agent:…</c> or <c>system:console</c>.</summary>
    public string OpenedBy { get; private set; } = "";
    public DateTimeOffset OpenedAt { get; private set; }
    public string? Row { get; private set; }
    public string? Cause { get; private set; }
    public IncidentTimes Times { get; private set; } = null!;
    /// <summary>Moves with every change; an answer to an older one is refused.</summary>
    public long Version { get; private set; } = 1;

    public IReadOnlyList<EscalationLevel> Levels { get; private set; } = [];
    /// <summary>Who was told last, counted from 0; -1: nobody yet.</summary>
    public int Level { get; private set; } = -1;
    /// <summary>When its first people were told: 'routed to owner' (numbers.md).</summary>
    public DateTimeOffset? RoutedAt { get; private set; }
    /// <summary>When the next people are told, or the last ones again; null: at once, or while somebody has it, not at all.</summary>
    public DateTimeOffset? NextAt { get; private set; }
    /// <summary>Who has it; null: nobody, and it escalates.</summary>
    public string? OwnerId { get; private set; }
    public IReadOnlyDictionary<IncidentRole, string> Roles { get; private set; } = new Dictionary<IncidentRole, string>();
    public IReadOnlyList<Affected> Affected { get; private set; } = [];
    /// <summary>Who hears of it besides, because a response said so.</summary>
    public IReadOnlyList<string> AlsoTold { get; private set; } = [];
    /// <summary>When those who follow it expect to hear something; null: whenever there is something to say.</summary>
    public DateTimeOffset? UpdateDueAt { get; private set; }
    /// <summary>Scaling waits for it, until somebody verifies by name that it is remedied.</summary>
    public bool HoldsScaling { get; private set; }
    public string? VerifiedBy { get; private set; }
    public DateTimeOffset? VerifiedAt { get; private set; }
    /// <summary>The incident that took this one in.</summary>
    public string? MergedInto { get; private set; }

    /// <summary>When it was resolved, merged or cancelled; null while it is open.</summary>
    public DateTimeOffset? EndedAt { get; private set; }

    public bool Open => Status is IncidentStatus.Triage or IncidentStatus.Active or IncidentStatus.Mitigated;
    /// <summary>It still waits for somebody who takes it.</summary>
    public bool Escalates => Open && OwnerId is null;

    /// <summary>The next step of its escalation was taken: these people were told now.</summary>
    internal void Told(int level, DateTimeOffset now) => (Level, RoutedAt, NextAt, Version) = (level, RoutedAt ?? (now < OpenedAt ? OpenedAt : now), now + Levels[level].Wait, Version + 1);

    internal void Own(string? by) => (OwnerId, NextAt, Version) = (by, null, Version + 1);

    internal void Move(IncidentStatus status, IncidentTimes times, DateTimeOffset now)
    {
        (Status, Times, Version) = (status, times, Version + 1);
        EndedAt = Open ? null : EndedAt ?? now;
        (NextAt, UpdateDueAt) = Open ? (NextAt, UpdateDueAt ?? now + SeveritySpec.Of(Severity).UpdateEvery) : (null, null);   // whoever has one that was opened again is heard of, as before
    }

    internal void SetTimes(IncidentTimes times) => (Times, Version) = (times, Version + 1);

    internal void Describe(string title, string? text) => (Title, Text, Version) = (title, text, Version + 1);

    internal void Grade(Severity severity, DateTimeOffset now) => (Severity, UpdateDueAt, Version) = (severity, Open ? now + SeveritySpec.Of(severity).UpdateEvery : null, Version + 1);

    internal void Updated(DateTimeOffset now) => (UpdateDueAt, Version) = (Open ? now + SeveritySpec.Of(Severity).UpdateEvery : null, Version + 1);

    internal void Give(IncidentRole role, string? person)
    {
        var roles = new Dictionary<IncidentRole, string>(Roles);
        if (person is null) roles.Remove(role); else roles[role] = person;
        (Roles, Version) = (roles, Version + 1);
    }

    internal void Touches(IReadOnlyList<Affected> affected) => (Affected, Version) = (affected, Version + 1);

    internal void AlsoTell(IEnumerable<string> people) => (AlsoTold, Version) = ([.. AlsoTold.Union(people)], Version + 1);

    internal void Hold() => (HoldsScaling, VerifiedBy, VerifiedAt, Version) = (true, null, null, Version + 1);

    internal void Verify(string by, DateTimeOffset at) => (HoldsScaling, VerifiedBy, VerifiedAt, Version) = (false, by, at, Version + 1);

    internal void Merge(string into) => MergedInto = into;
}
