using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.Diagnostics;
using OpsConsole.Platform.Realtime;
using OpsConsole.Ui;
using OpsConsole.Ui.Shared;
using Radzen;

namespace OpsConsole.Startup;

/// <summary>The pages: components, live circuits, the shell's services, static files.</summary>
internal static class BlazorStartup
{
    // A matrix is edited as text of up to 256 KB, which travels as one escaped message.
    private const long LargestForm = 768 * 1024;

    public static IServiceCollection AddOpsBlazor(this IServiceCollection services)
    {
        services.AddSingleton<Signals>().AddSingleton<Presence>();
        services.AddScoped<ReaderClock>();
        services.AddScoped<RolloutChoice>();
        services.AddScoped<KeyRegistry>();
        services.AddScoped<Toasts>();
        services.AddRadzenComponents();
        services.AddCascadingAuthenticationState();
        services.AddRazorComponents().AddInteractiveServerComponents(Circuits)
            .AddHubOptions(o => o.MaximumReceiveMessageSize = LargestForm);
        return services;
    }

    /// <summary>Needs <c>UseAuthentication</c>, <c>UseAuthorization</c> and <c>UseAntiforgery</c> before it.</summary>
    public static WebApplication MapOpsBlazor(this WebApplication app)
    {
        app.MapStaticAssets().AllowAnonymous();
        // compression is safe only where nobody can frame the page; Blazor adds this header itself, so keep it equal to the console's own
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(o =>
        {
            o.ContentSecurityFrameAncestorsPolicy = "'none'";
            o.DisableWebSocketCompression = true;   // batches are small: packing them costs both ends more time than the wire saves (bench/README.md, workshop)
        });
        return app;
    }

    /// <summary>Unknown addresses and empty 404s of pages show the console's own page; the API keeps its problem documents.</summary>
    public static IApplicationBuilder UseOpsNotFoundPage(this IApplicationBuilder app)
    {
        app.UseStatusCodePagesWithReExecute("/not-found", createScopeForStatusCodePages: true);
        app.Use(static (context, next) =>
        {
            var wantsPage = HttpMethods.IsGet(context.Request.Method) && context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal);
            if (!wantsPage && context.Features.Get<IStatusCodePagesFeature>() is { } pages) pages.Enabled = false;
            return next(context);
        });
        return app;
    }

    private static void Circuits(CircuitOptions options)
    {
        options.DetailedErrors = false;
        options.DisconnectedCircuitMaxRetained = 200;
        options.DisconnectedCircuitRetentionPeriod = TimeSpan.FromMinutes(5);
        options.JSInteropDefaultCallTimeout = TimeSpan.FromSeconds(20);
    }
}
