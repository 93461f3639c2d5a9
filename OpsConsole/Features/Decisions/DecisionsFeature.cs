namespace OpsConsole.Features.Decisions;

internal static class DecisionsFeature
{
    public static IServiceCollection AddDecisions(this IServiceCollection services) => services;

    public static WebApplication MapDecisions(this WebApplication app) => app;
}
