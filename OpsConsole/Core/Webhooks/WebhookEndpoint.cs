namespace OpsConsole.Core.Webhooks;

/// <summary>An address that a rollout's team wants told what happens there.</summary>
public sealed class WebhookEndpoint
{
    /// <summary>So many a rollout may have.</summary>
    public const int Most = 10;
    /// <summary>After a rotation the old secret signs beside the new one for so long.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromHours(24);
    /// <summary><see cref="OffBecause"/>: a person; the receiver answered 410.</summary>
    public const string ByPerson = "person", Gone = "gone";

    private WebhookEndpoint() { }
    public WebhookEndpoint(string id, string rolloutId, string url, IReadOnlyList<string> events, MessageFormat format, string secret, string by, DateTimeOffset now)
        => (Id, RolloutId, Url, Events, Format, Secret, By, At) = (id, rolloutId, url, events, format, secret, by, now);

    public string Id { get; private set; } = "";
    public string RolloutId { get; private set; } = "";
    public string Url { get; private set; } = "";
    public IReadOnlyList<string> Events { get; private set; } = [];
    public MessageFormat Format { get; private set; }
    /// <summary>Protected by the console's keys, as <see cref="OldSecret"/>.</summary>
    public string Secret { get; private set; } = "";
    public string? OldSecret { get; private set; }
    public DateTimeOffset? OldUntil { get; private set; }
    public string By { get; private set; } = "";
    public DateTimeOffset At { get; private set; }
    /// <summary>What the log says up to this entry is not told.</summary>
    public long Since { get; private set; }
    public DateTimeOffset? OffAt { get; private set; }
    public string? OffBecause { get; private set; }

    public bool On => OffAt is null;

    public bool Wants(Occurrence o) => On && o.Seq > Since && (o.RolloutId is null || o.RolloutId == RolloutId) && Events.Contains(o.Name);

    public void Set(string url, IReadOnlyList<string> events, MessageFormat format) => (Url, Events, Format) = (url, events, format);

    public void Begin(long since) => (Since, OffAt, OffBecause) = (since, null, null);

    public void End(string because, DateTimeOffset now) => (OffAt, OffBecause) = (now, because);

    public void Rotate(string secret, DateTimeOffset now) => (OldSecret, OldUntil, Secret) = (Secret, now + Overlap, secret);

    /// <summary>What signs now, protected; the present secret first.</summary>
    public IReadOnlyList<string> Signing(DateTimeOffset now) => OldSecret is { } old && OldUntil > now ? [Secret, old] : [Secret];
}
