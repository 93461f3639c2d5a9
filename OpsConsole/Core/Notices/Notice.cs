using OpsConsole.Core.Audit;
using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Notices;

/// <summary>Why somebody is told: it waits for them; they are reminded; more people were asked; an approver's question waits for them; nobody decided in time; a question was answered.</summary>
public enum NoticeKind { Waits, Reminder, Escalated, AskedBack, Expired, Answered }

public static class NoticeKinds
{
    /// <summary>As the API and the delivery log name them.</summary>
    public static IReadOnlyDictionary<string, NoticeKind> Words { get; } = new Dictionary<string, NoticeKind>
    {
        ["waits"] = NoticeKind.Waits, ["reminder"] = NoticeKind.Reminder, ["escalated"] = NoticeKind.Escalated, ["asked_back"] = NoticeKind.AskedBack, ["expired"] = NoticeKind.Expired, ["answered"] = NoticeKind.Answered,
    };

    public static string Wire(this NoticeKind kind) => Words.First(w => w.Value == kind).Key;

    /// <summary>What a person chooses, in words.</summary>
    public static string Meaning(this NoticeKind kind) => kind switch
    {
        NoticeKind.Waits => "A request waits for me",
        NoticeKind.Reminder => "Reminders, while nobody has taken it up",
        NoticeKind.Escalated => "Escalations",
        NoticeKind.AskedBack => "An approver's question to me as the agent's owner",
        NoticeKind.Answered => "Answers to approvers' questions",
        _ => "Nobody decided in time",
    };
}

/// <summary>One thing told to one person; their inbox in the console.</summary>
public sealed class Notice
{
    /// <summary>So many unread ones of low consequence somebody may have, and so many of high: what matters little keeps nothing back that matters. What comes then is found on the desk.</summary>
    public const int MostUnread = 500;

    private Notice() { }
    public Notice(string personId, Telling told, string rolloutId, bool high, bool asked)
        => (PersonId, Seq, Kind, RolloutId, SubjectId, High, Asked, At) = (personId, told.Seq, told.Kind, rolloutId, told.ApprovalId, high, asked, told.At);

    public string PersonId { get; private set; } = "";
    /// <summary>The entry of the log that is told; with the person the key.</summary>
    public long Seq { get; private set; }
    public NoticeKind Kind { get; private set; }
    public string RolloutId { get; private set; } = "";
    /// <summary>What it is about: the id of a request.</summary>
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

/// <summary>An entry of the log about a request, as people are told of it.</summary>
/// <param name="Anew">Whoever was told before is told again; otherwise only who was not asked so far.</param>
/// <param name="By">The person who did it, who need not be told; null: nobody did.</param>
public sealed record Telling(long Seq, NoticeKind Kind, string ApprovalId, DateTimeOffset At, bool Anew, string? By = null)
{
    private const string Person = "person:";

    /// <summary>The events that <see cref="Of"/> knows. That a request waits is told from the request itself.</summary>
    public static IReadOnlyList<string> Sources { get; } = ["approval.voted", "approval.edited", "approval.reassigned", "approval.taken_back", "approval.reminded", "approval.escalated", "approval.asked_back", "approval.answered", "approval.expired", "approval.cancelled"];

    public static Telling Waits(long seq, string approvalId, DateTimeOffset at) => new(seq, NoticeKind.Waits, approvalId, at, Anew: true);

    /// <summary>Null for what is told to nobody.</summary>
    public static Telling? Of(LogEvent entry)
    {
        if (!entry.Object.StartsWith("apr_", StringComparison.Ordinal)) return null;
        var by = entry.Actor.StartsWith(Person, StringComparison.Ordinal) ? entry.Actor[Person.Length..] : null;
        NoticeKind? kind = entry.Event switch
        {
            // The next in an order, the circle of another proposal, somebody it was handed to; of a request that is over by then nothing is told.
            "approval.voted" or "approval.edited" or "approval.reassigned" or "approval.taken_back" or "approval.cancelled" => NoticeKind.Waits,
            "approval.reminded" => NoticeKind.Reminder,
            "approval.escalated" => NoticeKind.Escalated,
            "approval.asked_back" when entry.Word("to") == "owner" => NoticeKind.AskedBack,
            "approval.answered" => NoticeKind.Answered,
            "approval.expired" => NoticeKind.Expired,
            _ => null,
        };
        // Deputies and stand-ins join those who were told.
        var joins = entry.Event is "approval.voted" or "approval.reassigned" or "approval.cancelled" || entry.Word("cause") is "out_of_hours" or "absence";
        return kind is { } told ? new Telling(entry.Seq, told, entry.Object, entry.At, !joins, by) : null;
    }
}
