using OpsConsole.Core.Access;
using OpsConsole.Core.Execution;
using OpsConsole.Core.Incidents;
using OpsConsole.Core.Shared;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Incidents;

namespace OpsConsole.Features.Undo;

/// <summary>What goes on record of plans and steps: the log and, where a plan belongs to an incident, that incident's timeline.</summary>
internal static class UndoNotes
{
    /// <summary>Signalled when a step may be sent earlier than was known.</summary>
    public const string Due = "undo-due";

    /// <param name="of">The plan's or the step's id.</param>
    /// <param name="payload">What is kept beside the entry; null: the text.</param>
    public static void Note(ChangeScope scope, UndoPlan plan, Actor by, string evt, string of, long? decisionSeq, object details, string text, object? payload = null)
    {
        var seq = scope.Audit(by, evt, of, details, payload ?? new { text }, plan.RolloutId, decisionSeq);
        scope.Signal(UndoPlanDesk.Topic(plan.RolloutId));
        scope.Signal(Due);
        if (plan.IncidentId is not { } incident) return;
        scope.Db.IncidentEntries.Add(new IncidentEntry(seq, incident, "undo", scope.Now, $"{by.Type}:{by.Id}", text));
        scope.Signal(IncidentDesk.Topic);
    }

    public static void Note(ChangeScope scope, UndoPlan plan, UndoStep step, Actor by, string evt, string text)
        => Note(scope, plan, by, evt, step.Id, step.DecisionSeq, new { plan = plan.Id, write = step.WriteIndex, runner = step.Runner.ToString().ToLowerInvariant(), state = UndoWords.Of(step.State), attempt = step.Attempts, to = step.PersonId }, $"{VisibleText.Flatten(step.Record)} in {VisibleText.Flatten(step.System)}: {text}");

    public static void Sent(ChangeScope scope, UndoPlan plan, UndoStep step, Actor by)
        => Note(scope, plan, step, by, "undo.sent", $"given to {(step.Runner == UndoRunner.Endpoint ? "the team's endpoint" : UndoWords.Name("agent:" + step.AgentId, scope.State))} to undo{(step.Attempts > 1 ? $", attempt {step.Attempts}" : "")}.");

    /// <summary>That a step ended, or waits for somebody now; then whatever waits behind it in vain.</summary>
    /// <param name="steps">Of its plan.</param>
    public static void Reported(ChangeScope scope, UndoPlan plan, UndoStep step, IReadOnlyList<UndoStep> steps, Actor by)
    {
        Note(scope, plan, step, by, "undo.reported", $"{UndoWords.Of(step.State)}{(step.Says is { Length: > 0 } words && step.State != UndoState.Undone ? ": " + words : ".")}");
        foreach (var stuck in Unstick(steps, scope.Now)) Note(scope, plan, stuck, Actor.System, "undo.reported", $"conflict: {stuck.Says}");
        // An incident's plan is looked at there; of any other nobody would hear.
        if (plan.IncidentId is not null || !step.NeedsSomebody || by.Type == "person") return;
        var seq = scope.Audit(Actor.System, "alert.raised", step.DecisionId, new { kind = "undo.stuck", agent = step.AgentId }, rolloutId: plan.RolloutId, decisionSeq: step.DecisionSeq);
        scope.Db.Alerts.Add(new Core.Audit.Alert { Seq = seq, At = scope.Now, Kind = "undo.stuck", RolloutId = plan.RolloutId, AgentId = step.AgentId, DecisionId = step.DecisionId, Text = $"{VisibleText.Flatten(step.Record)} in {VisibleText.Flatten(step.System)} is {UndoWords.Of(step.State)}{(step.Says is { Length: > 0 } why ? ": " + VisibleText.Flatten(why) : "")}. Somebody has to look at the plan /undo/{plan.Id}." });
        scope.Signal("alerts");
    }

    /// <summary>A person does it, who is warned where a machine was given it before.</summary>
    public static void HandOver(ChangeScope scope, UndoPlan plan, UndoStep step, Actor by, string? person, string? words)
    {
        var underWay = step.SentAt is not null;
        if (UndoRules.HandOver(step, person).Fault is not null) return;
        if (underWay) words = $"It was given out before and may have been undone: look at the record first. {words}".TrimEnd();
        if (words is not null) step.Hear(words);
        Note(scope, plan, step, by, "undo.handed_over", $"for {(person is null ? "whoever may" : scope.State.Directory.NameOf(person))} to undo by hand.{(words is { Length: > 0 } ? " " + words : "")}");
    }

    /// <summary>Makes conflicts of the steps that wait behind one that stays, and of those behind them; returns them.</summary>
    public static List<UndoStep> Unstick(IReadOnlyList<UndoStep> steps, DateTimeOffset now)
    {
        List<UndoStep> ended = [];
        while (UndoRules.Stuck(steps) is { Count: > 0 } stuck)
        {
            foreach (var (step, why) in stuck)
            {
                step.End(UndoState.Conflict, "system:console", now, why);
                ended.Add(step);
            }
        }
        return ended;
    }
}
