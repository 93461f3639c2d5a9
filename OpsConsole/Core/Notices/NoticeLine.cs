using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Notices;

/// <summary>One thing as a message outside tells it: words of closed lists, and the few names that people need to know which request is meant. No argument, no reasoning, no id of a resource, which may be a person's.</summary>
/// <param name="Due">Until when it can be decided; null when that is over.</param>
/// <param name="Url">Where it is looked at, after signing in.</param>
public sealed record NoticeLine(NoticeKind Kind, bool Asked, string Action, string Rollout, string Agent, bool High, DateTimeOffset? Due, string Url)
{
    public string What => Words(Kind, Asked);
    public string Consequence => High ? "high consequence" : "low consequence";

    /// <summary>How long there is, in words; null when that is over.</summary>
    public string? Left(DateTimeOffset now) => Due is not { } due ? null : due > now ? DurationWords.Of(due - now) + " left" : "due now";

    public static string Words(NoticeKind kind, bool asked) => kind switch
    {
        NoticeKind.Waits => asked ? "Waits for you" : "Waits for others",
        NoticeKind.Reminder => "Still waits for you",
        NoticeKind.Escalated => asked ? "Escalated, waits for you" : "Escalated",
        NoticeKind.AskedBack => "A question waits for you",
        NoticeKind.Answered => "Answered, waits for you",
        _ => "Nobody decided in time",
    };

    /// <summary>Text of agents and people on one line that cannot be more than it seems: what is invisible is marked, line breaks are spaces, and it is cut.</summary>
    public static string Plain(string text, int most = 80)
    {
        var line = VisibleText.Flatten(text).Replace('\n', ' ').Replace('\t', ' ');
        if (line.Length <= most) return line;
        var cut = most - 1;
        if (char.IsHighSurrogate(line[cut - 1])) cut--;
        return line[..cut] + "…";
    }
}
