using OpsConsole.Features.Webhooks.Api;

namespace OpsConsole.Features.Webhooks;

/// <summary>What happens in a rollout, told to addresses that its team registers: signed, durable, retried.</summary>
internal static class WebhooksFeature
{
    public static IServiceCollection AddWebhooks(this IServiceCollection services) => services
        .AddSingleton<WebhookKeys>().AddSingleton<WebhookFeed>().AddSingleton<WebhookReader>().AddSingleton<WebhookDesk>().AddSingleton(s => new SignedSender(s.GetRequiredService<WebhookKeys>(), s.GetRequiredService<IOutbound>(), s.GetRequiredService<TimeProvider>())).AddHostedService<WebhookSender>();

    public static WebApplication MapWebhooks(this WebApplication app)
    {
        WebhookEndpoints.Map(app);
        return app;
    }
}
