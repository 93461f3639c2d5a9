using System.Globalization;
using OpsConsole.Core.Notices;
using OpsConsole.Core.Shared;
using OpsConsole.Core.Webhooks;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Notices;

/// <summary>One of the reader's own notices.</summary>
/// <param name="Kind"><c>waits</c>, <c>reminder</c>, <c>escalated</c>, <c>asked_back</c>, <c>answered</c>, <c>expired</c>; of incidents <c>incident</c>, <c>news</c>; of what has to be confirmed <c>confirm</c>; of undo plans <c>undo</c>; of weekly reviews <c>review</c>; of scale memos <c>memo</c>.</param>
/// <param name="Asked">False: only told.</param>
/// <param name="ApprovalId">The request, as <c>GET approvals/{id}</c> has it; null: something else.</param>
/// <param name="Status">How it stands now: <c>pending</c>, <c>approved</c>…, of a window <c>open</c>, <c>confirmed</c>…, of an undo plan <c>needs_somebody</c> or <c>dealt_with</c>, of a weekly review <c>to_sign</c> or its verdict, of a scale memo <c>to_decide</c> or what became of it; null where it is not the reader's to see any more, and then nothing else is said of it.</param>
/// <param name="DecidedBy">Who approved or rejected, confirmed or vetoed it, by name.</param>
public sealed record NoticeView(string Id, string Kind, bool Asked, string? ApprovalId, string RolloutId, string? RolloutName, string? AgentName, string? Action, string? ResourceType, string? ResourceId, string Consequence, string? Status, string? DecidedBy, DateTimeOffset? RequestedAt, DateTimeOffset? ExpiresAt, DateTimeOffset At, DateTimeOffset? ReadAt)
{
    /// <summary>The incident, as <c>GET incidents/{id}</c> has it; null: a request.</summary>
    public string? IncidentId { get; init; }
    public string? Title { get; init; }
    public string? Severity { get; init; }

    /// <summary>The decision whose writes have to be confirmed; null: something else.</summary>
    public string? DecisionId { get; init; }
    /// <summary>The plan, as <c>GET undo/plans/{id}</c> has it; null: something else.</summary>
    public string? PlanId { get; init; }

    /// <summary>The weekly review, as <c>GET rollouts/{id}/reviews/{id}</c> has it; null: something else.</summary>
    public string? ReviewId { get; init; }

    /// <summary>The scale memo, as <c>GET rollouts/{id}/memos/{id}</c> has it; null: something else.</summary>
    public string? MemoId { get; init; }

    /// <summary>Where it is looked at.</summary>
    internal string Address => IncidentId is { } incident ? "/incidents/" + incident : PlanId is { } plan ? "/undo/" + plan : ReviewId is { } review ? $"/rollouts/{RolloutId}/reviews/{review}" : MemoId is { } memo ? $"/rollouts/{RolloutId}/memos/{memo}{(Asked && Status == "to_decide" ? "/read" : "")}" : DecisionId is { } decision ? WindowSubject.Address(decision, Asked && Status is "open" or "escalated") : "/approvals/" + ApprovalId;

    /// <summary>The action and what it is about, or the incident's title, on one line that is safe to read. Empty where it is not the reader's to see.</summary>
    internal string What() => Title is { } title && Severity is null ? NoticeLine.Plain(title, 200) : Title is not null ? NoticeLine.Plain($"{Severity!.ToUpperInvariant()[..3]}-{Severity[3..]} {Title}", 200) : NoticeLine.Plain(string.Join(' ', new[] { Action, ResourceType, ResourceId }.Where(part => !string.IsNullOrEmpty(part))), 200);
}

public sealed record UnreadView(int Unread);

