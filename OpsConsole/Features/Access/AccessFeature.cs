namespace OpsConsole.Features.Access;

internal static class AccessFeature
{
    public static IServiceCollection AddAccess(this IServiceCollection services) => services.AddSingleton<CredentialUse>();

    public static WebApplication MapAccess(this WebApplication app) => app;
}
