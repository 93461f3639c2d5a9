using System.Globalization;
using System.Text.Json.Serialization;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Decisions;

namespace OpsConsole.Core.Reliability;

/// <summary>What of one decision is counted, as its rows say it now.</summary>
/// <param name="Approval">Null: nobody was asked.</param>
/// <param name="Latency">From the request to the decision of a person about it; null where none decided.</param>
/// <param name="RunStarts">It is the first of its run.</param>
/// <param name="RunHanded">It is the first of its run, and some decision of the run went to people.</param>
public readonly record struct CountedDecision(Outcome Outcome, ApprovalStatus? Approval, TimeSpan? Latency, ReportStatus? Report, long CostUsd, long CostTokens, double? Confidence, bool RunStarts, bool RunHanded);

/// <summary>What figures are kept by, besides rollout and time.</summary>
/// <param name="Rule">That governed it; empty: none.</param>
public readonly record struct RollupKey(string AgentId, string Action, string Rule, bool Write, bool HighConsequence);

/// <summary>
/// Counts of decisions, each in the hour in which it was asked, whatever became of it when. All are sums, so those of a day are those of its hours, in any order.
/// Live decisions only: shadow and simulation count nowhere here.
/// </summary>
public sealed record RollupCounts
{
    public long Asked { get; init; }
    /// <summary>At once, without a person.</summary>
    public long Allowed { get; init; }
    /// <summary>At once, by a rule, a cap or a pause.</summary>
    public long Denied { get; init; }
    /// <summary>A person was asked.</summary>
    public long Referred { get; init; }
    public long Approved { get; init; }
    public long Edited { get; init; }
    public long Rejected { get; init; }
    public long Expired { get; init; }
    public long Cancelled { get; init; }
    /// <summary>Reported as done, well or not.</summary>
    public long Executed { get; init; }
    /// <summary>Of those executed: nobody was asked.</summary>
    public long ExecutedAlone { get; init; }
    public long Succeeded { get; init; }
    public long Failed { get; init; }
    /// <summary>Runs that began.</summary>
    public long Runs { get; init; }
    /// <summary>Of those runs: some decision went to people.</summary>
    public long RunsHanded { get; init; }
    /// <summary>Reported cost, in millionths of a US dollar.</summary>
    public long CostUsd { get; init; }
    public long CostTokens { get; init; }
    /// <summary>Sum of the confidences said, in thousandths, so that sums do not depend on their order.</summary>
    public long ConfidenceSum { get; init; }
    public long ConfidenceSaid { get; init; }
    /// <summary>How long people took: the buckets of a <see cref="DurationHistogram"/>, <c>bucket:count</c> with spaces between, ascending.</summary>
    public string Latency { get; init; } = "";

    public static RollupCounts Empty { get; } = new();

    public RollupCounts Plus(RollupCounts other) => new()
    {
        Asked = Asked + other.Asked, Allowed = Allowed + other.Allowed, Denied = Denied + other.Denied, Referred = Referred + other.Referred, Approved = Approved + other.Approved, Edited = Edited + other.Edited, Rejected = Rejected + other.Rejected,
        Expired = Expired + other.Expired, Cancelled = Cancelled + other.Cancelled, Executed = Executed + other.Executed, ExecutedAlone = ExecutedAlone + other.ExecutedAlone, Succeeded = Succeeded + other.Succeeded, Failed = Failed + other.Failed,
        Runs = Runs + other.Runs, RunsHanded = RunsHanded + other.RunsHanded, CostUsd = CostUsd + other.CostUsd, CostTokens = CostTokens + other.CostTokens, ConfidenceSum = ConfidenceSum + other.ConfidenceSum, ConfidenceSaid = ConfidenceSaid + other.ConfidenceSaid,
        Latency = Latency.Length == 0 ? other.Latency : other.Latency.Length == 0 ? Latency : Text(DurationHistogram.Merge(Histogram, other.Histogram)),
    };

    /// <summary>How long people took.</summary>
    [JsonIgnore] public DurationHistogram Histogram => DurationHistogram.Of(Latency.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(b => b.Split(':')).Select(b => new BucketCount(int.Parse(b[0], CultureInfo.InvariantCulture), long.Parse(b[1], CultureInfo.InvariantCulture))));

