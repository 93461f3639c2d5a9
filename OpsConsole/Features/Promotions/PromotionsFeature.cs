using OpsConsole.Features.Promotions.Api;

namespace OpsConsole.Features.Promotions;

/// <summary>Tiers that are proven: a proposal fixes a test, runs are counted from then on, a second person confirms; and the clock that records what failed, is over or was not reviewed.</summary>
internal static class PromotionsFeature
{
    public static IServiceCollection AddPromotions(this IServiceCollection services) => services.AddSingleton<PromotionReader>().AddSingleton<PromotionDesk>().AddHostedService<PromotionClock>();

    public static WebApplication MapPromotions(this WebApplication app)
    {
        PromotionEndpoints.Map(app);
        return app;
    }
}
