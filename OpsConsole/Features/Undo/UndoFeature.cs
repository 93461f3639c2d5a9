using OpsConsole.Features.Undo.Api;
using OpsConsole.Features.Undo.Ui;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Undo;

/// <summary>What agents wrote, undone: planned, carried out by the agent, the team's endpoint or a person, answered.</summary>
internal static class UndoFeature
{
    public static IServiceCollection AddUndo(this IServiceCollection services) => services.AddSingleton<UndoNeeds>().AddSingleton<UndoPlanDesk>().AddSingleton<UndoStepDesk>().AddSingleton<WindowDesk>().AddHostedService<UndoClock>().AddHostedService<WindowClock>()
        .AddSingleton(new NavEntry("/provisional", "Provisional", "clock", 31, Badge: typeof(WindowBadge), Keys: "g c", ByRollout: true))
        .AddSingleton(new NavEntry("/undo", "Undo", "undo", 34, Badge: typeof(UndoBadge), Keys: "g z", ByRollout: true));

    public static WebApplication MapUndo(this WebApplication app)
    {
        UndoEndpoints.Map(app);
        WindowEndpoints.Map(app);
        return app;
    }
}
