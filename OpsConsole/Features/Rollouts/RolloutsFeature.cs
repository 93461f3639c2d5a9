using OpsConsole.Features.Rollouts.Api;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Rollouts;

/// <summary>Rollouts: who answers for them, how strict they are, and their gates.</summary>
internal static class RolloutsFeature
{
    public static IServiceCollection AddRollouts(this IServiceCollection services) => services
        .AddSingleton<RolloutReader>()
        .AddSingleton<RolloutEditor>()
        .AddSingleton<GateKeeper>()
        .AddSingleton(new TopBarWidget(typeof(Ui.RolloutSwitcher), 0))
        .AddSingleton(new NavEntry("/rollouts", "Rollouts", "rollouts", 30, Keys: "g r"));

    public static WebApplication MapRollouts(this WebApplication app)
    {
        RolloutEndpoints.Map(app);
        GateEndpoints.Map(app);
        return app;
    }
}
