using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Rollouts;

/// <summary>
/// 'Report a failure', practised: somebody who is not to take it reports a scenario, the clock runs until its owner or deputy acknowledges. Under five minutes passes (product.md, step 3).
/// </summary>
public sealed class RoutingDrill
{
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);
    /// <summary>Nobody waits longer than this: then it ends by itself, as failed.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(30);

    private RoutingDrill() { }
    public RoutingDrill(string id, string rolloutId, string row, string scenario, IReadOnlyList<string> expected, string startedBy, DateTimeOffset at)
        => (Id, RolloutId, Row, Scenario, Expected, StartedBy, StartedAt) = (id, rolloutId, row, scenario, expected, startedBy, at);

    public string Id { get; private set; } = "";
    public string RolloutId { get; private set; } = "";
    /// <summary>The row of the escalation matrix, and its scenario as it read then.</summary>
    public string Row { get; private set; } = "";
    public string Scenario { get; private set; } = "";
    /// <summary>Ids of the people who may acknowledge: the row's owner and deputy.</summary>
    public IReadOnlyList<string> Expected { get; private set; } = [];
    public string StartedBy { get; private set; } = "";
    public DateTimeOffset StartedAt { get; private set; }
    public string? AcknowledgedBy { get; private set; }
    public DateTimeOffset? EndedAt { get; private set; }

    public bool Running => EndedAt is null;
    /// <summary>Null while it runs, and where nobody was reached.</summary>
    public TimeSpan? Took => AcknowledgedBy is null ? null : EndedAt - StartedAt;
    public bool Passed => Took < Limit;

    /// <summary>Faults: <c>drill.over</c>, <c>drill.not_yours</c>.</summary>
    public Result<Done> Acknowledge(string by, DateTimeOffset at)
    {
        if (!Running) return Fault.Conflict("drill.over", "This drill is over.");
        if (!Expected.Contains(by)) return Fault.Forbidden("The owner of this scenario acknowledges it, or the deputy.", "drill.not_yours");
        (AcknowledgedBy, EndedAt) = (by, at);
        return Done.Value;
    }

    /// <summary>Ends it as failed when it ran its longest; true when it did.</summary>
    public bool Lapse(DateTimeOffset now)
    {
        if (!Running || now - StartedAt < Longest) return false;
        EndedAt = StartedAt + Longest;
        return true;
    }

    /// <summary>Ends it without anybody reached; it is kept as failed.</summary>
    public Result<Done> GiveUp(DateTimeOffset at)
    {
        if (!Running) return Fault.Conflict("drill.over", "This drill is over.");
        EndedAt = at;
        return Done.Value;
    }
}
