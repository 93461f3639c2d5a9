namespace OpsConsole.Core.Execution;

/// <summary>What a plan undoes: one write, all of one decision, of one run, of one record, or everything an agent did since a moment.</summary>
public enum UndoScopeKind { Write, Decision, Run, Record, Agent }

/// <param name="DecisionId">For <see cref="UndoScopeKind.Write"/> and <see cref="UndoScopeKind.Decision"/>.</param>
/// <param name="Write">The write's place in the report, from 0.</param>
/// <param name="Since">When it was reported at the earliest; every agent scope has one, a record's may.</param>
public sealed record UndoScope(UndoScopeKind Kind, string? DecisionId = null, int? Write = null, string? RunId = null, string? AgentId = null, DateTimeOffset? Since = null, string? System = null, string? Record = null);

/// <summary>That somebody had writes undone: what, why and for which incident. How far it came is in its steps. Its key is the audit sequence number of its start, and is inside <see cref="Id"/>.</summary>
public sealed class UndoPlan
{
    /// <summary>So many writes are undone by one plan.</summary>
    public const int MostSteps = 1_000;
    public const int LongestReason = 2_000;

    private UndoPlan() { }

    public UndoPlan(long seq, string id, string rolloutId, UndoScope scope, string? incidentId, string? reason, string startedBy, DateTimeOffset at, int leftOut, bool rehearsal = false)
        => (Seq, Id, RolloutId, Scope, IncidentId, Reason, StartedBy, At, LeftOut, Rehearsal) = (seq, id, rolloutId, scope, incidentId, reason, startedBy, at, leftOut, rehearsal);

    public long Seq { get; private set; }
    public string Id { get; private set; } = "";
    public string RolloutId { get; private set; } = "";
    public UndoScope Scope { get; private set; } = null!;
    public string? IncidentId { get; private set; }
    public string? Reason { get; private set; }
    /// <summary>The id of the person who started it, or <c>console</c>.</summary>
    public string StartedBy { get; private set; } = "";
    public DateTimeOffset At { get; private set; }
    /// <summary>How many writes of the scope had a step of an earlier plan.</summary>
    public int LeftOut { get; private set; }
    /// <summary>What it undoes was made for practice; once all of it is undone it is evidence for gate C.</summary>
    public bool Rehearsal { get; private set; }
}
