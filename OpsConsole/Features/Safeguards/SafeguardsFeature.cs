namespace OpsConsole.Features.Safeguards;

internal static class SafeguardsFeature
{
    public static IServiceCollection AddSafeguards(this IServiceCollection services) => services;

    public static WebApplication MapSafeguards(this WebApplication app) => app;
}
