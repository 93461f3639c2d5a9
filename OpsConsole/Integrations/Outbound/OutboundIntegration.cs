using OpsConsole.Features.Webhooks;

namespace OpsConsole.Integrations.Outbound;

/// <summary>What the console sends out by itself goes through one guarded door.</summary>
internal static class OutboundIntegration
{
    public static IServiceCollection AddOutbound(this IServiceCollection services, IConfiguration configuration) => services
        .AddSingleton<IOutbound>(_ => new GuardedOutbound(OutboundOptions.From(configuration)));
}
