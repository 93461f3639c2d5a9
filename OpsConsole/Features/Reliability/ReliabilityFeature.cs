using OpsConsole.Features.Reliability.Api;

namespace OpsConsole.Features.Reliability;

/// <summary>How reliable a rollout's agents are: counted as the log grows, read by the hour, the day and the week, and watched against what they usually are.</summary>
internal static class ReliabilityFeature
{
    public static IServiceCollection AddReliability(this IServiceCollection services) => services.AddSingleton<ReliabilityReader>().AddSingleton<MonitoringReader>().AddSingleton<BaselineDesk>().AddHostedService<MonitorClock>().AddHostedService<RollupClock>();

    public static WebApplication MapReliability(this WebApplication app)
    {
        ReliabilityEndpoints.Map(app);
        MonitoringEndpoints.Map(app);
        return app;
    }
}
