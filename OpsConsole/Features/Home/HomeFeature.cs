namespace OpsConsole.Features.Home;

internal static class HomeFeature
{
    public static IServiceCollection AddHome(this IServiceCollection services) => services;

    public static WebApplication MapHome(this WebApplication app) => app;
}
