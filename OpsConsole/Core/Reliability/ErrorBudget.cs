namespace OpsConsole.Core.Reliability;

/// <summary>Fires when the budget burns faster than this in a long window, and in a short one that says that it still does.</summary>
/// <param name="Burn">The rate to exceed: 1 uses the budget up exactly at the end of its period.</param>
/// <param name="Long">The window that says that it matters.</param>
/// <param name="Short">The window that says that it goes on.</param>
/// <param name="Pages">Wakes somebody; else it is a ticket.</param>
public sealed record BurnRule(double Burn, TimeSpan Long, TimeSpan Short, bool Pages);

/// <summary>What a rule says of two windows.</summary>
public enum BurnVerdict { Quiet, Fires, NotEnoughData }

/// <summary>A rule with the counts it was judged by, which are shown whatever it says.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Long">The bad ones of the long window.</param>
/// <param name="Short">The bad ones of the short window.</param>
/// <param name="LongBurn">Null: nothing happened in it.</param>
/// <param name="ShortBurn">Null: nothing happened in it.</param>
/// <param name="Verdict">Not enough data: fewer than <see cref="ErrorBudget.FewestEvents"/> in the long window.</param>
public sealed record BurnReading(BurnRule Rule, Proportion Long, Proportion Short, double? LongBurn, double? ShortBurn, BurnVerdict Verdict);

/// <summary>How fast the errors that an objective allows are used up (Google, SRE Workbook, ch. 5; numbers.md, 'error budget burn'). An objective (SLO) lies above 0 and below 1.</summary>
public static class ErrorBudget
{
    /// <summary>With fewer events in the long window counts are shown, and nobody is woken.</summary>
    public const int FewestEvents = 30;

    /// <summary>The multi-window rules, the most urgent first: of the budget of 30 days they take 2 %, 5 % and 10 % before they fire.</summary>
    public static readonly IReadOnlyList<BurnRule> Rules =
    [
        new(14.4, TimeSpan.FromHours(1), TimeSpan.FromMinutes(5), true), new(6, TimeSpan.FromHours(6), TimeSpan.FromMinutes(30), true), new(1, TimeSpan.FromDays(3), TimeSpan.FromHours(6), false),
    ];

    /// <summary>(bad / total) / (1 − SLO). Null where nothing happened.</summary>
    public static double? Burn(Proportion bad, double slo) => bad.Rate / (1 - Sound(slo));

    /// <summary>Fires only when both windows exceed the rule's rate; reaching it exactly is not exceeding it.</summary>
    public static BurnReading Judge(BurnRule rule, Proportion inLong, Proportion inShort, double slo)
    {
        var (longBurn, shortBurn) = (Burn(inLong, slo), Burn(inShort, slo));
        var limit = rule.Burn * (1 + 1e-9);   // 1 − SLO is rounded
        return new(rule, inLong, inShort, longBurn, shortBurn, inLong.N < FewestEvents ? BurnVerdict.NotEnoughData : longBurn > limit && shortBurn > limit ? BurnVerdict.Fires : BurnVerdict.Quiet);
    }

    /// <summary>All rules over the same events, the most urgent first.</summary>
    /// <param name="bad">The bad ones of a window that ends now.</param>
    public static IReadOnlyList<BurnReading> Judge(Func<TimeSpan, Proportion> bad, double slo) => [.. Rules.Select(rule => Judge(rule, bad(rule.Long), bad(rule.Short), slo))];

    /// <summary>The objective behind 'at most so many bad ones'; null where that leaves no budget (none allowed, or all).</summary>
    public static double? Objective(double atMost) => atMost > 0 && atMost < 1 ? 1 - atMost : null;

    /// <summary>Whether a rule can ever fire: nothing burns faster than 1 / (1 − SLO), which is 10 at 90 %.</summary>
    public static bool CanFire(BurnRule rule, double slo) => 1 / (1 - Sound(slo)) > rule.Burn * (1 + 1e-9);

    /// <summary>The share of a period's budget that is gone when a rule's rate has lasted for its long window.</summary>
    public static double SpentBy(BurnRule rule, TimeSpan period) => period > TimeSpan.Zero ? rule.Burn * (rule.Long / period) : throw new ArgumentException("The period of a budget is longer than nothing.", nameof(period));

    /// <summary>The share of the budget that is left in the period so far: 1 untouched, 0 used up, below that overspent. Null where nothing happened.</summary>
    public static double? Left(Proportion badInPeriod, double slo) => 1 - Burn(badInPeriod, slo);

    private static double Sound(double slo) => slo > 0 && slo < 1 ? slo : throw new ArgumentException("An objective lies above 0 and below 1: without any allowed error there is no budget.", nameof(slo));
}
