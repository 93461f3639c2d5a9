using OpsConsole.Core.Incidents;
using OpsConsole.Core.Reliability;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Shadow;

namespace OpsConsole.Features.Reliability;

/// <summary>A share: <paramref name="Count"/> of <paramref name="Of"/>, with its 95 % interval (Wilson). Of nothing there is no rate: null.</summary>
public sealed record ShareView(long Count, long Of, double? Rate, double? Low, double? High)
{
    internal static ShareView Make(long count, long of)
    {
        var share = new Proportion(count, of);
        var interval = share.Wilson();
        return new(count, of, share.Rate, interval?.Low, interval?.High);
    }
}

/// <summary>Events per 1,000 occasions, with the exact 95 % Poisson interval (Garwood).</summary>
public sealed record PerThousandView(long Count, long Of, double? Rate, double? Low, double? High);

/// <summary>How long something took, in seconds; of nothing: null. <paramref name="Mean"/> is never shown alone: a few long ones carry it off.</summary>
public sealed record SpanView(long N, double? Mean, double? P50, double? P90, double? P95);

/// <summary>What happened in an hour, a day or a week of a rollout, by its clocks. Decisions count where they were asked, incidents where they were detected.</summary>
/// <param name="Start">UTC.</param>
/// <param name="End">UTC, exclusive.</param>
/// <param name="Running">It is not over, so its figures will change.</param>
/// <param name="Autonomy">Executed without a person, of those executed.</param>
/// <param name="Override">Edited or rejected, of those that a person decided; expired and cancelled never count.</param>
/// <param name="Escalation">Runs of which something went to people, of the runs that began. Null in a narrowed view, as all that follows and is null: a run, and an incident, is not of one action.</param>
/// <param name="Expired">Ran out undecided, of those that were decided by a person or ran out.</param>
/// <param name="Success">Reported as succeeded, of those executed.</param>
/// <param name="Approval">From the request to the decision of a person; within 2 %.</param>
/// <param name="Incidents">Per 1,000 executed.</param>
/// <param name="CostUsd">Reported, in US dollars.</param>
/// <param name="Confidence">Mean of the confidences said, 0 to 1.</param>
public sealed record PeriodView(DateTimeOffset Start, DateTimeOffset End, bool Running, long Asked, long Allowed, long Denied, long Referred, long Executed, ShareView Autonomy, ShareView Override, ShareView? Escalation, ShareView Expired, ShareView Success,
    SpanView Approval, PerThousandView? Incidents, SpanView? ToDetect, SpanView? ToAcknowledge, SpanView? ToResolve, SpanView? ToRestore, decimal CostUsd, long CostTokens, decimal? CostPerAction, double? Confidence)
{
    /// <summary>How agents' shadow samples that were asked then agree with what people recorded; null where nothing was recorded in any of the stretches, and in a view of one consequence.</summary>
    public ShadowPeriodView? Shadow { get; init; }

    /// <summary>Incidents whose first people were told at most five minutes after it was detected, of all of them. Null in a narrowed view, and in weeks that were frozen before it was counted.</summary>
    public ShareView? ToOwner { get; init; }

    /// <summary>Writes fully undone, of those whose undoing was attempted by a plan started then; rehearsals and what still waits are left out. Null as <see cref="ToOwner"/>.</summary>
    public ShareView? Reversal { get; init; }

    private static readonly TimeSpan Target = TimeSpan.FromMinutes(5);

    internal static PeriodView Of(DateTimeOffset start, DateTimeOffset end, DateTimeOffset now, RollupCounts c, IReadOnlyList<Incident>? incidents)
    {
        var rate = new EventRate(incidents?.Count ?? 0, c.Executed);
        var (interval, latency) = (rate.Garwood(), c.Histogram);
        return new(start, end, end > now, c.Asked, c.Allowed, c.Denied, c.Referred, c.Executed, ShareView.Make(c.ExecutedAlone, c.Executed), ShareView.Make(c.Overridden, c.DecidedByPeople), incidents is null ? null : ShareView.Make(c.RunsHanded, c.Runs),
            ShareView.Make(c.Expired, c.DecidedByPeople + c.Expired), ShareView.Make(c.Succeeded, c.Executed),
            new SpanView(latency.Count, null, Seconds(latency.Percentile(50)), Seconds(latency.Percentile(90)), Seconds(latency.Percentile(95))),
            incidents is null ? null : new PerThousandView(rate.Events, rate.Occasions, rate.PerThousand, interval?.Low, interval?.High),
            Span(incidents?.Select(i => (TimeSpan?)i.Times.ToDetect)), Span(incidents?.Select(i => i.Times.ToAcknowledge)), Span(incidents?.Select(i => i.Times.ToResolve)), Span(incidents?.Select(i => i.Times.ToRestore)),
            c.CostUsd / 1_000_000m, c.CostTokens, c.Executed == 0 ? null : Math.Round(c.CostUsd / 1_000_000m / c.Executed, 6), c.ConfidenceSaid == 0 ? null : c.ConfidenceSum / 1_000d / c.ConfidenceSaid)
        {
            ToOwner = incidents is null ? null : ShareView.Make(incidents.Count(i => i.RoutedAt - i.Times.Detected <= Target), incidents.Count),
        };
    }

    private static SpanView? Span(IEnumerable<TimeSpan?>? spans)
    {
        if (spans is null) return null;
        var summary = Measure.Of(spans.OfType<TimeSpan>());
        return new(summary.N, Seconds(summary.Mean), Seconds(summary.Median), Seconds(summary.P90), null);
    }

    private static double? Seconds(TimeSpan? span) => span?.TotalSeconds;
}

/// <summary>The same of one action of one agent, over the whole time shown.</summary>
public sealed record ActionFigures(string AgentId, string AgentName, string Action, bool HighConsequence, long Asked, long Denied, long Executed, ShareView Autonomy, ShareView Override, ShareView Success);

/// <summary>A rollout's figures over time, oldest first.</summary>
/// <param name="Behind">Entries of the log that are not counted yet.</param>
/// <param name="Counting">The figures lag by more than two minutes, or are counted anew for another zone.</param>
/// <param name="Zone">By whose clocks.</param>
public sealed record ReliabilityView(string RolloutId, string RolloutName, string Grain, string Zone, long Behind, bool Counting, IReadOnlyList<PeriodView> Periods, IReadOnlyList<ActionFigures> Actions)
{
    /// <summary>What the agents may cost together in a day, in US dollars; null where one of them has no such cap, and in a view of single actions.</summary>
    public decimal? CapUsdPerDay { get; init; }
    /// <summary>What changed in this time that moves figures.</summary>
    public IReadOnlyList<MarkView> Marks { get; init; } = [];
    /// <summary>The watched figures with their limits, by measure, in the same stretches; empty where the view is not of one agent up to now, by day or week.</summary>
    public IReadOnlyList<ControlView> Charts { get; init; } = [];
    /// <summary>The agents that are watched here, by name.</summary>
    public IReadOnlyList<WatchedAgent> Agents { get; init; } = [];
}

/// <summary>An agent whose figures are watched.</summary>
public sealed record WatchedAgent(string Id, string Name);

/// <summary>An hour whose stored counts are not those of the rows.</summary>
public sealed record RollupDifference(string RolloutId, DateTimeOffset Hour, string What);