    internal static string Text(DurationHistogram histogram) => string.Join(' ', histogram.Buckets.Select(b => string.Create(CultureInfo.InvariantCulture, $"{b.Bucket}:{b.Count}")));

    /// <summary>Decided by a person: the denominator of the override rate.</summary>
    [JsonIgnore] public long DecidedByPeople => Approved + Edited + Rejected;
    /// <summary>Edited or rejected by a person; expired and cancelled never count.</summary>
    [JsonIgnore] public long Overridden => Edited + Rejected;
}

/// <summary>Counts that are still being added to.</summary>
public sealed class RollupTally
{
    private readonly DurationHistogram _latency = new();
    private long _asked, _allowed, _denied, _referred, _approved, _edited, _rejected, _expired, _cancelled, _executed, _alone, _succeeded, _failed, _runs, _handed, _usd, _tokens, _confidence, _said;

    public void Add(CountedDecision d)
    {
        _asked++;
        if (d.Approval is not null) _referred++;
        else if (d.Outcome == Outcome.Allow) _allowed++;
        else if (d.Outcome == Outcome.Deny) _denied++;
        switch (d.Approval)
        {
            case ApprovalStatus.Approved: _approved++; break;
            case ApprovalStatus.Edited: _edited++; break;
            case ApprovalStatus.Rejected: _rejected++; break;
            case ApprovalStatus.Expired: _expired++; break;
            case ApprovalStatus.Cancelled: _cancelled++; break;
        }
        if (d.Report == ReportStatus.Succeeded) _succeeded++;
        if (d.Report == ReportStatus.Failed) _failed++;
        if (d.Report is ReportStatus.Succeeded or ReportStatus.Failed)
        {
            _executed++;
            if (d.Approval is null) _alone++;
        }
        if (d.RunStarts) _runs++;
        if (d.RunHanded) _handed++;
        _usd += d.CostUsd;
        _tokens += d.CostTokens;
        if (d.Confidence is { } confidence)
        {
            _said++;
            _confidence += (long)Math.Round(confidence * 1_000, MidpointRounding.AwayFromZero);
        }
        if (d.Latency is { } took) _latency.Add(took);
    }

    public RollupCounts Counts => new()
    {
        Asked = _asked, Allowed = _allowed, Denied = _denied, Referred = _referred, Approved = _approved, Edited = _edited, Rejected = _rejected, Expired = _expired, Cancelled = _cancelled, Executed = _executed, ExecutedAlone = _alone,
        Succeeded = _succeeded, Failed = _failed, Runs = _runs, RunsHanded = _handed, CostUsd = _usd, CostTokens = _tokens, ConfidenceSum = _confidence, ConfidenceSaid = _said, Latency = RollupCounts.Text(_latency),
    };
}

/// <summary>The counts of one stretch of time of one rollout.</summary>
public sealed class Rollup
{
    private Rollup() { }

    public Rollup(string rolloutId, Grain grain, DateTimeOffset start, RollupKey key, RollupCounts counts)
        => (RolloutId, Grain, Start, AgentId, Action, Rule, Write, HighConsequence, Counts) = (rolloutId, grain, start, key.AgentId, key.Action, key.Rule, key.Write, key.HighConsequence, counts);

    public string RolloutId { get; private set; } = "";
    public Grain Grain { get; private set; }
    public DateTimeOffset Start { get; private set; }
    public string AgentId { get; private set; } = "";
    public string Action { get; private set; } = "";
    public string Rule { get; private set; } = "";
    public bool Write { get; private set; }
    public bool HighConsequence { get; private set; }
    public RollupCounts Counts { get; private set; } = RollupCounts.Empty;

    public RollupKey Key => new(AgentId, Action, Rule, Write, HighConsequence);
}

/// <summary>How far the counting came: everything up to this entry of the log is counted. One row.</summary>
public sealed class RollupPlace
{
    public int Id { get; init; } = 1;
    public long Seq { get; set; }
    /// <summary>How often something was stored: whoever read before another stored begins anew.</summary>
    public long Turn { get; set; }
}

/// <summary>The zone whose hours, days and weeks a rollout's figures are kept by.</summary>
public sealed class RollupZone
{
    public string RolloutId { get; init; } = "";
    public string Zone { get; set; } = "";
    /// <summary>While everything is counted anew for another zone: decisions from this number on are still to come. Null: nothing is.</summary>
    public long? RebuildFrom { get; set; }
}
