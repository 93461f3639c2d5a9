namespace OpsConsole.Core.Approvals;

/// <summary>When the people who are asked are told once more, before the time runs out.</summary>
public static class Reminders
{
    /// <summary>After how many percent of the time, where nothing else is set.</summary>
    public static readonly IReadOnlyList<int> Usual = [50, 80];

    /// <summary>The first reminder of the present clock that lies behind <paramref name="after"/>, or null. What was missed is left out, so that it is made up for once and not in a burst.</summary>
    public static DateTimeOffset? Next(ApprovalRequest request, DateTimeOffset after)
    {
        DateTimeOffset? next = null;
        foreach (var at in Times(request))
        {
            if (at > after && !(at >= next)) next = at;
        }
        return next;
    }

    /// <summary>Whether the people asked are to be reminded now: it is due, it is their turn, and nobody said that they are looking at it.</summary>
    public static bool IsDue(ApprovalRequest request, DateTimeOffset now)
        => request is { Open: true, ClaimedUntil: null, Turn: Turn.Approvers } && request.RemindAt <= now && now < request.ExpiresAt;

    /// <summary>Reminds if <see cref="IsDue"/>: which one it is, counted from one; null when nothing is due.</summary>
    public static int? Take(ApprovalRequest request, DateTimeOffset now)
    {
        if (!IsDue(request, now)) return null;
        request.Remind(now);
        return Times(request).Count(at => at <= now);
    }

    private static IEnumerable<DateTimeOffset> Times(ApprovalRequest request)
    {
        var from = request.ClockFrom ?? request.RequestedAt;
        return request.Terms.Reminders?.Select(percent => from + (request.ExpiresAt - from) * (percent / 100.0)) ?? [];
    }
}
