using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Approvals;

/// <summary>What is known about undoing a call before it is let go.</summary>
/// <param name="ByRule">The rule calls it reversible.</param>
/// <param name="Plan">The agent sent a plan.</param>
/// <param name="Action">The action that the plan would use; null where it is left to people.</param>
/// <param name="Listed">Whether the register lists that action; null where nothing is listed at all.</param>
/// <param name="Answer">What the agent would be told if it asked for that action now.</param>
/// <param name="Why">The reason of that answer.</param>
/// <param name="Succeeded">How often this agent did that action lately and reported success.</param>
/// <param name="Failed">How often it reported a failure, or nothing.</param>
public sealed record UndoGround(bool ByRule, TimeSpan Window, bool Plan, string? Action, bool? Listed, Outcome? Answer, string? Why, int Succeeded, int Failed);

/// <summary>Whether something can really be undone: what the rule says held against what the agent's plan is worth.</summary>
/// <param name="Holds">Rule, plan and matrix agree that it can be undone.</param>
/// <param name="Sentence">All of it in a sentence or two.</param>
public sealed record Reversibility(bool Holds, string Sentence)
{
    public static Reversibility Of(UndoGround g)
    {
        var rule = g.ByRule ? $"The rule calls it reversible for {DurationWords.Of(g.Window)}" : "The rule calls it irreversible";
        if (!g.Plan) return new(false, g.ByRule ? $"{rule}, but the agent sent no plan: undoing it is left to people." : $"{rule}, and the agent sent no plan to undo it.");
        if (g.Action is not { } action)
            return new(false, g.ByRule ? $"{rule}, and the agent's plan is one that people carry out: nothing here can check it." : $"{rule}; the agent's plan is one that people carry out.");
        var quoted = $"“{VisibleText.Flatten(action)}”";
        var plan = g.Answer switch
        {
            Outcome.Allow => $"the matrix would allow its undo action {quoted}",
            Outcome.Pending => $"its undo action {quoted} would wait for a person as well",
            _ => $"the matrix denies its undo action {quoted}",
        };
        var denied = g.Answer is not (Outcome.Allow or Outcome.Pending);
        var first = g.ByRule ? $"{rule} and the agent sent a plan, {(denied ? "but" : "and")} {plan}." : $"{rule}, although the agent sent a plan; {plan}.";
        var why = denied && g.Why is { Length: > 0 } ? " " + VisibleText.Flatten(g.Why) : "";
        var listed = g.Listed == false ? $" The register does not list {quoted}." : "";
        var done = g.Succeeded + g.Failed;
        var record = done == 0 ? $" This agent has not done {quoted} lately." : $" This agent did {quoted} {Counted.Of(done, "time")} lately: {(g.Failed == 0 ? "all reported as succeeded" : $"{g.Succeeded} reported as succeeded, {g.Failed} not")}.";
        return new(g.ByRule && g.Answer == Outcome.Allow && g.Listed != false && g.Failed == 0, first + why + listed + record);
    }
}
