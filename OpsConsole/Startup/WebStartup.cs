using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OpsConsole.Features.Access;
using OpsConsole.Platform.Web;

namespace OpsConsole.Startup;

/// <summary>The HTTP floor: JSON, problems, authentication, and the order of the middleware.</summary>
internal static class WebStartup
{
    public static IServiceCollection AddOpsWeb(this IServiceCollection services, IConfiguration configuration)
    {
        var options = OpsOptions.From(configuration);
        var address = new PublicAddress(options.PublicBaseUrl);
        services.Configure<OpsOptions>(configuration.GetSection("OpsConsole"));
        services.AddSingleton(address);
        services.Configure<KestrelServerOptions>(o => o.AddServerHeader = false);
        services.ConfigureHttpJsonOptions(o => Wire.Configure(o.SerializerOptions));
        services.AddProblemDetails();
        services.AddAuthentication(IdentityConstants.ApplicationScheme)
            .AddCookie(IdentityConstants.ApplicationScheme, o => Sessions.Configure(o, address.IsHttps))
            .AddScheme<AuthenticationSchemeOptions, BearerHandler>(BearerHandler.SchemeName, null);
        services.AddAuthorization();
        services.AddAntiforgery(o =>
        {
            o.Cookie.Name = address.IsHttps ? "__Host-opsconsole-form" : "opsconsole-form";
            o.Cookie.SecurePolicy = address.IsHttps ? CookieSecurePolicy.Always : CookieSecurePolicy.None;
            o.Cookie.SameSite = SameSiteMode.Strict;
            o.Cookie.Path = "/";
        });
        // Sessions and forms outlive a restart; instances that share the folder share the sessions.
        services.AddDataProtection().SetApplicationName("OpsConsole").PersistKeysToFileSystem(new DirectoryInfo(Path.Combine(OpsOptions.DataDirectory(configuration), "keys")));
        return services;
    }

    public static WebApplication UseOpsWeb(this WebApplication app)
    {
        app.UseExceptionHandler();
        app.UseOpsNotFoundPage();
        app.UseAuthentication();
        app.UseAuthorization();
        app.UseAntiforgery();
        return app;
    }
}
