using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Home;

/// <summary>What needs me, and the search over everything.</summary>
internal static class HomeFeature
{
    public static IServiceCollection AddHome(this IServiceCollection services) => services
        .AddSingleton<DayTally>()
        .AddSingleton<HomeBoard>()
        .AddSingleton<SearchEverything>()
        .AddSingleton(new NavEntry("/", "Home", "home", 0, Keys: "g h", ByRollout: true));

    public static WebApplication MapHome(this WebApplication app) => app;
}
