using OpsConsole.Features.Toolkit;

namespace OpsConsole.Integrations.Browser;

/// <summary>Printing by a browser that stands on the server. Without one the console works; PDFs are then printed by the reader's own browser.</summary>
internal static class BrowserIntegration
{
    public static IServiceCollection AddBrowser(this IServiceCollection services, IConfiguration configuration) => services
        .Configure<PressOptions>(configuration.GetSection(PressOptions.Section))
        .AddSingleton<IPress, ChromiumPress>()
        .AddSingleton<IGlyphs, Glyphs>();
}
