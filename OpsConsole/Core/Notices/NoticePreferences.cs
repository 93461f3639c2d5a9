using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Notices;

/// <summary>Of a rollout's requests: none outside the console; those one is asked to decide; besides them those of high consequence; all.</summary>
public enum Follow { Mute, Asked, High, All }

public enum DigestEvery { Off, Hourly, Daily }

/// <summary>What one channel tells.</summary>
public sealed record ChannelChoice(IReadOnlyList<NoticeKind> Kinds, bool HighOnly)
{
    public bool Wants(NoticeKind kind, bool high) => IsDuty(kind) || (Kinds.Contains(kind) && (high || !HighOnly));

    /// <summary>Whoever is named for an incident hears of it whatever they chose.</summary>
    internal static bool IsDuty(NoticeKind kind) => kind is NoticeKind.Incident or NoticeKind.News;
}

/// <summary>When a message goes out; <paramref name="Gathered"/>: together with others, in one.</summary>
public readonly record struct Sending(DateTimeOffset At, bool Gathered);

/// <summary>What a person wants to be told, where and when. The inbox in the console keeps whatever they are asked; this says what else it keeps, and what goes out.</summary>
/// <param name="Rollouts">Rollouts that are followed otherwise than <paramref name="Follow"/> says.</param>
/// <param name="Zone">IANA name: quiet hours and the daily digest are by its clocks.</param>
/// <param name="HighAtOnce">High consequence waits for no digest and breaks through quiet hours and time off.</param>
/// <param name="AtWorkOnly">Out of their working hours it is as quiet as in quiet hours; whoever keeps none is always at work.</param>
public sealed record NoticePreferences(ChannelChoice Email, ChannelChoice Browser, Follow Follow, IReadOnlyDictionary<string, Follow> Rollouts, string Zone, QuietHours? Quiet, bool HighAtOnce, DigestEvery Digest, TimeOnly DigestAt, bool AtWorkOnly = false)
{
    /// <summary>Nobody has more than so many e-mails of their own in an hour: what comes then is gathered until the hour is full.</summary>
    public const int MostAnHour = 20;
    public const int MostRollouts = 200;

    public static NoticePreferences Default { get; } = new(new(NoticeKinds.Chosen, false), new([NoticeKind.Waits, NoticeKind.Reminder, NoticeKind.Escalated, NoticeKind.AskedBack, NoticeKind.Answered, NoticeKind.Confirm, NoticeKind.Undo, NoticeKind.Review, NoticeKind.Memo], false), Follow.Asked, new Dictionary<string, Follow>(), "UTC", null, true, DigestEvery.Off, new(8, 0));

    private TimeZoneInfo Clock => IanaZone.IsKnown(Zone) ? TimeZoneInfo.FindSystemTimeZoneById(Zone) : TimeZoneInfo.Utc;

    public Follow Of(string rolloutId) => Rollouts.GetValueOrDefault(rolloutId, Follow);

    /// <summary>Whether somebody who is not asked is told all the same.</summary>
    public bool Follows(string rolloutId, bool high) => Of(rolloutId) is Follow.All || (Of(rolloutId) is Follow.High && high);

    /// <summary>Whether a page of theirs tells it by the browser's notification now.</summary>
    public bool Notifies(NoticeKind kind, string rolloutId, bool high, DateTimeOffset now, WorkingHours? hours)
        => (Of(rolloutId) != Follow.Mute || ChannelChoice.IsDuty(kind)) && Browser.Wants(kind, high) && (Free(now, hours) == now || Pressing(kind, high));

    // An incident that waits for them goes on to the next people within minutes, so neither digest, quiet hours nor the limit of an hour holds it; news of a grave one waits for the limit only.
    private bool Pressing(NoticeKind kind, bool high) => kind == NoticeKind.Incident || (high && (HighAtOnce || ChannelChoice.IsDuty(kind)));

    /// <summary>When it is mailed; null: not at all.</summary>
    /// <param name="lately">Mails of theirs in the last hour.</param>
    public Sending? Mails(NoticeKind kind, string rolloutId, bool high, DateTimeOffset now, int lately, WorkingHours? hours)
    {
        if ((Of(rolloutId) == Follow.Mute && !ChannelChoice.IsDuty(kind)) || !Email.Wants(kind, high)) return null;
        var pressing = Pressing(kind, high);
        if (!pressing && Digest != DigestEvery.Off) return new(Free(Digest == DigestEvery.Hourly ? NextHour(now) : LocalTimes.Next(DigestAt, now, Clock), hours), true);
        if (!pressing && Free(now, hours) is var free && free > now) return new(free, true);
        return lately < MostAnHour || kind == NoticeKind.Incident ? new(now, false) : new(pressing ? NextHour(now) : Free(NextHour(now), hours), true);
    }

    // The first moment from then on that is neither quiet nor off work. Where somebody left none, it is one of the next days' all the same: nothing is held for ever.
    private DateTimeOffset Free(DateTimeOffset at, WorkingHours? hours)
    {
        for (var tries = 0; tries < 4; tries++)
        {
            var next = Quiet?.Ends(at, Clock) ?? at;
            if (AtWorkOnly && hours is not null) next = hours.NextStart(next);
            if (next == at) break;
            at = next;
        }
        return at;
    }

    internal static DateTimeOffset NextHour(DateTimeOffset now) => new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero).AddHours(now.UtcDateTime.Hour + 1);
}

/// <summary>A person's preferences as they are kept; who has none has <see cref="NoticePreferences.Default"/>.</summary>
public sealed class KeptPreferences
{
    private KeptPreferences() { }
    public KeptPreferences(string personId, NoticePreferences wishes) => (PersonId, Wishes) = (personId, wishes);

    public string PersonId { get; private set; } = "";
    public NoticePreferences Wishes { get; private set; } = NoticePreferences.Default;

    public void Set(NoticePreferences wishes) => Wishes = wishes;
}
