using Microsoft.AspNetCore.Authorization;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Data.Writer;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Access;

/// <summary>Whom an endpoint of the API lets in. Every one of them says so, or <see cref="AllowAnonymousAttribute"/>; one that says neither lets nobody in.</summary>
/// <param name="Admits">Asked about the agent or the person that the credential proved; the other is null.</param>
internal sealed record CallerRule(Func<AgentCaller?, PersonCaller?, bool> Admits);

/// <summary>
/// The door of the API and the hubs: <c>Authorization: Bearer ops_…</c> (agents) and <c>opp_…</c> (people). Looks the credential up in memory, so that a
/// revoked one is refused with the next request; on several instances within a second. Plain and without allocations, because every decision comes through.
/// </summary>
internal sealed class CallerCheck(RequestDelegate next, DurableWriter writer, CredentialUse use, TimeProvider time)
{
    private static readonly Fault NotThis = Fault.Forbidden("This key or token may not do that: agents ask and report, people and scripts need the scope that the call belongs to.", "scope.missing");

    public Task InvokeAsync(HttpContext context)
    {
        // Without a route there is nothing to guard: 404 and 405.
        if (context.GetEndpoint() is not RouteEndpoint endpoint || endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null) return next(context);
        var (agent, person) = Prove(context.Request.Headers.Authorization.ToString());
        if (agent is null && person is null) return StandingCallers.Unproven.ToHttp().ExecuteAsync(context);
        if (endpoint.Metadata.GetMetadata<CallerRule>() is not { } rule || !rule.Admits(agent, person)) return NotThis.ToHttp().ExecuteAsync(context);
        if (agent is not null) context.Items[typeof(AgentCaller)] = agent; else context.Items[typeof(PersonCaller)] = person;
        return next(context);
    }

    private (AgentCaller?, PersonCaller?) Prove(string header)
    {
        if (!header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)) return default;
        var text = header[7..].Trim();
        var (state, now) = (writer.State, time.GetUtcNow());
        if (Secrets.TrySplit(text, "ops", out var id, out var secret)
            && state.Directory.AgentKeys.TryGetValue(id, out var key) && key.Live(now) && Secrets.Matches(secret, key.SecretHash)
            && state.Agents.TryGetValue(key.OwnerId, out var agent) && !agent.Retired)
        {
            use.Agent(id, now);
            return (new AgentCaller(agent.Id, id), null);
        }
        if (Secrets.TrySplit(text, "opp", out id, out secret)
            && state.Directory.PersonalTokens.TryGetValue(id, out var token) && token.Live(now) && Secrets.Matches(secret, token.SecretHash)
            && state.Directory.People.TryGetValue(token.OwnerId, out var person) && person.Active)
        {
            use.Person(id, now);
            return (null, new PersonCaller(person, token.Scopes, "token:" + id));
        }
        return default;
    }
}
