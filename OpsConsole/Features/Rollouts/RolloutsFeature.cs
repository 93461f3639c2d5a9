namespace OpsConsole.Features.Rollouts;

internal static class RolloutsFeature
{
    public static IServiceCollection AddRollouts(this IServiceCollection services) => services;

    public static WebApplication MapRollouts(this WebApplication app) => app;
}
