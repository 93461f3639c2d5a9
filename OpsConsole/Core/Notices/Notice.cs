using OpsConsole.Core.Audit;
using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Notices;

/// <summary>Why somebody is told: it waits for them; they are reminded; more people were asked; an approver's question waits for them; nobody decided in time; a question was answered; an incident waits for them; there is news of one; what an agent wrote has to be confirmed; an undo needs somebody; a weekly review is to be signed; a scale memo is to be decided, or was.</summary>
public enum NoticeKind { Waits, Reminder, Escalated, AskedBack, Expired, Answered, Incident, News, Confirm, Undo, Review, Memo }

public static class NoticeKinds
{
    /// <summary>As the API and the delivery log name them.</summary>
    public static IReadOnlyDictionary<string, NoticeKind> Words { get; } = new Dictionary<string, NoticeKind>
    {
        ["waits"] = NoticeKind.Waits, ["reminder"] = NoticeKind.Reminder, ["escalated"] = NoticeKind.Escalated, ["asked_back"] = NoticeKind.AskedBack, ["expired"] = NoticeKind.Expired, ["answered"] = NoticeKind.Answered,
        ["incident"] = NoticeKind.Incident, ["news"] = NoticeKind.News, ["confirm"] = NoticeKind.Confirm, ["undo"] = NoticeKind.Undo, ["review"] = NoticeKind.Review, ["memo"] = NoticeKind.Memo,
    };

    /// <summary>What a person or a channel chooses from. Of incidents whoever is named for them is always told; a channel that takes escalations takes them.</summary>
    public static IReadOnlyList<NoticeKind> Chosen { get; } = [NoticeKind.Waits, NoticeKind.Reminder, NoticeKind.Escalated, NoticeKind.AskedBack, NoticeKind.Expired, NoticeKind.Answered, NoticeKind.Confirm, NoticeKind.Undo, NoticeKind.Review, NoticeKind.Memo];

    public static string Wire(this NoticeKind kind) => Words.First(w => w.Value == kind).Key;

    /// <summary>What a person chooses, in words.</summary>
    public static string Meaning(this NoticeKind kind) => kind switch
    {
        NoticeKind.Waits => "A request waits for me",
        NoticeKind.Reminder => "Reminders, while nobody has taken it up",
        NoticeKind.Escalated => "Escalations",
        NoticeKind.AskedBack => "An approver's question to me as the agent's owner",
        NoticeKind.Answered => "Answers to approvers' questions",
        NoticeKind.Confirm => "What an agent wrote waits for me to confirm it",
        NoticeKind.Undo => "An undo needs somebody: a step is for people, did not go through, or met a conflict",
        NoticeKind.Review => "A weekly review is to be signed by me, or is late",
        NoticeKind.Memo => "A scale memo is to be decided by me, or mine was decided",
        _ => "Nobody decided in time",
    };
}

/// <summary>One thing told to one person; their inbox in the console.</summary>
public sealed class Notice
{
    /// <summary>So many unread ones of low consequence somebody may have, and so many of high: what matters little keeps nothing back that matters. What comes then is found on the desk. Incidents are told all the same.</summary>
    public const int MostUnread = 500;

    private Notice() { }
    public Notice(string personId, Telling told, string rolloutId, bool high, bool asked)
        => (PersonId, Seq, Kind, RolloutId, SubjectId, High, Asked, At) = (personId, told.Seq, told.Kind, rolloutId, told.SubjectId, high, asked, told.At);

    public string PersonId { get; private set; } = "";
    /// <summary>The entry of the log that is told; with the person the key.</summary>
    public long Seq { get; private set; }
    public NoticeKind Kind { get; private set; }
    public string RolloutId { get; private set; } = "";
    /// <summary>What it is about: the id of a request for approval, of an incident, of a decision that has to be confirmed, of an undo plan, of a weekly review or of a scale memo.</summary>
    public string SubjectId { get; private set; } = "";
    public bool High { get; private set; }
    /// <summary>False: only told, because they follow the rollout or answer for it.</summary>
    public bool Asked { get; private set; }
    public DateTimeOffset At { get; private set; }
    public DateTimeOffset? ReadAt { get; private set; }

    public void Read(DateTimeOffset now) => ReadAt ??= now;
}

/// <summary>How far the log has been told to people; one row, made with the table.</summary>
public sealed class NoticePlace
{
    public int Id { get; init; } = 1;
    public long Seq { get; set; }
}

