namespace OpsConsole.Core.Execution;

/// <summary>The same thing in the same system: undoing one write of it depends on those that came later.</summary>
public readonly record struct WriteTarget(string System, string Record);

/// <summary>That a report says a record was written: by it the writes of an agent, and those to one record, are found. What was written stands in the report itself, which may be erased.</summary>
public sealed class WrittenRecord
{
    /// <summary>The log entry of the report.</summary>
    public long AuditSeq { get; init; }
    /// <summary>Its place in the report, from 0.</summary>
    public int WriteIndex { get; init; }
    public long DecisionSeq { get; init; }
    public string AgentId { get; init; } = "";
    public string RolloutId { get; init; } = "";
    /// <summary>When it was reported.</summary>
    public DateTimeOffset At { get; init; }
    public string System { get; init; } = "";
    public string Record { get; init; } = "";
}
