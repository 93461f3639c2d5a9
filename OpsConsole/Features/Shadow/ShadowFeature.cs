using OpsConsole.Features.Shadow.Api;

namespace OpsConsole.Features.Shadow;

/// <summary>Shadow mode: what agents proposed and nothing let run, beside what people did.</summary>
internal static class ShadowFeature
{
    public static IServiceCollection AddShadow(this IServiceCollection services) => services.AddSingleton<ShadowReader>().AddSingleton<ShadowDesk>();

    public static WebApplication MapShadow(this WebApplication app)
    {
        ShadowEndpoints.Map(app);
        return app;
    }
}
