using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Notices;

/// <summary>One thing as a message outside tells it: words of closed lists, and the few names that people need to know which request is meant. No argument, no reasoning, no id of a resource, which may be a person's.</summary>
/// <param name="Due">Until when it can be decided or confirmed, or when an incident is told to the next; null when that is over.</param>
/// <param name="Url">Where it is looked at, after signing in.</param>
public sealed record NoticeLine(NoticeKind Kind, bool Asked, string Action, string Rollout, string Agent, bool High, DateTimeOffset? Due, string Url)
{
    /// <summary>Of an incident, which is named by it and not by an action and an agent; null: a request.</summary>
    public string? Severity { get; init; }

    /// <summary>Of an undo plan, which is named by how many of its steps need somebody; null: something else.</summary>
    public int? Steps { get; init; }

    /// <summary>Of a weekly review or a scale memo, which are named by their (last) week; null: something else.</summary>
    public string? Week { get; init; }

    public string What => Words(Kind, Asked);
    public string Consequence => High ? "high consequence" : "low consequence";
    /// <summary>What it is called, on one line.</summary>
    public string Subject => $"{What}: {(Steps is { } steps ? Counted.Of(steps, "step") : Severity ?? Week ?? Plain(Action))} · {Plain(Rollout)}";

    public IEnumerable<(string Label, string Value)> Facts(DateTimeOffset now)
    {
        if (Severity is not null) yield return ("Severity", Severity);
        else if (Week is not null) yield return ("Week", Week);
        else if (Steps is { } steps) yield return ("Undo", Counted.Of(steps, "step needs somebody", "steps need somebody"));
        else yield return ("Action", Plain(Action, 200));
        yield return ("Rollout", Plain(Rollout));
        if (Severity is null && Week is null)
        {
            if (Steps is null) yield return ("Agent", Plain(Agent));
            yield return ("Consequence", High ? "high" : "low");
        }
        if (Left(now) is { } left) yield return ("Time", Severity is null ? left : left + ", then the next people are told");
    }

    /// <summary>How long there is, in words; null when that is over.</summary>
    public string? Left(DateTimeOffset now) => Due is not { } due ? null : due > now ? DurationWords.Of(due - now) + " left" : "due now";

    public static string Words(NoticeKind kind, bool asked) => kind switch
    {
        NoticeKind.Waits => asked ? "Waits for you" : "Waits for others",
        NoticeKind.Reminder => "Still waits for you",
        NoticeKind.Escalated => asked ? "Escalated, waits for you" : "Escalated",
        NoticeKind.AskedBack => "A question waits for you",
        NoticeKind.Answered => "Answered, waits for you",
        NoticeKind.Incident => asked ? "An incident waits for you" : "An incident",
        NoticeKind.News => "News of an incident",
        NoticeKind.Confirm => asked ? "Waits for you to confirm it" : "Waits to be confirmed",
        NoticeKind.Review => asked ? "A weekly review waits for you to sign it" : "A weekly review is to be signed",
        NoticeKind.Memo => asked ? "A scale memo waits for your decision" : "News of a scale memo",
        NoticeKind.Undo => asked ? "An undo needs you" : "An undo needs somebody",
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
