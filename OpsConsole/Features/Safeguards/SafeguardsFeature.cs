using OpsConsole.Features.Safeguards.Api;

namespace OpsConsole.Features.Safeguards;

/// <summary>The switches that stop things.</summary>
internal static class SafeguardsFeature
{
    public static IServiceCollection AddSafeguards(this IServiceCollection services) => services.AddSingleton<PauseSwitch>();

    public static WebApplication MapSafeguards(this WebApplication app)
    {
        PauseEndpoints.Map(app);
        return app;
    }
}
