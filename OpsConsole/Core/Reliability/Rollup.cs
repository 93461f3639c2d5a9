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

    /// <summary>What all of them counted together, in any order.</summary>
    /// <param name="latency">Whether how long people took is summed as well: it is most of the work.</param>
    public static RollupCounts Sum(IEnumerable<RollupCounts> all, bool latency = true)
    {
        var (sum, times) = (Empty, new List<string>());
        foreach (var c in all)
        {
            sum = new()
            {
                Asked = sum.Asked + c.Asked, Allowed = sum.Allowed + c.Allowed, Denied = sum.Denied + c.Denied, Referred = sum.Referred + c.Referred, Approved = sum.Approved + c.Approved, Edited = sum.Edited + c.Edited, Rejected = sum.Rejected + c.Rejected,
                Expired = sum.Expired + c.Expired, Cancelled = sum.Cancelled + c.Cancelled, Executed = sum.Executed + c.Executed, ExecutedAlone = sum.ExecutedAlone + c.ExecutedAlone, Succeeded = sum.Succeeded + c.Succeeded, Failed = sum.Failed + c.Failed,
                Runs = sum.Runs + c.Runs, RunsHanded = sum.RunsHanded + c.RunsHanded, CostUsd = sum.CostUsd + c.CostUsd, CostTokens = sum.CostTokens + c.CostTokens, ConfidenceSum = sum.ConfidenceSum + c.ConfidenceSum, ConfidenceSaid = sum.ConfidenceSaid + c.ConfidenceSaid,
            };
            if (latency && c.Latency.Length > 0) times.Add(c.Latency);
        }
        return times.Count == 0 ? sum : sum with { Latency = times.Count == 1 ? times[0] : Text(DurationHistogram.Of(times.SelectMany(Buckets))) };
    }

    /// <summary>How long people took.</summary>
    [JsonIgnore] public DurationHistogram Histogram => DurationHistogram.Of(Buckets(Latency));

    internal static string Text(DurationHistogram histogram) => string.Join(' ', histogram.Buckets.Select(b => string.Create(CultureInfo.InvariantCulture, $"{b.Bucket}:{b.Count}")));

    private static List<BucketCount> Buckets(string latency)
    {
        List<BucketCount> buckets = [];
        for (var rest = latency.AsSpan(); rest.Length > 0;)
        {
            var (colon, end) = (rest.IndexOf(':'), rest.IndexOf(' '));
            if (end < 0) end = rest.Length;
            buckets.Add(new(int.Parse(rest[..colon], CultureInfo.InvariantCulture), long.Parse(rest[(colon + 1)..end], CultureInfo.InvariantCulture)));
            rest = rest[Math.Min(end + 1, rest.Length)..];
        }
        return buckets;
    }

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
