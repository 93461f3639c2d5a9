using OpsConsole.Features.Audit.Api;

namespace OpsConsole.Features.Audit;

/// <summary>The hash-chained log: reading it and proving that nobody changed it.</summary>
internal static class AuditFeature
{
    public static IServiceCollection AddAudit(this IServiceCollection services) => services
        .AddSingleton<AuditVerifier>()
        .AddSingleton<AuditCheck>()
        .AddSingleton<AuditLog>();

    public static WebApplication MapAudit(this WebApplication app)
    {
        AuditEndpoints.Map(app);
        return app;
    }
}
