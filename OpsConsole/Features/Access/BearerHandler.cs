using System.Collections.Concurrent;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Access;

/// <summary>
/// Authenticates <c>Authorization: Bearer ops_…</c> (agents) and <c>opp_…</c> (people). Looks the credential up in memory, so that a revoked one is
/// refused with the next request; on several instances within a second.
/// </summary>
internal sealed class BearerHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, DurableWriter writer, CredentialUse use)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "Bearer";
    public const string AgentPolicy = "agent";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        if (!header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)) return Task.FromResult(AuthenticateResult.NoResult());
        var text = header[7..].Trim();
        var (state, now) = (writer.State, TimeProvider.GetUtcNow());
        if (Secrets.TrySplit(text, "ops", out var id, out var secret)
            && state.Directory.AgentKeys.TryGetValue(id, out var key) && key.Live(now) && Secrets.Matches(secret, key.SecretHash)
            && state.Agents.TryGetValue(key.OwnerId, out var agent) && !agent.Retired)
        {
            use.Agent(id, now);
            Context.Items[typeof(AgentCaller)] = new AgentCaller(agent.Id, id);
            return Success(new Claim("agent", agent.Id));
        }
        if (Secrets.TrySplit(text, "opp", out id, out secret)
            && state.Directory.PersonalTokens.TryGetValue(id, out var token) && token.Live(now) && Secrets.Matches(secret, token.SecretHash)
            && state.Directory.People.TryGetValue(token.OwnerId, out var person) && person.Active)
        {
            use.Person(id, now);
            Context.Items[typeof(PersonCaller)] = new PersonCaller(person, token.Scopes, "token:" + id);
            return Success(new Claim(ClaimTypes.NameIdentifier, person.Id));
        }
        return Task.FromResult(AuthenticateResult.Fail("wrong, revoked or expired credential"));

        Task<AuthenticateResult> Success(Claim claim)
            => Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity([claim], SchemeName)), SchemeName)));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
        => new Fault(FaultKind.Unauthenticated, "unauthenticated", "Send a live key or token as 'Authorization: Bearer …'. Wrong, revoked and expired ones look the same from outside.").ToHttp().ExecuteAsync(Context);

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
        => Fault.Forbidden("This key or token may not do that: agents ask and report, people and scripts need the scope that the call belongs to.", "scope.missing").ToHttp().ExecuteAsync(Context);
}

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