/// <summary>What the reader is told where. Times of day as <c>22:00</c>.</summary>
/// <param name="EmailOff">Why nothing is mailed in this console; null when it is.</param>
/// <param name="Rollouts">By the rollout's id: <c>mute</c>, <c>asked</c>, <c>high</c>, <c>all</c>.</param>
public sealed record PreferencesView(ChoiceView Email, string? EmailOff, ChoiceView Browser, Follow Follow, IReadOnlyDictionary<string, Follow> Rollouts, string TimeZone, QuietView? QuietHours, bool HighAtOnce, bool AtWorkOnly, DigestEvery Digest, string DigestAt)
{
    internal static PreferencesView Of(NoticePreferences p, string? emailOff) => new(ChoiceView.Of(p.Email), emailOff, ChoiceView.Of(p.Browser), p.Follow, p.Rollouts, p.Zone,
        QuietView.Of(p.Quiet), p.HighAtOnce, p.AtWorkOnly, p.Digest, QuietView.Clock(p.DigestAt));
}

public sealed record ChoiceView(IReadOnlyList<string> Kinds, bool HighOnly)
{
    internal static ChoiceView Of(ChannelChoice choice) => new([.. choice.Kinds.Select(k => k.Wire())], choice.HighOnly);
}

public sealed record QuietView(string From, string To)
{
    internal static QuietView? Of(QuietHours? quiet) => quiet is null ? null : new QuietView(Clock(quiet.From), Clock(quiet.To));

    internal static string Clock(TimeOnly time) => time.ToString("HH:mm", CultureInfo.InvariantCulture);

    internal static TimeOnly? Time(string? text) => TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? time : null;

    /// <summary>The member <c>quiet_hours</c>; null: none.</summary>
    internal static QuietHours? Read(Fields fields)
    {
        if (fields.Object("quiet_hours") is not { ValueKind: System.Text.Json.JsonValueKind.Object } hours) return null;
        var inner = new Fields(hours, "quiet_hours");
        var (from, to) = (Time(inner.Text("from", 5, required: true)), Time(inner.Text("to", 5, required: true)));
        if (inner.Finish() is null && from is { } begin && to is { } end && begin != end) return new QuietHours(begin, end);
        fields.Refuse("quiet_hours", "must be from and to, two different times such as 22:00 and 07:00.");
        return null;
    }
}

/// <summary><c>PUT me/notifications</c>; what is left out is as it is for whoever never chose.</summary>
public sealed record PreferencesRequest(ChoiceView? Email, ChoiceView? Browser, Follow? Follow, IReadOnlyDictionary<string, Follow>? Rollouts, string? TimeZone, QuietView? QuietHours, bool? HighAtOnce, bool? AtWorkOnly, DigestEvery? Digest, string? DigestAt)
{
    private static readonly Dictionary<string, Follow> Follows = new() { ["mute"] = Core.Notices.Follow.Mute, ["asked"] = Core.Notices.Follow.Asked, ["high"] = Core.Notices.Follow.High, ["all"] = Core.Notices.Follow.All };
    private static readonly Dictionary<string, DigestEvery> Digests = new() { ["off"] = DigestEvery.Off, ["hourly"] = DigestEvery.Hourly, ["daily"] = DigestEvery.Daily };

    internal static NoticePreferences Read(Fields fields)
    {
        var plain = NoticePreferences.Default;
        var (email, browser) = (ReadChoice(fields, "email", plain.Email), ReadChoice(fields, "browser", plain.Browser));
        var follow = fields.Word("follow", Follows) ?? plain.Follow;
        if (follow == Core.Notices.Follow.Mute) fields.Refuse("follow", "must be asked, high or all; a single rollout may be mute.");
        var rollouts = new Dictionary<string, Follow>();
        if (fields.Object("rollouts") is { ValueKind: System.Text.Json.JsonValueKind.Object } given)
        {
            var inner = new Fields(given, "rollouts");
            foreach (var property in given.EnumerateObject())
            {
                if (inner.Word(property.Name, Follows, required: true) is { } word) rollouts[property.Name] = word;
            }
            if (rollouts.Count > NoticePreferences.MostRollouts || rollouts.Keys.Any(k => k.Length > 64)) fields.Refuse("rollouts", $"must be at most {NoticePreferences.MostRollouts} rollouts by their ids.");
            if (inner.Finish() is { } wrong) fields.Refuse("rollouts", "has a value that is none of: mute, asked, high, all. " + wrong.Message);
        }
        var zone = fields.Text("time_zone", 64) ?? plain.Zone;
        if (!IanaZone.IsKnown(zone)) fields.Refuse("time_zone", "must be a time zone such as Europe/Berlin.");
        var quiet = QuietView.Read(fields);
        var digestAt = QuietView.Time(fields.Text("digest_at", 5) ?? "08:00");
        if (digestAt is null) fields.Refuse("digest_at", "must be a time such as 08:00.");
        return new NoticePreferences(email, browser, follow, rollouts, zone, quiet, fields.Flag("high_at_once") ?? plain.HighAtOnce, fields.Word("digest", Digests) ?? plain.Digest, digestAt ?? plain.DigestAt, fields.Flag("at_work_only") ?? false);
    }

