using OpsConsole.Features.Toolkit.Api;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Toolkit;

/// <summary>The documents of a rollout on paper: exports, links to them, and whether a file is one of ours.</summary>
internal static class ToolkitFeature
{
    public static IServiceCollection AddToolkit(this IServiceCollection services) => services
        .AddSingleton<ToolkitReader>().AddSingleton<ToolkitHtml>().AddSingleton<ToolkitDesk>().AddSingleton<ToolkitArchive>().AddSingleton<ToolkitLinks>().AddSingleton<ToolkitJobs>().AddSingleton<LiveryDesk>().AddSingleton<ToolkitTurns>().AddSingleton(s => new WeekPaper(s.GetRequiredService<ToolkitDesk>()))
        .AddSingleton(s => ToolkitOptions.From(s.GetRequiredService<IConfiguration>()).Livery())
        .AddSingleton(new NavEntry("/verify", "Verify a file", "shield", 85, Keys: "g v"));

    public static WebApplication MapToolkit(this WebApplication app)
    {
        ToolkitEndpoints.Map(app);
        ToolkitFileEndpoints.Map(app);
        LiveryEndpoints.Map(app);
        return app;
    }
}
