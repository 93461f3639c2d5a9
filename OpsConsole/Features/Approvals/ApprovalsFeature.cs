namespace OpsConsole.Features.Approvals;

internal static class ApprovalsFeature
{
    public static IServiceCollection AddApprovals(this IServiceCollection services) => services;

    public static WebApplication MapApprovals(this WebApplication app) => app;
}