    internal static ChannelChoice ReadChoice(Fields fields, string name, ChannelChoice otherwise)
    {
        if (fields.Object(name) is not { ValueKind: System.Text.Json.JsonValueKind.Object } given) return otherwise;
        var inner = new Fields(given, name);
        var choice = ReadKinds(inner);
        if (inner.Finish() is { } wrong) fields.Refuse(name, "is wrong: " + wrong.Message);
        return choice;
    }

    /// <summary>The members <c>kinds</c> and <c>high_only</c>.</summary>
    internal static ChannelChoice ReadKinds(Fields fields, bool required = true)
    {
        var known = NoticeKinds.Chosen.ToDictionary(k => k.Wire());
        var words = fields.Texts("kinds", known.Count, 20, required) ?? [];
        if (words.FirstOrDefault(w => !known.ContainsKey(w)) is not null) fields.Refuse("kinds", $"must be of: {string.Join(", ", known.Keys)}.");
        return new ChannelChoice([.. words.Where(known.ContainsKey).Select(w => NoticeKinds.Words[w]).Distinct().Order()], fields.Flag("high_only") ?? false);
    }
}

/// <param name="Event">A kind of notice, <c>digest</c> or <c>test</c>.</param>
/// <param name="Says">What came of the last attempt, or why it was not sent.</param>
public sealed record SentView(string Id, string Event, DateTimeOffset At, DeliveryState State, DateTimeOffset? DueAt, int Attempts, int? Status, string? Says, DateTimeOffset? LastAt, string? SubjectId);

/// <summary>A rollout's chat channel. Its address is in no answer.</summary>
/// <param name="Kind"><c>slack</c> or <c>teams</c>.</param>
/// <param name="QuietHours">By the rollout's clocks; what comes then is sent at their end, if it still waits.</param>
public sealed record ChatView(string Id, ChatKind Kind, string Host, IReadOnlyList<string> Kinds, bool HighOnly, QuietView? QuietHours, bool HighAtOnce, string ByName, DateTimeOffset At, int Waiting, int Failed);

/// <summary><c>PUT rollouts/{id}/channels/{channel}</c>: what it is told, whole.</summary>
public sealed record ChatChange(IReadOnlyList<string> Kinds, bool? HighOnly, QuietView? QuietHours, bool? HighAtOnce);

/// <summary><c>POST rollouts/{id}/channels</c>.</summary>
public sealed record ChatRequest(ChatKind Kind, string Url, IReadOnlyList<string> Kinds, bool? HighOnly, QuietView? QuietHours, bool? HighAtOnce)
{
    private static readonly Dictionary<string, ChatKind> Chats = new() { ["slack"] = ChatKind.Slack, ["teams"] = ChatKind.Teams };

    internal static (ChatKind Kind, string Url, ChatChoice Choice) ReadNew(Fields fields)
        => (fields.Word("kind", Chats, required: true) ?? ChatKind.Slack, fields.Text("url", OutboundRules.LongestUrl, required: true) ?? "", Read(fields));

    internal static ChatChoice Read(Fields fields)
    {
        var choice = PreferencesRequest.ReadKinds(fields);
        if (choice.Kinds.Any(k => k is NoticeKind.AskedBack or NoticeKind.Answered)) fields.Refuse("kinds", "asked_back and answered are between two people; channels are not told of them.");
        if (choice.Kinds.Count == 0) fields.Refuse("kinds", "must name at least one.");
        return new ChatChoice(choice.Kinds, choice.HighOnly, QuietView.Read(fields), fields.Flag("high_at_once") ?? true);
    }
}
