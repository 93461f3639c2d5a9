using OpsConsole.Core.Webhooks;

namespace OpsConsole.Core.Notices;

/// <summary>What a chat channel is told, and when it is left alone, by the rollout's clocks.</summary>
/// <param name="HighAtOnce">High consequence breaks through quiet hours.</param>
public sealed record ChatChoice(IReadOnlyList<NoticeKind> Kinds, bool HighOnly, QuietHours? Quiet = null, bool HighAtOnce = true)
{
    /// <summary>When it is sent: in quiet hours at their end, if it still waits then. Null: not at all.</summary>
    public DateTimeOffset? Sends(NoticeKind kind, bool high, DateTimeOffset now, TimeZoneInfo zone)
        => !new ChannelChoice(Kinds, HighOnly).Wants(kind, high) ? null : high && HighAtOnce ? now : Quiet?.Ends(now, zone) ?? now;
}

/// <summary>A chat channel that a rollout's team wants told.</summary>
public sealed class ChatChannel
{
    /// <summary>So many a rollout may have.</summary>
    public const int Most = 5;
    /// <summary>A channel has no more than so many messages in an hour: what comes then is counted in one, sent when the hour is full.</summary>
    public const int MostAnHour = 60;

    private ChatChannel() { }
    public ChatChannel(string id, string rolloutId, ChatKind kind, string url, string host, ChatChoice choice, string by, DateTimeOffset now)
        => (Id, RolloutId, Kind, Url, Host, Choice, By, At) = (id, rolloutId, kind, url, host, choice, by, now);

    public string Id { get; private set; } = "";
    public string RolloutId { get; private set; } = "";
    public ChatKind Kind { get; private set; }
    /// <summary>Protected by the console's keys: whoever has the address can write there.</summary>
    public string Url { get; private set; } = "";
    public string Host { get; private set; } = "";
    public ChatChoice Choice { get; private set; } = new([], false);
    public string By { get; private set; } = "";
    public DateTimeOffset At { get; private set; }
    /// <summary>What the log says up to this entry is not told.</summary>
    public long Since { get; private set; }

    public void Begin(long since) => Since = since;

    public void Set(ChatChoice choice) => Choice = choice;
}

/// <summary>A message to a person by mail, or to a chat channel. What it says is made at each attempt, from what holds then.</summary>
public sealed class NoticeDelivery : Delivery
{
    /// <summary>The endpoint of all mails, and the two events that stand for no kind of notice.</summary>
    public const string Mail = "mail", Digest = "digest", Test = "test";
    /// <summary>So many are gathered in one message; whoever has more has them in the console.</summary>
    public const int MostGathered = 1_000;

    private NoticeDelivery() { }

    private NoticeDelivery(string id, string endpointId, string? personId, string? rolloutId, string evt, IReadOnlyList<long> seqs, DateTimeOffset now, DateTimeOffset due) : base(id, endpointId, now, due)
        => (PersonId, RolloutId, Event, Seqs) = (personId, rolloutId, evt, seqs);

    public static NoticeDelivery ToPerson(string id, string personId, string evt, IReadOnlyList<long> seqs, DateTimeOffset now, DateTimeOffset due) => new(id, Mail, personId, null, evt, seqs, now, due);

    public static NoticeDelivery ToChat(string id, ChatChannel channel, string evt, string subjectId, DateTimeOffset now, DateTimeOffset due) => new(id, channel.Id, null, channel.RolloutId, evt, [], now, due) { SubjectId = subjectId };

    /// <summary>Of a mail: whose.</summary>
    public string? PersonId { get; private set; }
    /// <summary>Of a chat's message: of which rollout.</summary>
    public string? RolloutId { get; private set; }
    /// <summary>A kind of notice in snake_case, or one of the words above.</summary>
    public string Event { get; private set; } = "";
    /// <summary>Of a chat's message: the request.</summary>
    public string? SubjectId { get; private set; }
    /// <summary>Of a mail: the person's notices in it. Of a chat's digest: the entries of the log that were not told one by one.</summary>
    public IReadOnlyList<long> Seqs { get; private set; } = [];

    public void Gather(long seq)
    {
        if (Seqs.Count < MostGathered) Seqs = [.. Seqs, seq];
    }
}
