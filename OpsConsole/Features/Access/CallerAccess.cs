using Microsoft.AspNetCore.Authorization;
using OpsConsole.Core.Access;

namespace OpsConsole.Features.Access;

/// <summary>How endpoints say whom they let in, and how their handlers learn who it is.</summary>
public static class CallerAccess
{
    /// <summary>Only agents with a live key.</summary>
    public static TBuilder ForAgents<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder => builder.RequireAuthorization(AgentPolicy);

    /// <summary>Only people, by a personal token with this scope (the person must also be allowed: that is the handler's question).</summary>
    public static TBuilder ForPeople<TBuilder>(this TBuilder builder, string scope) where TBuilder : IEndpointConventionBuilder => builder.RequireAuthorization(ScopePolicy(scope));

    /// <summary>Any person by a personal token, whatever its scopes: for what concerns the tokens themselves.</summary>
    public static TBuilder ForAnyToken<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder
        => builder.RequireAuthorization(new AuthorizationPolicyBuilder(BearerHandler.SchemeName).RequireAuthenticatedUser().RequireAssertion(c => c.Resource is HttpContext http && http.Person() is not null).Build());

    /// <summary>Agents, and people with one of these scopes.</summary>
    public static TBuilder ForAgentsAndPeople<TBuilder>(this TBuilder builder, params string[] scopes) where TBuilder : IEndpointConventionBuilder
        => builder.RequireAuthorization(new AuthorizationPolicyBuilder(BearerHandler.SchemeName).RequireAuthenticatedUser()
            .RequireAssertion(c => c.Resource is HttpContext http && (http.Agent() is not null || http.Person() is { } person && scopes.Any(person.HasScope))).Build());

    public static AgentCaller? Agent(this HttpContext context) => context.Items[typeof(AgentCaller)] as AgentCaller;
    public static PersonCaller? Person(this HttpContext context) => context.Items[typeof(PersonCaller)] as PersonCaller;

    private static readonly AuthorizationPolicy AgentPolicy = new AuthorizationPolicyBuilder(BearerHandler.SchemeName).RequireAuthenticatedUser()
        .RequireAssertion(c => c.Resource is HttpContext http && http.Agent() is not null).Build();

    private static AuthorizationPolicy ScopePolicy(string scope) => new AuthorizationPolicyBuilder(BearerHandler.SchemeName).RequireAuthenticatedUser()
        .RequireAssertion(c => c.Resource is HttpContext http && http.Person() is { } person && person.HasScope(scope)).Build();
}
