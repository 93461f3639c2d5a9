using OpsConsole.Features.Access;
using OpsConsole.Features.Agents;
using OpsConsole.Features.Approvals;
using OpsConsole.Features.Audit;
using OpsConsole.Features.Authority;
using OpsConsole.Features.Decisions;
using OpsConsole.Features.Demo;
using OpsConsole.Features.Evals;
using OpsConsole.Features.Home;
using OpsConsole.Features.Incidents;
using OpsConsole.Features.Notices;
using OpsConsole.Features.Portfolio;
using OpsConsole.Features.Promotions;
using OpsConsole.Features.Reliability;
using OpsConsole.Features.Reviews;
using OpsConsole.Features.Rollouts;
using OpsConsole.Features.Safeguards;
using OpsConsole.Features.Shadow;
using OpsConsole.Features.Toolkit;
using OpsConsole.Features.Undo;
using OpsConsole.Features.Webhooks;
using OpsConsole.Features.Workshop;
using OpsConsole.Integrations.Browser;
using OpsConsole.Integrations.Mail;
using OpsConsole.Integrations.Outbound;

namespace OpsConsole.Startup;

/// <summary>The features of the console and what it has to do with the outside world, one line each.</summary>
internal static class Features
{
    public static IServiceCollection AddOpsFeatures(this IServiceCollection services, bool demo) => services
        .AddAccess()
        .AddRollouts()
        .AddAgents()
        .AddAuthority()
        .AddWorkshop()
        .AddToolkit()
        .AddDecisions()
        .AddApprovals()
        .AddEvals()
        .AddIncidents()
        .AddReliability()
        .AddReviews()
        .AddShadow()
        .AddPromotions()
        .AddPortfolio()
        .AddUndo()
        .AddWebhooks()
        .AddNotices()
        .AddSafeguards()
        .AddAudit()
        .AddHome()
        .AddDemo(demo);

    public static IServiceCollection AddOpsIntegrations(this IServiceCollection services, IConfiguration configuration) => services
        .AddBrowser(configuration)
        .AddOutbound(configuration)
        .AddMail(configuration);

    public static WebApplication MapOpsFeatures(this WebApplication app) => app
        .MapAccess()
        .MapRollouts()
        .MapAgents()
        .MapAuthority()
        .MapWorkshop()
        .MapToolkit()
        .MapDecisions()
        .MapApprovals()
        .MapEvals()
        .MapIncidents()
        .MapReliability()
        .MapReviews()
        .MapShadow()
        .MapPromotions()
        .MapPortfolio()
        .MapUndo()
        .MapWebhooks()
        .MapNotices()
        .MapSafeguards()
        .MapAudit()
        .MapHome();
}
