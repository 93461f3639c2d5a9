using OpsConsole.Core.Access;
using OpsConsole.Data.Writer;

namespace OpsConsole.Features.Access;

/// <summary>How endpoints say whom they let in, and how their handlers learn who it is.</summary>
public static class CallerAccess
{
    /// <summary>Only agents with a live key.</summary>
    public static TBuilder ForAgents<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new CallerRule((agent, _) => agent is not null));

    /// <summary>Only people, by a personal token with one of these scopes (the person must also be allowed: that is the handler's question).</summary>
    public static TBuilder ForPeople<TBuilder>(this TBuilder builder, params string[] scopes) where TBuilder : IEndpointConventionBuilder
        => builder.WithMetadata(new CallerRule((_, person) => person is not null && scopes.Any(person.HasScope)));

    /// <summary>People with every one of these scopes: for answers that show what another scope guards.</summary>
    public static TBuilder ForPeopleWithAll<TBuilder>(this TBuilder builder, params string[] scopes) where TBuilder : IEndpointConventionBuilder
        => builder.WithMetadata(new CallerRule((_, person) => person is not null && scopes.All(person.HasScope)));

    /// <summary>Any person by a personal token, whatever its scopes: for what concerns the tokens themselves.</summary>
    public static TBuilder ForAnyToken<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new CallerRule((_, person) => person is not null));

    /// <summary>Agents, and people with one of these scopes.</summary>
    public static TBuilder ForAgentsAndPeople<TBuilder>(this TBuilder builder, params string[] scopes) where TBuilder : IEndpointConventionBuilder
        => builder.WithMetadata(new CallerRule((agent, person) => agent is not null || scopes.Any(person!.HasScope)));

    public static AgentCaller? Agent(this HttpContext context) => context.Items[typeof(AgentCaller)] as AgentCaller;
    public static PersonCaller? Person(this HttpContext context) => context.Items[typeof(PersonCaller)] as PersonCaller;

    /// <summary>Who is signed in where a page's address answers with a file: their session, as it holds now.</summary>
    public static PersonCaller? SignedIn(this HttpContext context)
        => Sessions.Caller(context.User, context.RequestServices.GetRequiredService<DurableWriter>().State, context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow());
}
