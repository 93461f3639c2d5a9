using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Approvals;
using OpsConsole.Platform.Realtime;

namespace OpsConsole.Startup;

/// <summary>The database, its one writer, and the wiring from commits to signals.</summary>
internal static class DataStartup
{
    public static IServiceCollection AddOpsData(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton(_ => OpsOptions.Database(configuration));
        services.AddSingleton<IDbContextFactory<OpsDbContext>>(s => s.GetRequiredService<OpsDatabase>());
        services.AddSingleton(s => new DurableWriter(s.GetRequiredService<OpsDatabase>().CreateStore(), s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<DurableWriter>>(), ApprovalOptions.From(configuration).RemindAfter));
        services.AddHostedService(s => s.GetRequiredService<DurableWriter>());
        services.AddHostedService<Checkpointer>();
        services.AddHostedService<Backplane>();
        services.AddHostedService<Clearing>();
        return services;
    }

    /// <summary>Migrates, and wires commits to signals. Before the host starts.</summary>
    public static async Task PrepareOpsDataAsync(this WebApplication app)
    {
        await app.Services.GetRequiredService<OpsDatabase>().MigrateAsync(CancellationToken.None);
        var (writer, signals) = (app.Services.GetRequiredService<DurableWriter>(), app.Services.GetRequiredService<Signals>());
        writer.Committed += topics =>
        {
            foreach (var topic in topics) signals.Publish(topic);
        };
        writer.HealthChanged += () => signals.Publish("health");
    }
}
