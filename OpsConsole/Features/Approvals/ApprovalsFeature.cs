using Microsoft.EntityFrameworkCore;
using OpsConsole.Data;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Access;
using OpsConsole.Features.Approvals.Api;
using OpsConsole.Features.Approvals.Ui;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Approvals;

/// <summary>Requests that wait for people: the queue, the verdicts, the clock.</summary>
internal static class ApprovalsFeature
{
    public static IServiceCollection AddApprovals(this IServiceCollection services)
    {
        services.AddSignalR(o => o.MaximumReceiveMessageSize = 128 * 1024);
        services.AddSingleton(new NavEntry("/approvals", "Approvals", "approvals", 10, Badge: typeof(ApprovalBadge), Keys: "g a", ByRollout: true));
        services.AddSingleton(new NavEntry("/oversight", "Oversight", "people", 75, Keys: "g o"));
        return services.AddSingleton<StandingCallers>().AddSingleton(s => new FreshSignIn(ApprovalOptions.From(s.GetRequiredService<IConfiguration>()).FreshTime)).AddSingleton<ApprovalService>().AddSingleton<HistoryReader>().AddSingleton<EditPreviewer>().AddSingleton<ApprovalInbox>().AddSingleton<BulkDesk>().AddSingleton<ViewDesk>().AddSingleton<OversightDesk>().AddHostedService<ApprovalClock>()
            .AddSingleton(s => new ClaimDesk(s.GetRequiredService<DurableWriter>(), s.GetRequiredService<IDbContextFactory<OpsDbContext>>(), ApprovalOptions.From(s.GetRequiredService<IConfiguration>()).ClaimTime))
            .AddSingleton<AskBackDesk>().AddSingleton<TakeBackDesk>()
            .AddSingleton<NewRequests>().AddSingleton<ApprovalHubFeed>().AddHostedService(s => s.GetRequiredService<ApprovalHubFeed>());
    }

    public static WebApplication MapApprovals(this WebApplication app)
    {
        ApprovalEndpoints.Map(app);
        MeanwhileEndpoints.Map(app);
        return app;
    }
}
