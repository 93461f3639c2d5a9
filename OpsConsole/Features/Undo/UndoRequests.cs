using OpsConsole.Core.Execution;
using OpsConsole.Core.Shared;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Undo;

/// <summary><c>POST undo/plans</c>.</summary>
/// <param name="Scope">What is to be undone.</param>
/// <param name="RolloutId">For a run or a record; a decision and an agent say themselves where they belong.</param>
/// <param name="IncidentId">Its timeline tells how it goes.</param>
/// <param name="Rehearsal">What it undoes was made for practice.</param>
/// <param name="DryRun">Only look what would be done.</param>
public sealed record UndoRequest(UndoScope Scope, string? RolloutId = null, string? IncidentId = null, string? Reason = null, bool DryRun = false, bool Rehearsal = false)
{
    private const int LongestId = 200, LongestSystem = 200, LongestRecord = 500;

    internal static UndoRequest Read(Fields f)
    {
        var scope = new UndoScope(UndoScopeKind.Decision);
        if (f.Any("scope", required: true) is { ValueKind: not System.Text.Json.JsonValueKind.Undefined } given)
        {
            var inner = new Fields(given, "scope");
            scope = scope with
            {
                DecisionId = inner.Text("decision_id", 40), Write = (int?)inner.Whole("write", 0, 999), RunId = inner.Text("run_id", LongestId), AgentId = inner.Text("agent_id", 40), Since = inner.Time("since"),
                System = inner.Text("system", LongestSystem), Record = inner.Text("record", LongestRecord),
            };
            scope = scope with { Kind = KindOf(scope) };
            if (inner.Finish() is { } wrong) f.Refuse("scope", "is wrong: " + wrong.Message);
            else if (Contradicts(scope)) f.Refuse("scope", "must be one of: decision_id (and write); run_id; agent_id and since; system and record (and since).");
        }
        var request = new UndoRequest(scope, f.Text("rollout_id", 40), f.Text("incident_id", 40), f.Text("reason", UndoPlan.LongestReason), f.Flag("dry_run") ?? false, f.Flag("rehearsal") ?? false);
        if (scope.Kind is UndoScopeKind.Run or UndoScopeKind.Record && request.RolloutId is null) f.Refuse("rollout_id", "is required for a run or a record.");
        return request;
    }

    /// <summary>What a page hands over is held against the same limits as a body.</summary>
    internal Fault? Wrong() => Contradicts(Scope) || (Scope.Kind is UndoScopeKind.Run or UndoScopeKind.Record && RolloutId is null) ? Fault.Invalid("field.invalid", "The scope names nothing, or too much.", "scope")
        : TextRules.Wrong("scope", Scope.RunId, LongestId) ?? TextRules.Wrong("scope", Scope.Record, LongestRecord) ?? TextRules.Wrong("scope", Scope.System, LongestSystem) ?? TextRules.Wrong("reason", Reason, UndoPlan.LongestReason);

    private static UndoScopeKind KindOf(UndoScope s)
        => s.RunId is not null ? UndoScopeKind.Run : s.AgentId is not null ? UndoScopeKind.Agent : s.System is not null || s.Record is not null ? UndoScopeKind.Record : s.Write is not null ? UndoScopeKind.Write : UndoScopeKind.Decision;

    private static bool Contradicts(UndoScope s) => s != (s.Kind switch
    {
        UndoScopeKind.Decision when s.DecisionId is not null => new UndoScope(s.Kind, s.DecisionId),
        UndoScopeKind.Write when s.DecisionId is not null => new UndoScope(s.Kind, s.DecisionId, s.Write),
        UndoScopeKind.Run when s.RunId is { Length: > 0 } => new UndoScope(s.Kind, RunId: s.RunId),
        UndoScopeKind.Agent when s.Since is not null => new UndoScope(s.Kind, AgentId: s.AgentId, Since: s.Since),
        UndoScopeKind.Record when s.System is not null && s.Record is not null => new UndoScope(s.Kind, Since: s.Since, System: s.System, Record: s.Record),
        _ => null,
    });
}

/// <summary><c>POST undo/{id}/outcome</c> and <c>POST undo/steps/{id}/outcome</c>.</summary>
/// <param name="Words">What became of it; required where it is not undone.</param>
public sealed record UndoOutcomeRequest(UndoState Status, string? Words)
{
    private static readonly Dictionary<string, UndoState> Said = new() { ["undone"] = UndoState.Undone, ["partly"] = UndoState.Partly, ["failed"] = UndoState.Failed, ["conflict"] = UndoState.Conflict };
    private static readonly Dictionary<string, UndoState> SaidByPeople = new(Said) { ["irreversible"] = UndoState.Irreversible, ["skipped"] = UndoState.Skipped };

    internal static UndoOutcomeRequest ReadAgent(Fields f) => Read(f, Said);
    internal static UndoOutcomeRequest ReadPerson(Fields f) => Read(f, SaidByPeople);
    internal static UndoState? Parse(string? status) => status is not null && Said.TryGetValue(status, out var state) ? state : null;

    private static UndoOutcomeRequest Read(Fields f, Dictionary<string, UndoState> words) => new(f.Word("status", words, required: true) ?? UndoState.Failed, f.Text("words", UndoStep.LongestWords));
}

/// <summary><c>POST undo/steps/{id}/hand_over</c>.</summary>
/// <param name="To">E-mail; null: whoever may.</param>
public sealed record HandOverRequest(string? To, string? Words)
{
    internal static HandOverRequest Read(Fields f) => new(f.Email("to"), f.Text("words", UndoStep.LongestWords));
}
