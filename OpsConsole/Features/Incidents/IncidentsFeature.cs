using OpsConsole.Features.Incidents.Api;
using OpsConsole.Features.Incidents.Ui;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Incidents;

/// <summary>What went wrong: reported, taken, escalated, ended.</summary>
internal static class IncidentsFeature
{
    public static IServiceCollection AddIncidents(this IServiceCollection services)
        => services.AddSingleton<IncidentIntake>().AddSingleton<IncidentDesk>().AddSingleton<IncidentReader>().AddSingleton<ReviewDesk>().AddSingleton<LessonDesk>().AddHostedService<IncidentClock>().AddHostedService<AlertFeed>().AddHostedService<AlertWatch>()
            .AddSingleton(new NavEntry("/incidents", "Incidents", "incident", 32, Badge: typeof(IncidentBadge), Keys: "g i", ByRollout: true))
            .AddSingleton(new NavEntry("/incidents/new", "Report a failure", "flag", 33, Keys: "g f"));

    public static WebApplication MapIncidents(this WebApplication app)
    {
        IncidentEndpoints.Map(app);
        ReviewEndpoints.Map(app);
        return app;
    }
}
