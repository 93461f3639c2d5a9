namespace OpsConsole.Features.Audit;

internal static class AuditFeature
{
    public static IServiceCollection AddAudit(this IServiceCollection services) => services;

    public static WebApplication MapAudit(this WebApplication app) => app;
}
