using System.Globalization;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Reliability;

/// <summary>A day or a week of a baseline, as it was counted when it was fixed.</summary>
/// <param name="Excluded">Why it is no part of it though it lies in its time; null: it is.</param>
public sealed record BaselinePoint(DateTimeOffset Start, long K, long N, string? Excluded = null);

/// <summary>Under which authority figures came about: what people and agents see changes with it, so a baseline holds for no other.</summary>
/// <param name="Tier">Of the action; of a whole agent: of each of its capabilities.</param>
public sealed record BaselineTerms(int MatrixVersion, string Tier, string Gate)
{
    /// <param name="action">Empty: the agent's whole.</param>
    public static BaselineTerms Of(AgentAuthority agent, string action, DateTimeOffset now)
        => new(agent.Rollout.Policy?.Version ?? 0,
            action.Length > 0 ? agent.GrantFor(action, now)?.Tier.ToString().ToLowerInvariant() ?? "none"
                : string.Join(", ", agent.Grants.Where(g => g.ExpiresAt is null || now < g.ExpiresAt).Select(g => $"{g.Capability} {g.At(now).Tier.ToString().ToLowerInvariant()}").Order(StringComparer.Ordinal)) is { Length: > 0 } all ? all : "none",
            agent.Rollout.Gate.ToString());

    /// <summary>What is another now, in words; null: nothing.</summary>
    public string? Moved(BaselineTerms now)
        => now.MatrixVersion != MatrixVersion ? string.Create(CultureInfo.InvariantCulture, $"version {now.MatrixVersion} of the matrix is in force (it was {MatrixVersion})")
            : now.Gate != Gate ? $"the gate in force is {now.Gate} (it was {Gate})" : now.Tier != Tier ? $"the tier is {now.Tier} (it was {Tier})" : null;
}

/// <summary>What a stretch of points says: the centre, and how far single points lie from it.</summary>
/// <param name="Centre">Of a rate: all bad ones over all (p̄). Of a level: the mean of its points.</param>
/// <param name="Sigma">Of a level: the standard deviation of one point (n − 1). Of a rate: 0.</param>
/// <param name="SigmaZ">Of a rate: Laney's correction of the spread, 1 where there is none. Of a level: 1.</param>
public sealed record BaselineFigures(double Centre, double Sigma, double SigmaZ, int Points);

/// <summary>
/// What a figure of a capability usually is: fixed by somebody from a stretch of days or weeks and stored, so that later points never move it. It ends when somebody ends it, or by itself when tier, gate or matrix change; another one is then fixed anew.
/// </summary>
public sealed class Baseline
{
    /// <summary>NIST advises 20 to 25 subgroups before limits mean anything (e-Handbook 6.3.2).</summary>
    public const int FewestPoints = 20;
    public const int LongestReason = 500;

    private Baseline() { }

    public Baseline(long seq, string id, string rolloutId, string agentId, string action, Watched measure, Grain grain, IReadOnlyList<BaselinePoint> points, DateTimeOffset to, BaselineFigures figures, BaselineTerms terms, string reason, string by, DateTimeOffset at)
    {
        (Seq, Id, RolloutId, AgentId, Action, Measure, Grain, Points, From, To, Terms) = (seq, id, rolloutId, agentId, action, measure, grain, points, points[0].Start, to, terms);
        (Centre, Sigma, SigmaZ, Reason, FixedBy, FixedAt) = (figures.Centre, figures.Sigma, figures.SigmaZ, reason, by, at);
    }

    /// <summary>The log entry <c>baseline.fixed</c>.</summary>
    public long Seq { get; private set; }
    public string Id { get; private set; } = "";
    public string RolloutId { get; private set; } = "";
    public string AgentId { get; private set; } = "";
    /// <summary>Empty: the agent's whole.</summary>
    public string Action { get; private set; } = "";
    public Watched Measure { get; private set; }
    public Grain Grain { get; private set; }
    /// <summary>All of its stretch, excluded and empty ones too, in their order.</summary>
    public IReadOnlyList<BaselinePoint> Points { get; private set; } = [];
    public DateTimeOffset From { get; private set; }
    /// <summary>Exclusive.</summary>
    public DateTimeOffset To { get; private set; }
    public double Centre { get; private set; }
    public double Sigma { get; private set; }
    public double SigmaZ { get; private set; }
    public BaselineTerms Terms { get; private set; } = null!;
    /// <summary>Why this stretch, in the words of whoever fixed it.</summary>
    public string Reason { get; private set; } = "";
    public string FixedBy { get; private set; } = "";
    public DateTimeOffset FixedAt { get; private set; }
    public DateTimeOffset? EndedAt { get; private set; }
    /// <summary>A person's id, or <c>console</c>.</summary>
    public string? EndedBy { get; private set; }
    public string? EndReason { get; private set; }
    /// <summary>The points that an alert was raised about: never twice for one.</summary>
    public IReadOnlyList<DateTimeOffset> Raised { get; private set; } = [];

    /// <summary>It judges the points of this moment: its own, and those after it until it ended.</summary>
    public bool Covers(DateTimeOffset start) => start >= From && (EndedAt is not { } end || start < end);

    internal void End(DateTimeOffset at, string by, string reason) => (EndedAt, EndedBy, EndReason) = (at, by, reason);

    /// <param name="since">Points before this are judged no more, and are forgotten.</param>
    internal void Raise(DateTimeOffset point, DateTimeOffset since) => Raised = [.. Raised.Where(r => r >= since), point];

    /// <summary>As the p-chart takes it.</summary>
    internal ChartBaseline Chart => new(Points.Where(Counts).Sum(p => p.K), Points.Where(Counts).Sum(p => p.N), Points.Count(Counts), SigmaZ);

    internal static bool Counts(BaselinePoint point) => point.Excluded is null && point.N > 0;

    /// <summary>
    /// Reckons what would be stored. Faults: <c>baseline.few</c> under <see cref="FewestPoints"/> points that count, <c>baseline.flat</c> for a level that never varied: it has no limits.
    /// </summary>
    public static Result<BaselineFigures> Reckon(WatchedSpec spec, Grain grain, IReadOnlyList<BaselinePoint> points)
    {
        var counted = points.Where(Counts).ToList();
        if (counted.Count < FewestPoints) return Fault.Refused("baseline.few", string.Create(CultureInfo.InvariantCulture, $"Not enough data: {counted.Count} of {FewestPoints} {grain.ToString().ToLowerInvariant()}s. Empty and excluded ones do not count."));
        if (!spec.Level)
        {
            var chart = PChart.Baseline(counted.Select(p => new ChartPoint(new Proportion(p.K, p.N))))!;
            return new BaselineFigures(chart.Centre, 0, chart.SigmaZ, chart.Points);
        }
        var values = counted.Select(p => spec.Value(p.K, p.N)!.Value).ToList();
        var centre = values.Average();
        var sigma = Math.Sqrt(values.Sum(v => (v - centre) * (v - centre)) / (values.Count - 1));
        if (sigma < 1e-9) return Fault.Refused("baseline.flat", "Every one of these has the same value, so there is no spread to set limits by. Watch this figure by its p-chart or its burn rate instead, or wait until it varies.");
        return new BaselineFigures(centre, sigma, 1, values.Count);
    }
}
