using System.Collections.Concurrent;

namespace OpsConsole.Features.Access;

/// <summary>When credentials were last used: noted in memory, written once a minute.</summary>
public sealed class CredentialUse
{
    private readonly ConcurrentDictionary<string, DateTimeOffset> _agentKeys = new();
    private readonly ConcurrentDictionary<string, DateTimeOffset> _personalTokens = new();

    public void Agent(string keyId, DateTimeOffset at) => Note(_agentKeys, keyId, at);
    public void Person(string tokenId, DateTimeOffset at) => Note(_personalTokens, tokenId, at);

    // A second's resolution spares the hot path a write to shared memory per request.
    private static void Note(ConcurrentDictionary<string, DateTimeOffset> uses, string id, DateTimeOffset at)
    {
        if (!uses.TryGetValue(id, out var last) || at - last >= TimeSpan.FromSeconds(1)) uses[id] = at;
    }

    /// <summary>What was used since the last call; cleared.</summary>
    public (IReadOnlyDictionary<string, DateTimeOffset> AgentKeys, IReadOnlyDictionary<string, DateTimeOffset> PersonalTokens) Take()
    {
        var taken = (_agentKeys.ToDictionary(), _personalTokens.ToDictionary());
        foreach (var id in taken.Item1.Keys) _agentKeys.TryRemove(id, out _);
        foreach (var id in taken.Item2.Keys) _personalTokens.TryRemove(id, out _);
        return taken;
    }
}
