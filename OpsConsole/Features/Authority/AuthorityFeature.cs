using OpsConsole.Features.Authority.Api;

namespace OpsConsole.Features.Authority;

/// <summary>The authority matrix of a rollout (draft, analysis, publication, versions) and its register of actions.</summary>
internal static class AuthorityFeature
{
    public static IServiceCollection AddAuthority(this IServiceCollection services) => services.AddSingleton<MatrixDesk>().AddSingleton<CatalogueDesk>().AddSingleton<MatrixExport>();

    public static WebApplication MapAuthority(this WebApplication app)
    {
        MatrixEndpoints.Map(app);
        CatalogueEndpoints.Map(app);
        MatrixFileEndpoints.Map(app);
        return app;
    }
}
