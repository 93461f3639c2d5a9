namespace OpsConsole.Core.Session;

/// <summary>The clock of a session: time that an item has taken, on and off. Immutable.</summary>
/// <param name="Before">Taken before it was last started.</param>
/// <param name="RunningSince">Null while it stands.</param>
public sealed record SessionTimer(TimeSpan Before, DateTimeOffset? RunningSince)
{
    public static readonly SessionTimer Zero = new(TimeSpan.Zero, null);

    public TimeSpan Taken(DateTimeOffset now) => Before + (RunningSince is { } since && now > since ? now - since : TimeSpan.Zero);

    public SessionTimer Start(DateTimeOffset now) => RunningSince is null ? this with { RunningSince = now } : this;

    public SessionTimer Stop(DateTimeOffset now) => new(Taken(now), null);
}
