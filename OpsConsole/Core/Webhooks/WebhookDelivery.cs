namespace OpsConsole.Core.Webhooks;

/// <summary>One event on its way to one endpoint; attempts and replays send the same bytes.</summary>
public sealed class WebhookDelivery : Delivery
{
    private WebhookDelivery() { }
    public WebhookDelivery(string id, WebhookEndpoint endpoint, string eventId, Occurrence o, string body, DateTimeOffset now) : base(id, endpoint.Id, now, now)
        => (EventId, Seq, Event, Subject, Body, Format) = (eventId, o.Seq, o.Name, o.Subject, body, endpoint.Format);

    public string EventId { get; private set; } = "";
    public long Seq { get; private set; }
    public string Event { get; private set; } = "";
    public string Subject { get; private set; } = "";
    public string Body { get; private set; } = "";
    public MessageFormat Format { get; private set; }
}

/// <summary>How far the log has been told outside; one row.</summary>
public sealed class WebhookPlace
{
    public int Id { get; init; } = 1;
    public long Seq { get; set; }
}
