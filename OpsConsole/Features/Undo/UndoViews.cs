using System.Text.Json;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Execution;
using OpsConsole.Features.Incidents;

namespace OpsConsole.Features.Undo;

/// <summary>One step as people see it.</summary>
/// <param name="Id">The key under which it is sent; null in a preview.</param>
/// <param name="Place">From 1: what was written last is undone first.</param>
/// <param name="Until">The end of the write's reversible window.</param>
/// <param name="State">As <see cref="UndoState"/>.</param>
/// <param name="NeedsSomebody">A person has to look at it.</param>
public sealed record UndoStepView(string? Id, string? PlanId, int Place, string DecisionId, int Write, string AgentId, string AgentName, string System, string Record, string Operation, string Kind, string? Action, DateTimeOffset? Until,
    UndoRunner Runner, NamedPerson? Person, UndoState State, bool NeedsSomebody, string? Says, int Attempts, DateTimeOffset? SentAt, DateTimeOffset? DueAt, DateTimeOffset? EndedAt, string? EndedBy, long Version)
{
    internal static UndoStepView Of(UndoStep s, ConsoleState state) => new(s.Id.Length == 0 ? null : s.Id, s.PlanId.Length == 0 ? null : s.PlanId, s.Place, s.DecisionId, s.WriteIndex, s.AgentId, state.Agents.TryGetValue(s.AgentId, out var agent) ? agent.Name : s.AgentId,
        s.System, s.Record, s.Operation, ReportedWrite.Wire(s.Kind), s.Action, s.Until, s.Runner, s.PersonId is { } person ? new NamedPerson(person, state.Directory.NameOf(person)) : null, s.State, s.NeedsSomebody, s.Says, s.Attempts, s.SentAt, s.DueAt,
        s.EndedAt, s.EndedBy is { } by ? UndoWords.Name(by, state) : null, s.Version);
}

/// <summary>How far a plan is.</summary>
public enum UndoProgress { Preview, Running, NeedsSomebody, Done }

/// <summary>A plan, or the preview of one.</summary>
/// <param name="Id">Null in a preview.</param>
/// <param name="Counts">Steps by state.</param>
/// <param name="Steps">In their order; null in a list.</param>
/// <param name="Already">Of the scope's writes, those that an earlier plan undoes; told when a plan is made.</param>
/// <param name="LeftOut">How many those are.</param>
/// <param name="AgentName">Of the scope's agent, where it names one.</param>
public sealed record UndoPlanView(string? Id, string RolloutId, UndoScope Scope, string? IncidentId, string? Reason, NamedPerson? StartedBy, DateTimeOffset? At, UndoProgress State, IReadOnlyDictionary<string, int> Counts,
    IReadOnlyList<UndoStepView>? Steps, IReadOnlyList<UndoStepView>? Already, int LeftOut, string RolloutName, string? AgentName, bool Rehearsal)
{
    /// <summary>Of the scope's decision, where it names one: what the agent did.</summary>
    public string? Action { get; init; }
    /// <summary>What it did it to.</summary>
    public string? ResourceType { get; init; }
    public string? ResourceId { get; init; }

    /// <summary>Steps that somebody has to look at, which nothing but people moves on.</summary>
    public int NeedSomebody { get; init; }
    /// <summary>Of the waiting steps, those that wait for people and not for machines.</summary>
    public int ByPeople { get; init; }

    internal static UndoPlanView Of(UndoPlan p, IReadOnlyList<UndoStep> steps, ConsoleState state, bool listed = false, IReadOnlyList<UndoStep>? already = null) => new(p.Id, p.RolloutId, p.Scope, p.IncidentId, p.Reason,
        new NamedPerson(p.StartedBy, state.Directory.NameOf(p.StartedBy)), p.At, Progress(steps), Count(steps), listed ? null : Views(steps, state), already is null ? null : Views(already, state), p.LeftOut, state.Rollouts[p.RolloutId].Name, AgentOf(p.Scope, state), p.Rehearsal) { NeedSomebody = steps.Count(s => s.NeedsSomebody), ByPeople = steps.Count(s => s is { State: UndoState.Waiting, Runner: UndoRunner.Person }) };

    internal static UndoPlanView Preview(string rolloutId, UndoRequest request, IReadOnlyList<UndoStep> steps, IReadOnlyList<UndoStep> already, ConsoleState state) => new(null, rolloutId, request.Scope, request.IncidentId, request.Reason,
        null, null, UndoProgress.Preview, Count(steps), Views(steps, state), Views(already, state), already.Count, state.Rollouts[rolloutId].Name, AgentOf(request.Scope, state), request.Rehearsal) { NeedSomebody = steps.Count(s => s.NeedsSomebody), ByPeople = steps.Count(s => s is { State: UndoState.Waiting, Runner: UndoRunner.Person }) };

    private static string? AgentOf(UndoScope scope, ConsoleState state) => scope.AgentId is { } id ? UndoWords.Name("agent:" + id, state) : null;
    private static UndoProgress Progress(IReadOnlyList<UndoStep> steps) => steps.All(s => s.Ended) ? UndoProgress.Done : steps.Any(s => s.NeedsSomebody) ? UndoProgress.NeedsSomebody : UndoProgress.Running;
    private static Dictionary<string, int> Count(IReadOnlyList<UndoStep> steps) => steps.CountBy(s => s.State).OrderBy(c => c.Key).ToDictionary(c => UndoWords.Of(c.Key), c => c.Value);
    private static List<UndoStepView> Views(IReadOnlyList<UndoStep> steps, ConsoleState state) => [.. steps.Select(s => UndoStepView.Of(s, state))];
}

/// <summary>One step as whoever carries it out gets it, the agent or the team's endpoint: what to do, on what, under which key, and what has to be so still.</summary>
/// <param name="Key">The same at every repetition: what was done under it is not done again.</param>
/// <param name="After">The record as it has to be still; where it is otherwise somebody changed it, and the step ends as a conflict.</param>
/// <param name="Before">The record as it was, and is to be again.</param>
/// <param name="UnchangedSince">When <paramref name="After"/> was reported.</param>
/// <param name="DueAt">Without an answer by then it is given again.</param>
public sealed record UndoTask(string Id, string Key, string PlanId, string RolloutId, string AgentId, string DecisionId, int Write, string System, string Record, string Operation, string Kind, string? Description, string? Action,
    JsonElement? Arguments, JsonElement? Before, JsonElement? After, DateTimeOffset UnchangedSince, int Attempt, DateTimeOffset? DueAt)
{
    internal static UndoTask Of(UndoStep s, ReportedWrite w) => new(s.Id, s.Id, s.PlanId, s.RolloutId, s.AgentId, s.DecisionId, s.WriteIndex, s.System, s.Record, s.Operation, ReportedWrite.Wire(s.Kind), w.Description, s.Action,
        Parse(w.Arguments), Parse(w.Before), Parse(w.After), w.At, s.Attempts, s.DueAt);

    private static JsonElement? Parse(string? json) => json is null ? null : JsonElement.Parse(json);
}

internal static class UndoWords
{
    public static string Of(UndoState state) => state.ToString().ToLowerInvariant();

    public static string Name(string actor, ConsoleState state) => actor.Split(':', 2) switch
    {
        ["person", var id] => state.Directory.NameOf(id),
        ["agent", var id] => state.Agents.TryGetValue(id, out var agent) ? agent.Name : id,
        _ => "the console",
    };
}
