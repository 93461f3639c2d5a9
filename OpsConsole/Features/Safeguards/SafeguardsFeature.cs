using OpsConsole.Features.Safeguards.Api;
using OpsConsole.Features.Safeguards.Ui;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Safeguards;

/// <summary>The switches that stop things. Other features' pages may place <see cref="PauseControl"/>.</summary>
internal static class SafeguardsFeature
{
    public static IServiceCollection AddSafeguards(this IServiceCollection services) => services
        .AddSingleton<PauseSwitch>()
        .AddSingleton<PauseBoard>()
        .AddSingleton(new TopBarWidget(typeof(PauseMenu), 10))
        .AddSingleton(new BannerWidget(typeof(HealthBanner), 0))
        .AddSingleton(new BannerWidget(typeof(PauseBanner), 10));

    public static WebApplication MapSafeguards(this WebApplication app)
    {
        PauseEndpoints.Map(app);
        return app;
    }
}
