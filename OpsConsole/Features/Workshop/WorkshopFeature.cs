using OpsConsole.Features.Workshop.Api;
using OpsConsole.Features.Workshop.Session;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Workshop;

/// <summary>The worksheets of a rollout that a team fills in together.</summary>
internal static class WorkshopFeature
{
    public static IServiceCollection AddWorkshop(this IServiceCollection services) => services
        .AddSingleton<WorksheetState>().AddSingleton<WorksheetDesk>().AddSingleton<SheetFileDesk>().AddSingleton<StartDesk>().AddSingleton<UndoDesk>().AddSingleton<CommentDesk>().AddSingleton<MentionInbox>().AddSingleton<CopyDesk>()
        .AddSingleton<StepDesk>().AddSingleton<DrillDesk>().AddHostedService<DrillClock>().AddSingleton(new BannerWidget(typeof(Ui.DrillBanner), 20))
        .AddSingleton<SessionState>().AddSingleton<SessionReader>().AddSingleton<SessionDesk>().AddSingleton<JoinDesk>().AddSingleton<WallReader>().AddSingleton(new BannerWidget(typeof(Ui.SessionBar), 25))
        .AddSingleton<DiagnosticDesk>().AddSingleton(new NavEntry("/diagnostic", "Diagnostic", "check", 35, Keys: "g q"));

    public static WebApplication MapWorkshop(this WebApplication app)
    {
        WorksheetEndpoints.Map(app);
        StepEndpoints.Map(app);
        SessionEndpoints.Map(app);
        CopyEndpoints.Map(app);
        DiagnosticEndpoints.Map(app);
        return app;
    }
}
