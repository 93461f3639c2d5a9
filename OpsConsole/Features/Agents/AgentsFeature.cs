namespace OpsConsole.Features.Agents;

internal static class AgentsFeature
{
    public static IServiceCollection AddAgents(this IServiceCollection services) => services;

    public static WebApplication MapAgents(this WebApplication app) => app;
}
