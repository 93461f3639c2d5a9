using Microsoft.EntityFrameworkCore;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Authority;
using OpsConsole.Features.Rollouts.Api;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Rollouts;

/// <summary>Rollouts: who answers for them, how strict they are, and their gates.</summary>
internal static class RolloutsFeature
{
    public static IServiceCollection AddRollouts(this IServiceCollection services) => services
        .AddSingleton<RolloutReader>()
        .AddSingleton<RolloutEditor>()
        .AddSingleton(s => new EvidenceReader(s.GetRequiredService<DurableWriter>(), s.GetRequiredService<IDbContextFactory<OpsDbContext>>(), s.GetRequiredService<MatrixStandings>()))
        .AddSingleton<GateKeeper>()
        .AddSingleton<ConfirmationDesk>()
        .AddHostedService<GateWatch>()
        .AddSingleton(new TopBarWidget(typeof(Ui.RolloutSwitcher), 0))
        .AddSingleton(new NavEntry("/rollouts", "Rollouts", "rollouts", 30, Keys: "g r"));

    public static WebApplication MapRollouts(this WebApplication app)
    {
        RolloutEndpoints.Map(app);
        GateEndpoints.Map(app);
        ConfirmationEndpoints.Map(app);
        return app;
    }
}
