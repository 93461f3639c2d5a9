using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Incidents;

/// <summary>The next step of an escalation: which level is told, and whom.</summary>
/// <param name="Again">They were told before, and nobody has taken it since.</param>
public sealed record EscalationStep(int Level, IReadOnlyList<string> People, bool Again);

/// <summary>What may become of an incident. Everything else about it may be changed in any state that is not its end.</summary>
public static class IncidentRules
{
    private static readonly Dictionary<IncidentStatus, IncidentStatus[]> Next = new()
    {
        [IncidentStatus.Triage] = [IncidentStatus.Active, IncidentStatus.Mitigated, IncidentStatus.Resolved, IncidentStatus.Cancelled],
        [IncidentStatus.Active] = [IncidentStatus.Mitigated, IncidentStatus.Resolved, IncidentStatus.Cancelled],
        [IncidentStatus.Mitigated] = [IncidentStatus.Active, IncidentStatus.Resolved],
        [IncidentStatus.Resolved] = [IncidentStatus.Active, IncidentStatus.Closed],
    };

    /// <summary>Where it may go from here.</summary>
    public static IReadOnlyList<IncidentStatus> From(IncidentStatus status) => Next.GetValueOrDefault(status, []);

    /// <summary>
    /// The step that is due, or null. One at a time, and the next is counted from now: after a restart or when the clock was put forward, nobody is called at all levels at once, and none is left out.
    /// Where the clock was put back by more than a level's wait, its people are told again, and their time begins anew.
    /// </summary>
    public static EscalationStep? Due(Incident incident, RolloutAuthority rollout, PeopleDirectory directory, DateTimeOffset now)
    {
        if (!incident.Escalates || incident.Levels.Count == 0) return null;
        var putBack = false;
        if (incident is { Level: >= 0, NextAt: { } next } && now < next)
        {
            putBack = next - now > incident.Levels[incident.Level].Wait;
            if (!putBack) return null;
        }
        var level = putBack ? incident.Level : EscalationLevels.FirstWithPeople(incident.Levels, incident.Level + 1, rollout, directory, now);
        return new EscalationStep(level, EscalationLevels.People(incident.Levels[level], rollout, directory, now), level == incident.Level);
    }

    public static void Tell(Incident incident, EscalationStep step, DateTimeOffset now) => incident.Told(step.Level, now);

    /// <summary>'I have it.' The clock of the escalation stops. Who has it already is told so; somebody else may take it over. Faults: <c>incident.over</c>.</summary>
    public static Result<Done> Acknowledge(Incident incident, string by, DateTimeOffset now)
    {
        if (!incident.Open) return Over(incident);
        if (incident.OwnerId == by) return Done.Value;
        incident.Own(by);
        incident.Updated(now);   // the rhythm begins with whoever has it
        var times = incident.Times;
        if (times.Acknowledged is null) times = times with { Acknowledged = times.Mitigated is { } stopped && stopped < now ? stopped : Latest(times.Detected, now) };   // whoever stopped it had it in hand
        incident.Move(incident.Status == IncidentStatus.Triage ? IncidentStatus.Active : incident.Status, times, now);
        return Done.Value;
    }

    /// <summary>'I do not have it any more', or nobody heard of whoever had it: the next people are told at once. Faults: <c>incident.over</c>, <c>incident.nobodys</c>.</summary>
    public static Result<Done> LetGo(Incident incident)
    {
        if (!incident.Open) return Over(incident);
        if (incident.OwnerId is null) return Fault.Conflict("incident.nobodys", "Nobody has this incident; it escalates already.");
        incident.Own(null);
        return Done.Value;
    }

    /// <summary>
    /// Moves it on. What the new state says has happened gets its time, where it has none: now. Faults: <c>incident.over</c>, <c>incident.state</c>, <c>incident.holds</c> (closing while scaling waits for it), <c>incident.nobodys</c> (closing what nobody took).
    /// </summary>
    public static Result<Done> Move(Incident incident, IncidentStatus to, DateTimeOffset now)
    {
        if (incident.Status == to) return Done.Value;
        if (!From(incident.Status).Contains(to))
        {
            var may = From(incident.Status);
            return may.Count == 0 ? Over(incident) : Fault.Conflict("incident.state", $"From {Word(incident.Status)} it goes on to {string.Join(" or ", may.Select(Word))}.");
        }
        if (to == IncidentStatus.Closed && incident.HoldsScaling) return Fault.Refused("incident.holds", "Scaling waits for this incident. Somebody verifies by name that it is remedied before it is closed.");
        var times = incident.Times;
        var at = Latest(times.All.Max(t => t.At ?? DateTimeOffset.MinValue), now);
        times = to switch
        {
            IncidentStatus.Mitigated => times with { Mitigated = times.Mitigated ?? at },
            IncidentStatus.Resolved => times with { Mitigated = times.Mitigated ?? at, Restored = times.Restored ?? at, Resolved = times.Resolved ?? at },
            IncidentStatus.Active => times with { Mitigated = null, Restored = null, Resolved = null },   // it was not over after all
            _ => times,
        };
        incident.Move(to, times, now);
        return Done.Value;
    }

