using Microsoft.AspNetCore.Authentication;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Startup;

/// <summary>The HTTP floor: JSON, problems, authentication, and the order of the middleware.</summary>
internal static class WebStartup
{
    public static IServiceCollection AddOpsWeb(this IServiceCollection services, IConfiguration configuration)
    {
        services.Configure<OpsOptions>(configuration.GetSection("OpsConsole"));
        services.ConfigureHttpJsonOptions(o => Wire.Configure(o.SerializerOptions));
        services.AddProblemDetails();
        services.AddAuthentication(BearerHandler.SchemeName).AddScheme<AuthenticationSchemeOptions, BearerHandler>(BearerHandler.SchemeName, null);
        services.AddAuthorization();
        return services;
    }

    public static WebApplication UseOpsWeb(this WebApplication app)
    {
        app.UseExceptionHandler();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();
        return app;
    }
}
