using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Reviews;

/// <summary>Something that keeps a memo from being approved.</summary>
/// <param name="Code">Stable, part of the API.</param>
/// <param name="Why">The rule and what it found.</param>
/// <param name="Who">Who can change it, and how.</param>
public sealed record MemoBar(string Code, string Why, string Who);

/// <summary>What a memo has to meet before it is approved. Holding and declining are always possible. Pure.</summary>
public static class MemoRules
{
    public const string Hold = "memo.hold", Week = "memo.week", Past = "memo.past";

    /// <summary>Empty: it can be approved. Asked again at the moment of signing, with what holds then.</summary>
    /// <param name="lastWeek">Of the memo.</param>
    /// <param name="frozenLacks">Why its weeks, as they were frozen, are no full cycle; null: they are one, or nothing is frozen yet.</param>
    /// <param name="now">The weekly reviews as they are; null: none was ever opened.</param>
    /// <param name="holds">Titles of the incidents that hold scaling now.</param>
    public static IReadOnlyList<MemoBar> Bars(DateOnly? lastWeek, string? frozenLacks, ReviewCycle? now, IReadOnlyList<string> holds)
    {
        List<MemoBar> bars = [.. holds.Select(title => new MemoBar(Hold, $"Scaling is held by the incident “{VisibleText.Flatten(title)}”.", "The risk lead, the rollout's owner or an admin verifies on the incident, by name, that it is remedied; not who had it."))];
        if (frozenLacks is not null) bars.Add(new(Week, $"A full cycle of weekly reviews must stand behind it, each signed and inside its thresholds. In what was frozen {frozenLacks}.", "What is frozen stays. Once the cycle is whole, the rollout's owner withdraws this memo and submits another."));
        else if (now is null) bars.Add(new(Week, "A full cycle of weekly reviews must stand behind it, and none was ever opened.", "Reviews open by themselves, week by week; the rollout's owner or the workflow's signs them."));
        else if (now.Lacks is { } lacks) bars.Add(new(Week, $"A full cycle of weekly reviews must stand behind it, each signed and inside its thresholds. Now {lacks}.", "The rollout's owner or the workflow's signs weekly reviews. A week that was outside stays outside: the cycle begins anew after it."));
        else if (lastWeek is { } week && !now.Covers(week)) bars.Add(new(Past, $"It ends with {ReviewSchedule.Name(week)}, which is before the present cycle.", "The rollout's owner withdraws it and submits one about the present cycle."));
        return bars;
    }
}
