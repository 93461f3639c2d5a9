using OpsConsole.Features.Access;
using OpsConsole.Features.Audit.Api;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Audit;

/// <summary>The hash-chained log: reading it and proving that nobody changed it.</summary>
internal static class AuditFeature
{
    public static IServiceCollection AddAudit(this IServiceCollection services) => services
        .AddSingleton<AuditVerifier>()
        .AddSingleton<AuditCheck>()
        .AddSingleton<AuditLog>()
        .AddHostedService<HeadLog>()
        .AddSingleton(new NavEntry("/audit", "Audit", "audit", 80, Policy: PagePolicies.Audit, Keys: "g u"));

    public static WebApplication MapAudit(this WebApplication app)
    {
        AuditEndpoints.Map(app);
        return app;
    }
}
