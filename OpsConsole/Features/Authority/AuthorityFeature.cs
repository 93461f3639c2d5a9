namespace OpsConsole.Features.Authority;

internal static class AuthorityFeature
{
    public static IServiceCollection AddAuthority(this IServiceCollection services) => services;

    public static WebApplication MapAuthority(this WebApplication app) => app;
}
