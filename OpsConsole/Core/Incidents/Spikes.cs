using OpsConsole.Core.Reliability;

namespace OpsConsole.Core.Incidents;

/// <summary>When a figure of an agent is out of what it was before. Without enough of a past there is no alarm: small numbers say nothing.</summary>
public static class Spikes
{
    /// <summary>So many cases make a rate, so many of them have to be bad.</summary>
    public const int FewestNow = 20, FewestBad = 5, FewestBefore = 50;
    /// <summary>How many decisions, over how long, say how an agent usually asks.</summary>
    public const int FewestAsked = 50;
    public static readonly TimeSpan ShortestPast = TimeSpan.FromDays(3), ShortestSilence = TimeSpan.FromHours(1);

    /// <summary>The upper limit of a p-chart (<see cref="PChart"/>) whose baseline is all from before. Null: not enough data.</summary>
    public static double? Limit(int now, int badBefore, int before) => now < FewestNow || before < FewestBefore ? null : PChart.Limits(new(badBefore, before), now)?.High;

    /// <summary>Whether a rate is out of control.</summary>
    public static bool Is(int bad, int now, int badBefore, int before) => bad >= FewestBad && Limit(now, badBefore, before) is { } limit && (double)bad / now > limit;

    /// <summary>
    /// How long an agent has to be silent before that is news: twice the longest time it was silent before, and at least <see cref="ShortestSilence"/>. Null: it has asked too little, or for too short a time.
    /// </summary>
    /// <param name="asked">When it asked, oldest first.</param>
    /// <param name="cut">It asked so much more before that this is enough, however short.</param>
    public static TimeSpan? Silence(IReadOnlyList<DateTimeOffset> asked, bool cut = false)
    {
        if (asked.Count < FewestAsked || (!cut && asked[^1] - asked[0] < ShortestPast)) return null;
        var longest = asked.Zip(asked.Skip(1), (a, b) => b - a).Max() * 2;
        return longest < ShortestSilence ? ShortestSilence : longest;
    }
}