/// <summary>An entry of the log about a request, an incident, a window, an undo plan, a weekly review or a scale memo, as people are told of it.</summary>
/// <param name="Anew">Whoever was told before is told again; otherwise only who was not asked so far, and of an undo plan whoever has no unread notice of it.</param>
/// <param name="By">The person who did it, who need not be told; null: nobody did.</param>
public sealed record Telling(long Seq, NoticeKind Kind, string SubjectId, DateTimeOffset At, bool Anew, string? By = null)
{
    /// <summary>Nobody is told of it by itself; what was told may be over by it.</summary>
    public bool Settles { get; init; }

    private const string Person = "person:";

    /// <summary>The events that <see cref="Of"/> knows. That a request or a window waits is told from the row itself.</summary>
    public static IReadOnlyList<string> Sources { get; } = ["approval.voted", "approval.edited", "approval.reassigned", "approval.taken_back", "approval.reminded", "approval.escalated", "approval.asked_back", "approval.answered", "approval.expired", "approval.cancelled",
        "incident.told", "incident.acknowledged", "incident.state", "incident.merged", "incident.update", "incident.response",
        "window.confirmed", "window.vetoed", "window.undone", "window.escalated", "undo.planned", "undo.reported", "undo.retried", "undo.handed_over", "review.opened", "review.reminded", "review.signed",
        "memo.submitted", "memo.signed", "memo.withdrawn"];

    public static Telling Waits(long seq, string approvalId, DateTimeOffset at) => new(seq, NoticeKind.Waits, approvalId, at, Anew: true);

    /// <summary>A report opened a window that somebody has to confirm.</summary>
    public static Telling Confirm(long seq, string decisionId, DateTimeOffset at) => new(seq, NoticeKind.Confirm, decisionId, at, Anew: true);

    /// <summary>Null for what is told to nobody.</summary>
    public static Telling? Of(LogEvent entry)
    {
        var by = entry.Actor.StartsWith(Person, StringComparison.Ordinal) ? entry.Actor[Person.Length..] : null;
        // Over, or more people may confirm it now; and a plan moved, of which what is left for people is looked up.
        if (entry.Event.StartsWith("window.", StringComparison.Ordinal)) return new Telling(entry.Seq, NoticeKind.Confirm, entry.Object, entry.At, Anew: false, by);
        if (entry.Event.StartsWith("undo.", StringComparison.Ordinal)) return (entry.Event == "undo.planned" ? entry.Object : entry.Word("plan")) is { } plan
            ? new Telling(entry.Seq, NoticeKind.Undo, plan, entry.At, Anew: false, by) { Settles = entry.Event == "undo.retried" || entry.Word("state") is "undone" or "skipped" or "irreversible" } : null;
        if (entry.Event.StartsWith("review.", StringComparison.Ordinal)) return new Telling(entry.Seq, NoticeKind.Review, entry.Object, entry.At, Anew: entry.Event != "review.signed", by) { Settles = entry.Event == "review.signed" };
        if (entry.Event.StartsWith("memo.", StringComparison.Ordinal)) return new Telling(entry.Seq, NoticeKind.Memo, entry.Object, entry.At, Anew: true, by) { Settles = entry.Event == "memo.withdrawn" };
        if (!entry.Object.StartsWith("apr_", StringComparison.Ordinal) && !entry.Object.StartsWith("inc_", StringComparison.Ordinal)) return null;
        NoticeKind? kind = entry.Event switch
        {
            // The next in an order, the circle of another proposal, somebody it was handed to; of a request that is over by then nothing is told.
            "approval.voted" or "approval.edited" or "approval.reassigned" or "approval.taken_back" or "approval.cancelled" => NoticeKind.Waits,
            "approval.reminded" => NoticeKind.Reminder,
            "approval.escalated" => NoticeKind.Escalated,
            "approval.asked_back" when entry.Word("to") == "owner" => NoticeKind.AskedBack,
            "approval.answered" => NoticeKind.Answered,
            "approval.expired" => NoticeKind.Expired,
            // Taken or over: what was told of it is read.
            "incident.told" or "incident.acknowledged" or "incident.state" or "incident.merged" => NoticeKind.Incident,
            "incident.update" => NoticeKind.News,
            "incident.response" when entry.Word("response") is "notify_owner" or "notify_sponsor" => NoticeKind.News,
            _ => null,
        };
        // Deputies and stand-ins join those who were told.
        var joins = entry.Event is "approval.voted" or "approval.reassigned" or "approval.cancelled" or "incident.acknowledged" or "incident.state" or "incident.merged" or "incident.response" || entry.Word("cause") is "out_of_hours" or "absence";
        return kind is { } told ? new Telling(entry.Seq, told, entry.Object, entry.At, !joins, by) : null;
    }
}
