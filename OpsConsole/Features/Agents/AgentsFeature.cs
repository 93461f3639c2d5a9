using OpsConsole.Features.Agents.Api;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Agents;

/// <summary>The registry of agents: who answers for them, their keys, tiers and caps.</summary>
internal static class AgentsFeature
{
    public static IServiceCollection AddAgents(this IServiceCollection services) => services
        .AddSingleton<AgentReader>()
        .AddSingleton<AgentRegistry>()
        .AddSingleton<AgentCredentials>()
        .AddSingleton(new NavEntry("/agents", "Agents", "agents", 40, Keys: "g e", ByRollout: true));

    public static WebApplication MapAgents(this WebApplication app)
    {
        AgentEndpoints.Map(app);
        CredentialEndpoints.Map(app);
        return app;
    }
}
