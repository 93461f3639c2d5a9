namespace OpsConsole.Core.Agents;

/// <summary>An autonomous agent decides itself when to act; a copilot always acts on behalf of a named person, who may not approve it.</summary>
public enum AgentKind { Autonomous, Copilot }

/// <summary>An agent: who answers for it, in which rollout it works, and whether it runs.</summary>
public sealed class Agent
{
    private Agent() { }
    public Agent(string id, string rolloutId, string name, AgentKind kind, string ownerId, string? model, DateTimeOffset createdAt)
    {
        (Id, RolloutId, Name, Kind, OwnerId, Model, CreatedAt) = (id, rolloutId, name, kind, ownerId, model, createdAt);
    }

    public string Id { get; private set; } = "";
    public string RolloutId { get; private set; } = "";
    public string Name { get; private set; } = "";
    public AgentKind Kind { get; private set; }
    public string OwnerId { get; private set; } = "";
    public string? Model { get; private set; }
    /// <summary>The agent's own version (model + prompt + tools), as its engineers count it.</summary>
    public string? AgentVersion { get; private set; }
    public string? Purpose { get; private set; }
    /// <summary>True for the agent that the demo drives; shown everywhere as 'simulated'.</summary>
    public bool Simulated { get; private set; }
    public DateTimeOffset CreatedAt { get; private set; }
    public DateTimeOffset? PausedAt { get; private set; }
    public string? PausedReason { get; private set; }
    public string? PausedBy { get; private set; }
    public DateTimeOffset? RetiredAt { get; private set; }
    /// <summary>The caps document as the API takes it (JSON), or null: no caps. See <c>Core/Caps</c>.</summary>
    public string? Caps { get; private set; }
    /// <summary>Since when these caps hold; windows that began earlier are recounted from the log once.</summary>
    public DateTimeOffset? CapsSince { get; private set; }
    public long Version { get; private set; }

    public bool Paused => PausedAt is not null;
    public bool Retired => RetiredAt is not null;

    /// <summary>Pauses; false when it is paused already (the first reason stays).</summary>
    public bool Pause(string reason, string by, DateTimeOffset at)
    {
        if (Paused) return false;
        (PausedAt, PausedReason, PausedBy) = (at, reason, by);
        Version++;
        return true;
    }

    public bool Resume()
    {
        if (!Paused) return false;
        (PausedAt, PausedReason, PausedBy) = (null, null, null);
        Version++;
        return true;
    }

    public void Describe(string? name = null, string? ownerId = null, string? model = null, string? agentVersion = null, string? purpose = null, bool? simulated = null)
    {
        (Name, OwnerId, Model, AgentVersion, Purpose, Simulated) =
            (name ?? Name, ownerId ?? OwnerId, model ?? Model, agentVersion ?? AgentVersion, purpose ?? Purpose, simulated ?? Simulated);
        Version++;
    }

    public void SetCaps(string? caps, DateTimeOffset at)
    {
        (Caps, CapsSince) = (caps, at);
        Version++;
    }

    public void Retire(DateTimeOffset at)
    {
        RetiredAt ??= at;
        Version++;
    }
}

/// <summary>An agent's API key <c>ops_&lt;id&gt;_&lt;secret&gt;</c>: shown once, kept as SHA-256 of the secret, at most two live at once so that keys can be rotated.</summary>
public sealed class AgentKey
{
    /// <summary>How many keys of one agent may be live at once.</summary>
    public const int MaxLive = 2;

    private AgentKey() { }
    public AgentKey(string id, string agentId, byte[] secretHash, DateTimeOffset createdAt, DateTimeOffset? expiresAt)
        => (Id, AgentId, SecretHash, CreatedAt, ExpiresAt) = (id, agentId, secretHash, createdAt, expiresAt);

    public string Id { get; private set; } = "";
    public string AgentId { get; private set; } = "";
    public byte[] SecretHash { get; private set; } = [];
    public DateTimeOffset CreatedAt { get; private set; }
    public DateTimeOffset? ExpiresAt { get; private set; }
    public DateTimeOffset? LastUsedAt { get; private set; }
    public DateTimeOffset? RevokedAt { get; private set; }

    public bool Live(DateTimeOffset now) => RevokedAt is null && (ExpiresAt is null || now < ExpiresAt);
    public void Used(DateTimeOffset at) => LastUsedAt = at;
    public void Revoke(DateTimeOffset at) => RevokedAt ??= at;
}
