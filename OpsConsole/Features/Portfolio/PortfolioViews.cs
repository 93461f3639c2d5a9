using OpsConsole.Features.Reliability;
using OpsConsole.Features.Reviews;
using OpsConsole.Features.Rollouts;

namespace OpsConsole.Features.Portfolio;

/// <summary>What keeps a rollout from being scaled: an incident whose remedy nobody has verified yet.</summary>
public sealed record HoldView(string IncidentId, string Title, string Severity);

/// <summary>Something that comes due. <paramref name="At"/> is UTC; <paramref name="Overdue"/>: it should have happened.</summary>
public sealed record NextDate(string What, string Href, DateTimeOffset At, bool Overdue);

/// <summary>One rollout, at a glance.</summary>
/// <param name="Gate">The gate in force: A to D, or null.</param>
/// <param name="Paused">Why it stands still, in the words of who paused it; null: it does not.</param>
/// <param name="Review">The newest weekly review; null: none was opened yet.</param>
/// <param name="OpenIncidents">Triage, active or mitigated.</param>
/// <param name="Holds">Open or closed, as long as they hold scaling.</param>
/// <param name="Weeks">Figures by week of its own clocks, oldest first; the last one is still running.</param>
/// <param name="Verdicts">Of the same weeks: <c>keep</c>, <c>adjust</c>, <c>stop</c>, <c>open</c>, or null where no review was opened.</param>
/// <param name="Next">What comes due, soonest first.</param>
public sealed record PortfolioRow(string RolloutId, string Name, string Zone, string? Gate, TierMix Tiers, string? Paused, bool Simulated, ReviewLine? Review, int OpenIncidents, IReadOnlyList<HoldView> Holds,
    IReadOnlyList<PeriodView> Weeks, IReadOnlyList<string?> Verdicts, IReadOnlyList<NextDate> Next)
{
    /// <summary>Somebody has to do something: it stands still, is held, its newest review said stop, or a date has passed.</summary>
    public bool NeedsAttention => Paused is not null || Holds.Count > 0 || Review is { Verdict: "stop" } || Next.Any(n => n.Overdue);
}

/// <summary>All rollouts that the reader sees, by name. <paramref name="Counting"/>: entries of the log are still to be counted, so the figures grow.</summary>
public sealed record PortfolioView(IReadOnlyList<PortfolioRow> Rollouts, bool Counting);
