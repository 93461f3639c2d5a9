using OpsConsole.Core.Decisions;
using OpsConsole.Core.Incidents;
using OpsConsole.Core.Shared;

namespace OpsConsole.Features.Incidents;

/// <summary>A person by id and name.</summary>
public sealed record NamedPerson(string Id, string Name);

/// <summary>What happens next while nobody has it: who is told when.</summary>
public sealed record NextStep(DateTimeOffset At, IReadOnlyList<NamedPerson> People, bool Again);

/// <summary>An incident as people and scripts see it. Times are UTC; <paramref name="Version"/> goes into <c>If-Match</c>.</summary>
/// <param name="Next">Null while somebody has it.</param>
/// <param name="MayMoveTo">Where it may go on to from here.</param>
public sealed record IncidentView(string Id, long Version, string RolloutId, string RolloutName, string Title, string? Text, string Severity, string Status, string Source, string OpenedBy, DateTimeOffset OpenedAt, string? Row,
    IReadOnlyDictionary<string, DateTimeOffset?> Times, NamedPerson? Owner, DateTimeOffset? RoutedAt, NextStep? Next, IReadOnlyDictionary<string, NamedPerson> Roles, IReadOnlyList<Affected> Affected, DateTimeOffset? UpdateDueAt,
    bool HoldsScaling, NamedPerson? VerifiedBy, DateTimeOffset? VerifiedAt, string? MergedInto, IReadOnlyList<string> MayMoveTo)
{
    internal static IncidentView Of(Incident i, ConsoleState state, DateTimeOffset now)
    {
        var rollout = state.Rollouts[i.RolloutId];
        NextStep? next = null;
        if (i is { Escalates: true, NextAt: { } at })
        {
            var level = EscalationLevels.FirstWithPeople(i.Levels, i.Level + 1, rollout, state.Directory, now);
            next = new NextStep(at, [.. EscalationLevels.People(i.Levels[level], rollout, state.Directory, now).Select(Person)], level == i.Level);
        }
        return new(i.Id, i.Version, i.RolloutId, rollout.Name, i.Title, i.Text, SeveritySpec.Of(i.Severity).Wire, Word(i.Status), i.Source.ToString().ToLowerInvariant(), Name(i.OpenedBy, state), i.OpenedAt, i.Row,
            i.Times.All.ToDictionary(t => t.Name, t => t.At), i.OwnerId is { } owner ? Person(owner) : null, i.RoutedAt, next, i.Roles.ToDictionary(r => r.Key.ToString().ToLowerInvariant(), r => Person(r.Value)), i.Affected, i.UpdateDueAt,
            i.HoldsScaling, i.VerifiedBy is { } by ? Person(by) : null, i.VerifiedAt, i.MergedInto, [.. IncidentRules.From(i.Status).Select(Word)]);

        NamedPerson Person(string id) => new(id, state.Directory.NameOf(id));
    }

    internal static string Word(IncidentStatus status) => status.ToString().ToLowerInvariant();

    /// <summary>The name behind <c>person:…</c>, <c>agent:…</c> or <c>system:console</c>.</summary>
    internal static string Name(string actor, ConsoleState state) => actor.Split(':', 2) switch
    {
        ["person", var id] => state.Directory.NameOf(id),
        ["agent", var id] => state.Agents.TryGetValue(id, out var agent) ? agent.Name : id,
        _ => "the console",
    };
}

/// <summary>One line of the timeline; <paramref name="Seq"/> is the log entry that proves it.</summary>
public sealed record TimelineLine(long Seq, string Kind, DateTimeOffset At, string By, string Text);

/// <summary>An incident with all that is known of it.</summary>
/// <param name="Links">What it is about, by kind.</param>
/// <param name="Responses">What the console did about it.</param>
/// <param name="MayTakePart">The reader may take it, move it on and say something.</param>
/// <param name="People">Who can be given a role or an action: whoever can sign in and sees the rollout or has to do with the incident, by name. Empty for whoever takes no part.</param>
/// <param name="Path">How the owner of its scenario is reached besides, in the words of the escalation matrix.</param>
public sealed record IncidentStory(IncidentView Incident, IReadOnlyList<TimelineLine> Timeline, IReadOnlyList<IncidentReference> Links, IReadOnlyList<ResponseView> Responses, bool MayTakePart, IReadOnlyList<NamedPerson> People, string Path);

/// <summary>A response that was carried out; <paramref name="Id"/> is the log entry that proves it.</summary>
public sealed record ResponseView(long Id, string Response, string By, DateTimeOffset At, string Says, bool MayBeTakenBack, DateTimeOffset? TakenBackAt, NamedPerson? TakenBackBy);

/// <summary>A decision, a run, an agent or an alert that an incident is about.</summary>
public sealed record IncidentReference(string Kind, string Id);
