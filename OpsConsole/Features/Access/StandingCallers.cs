using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Data.Writer;

namespace OpsConsole.Features.Access;

/// <summary>For connections that outlive a request: whether a caller still is who they were, with the roles they have now.</summary>
public sealed class StandingCallers(DurableWriter writer, TimeProvider time)
{
    /// <summary>What is told to whoever is not known, or no longer.</summary>
    public static readonly Fault Unproven = new(FaultKind.Unauthenticated, "unauthenticated", "Send a live key or token as 'Authorization: Bearer …'. Wrong, revoked and expired ones look the same from outside.");

    /// <summary>The same person by the same token, fresh; null when either is gone.</summary>
    public PersonCaller? Still(PersonCaller known)
    {
        var directory = writer.State.Directory;
        if (!directory.People.TryGetValue(known.Id, out var person) || !person.Active || !known.Auth.StartsWith("token:", StringComparison.Ordinal)) return null;
        return directory.PersonalTokens.TryGetValue(known.Auth["token:".Length..], out var token) && token.Live(time.GetUtcNow()) ? new PersonCaller(person, token.Scopes, known.Auth) : null;
    }

    /// <summary>Whether the agent's key is still good.</summary>
    public bool Still(AgentCaller known)
    {
        var state = writer.State;
        return state.Directory.AgentKeys.TryGetValue(known.KeyId, out var key) && key.Live(time.GetUtcNow()) && state.Agents.TryGetValue(known.AgentId, out var agent) && !agent.Retired;
    }

    /// <summary>When the token's time is over; null when it has no end.</summary>
    public DateTimeOffset? Until(PersonCaller known) => writer.State.Directory.PersonalTokens.GetValueOrDefault(known.Auth["token:".Length..])?.ExpiresAt;

    /// <summary>When the key's time is over; null when it has no end.</summary>
    public DateTimeOffset? Until(AgentCaller known) => writer.State.Directory.AgentKeys.GetValueOrDefault(known.KeyId)?.ExpiresAt;
}
