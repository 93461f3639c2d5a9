using OpsConsole.Features.Decisions.Api;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Decisions;

/// <summary>The main job: an agent asks, the console answers, and what came of it is on record.</summary>
internal static class DecisionsFeature
{
    public static IServiceCollection AddDecisions(this IServiceCollection services)
        => services.AddSingleton<DecisionService>().AddSingleton<DecisionSearch>().AddSingleton<AgentSelf>().AddSingleton<EventFeed>().AddSingleton<EventTail>().AddHostedService(s => s.GetRequiredService<EventTail>()).AddSingleton<DecisionStory>().AddSingleton<Reconciliation>()
            .AddSingleton(new NavEntry("/decisions", "Decisions", "decisions", 20, Keys: "g d", ByRollout: true));

    public static WebApplication MapDecisions(this WebApplication app)
    {
        DecisionEndpoints.Map(app);
        SearchEndpoints.Map(app);
        EventStream.Map(app);
        return app;
    }
}
