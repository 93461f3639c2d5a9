using System.Net;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
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
        // What is on its way has this long; an open page that does not let go must not keep the next console from starting.
        services.Configure<HostOptions>(static o => o.ShutdownTimeout = TimeSpan.FromSeconds(5));
        services.ConfigureHttpJsonOptions(o => Wire.Configure(o.SerializerOptions));
        services.AddProblemDetails();
        services.AddAuthentication(IdentityConstants.ApplicationScheme)
            .AddCookie(IdentityConstants.ApplicationScheme, o => Sessions.Configure(o, address.IsHttps));
        services.AddAuthorization();
        services.AddRateLimiter(o => RateLimits.Configure(o, options.Limits));
        services.AddOpenApi();
        services.AddAntiforgery(o =>
        {
            o.Cookie.Name = address.IsHttps ? "__Host-opsconsole-form" : "opsconsole-form";
            o.Cookie.SecurePolicy = address.IsHttps ? CookieSecurePolicy.Always : CookieSecurePolicy.None;
            o.Cookie.SameSite = SameSiteMode.Strict;
            o.Cookie.Path = "/";
        });
        // Sessions and forms outlive a restart; instances that share the folder share the sessions.
        var keys = Path.Combine(OpsOptions.DataDirectory(configuration), "keys");
        PrivateFiles.CreateFolder(OpsOptions.DataDirectory(configuration));
        PrivateFiles.CreateFolder(keys);
        services.AddDataProtection().SetApplicationName("OpsConsole").PersistKeysToFileSystem(new DirectoryInfo(keys));
        return services;
    }

    /// <summary>The order matters: headers before anything can answer, origins before authentication, limits once it is known who asks.</summary>
    public static WebApplication UseOpsWeb(this WebApplication app)
    {
        app.UseMiddleware<SecurityHeaders>();
        UseProxies(app);
        app.UseMiddleware<HostCheck>();
        app.UseExceptionHandler(new ExceptionHandlerOptions { ExceptionHandler = ApiProblems.Failed });
        app.UseWhen(IsPage, static pages => pages.UseOpsNotFoundPage());
        app.UseWhen(IsApi, static api => api.UseMiddleware<ApiProblems>());
        app.UseMiddleware<OriginCheck>();
        app.UseRouting();
        // Cookies, roles and forms are the pages'; keys and tokens are the API's. Said here, or the host would put the first two before everything.
        foreach (var once in new[] { "__AuthenticationMiddlewareSet", "__AuthorizationMiddlewareSet" }) ((IApplicationBuilder)app).Properties[once] = true;
        app.UseWhen(IsPage, static pages => pages.UseAuthentication().UseAuthorization());
        app.UseWhen(IsApi, static api => api.UseMiddleware<CallerCheck>());
        app.UseRateLimiter();
        app.UseWhen(IsPage, static pages => pages.UseAntiforgery());
        app.MapOpenApi().AllowAnonymous();
        app.MapGet("/health/live", static () => Results.Json(new { status = "live" })).ExcludeFromDescription();
        app.MapGet("/health/ready", Ready).ExcludeFromDescription();
        return app;
    }

    private static bool IsApi(HttpContext context) => ApiProblems.IsApi(context.Request.Path);
    private static bool IsPage(HttpContext context) => !IsApi(context);

    // People come by https, whatever the last hop to this process is: links, cookies and forms must agree on that.
    private static void UseProxies(WebApplication app)
    {
        var options = app.Services.GetRequiredService<IOptions<OpsOptions>>().Value;
        if (options.Proxies.Count > 0)
        {
            var forwarded = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost, ForwardLimit = options.ProxyHops };
            forwarded.KnownProxies.Clear();
            forwarded.KnownIPNetworks.Clear();
            foreach (var proxy in options.Proxies)
            {
                if (IPAddress.TryParse(proxy, out var one)) forwarded.KnownProxies.Add(one);
                else forwarded.KnownIPNetworks.Add(System.Net.IPNetwork.Parse(proxy));
            }
            app.UseForwardedHeaders(forwarded);
        }
        if (!app.Services.GetRequiredService<PublicAddress>().IsHttps) return;
        app.Use(static (context, next) =>
        {
            context.Request.Scheme = "https";
            return next(context);
        });
    }

    private static IResult Ready(DurableWriter writer)
        => writer.Health.Up && writer.Ready.IsCompletedSuccessfully
            ? Results.Json(new { status = "ready" })
            : new Fault(FaultKind.Unavailable, "database.unavailable", "The console cannot record anything at the moment, so it decides nothing.").ToHttp();
}