    /// <summary>Another incident is the same thing: this one ends in it, with what it touched, its hold on scaling, the worse severity of both and whoever hears of it. Faults: <c>incident.over</c>, <c>incident.merge</c>.</summary>
    public static Result<Done> Merge(Incident incident, Incident into, DateTimeOffset now)
    {
        if (!incident.Open) return Over(incident);
        if (into.Id == incident.Id || into.RolloutId != incident.RolloutId || !into.Open)
            return Fault.Refused("incident.merge", "An incident is merged into another one of the same rollout that is under way. Choose one, or open the other again first.", "into");
        incident.Merge(into.Id);
        if (incident.HoldsScaling && !into.HoldsScaling) into.Hold();
        if (incident.Severity < into.Severity) into.Grade(incident.Severity, now);
        into.AlsoTell([.. incident.AlsoTold, .. incident.Roles.Values, .. incident.OwnerId is { } owner ? (string[])[owner] : []]);
        into.Touches([.. into.Affected.Union(incident.Affected).Take(Incident.MostAffected)]);
        incident.Move(IncidentStatus.Merged, incident.Times, now);
        return Done.Value;
    }

    /// <summary>Sets its times. What its state says has happened has happened. Faults: <c>incident.over</c>, <c>incident.times</c>.</summary>
    public static Result<Done> SetTimes(Incident incident, IncidentTimes times)
    {
        if (From(incident.Status).Count == 0) return Over(incident);
        var missing = incident.Status switch
        {
            IncidentStatus.Mitigated when times.Mitigated is null => "mitigated",
            IncidentStatus.Resolved => times.All.FirstOrDefault(t => t.At is null && t.Name is "mitigated" or "restored" or "resolved").Name,
            _ => null,
        };
        if (missing is not null) return Fault.Refused("incident.times", $"The incident is {Word(incident.Status)}, so '{missing}' has happened. Correct the time, or open the incident again.", missing);
        if (times != incident.Times) incident.SetTimes(times);
        return Done.Value;
    }

    /// <summary>Who was told of it so far by its levels, as things stand now.</summary>
    public static IEnumerable<string> Reached(Incident incident, RolloutAuthority rollout, PeopleDirectory directory, DateTimeOffset now)
        => incident.Levels.Take(incident.Level + 1).SelectMany(l => EscalationLevels.People(l, rollout, directory, now));

    /// <summary>Who takes part without being a member of the rollout: whoever has it or has a role in it, and whoever its escalation has reached.</summary>
    public static bool IsNamed(Incident incident, string person, RolloutAuthority rollout, PeopleDirectory directory, DateTimeOffset now)
        => incident.OwnerId == person || incident.Roles.Values.Contains(person) || Reached(incident, rollout, directory, now).Contains(person);

    /// <summary>Whoever has it said nothing for twice the rhythm of its severity: it counts as let go.</summary>
    public static bool Silent(Incident incident, DateTimeOffset now)
        => incident is { Open: true, OwnerId: not null, UpdateDueAt: { } due } && SeveritySpec.Of(incident.Severity).UpdateEvery is { } every && now >= due + every;

    /// <summary>The clock was put back by more than the rhythm since somebody said something: it begins anew, so that nobody may say nothing for longer.</summary>
    public static bool PutBack(Incident incident, DateTimeOffset now)
        => incident is { Open: true, OwnerId: not null, UpdateDueAt: { } due } && SeveritySpec.Of(incident.Severity).UpdateEvery is { } every && due - now > 2 * every;

    internal static Fault Over(Incident incident) => Fault.Conflict("incident.over", $"This incident is {Word(incident.Status)}; nothing about it moves any more.");

    private static string Word(IncidentStatus status) => status.ToString().ToLowerInvariant();

    private static DateTimeOffset Latest(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
