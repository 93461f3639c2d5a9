using Microsoft.EntityFrameworkCore;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Authority.Api;

namespace OpsConsole.Features.Authority;

/// <summary>The authority matrix of a rollout (draft, analysis, trials, publication, versions) and its register of actions.</summary>
internal static class AuthorityFeature
{
    public static IServiceCollection AddAuthority(this IServiceCollection services) => services
        .AddSingleton<AnalysisTurns>().AddSingleton<MatrixDesk>().AddSingleton<DraftDesk>().AddSingleton<DraftOrigins>().AddSingleton<CatalogueDesk>().AddSingleton<ExampleDesk>()
        .AddSingleton<TryDesk>().AddSingleton<VersionDesk>().AddSingleton<VersionAnswers>().AddSingleton<CatalogueImporter>().AddSingleton<ApproverChoices>()
        .AddSingleton(s => new RuleProposals(s.GetRequiredService<DurableWriter>(), s.GetRequiredService<MatrixDesk>())).AddSingleton<ReplayDesk>().AddSingleton<MatrixExport>().AddSingleton(s => new MatrixStandings(s.GetRequiredService<DurableWriter>(), s.GetRequiredService<IDbContextFactory<OpsDbContext>>(), s.GetRequiredService<AnalysisTurns>()));

    public static WebApplication MapAuthority(this WebApplication app)
    {
        MatrixEndpoints.Map(app);
        CatalogueEndpoints.Map(app);
        TryEndpoints.Map(app);
        VersionEndpoints.Map(app);
        WorkedEndpoints.Map(app);
        ReplayEndpoints.Map(app);
        MatrixFileEndpoints.Map(app);
        return app;
    }
}
