using OpsConsole.Features.Workshop.Api;

namespace OpsConsole.Features.Workshop;

/// <summary>The worksheets of a rollout that a team fills in together.</summary>
internal static class WorkshopFeature
{
    public static IServiceCollection AddWorkshop(this IServiceCollection services) => services.AddSingleton<WorksheetState>().AddSingleton<WorksheetDesk>();

    public static WebApplication MapWorkshop(this WebApplication app)
    {
        WorksheetEndpoints.Map(app);
        return app;
    }
}
