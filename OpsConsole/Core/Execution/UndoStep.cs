namespace OpsConsole.Core.Execution;

/// <summary>
/// Where the undoing of one write stands. Waiting: nobody has begun. Sent: the agent or the endpoint has it and has not said what became of it. Undone, Skipped (it need not be undone) and Irreversible are ends;
/// from Partly, Failed and Conflict it may be tried again or handed to a person.
/// </summary>
public enum UndoState { Waiting, Sent, Undone, Partly, Failed, Conflict, Irreversible, Skipped }

/// <summary>Who carries a step out: the agent by its own action, the team's endpoint by a signed call, or a person who says so by name.</summary>
public enum UndoRunner { Agent, Endpoint, Person }

/// <summary>
/// One compensating step: the undoing of one reported write. There is one per write, whichever plan asked for it first, and its id is the key with which it is sent every time: whoever carries it out can tell a repetition,
/// and nothing is undone twice.
/// </summary>
public sealed class UndoStep
{
    public const int LongestWords = 2_000;

    private UndoStep() { }

    /// <param name="endpointId">The team's endpoint, where it carries the step out.</param>
    public UndoStep(string id, string planId, int place, ReportedWrite write, UndoRunner runner, UndoState state, string? why, string? endpointId = null)
    {
        (Id, PlanId, Place, DecisionSeq, WriteIndex, DecisionId, AgentId, RolloutId) = (id, planId, place, write.DecisionSeq, write.Index, write.DecisionId, write.AgentId, write.RolloutId);
        (System, Record, Operation, Kind, Action, Until, Runner, EndpointId, State, Says) = (write.System, write.Record, write.Operation, write.Kind, write.Action, write.Until, runner, runner == UndoRunner.Endpoint ? endpointId : null, state, why);
    }

    public string Id { get; private set; } = "";
    public string PlanId { get; private set; } = "";
    /// <summary>Its place in the plan, from 1: what was written last is undone first.</summary>
    public int Place { get; private set; }
    public long DecisionSeq { get; private set; }
    public int WriteIndex { get; private set; }
    public string DecisionId { get; private set; } = "";
    public string AgentId { get; private set; } = "";
    public string RolloutId { get; private set; } = "";
    public string System { get; private set; } = "";
    public string Record { get; private set; } = "";
    public string Operation { get; private set; } = "";
    public UndoKind Kind { get; private set; }
    public string? Action { get; private set; }
    /// <summary>The end of the write's reversible window; null: it never had one.</summary>
    public DateTimeOffset? Until { get; private set; }
    public UndoRunner Runner { get; private set; }
    /// <summary>The endpoint that it is sent to, every time: another one would not know its key.</summary>
    public string? EndpointId { get; private set; }
    /// <summary>Whom it was handed to; null: whoever may.</summary>
    public string? PersonId { get; private set; }
    public UndoState State { get; private set; }
    /// <summary>How often it was sent since somebody last looked at it.</summary>
    public int Attempts { get; private set; }
    /// <summary>When it was handed to a machine for the first time; null: it never was.</summary>
    public DateTimeOffset? SentAt { get; private set; }
    /// <summary>When it is sent again, if nothing was heard of it.</summary>
    public DateTimeOffset? DueAt { get; private set; }
    public DateTimeOffset? EndedAt { get; private set; }
    /// <summary><c>person:…</c>, <c>agent:…</c> or <c>system:console</c>.</summary>
    public string? EndedBy { get; private set; }
    /// <summary>Why it stands as it does, in words.</summary>
    public string? Says { get; private set; }
    public long Version { get; private set; } = 1;

    /// <summary>The same thing in the same system.</summary>
    public (string, string) Target => (System, Record);
    /// <summary>Nothing more will become of it by itself.</summary>
    public bool Ended => State is UndoState.Undone or UndoState.Irreversible or UndoState.Skipped;
    /// <summary>A person has to look at it.</summary>
    public bool NeedsSomebody => State is UndoState.Partly or UndoState.Failed or UndoState.Conflict || (State == UndoState.Waiting && Runner == UndoRunner.Person);

    internal void Send(DateTimeOffset now, DateTimeOffset again) => (State, Attempts, SentAt, DueAt, Version) = (UndoState.Sent, Attempts + 1, SentAt ?? now, again, Version + 1);

    /// <summary>What came back from an attempt that was no answer; it is sent again when it is due.</summary>
    internal void Hear(string says) => (Says, Version) = (says, Version + 1);

    internal void End(UndoState state, string by, DateTimeOffset at, string? says) => (State, EndedBy, EndedAt, DueAt, Says, Version) = (state, by, at, null, says, Version + 1);

    internal void Wait(UndoRunner runner, string? person, string? says, string? endpoint = null) => (State, Runner, PersonId, EndpointId, Attempts, DueAt, EndedAt, EndedBy, Says, Version) = (UndoState.Waiting, runner, person, endpoint, 0, null, null, null, says, Version + 1);
}
