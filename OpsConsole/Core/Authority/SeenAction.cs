namespace OpsConsole.Core.Authority;

/// <summary>That the agents of a rollout asked for an action, and when first. The catalogue shows those that it does not list.</summary>
public sealed class SeenAction
{
    /// <summary>How many are remembered per rollout: an agent that makes names up must not fill the database.</summary>
    public const int MostPerRollout = 1_000;

    private SeenAction() { }
    public SeenAction(string rolloutId, string action, long firstSeq, DateTimeOffset at) => (RolloutId, Action, FirstSeq, At) = (rolloutId, action, firstSeq, at);

    public string RolloutId { get; private set; } = "";
    /// <summary>In lower case, as actions are compared.</summary>
    public string Action { get; private set; } = "";
    /// <summary>The decision on the first such ask.</summary>
    public long FirstSeq { get; private set; }
    public DateTimeOffset At { get; private set; }
}
