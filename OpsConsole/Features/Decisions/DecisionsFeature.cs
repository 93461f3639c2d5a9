using OpsConsole.Features.Decisions.Api;

namespace OpsConsole.Features.Decisions;

/// <summary>The main job: an agent asks, the console answers, and what came of it is on record.</summary>
internal static class DecisionsFeature
{
    public static IServiceCollection AddDecisions(this IServiceCollection services)
        => services.AddSingleton<DecisionService>().AddSingleton<DecisionSearch>().AddSingleton<AgentSelf>().AddSingleton<EventFeed>();

    public static WebApplication MapDecisions(this WebApplication app)
    {
        DecisionEndpoints.Map(app);
        SearchEndpoints.Map(app);
        EventStream.Map(app);
        return app;
    }
}
