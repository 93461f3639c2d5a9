using OpsConsole.Features.Portfolio.Api;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Portfolio;

/// <summary>All rollouts at a glance, for those who answer for several.</summary>
internal static class PortfolioFeature
{
    public static IServiceCollection AddPortfolio(this IServiceCollection services) => services.AddSingleton<PortfolioReader>()
        .AddSingleton(new NavEntry("/portfolio", "Portfolio", "trend", 36, Keys: "g w"));

    public static WebApplication MapPortfolio(this WebApplication app)
    {
        PortfolioEndpoints.Map(app);
        return app;
    }
}
