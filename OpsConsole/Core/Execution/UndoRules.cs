using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Execution;

/// <summary>What may become of undo steps. All of it goes through the writer, one after the other.</summary>
public static class UndoRules
{
    /// <summary>How long a step that was sent may take before it is sent again with the same key.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(5);
    /// <summary>After so many times without an answer it is a person's.</summary>
    public const int MostAttempts = 5;

    /// <summary>
    /// Whether a step's turn has come: everything that was written to the same record after it, and is in hand, is undone. Where a newer one ended otherwise it must not run, because it would overwrite what stands there.
    /// </summary>
    /// <param name="all">The steps of its plan.</param>
    public static bool MayRun(UndoStep step, IReadOnlyCollection<UndoStep> all)
        => step.State == UndoState.Waiting && all.Where(o => o.Place < step.Place && o.Target == step.Target).All(o => o.State is UndoState.Undone or UndoState.Skipped);

    /// <summary>
    /// Steps that wait behind one that will not be undone, with the words for it: they are conflicts now, and people decide. Where somebody takes the newer one up again they can be tried again as well.
    /// </summary>
    public static IReadOnlyList<(UndoStep Step, string Why)> Stuck(IReadOnlyCollection<UndoStep> all)
    {
        var stays = all.Where(s => s.State is UndoState.Irreversible or UndoState.Conflict).ToList();
        return [.. all.Where(s => s is { State: UndoState.Waiting, Runner: not UndoRunner.Person }).Select(s => (Step: s, Newer: stays.Find(o => o.Place < s.Place && o.Target == s.Target))).Where(p => p.Newer is not null)
            .Select(p => (p.Step, $"A newer write to {VisibleText.Flatten(p.Step.Record)} stays ({p.Newer!.State.ToString().ToLowerInvariant()}), so undoing this one would not bring back what was there."))];
    }

    /// <summary>Hands a step to its runner, or hands it over again after <see cref="Lease"/>: always under its own id. False: it is not to be sent now.</summary>
    public static bool Send(UndoStep step, IReadOnlyCollection<UndoStep> all, DateTimeOffset now)
    {
        if (step.Runner == UndoRunner.Person) return false;
        if (step.State == UndoState.Sent ? step.DueAt > now : !MayRun(step, all)) return false;
        if (step.Attempts >= MostAttempts)
        {
            step.End(UndoState.Failed, "system:console", now, $"Nothing was heard of it after {MostAttempts} attempts. It may have happened: look at the record before trying again.");
            return false;
        }
        step.Send(now, now + Lease);
        return true;
    }

    /// <summary>
    /// What became of a step. The same answer again is fine, whoever lost it. Faults: <c>undo.already_reported</c> (another answer to one that has ended), <c>undo.not_begun</c> (an agent or endpoint answers what it was not given), <c>field.required</c> (words, where it is not undone).
    /// </summary>
    /// <param name="by"><c>person:…</c>, <c>agent:…</c> or <c>system:console</c>.</param>
    public static Result<Done> Report(UndoStep step, UndoState became, string by, string? words, DateTimeOffset now)
    {
        if (became is UndoState.Waiting or UndoState.Sent) return Fault.Invalid("field.invalid", "A step is reported as undone, partly, failed, conflict, irreversible or skipped.", "status");
        if (step.State == became && step.EndedBy is not null) return Done.Value;
        if (step.Ended) return Fault.Conflict("undo.already_reported", $"This step is {step.State.ToString().ToLowerInvariant()} already; that is never changed.");
        var person = by.StartsWith("person:", StringComparison.Ordinal);
        if (!person && became is UndoState.Irreversible or UndoState.Skipped) return Fault.Forbidden("Only a person says that something stays as it is.", "undo.not_yours");
        if (!person && step.State != UndoState.Sent) return Fault.Conflict("undo.not_begun", "This step was not given to you, or somebody else took it meanwhile.");
        if (became != UndoState.Undone && string.IsNullOrWhiteSpace(words)) return Fault.Invalid("field.required", "Say in words what became of it.", "words");
        step.End(became, by, now, string.IsNullOrWhiteSpace(words) ? null : words.Trim());
        return Done.Value;
    }

    /// <summary>Once more, under the same id.</summary>
    /// <param name="endpoint">Where the endpoint carries it out: which one.</param>
    /// <returns>Faults: <c>undo.state</c>.</returns>
    public static Result<Done> Retry(UndoStep step, UndoRunner runner, string? endpoint = null)
    {
        if (step.State is not (UndoState.Partly or UndoState.Failed or UndoState.Conflict)) return Fault.Conflict("undo.state", "Only a step that did not go through is tried again.");
        step.Wait(runner, null, step.Says, endpoint);
        return Done.Value;
    }

    /// <summary>A person does it instead. Faults: <c>undo.already_reported</c>.</summary>
    public static Result<Done> HandOver(UndoStep step, string? person)
    {
        if (step.Ended) return Fault.Conflict("undo.already_reported", $"This step is {step.State.ToString().ToLowerInvariant()} already.");
        step.Wait(UndoRunner.Person, person, step.Says);
        return Done.Value;
    }
}
