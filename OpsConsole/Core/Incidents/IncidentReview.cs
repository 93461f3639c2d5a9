using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Incidents;

/// <summary>A part of a review that people write; the timeline and the times come from the incident itself.</summary>
public sealed record ReviewSection(string Key, string Title, string Help);

/// <summary>
/// What was learned from an incident, in the sections that responders use. It is written by several people one after the other, blames nobody, and is due some working days after the incident was resolved.
/// Published means read and agreed on: from then on it stays as it is, and what has to be said besides is a note on the timeline.
/// </summary>
public sealed class IncidentReview
{
    public const int LongestSection = 20_000;

    public static readonly IReadOnlyList<ReviewSection> Sections =
    [
        new("happened", "What happened", "In a few sentences, for somebody who was not there."),
        new("impact", "Impact", "In numbers: who and what was touched, for how long, at what cost."),
        new("factors", "Contributing factors", "What made it possible and what made it worse. Things and arrangements, not people."),
        new("well", "What went well", "Worth keeping."),
        new("badly", "What did not go well", "Worth changing; each is an action below, or a reason why not."),
    ];

    private IncidentReview() { }

    public IncidentReview(string incidentId, string rolloutId, DateOnly? dueOn, IReadOnlyDictionary<string, string> texts) => (IncidentId, RolloutId, DueOn, Texts) = (incidentId, rolloutId, dueOn, texts);

    public string IncidentId { get; private set; } = "";
    public string RolloutId { get; private set; } = "";
    /// <summary>By the rollout's clocks; null: none is asked for.</summary>
    public DateOnly? DueOn { get; private set; }
    public IReadOnlyDictionary<string, string> Texts { get; private set; } = new Dictionary<string, string>();
    public DateTimeOffset? PublishedAt { get; private set; }
    public string? PublishedBy { get; private set; }
    public long Version { get; private set; } = 1;

    /// <summary>Sections that say nothing yet.</summary>
    public IReadOnlyList<ReviewSection> Missing => [.. Sections.Where(s => string.IsNullOrWhiteSpace(Texts.GetValueOrDefault(s.Key)))];

    internal void Write(string section, string text) => (Texts, Version) = (new Dictionary<string, string>(Texts) { [section] = text }, Version + 1);

    /// <summary>By its severity and the day on which it was resolved; one that was agreed on is due no more.</summary>
    internal void Schedule(DateOnly due) { if (PublishedAt is null && DueOn != due) (DueOn, Version) = (due, Version + 1); }

    internal void Publish(string by, DateTimeOffset at) => (PublishedBy, PublishedAt, Version) = (by, at, Version + 1);

    /// <summary>The day on which it is due: so many working days, Monday to Friday, after the one on which it was resolved.</summary>
    public static DateOnly Due(DateOnly resolvedOn, int workingDays)
    {
        for (var day = resolvedOn; ; day = day.AddDays(1))
        {
            if (day > resolvedOn && day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday) && --workingDays <= 0) return day;
        }
    }

    /// <summary>What the record knows already, for people to go on from.</summary>
    public static IReadOnlyDictionary<string, string> Prefill(Incident incident)
    {
        var times = incident.Times;
        List<string> impact = [$"{Counted.Of(incident.Affected.Count(a => a.Kind == "customer"), "customer")}, {Counted.Of(incident.Affected.Count(a => a.Kind == "record"), "record")} named."];
        foreach (var (words, time) in new (string, TimeSpan?)[] { ("Noticed after", times.ToDetect), ("In hand after", times.ToAcknowledge), ("Harm stopped after", times.ToMitigate), ("Restored after", times.ToRestore) })
            if (time is { } took) impact.Add($"{words} {DurationWords.Of(took)}.");
        return new Dictionary<string, string> { ["happened"] = string.IsNullOrWhiteSpace(incident.Text) ? incident.Title : $"{incident.Title}\n\n{incident.Text}", ["impact"] = string.Join('\n', impact) };
    }
}

/// <summary>What an action of a review became in the console.</summary>
/// <param name="Kind"><c>eval_case</c>, <c>rule</c> (a row of the matrix's draft) or <c>runbook</c> (a row of the escalation matrix).</param>
/// <param name="Reference">The case, <c>evc_…</c>; or the row's id.</param>
/// <param name="By">The person's id.</param>
public sealed record Lesson(string Kind, string Reference, string By, DateTimeOffset At);

/// <summary>Something that is to be done so that it does not happen again, by somebody and by a day.</summary>
public sealed class IncidentAction
{
    public const int LongestText = 500, Most = 100;

    private IncidentAction() { }

    public IncidentAction(string id, string incidentId, string rolloutId, string text, string ownerId, DateOnly dueOn, string by, DateTimeOffset at) => (Id, IncidentId, RolloutId, Text, OwnerId, DueOn, By, At) = (id, incidentId, rolloutId, text, ownerId, dueOn, by, at);

    public string Id { get; private set; } = "";
    public string IncidentId { get; private set; } = "";
    public string RolloutId { get; private set; } = "";
    public string Text { get; private set; } = "";
    public string OwnerId { get; private set; } = "";
    public DateOnly DueOn { get; private set; }
    public string By { get; private set; } = "";
    public DateTimeOffset At { get; private set; }
    public DateTimeOffset? DoneAt { get; private set; }
    public string? DoneBy { get; private set; }

    /// <summary>What was made of it, oldest first.</summary>
    public IReadOnlyList<Lesson> Lessons { get; private set; } = [];

    /// <summary>Something was made of it; the same again changes nothing.</summary>
    internal bool Learn(Lesson lesson)
    {
        if (Lessons.Any(l => l.Kind == lesson.Kind && l.Reference == lesson.Reference && l.Kind != "runbook")) return false;
        Lessons = [.. Lessons, lesson];
        return true;
    }

    /// <summary>Ticks it off, or opens it again.</summary>
    internal void Tick(bool done, string by, DateTimeOffset at) => (DoneAt, DoneBy) = (done ? DoneAt ?? at : null, done ? DoneBy ?? by : null);
}
