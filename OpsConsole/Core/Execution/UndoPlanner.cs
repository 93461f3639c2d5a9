using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Execution;

/// <summary>What is to become of one write: who undoes it, or why it cannot be undone by itself.</summary>
public sealed record PlannedUndo(ReportedWrite Write, UndoRunner Runner, UndoState State, string? Why);

/// <summary>From reported writes to the steps that undo them.</summary>
public static class UndoPlanner
{
    /// <summary>
    /// The steps, in the order in which they are carried out: what was written last comes first. A write that was overwritten by one that this plan does not undo is a conflict from the start; what the agent cannot take back
    /// (no action named, the window over, the rule says irreversible) waits for a person, who may find a way or say that there is none.
    /// </summary>
    /// <param name="writes">What is to be undone; those that have a step already are left out by the caller.</param>
    /// <param name="later">Of all writes to the same targets, those that the plan does not undo.</param>
    /// <param name="endpoint">The team has an endpoint of its own, which carries out what the agent would.</param>
    /// <param name="reachable">Whether the agent of this id may still be asked: it is not retired.</param>
    public static IReadOnlyList<PlannedUndo> Plan(IReadOnlyList<ReportedWrite> writes, IReadOnlyList<ReportedWrite> later, bool endpoint, Func<string, bool> reachable, DateTimeOffset now)
    {
        var planned = writes.OrderByDescending(w => w.At).ThenByDescending(w => w.DecisionSeq).ThenByDescending(w => w.Index);
        var others = later.ToLookup(w => w.Target);
        return [.. planned.Select(w =>
        {
            if (others[w.Target].Where(o => IsLater(o, w)).MaxBy(o => o.At) is { } newer) return new PlannedUndo(w, UndoRunner.Person, UndoState.Conflict, Overwritten(newer, w.RolloutId));
            if (ByHand(w, endpoint, reachable, now) is { } why) return new PlannedUndo(w, UndoRunner.Person, UndoState.Waiting, why);
            return new PlannedUndo(w, endpoint ? UndoRunner.Endpoint : UndoRunner.Agent, UndoState.Waiting, null);
        })];
    }

    /// <summary>Why a newer write is in the way, for the people of a rollout: what another one decided is not theirs to know.</summary>
    public static string Overwritten(ReportedWrite newer, string rolloutId) => $"{(newer.RolloutId == rolloutId ? $"Decision {newer.DecisionId}" : "An agent of another rollout")} wrote it again later, and this plan does not undo that. Look at the record before changing it.";

    /// <summary>Whether one write of a record came after another.</summary>
    public static bool IsLater(ReportedWrite a, ReportedWrite b) => a.At != b.At ? a.At > b.At : a.DecisionSeq != b.DecisionSeq ? a.DecisionSeq > b.DecisionSeq : a.Index > b.Index;

    // Why a machine does not do it, or null.
    private static string? ByHand(ReportedWrite w, bool endpoint, Func<string, bool> reachable, DateTimeOffset now)
        => w.Kind == UndoKind.None ? "The report does not say how it is undone."
         : w.Kind == UndoKind.Manual || w.Action is null ? $"The report leaves it to people{(w.Description is { Length: > 0 } words ? ": " + VisibleText.Flatten(words) : ".")}"
         : !w.Reversible ? "The rule under which it ran calls it irreversible."
         : w.Until is { } until && until <= now ? "Its window is over: somebody looks whether it can still be undone."
         : !endpoint && !reachable(w.AgentId) ? "The agent that wrote it is not there to undo it."
         : null;
}
