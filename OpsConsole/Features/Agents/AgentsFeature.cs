using OpsConsole.Features.Agents.Api;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Agents;

/// <summary>The registry of agents: who answers for them, their keys, tiers and caps; and the templates that tiers are given by.</summary>
internal static class AgentsFeature
{
    public static IServiceCollection AddAgents(this IServiceCollection services) => services
        .AddSingleton<AgentReader>()
        .AddSingleton<AgentRegistry>()
        .AddSingleton<AgentCredentials>()
        .AddSingleton<TemplateDesk>()
        .AddSingleton<TemplateGrants>()
        .AddSingleton<TemplateHistory>()
        .AddSingleton(new NavEntry("/agents", "Agents", "agents", 40, Keys: "g e", ByRollout: true))
        .AddSingleton(new NavEntry("/templates", "Templates", "shield", 45, Keys: "g t"));

    public static WebApplication MapAgents(this WebApplication app)
    {
        AgentEndpoints.Map(app);
        CredentialEndpoints.Map(app);
        TemplateEndpoints.Map(app);
        return app;
    }
}
