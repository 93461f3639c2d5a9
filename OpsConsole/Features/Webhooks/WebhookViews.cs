using OpsConsole.Core.Webhooks;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Webhooks;

/// <summary>An endpoint of a rollout. Its secret is in no answer but that which made it.</summary>
/// <param name="Format"><c>cloudevents</c> or <c>standard</c>.</param>
/// <param name="OffBecause"><c>person</c> or <c>gone</c> (it answered 410).</param>
/// <param name="OldSecretUntil">Until then the secret before signs as well.</param>
/// <param name="Failed">Dead letters: deliveries of which all attempts failed.</param>
public sealed record WebhookView(string Id, string Url, IReadOnlyList<string> Events, string Format, bool On, DateTimeOffset? OffAt, string? OffBecause, DateTimeOffset? OldSecretUntil, string ByName, DateTimeOffset At, int Waiting, int Failed);

/// <param name="Secret">Shown once: <c>whsec_…</c>.</param>
public sealed record NewWebhookView(string Id, string Secret, WebhookView Webhook);

/// <param name="OldSecretUntil">Until then deliveries carry two signatures.</param>
public sealed record NewSecretView(string Secret, DateTimeOffset OldSecretUntil);

public sealed record DeliveryView(string Id, string EventId, string Event, string Subject, DateTimeOffset At, DeliveryState State, DateTimeOffset? DueAt, int Attempts, int? Status, string? Says, DateTimeOffset? LastAt);

public sealed record AttemptView(int Number, DateTimeOffset At, int? Status, string Says, int Millis);

/// <param name="Body">What is sent, byte for byte.</param>
public sealed record DeliveryDetailView(DeliveryView Delivery, string Body, IReadOnlyList<AttemptView> Attempts);

public sealed record ReplayedView(int Replayed);

/// <summary><c>POST rollouts/{id}/webhooks</c> and, with whatever is to be otherwise, <c>PATCH rollouts/{id}/webhooks/{webhook}</c>.</summary>
/// <param name="Format">Null: CloudEvents.</param>
/// <param name="On">Null: as it is.</param>
public sealed record WebhookRequest(string? Url, IReadOnlyList<string>? Events, MessageFormat? Format, bool? On = null)
{
    internal static readonly Dictionary<string, MessageFormat> Formats = new() { ["cloudevents"] = MessageFormat.CloudEvents, ["standard"] = MessageFormat.Standard };

    internal static WebhookRequest ReadNew(Fields fields) => Read(fields, required: true);

    internal static WebhookRequest ReadChange(Fields fields) => Read(fields, required: false) with { On = fields.Flag("on") };

    private static WebhookRequest Read(Fields fields, bool required)
    {
        var events = fields.Texts("events", WebhookEvent.All.Count, 60, required);
        if (events?.FirstOrDefault(e => !WebhookEvent.Exists(e)) is not null) fields.Refuse("events", $"must be of: {string.Join(", ", WebhookEvent.All.Select(e => e.Name))}.");
        if (events is { Count: 0 }) fields.Refuse("events", "must name at least one.");
        return new WebhookRequest(fields.Text("url", OutboundRules.LongestUrl, required), events, fields.Word("format", Formats));
    }
}
