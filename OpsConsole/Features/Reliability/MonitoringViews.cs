using OpsConsole.Core.Decisions;
using OpsConsole.Core.Reliability;

namespace OpsConsole.Features.Reliability;

/// <summary>A point of a baseline. Of confidences <paramref name="Count"/> is their sum in thousandths.</summary>
public sealed record BaselinePointView(DateTimeOffset Start, long Count, long Of, string? Excluded);

/// <summary>What a figure usually is, as somebody fixed it.</summary>
/// <param name="Action">Null: all that the agent does.</param>
/// <param name="To">Exclusive.</param>
/// <param name="Sigma">Of a level (confidence, outcome); null of a rate.</param>
/// <param name="SigmaZ">Laney's correction of the spread; null where there is none.</param>
public sealed record BaselineView(string Id, string AgentId, string? Action, string Measure, string Grain, DateTimeOffset From, DateTimeOffset To, double Centre, double? Sigma, double? SigmaZ, int Counted, IReadOnlyList<BaselinePointView> Points,
    int MatrixVersion, string Tier, string Gate, string Reason, string FixedBy, string FixedByName, DateTimeOffset FixedAt, DateTimeOffset? EndedAt, string? EndedByName, string? EndReason)
{
    internal static BaselineView Of(Baseline b, ConsoleState state) => new(b.Id, b.AgentId, b.Action.Length == 0 ? null : b.Action, WatchedSpec.Of(b.Measure).Wire, b.Grain.ToString().ToLowerInvariant(), b.From, b.To, b.Centre, WatchedSpec.Of(b.Measure).Level ? b.Sigma : null, b.SigmaZ == 1 ? null : b.SigmaZ,
        b.Points.Count(Baseline.Counts), [.. b.Points.Select(p => new BaselinePointView(p.Start, p.K, p.N, p.Excluded))], b.Terms.MatrixVersion, b.Terms.Tier, b.Terms.Gate, b.Reason, b.FixedBy, state.Directory.NameOf(b.FixedBy), b.FixedAt,
        b.EndedAt, b.EndedBy is null ? null : b.EndedBy == "console" ? "the console" : state.Directory.NameOf(b.EndedBy), b.EndReason);
}

/// <summary>A day or a week on a chart.</summary>
/// <param name="Value">Of this stretch alone, 0 to 1; null: nothing happened.</param>
/// <param name="Plotted">What the limits are about: the value, or of a level the weighted mean (EWMA).</param>
/// <param name="State"><c>in</c>, <c>out</c>, <c>few</c> (outside its limits, but of so few that it may be chance) or <c>none</c>.</param>
/// <param name="Excluded">Why the baseline leaves it out; null: it does not.</param>
/// <param name="Says">The same in words.</param>
public sealed record ControlPointView(DateTimeOffset Start, DateTimeOffset End, bool Running, long Count, long Of, double? Value, double? Plotted, double? Centre, double? Low, double? High, string State, string? Excluded, string Says);

/// <summary>Something that changed what the figures are about.</summary>
/// <param name="Kind"><c>matrix</c>, <c>tier</c>, <c>gate</c>, <c>agent</c>, <c>incident</c> or <c>baseline</c>.</param>
public sealed record MarkView(DateTimeOffset At, string Kind, string Text, string Href);

/// <summary>A figure over time with what it is judged by, oldest first.</summary>
/// <param name="State">As of <see cref="MeasureView"/>.</param>
/// <param name="Sentence">What it shows.</param>
/// <param name="Judged">The last part of it: how it stands against its baseline, or why it does not.</param>
/// <param name="Baseline">The last one that was fixed, in force or not; null: none ever was.</param>
/// <param name="Since">Since when tier, gate and matrix are as they are: a baseline begins after it.</param>
/// <param name="Have">Days or weeks since then that a baseline can be fixed from.</param>
public sealed record ControlView(string AgentId, string AgentName, string? Action, string Measure, string Words, string Grain, string Zone, string State, string Sentence, string Judged, IReadOnlyList<ControlPointView> Points, BaselineView? Baseline, DateTimeOffset Since, int Have, int Needed, IReadOnlyList<MarkView> Marks, bool MayFix)
{
    public string RolloutName { get; init; } = "";

    /// <summary>The points that a baseline can be fixed from.</summary>
    [System.Text.Json.Serialization.JsonIgnore] public IReadOnlyList<ControlPointView> Candidates { get; init; } = [];
}

/// <summary>One figure of a capability, as it stands.</summary>
/// <param name="State"><c>in_control</c>, <c>out_of_control</c>, <c>no_baseline</c> (there is enough to fix one from) or <c>not_enough_data</c>.</param>
/// <param name="Count">Of the last day or week that is over and has any; of confidences their sum in thousandths.</param>
/// <param name="Since">It is out of control since this point; null: it is not.</param>
/// <param name="Have">Days that a baseline can be fixed from, where there is none.</param>
public sealed record MeasureView(string Measure, string State, string Says, long Count, long Of, DateTimeOffset? Since, int Have, int Needed, string Grain, string? BaselineId, string? Ended);

/// <summary>A rule of the error budget over its two windows.</summary>
/// <param name="Severity"><c>page</c> or <c>ticket</c>.</param>
/// <param name="CanFire">False: even if everything were bad it would not burn so fast.</param>
/// <param name="Verdict"><c>quiet</c>, <c>fires</c> or <c>not_enough_data</c>.</param>
public sealed record BurnRuleView(double Burn, string Long, string Short, string Severity, long LongBad, long LongOf, double? LongBurn, long ShortBad, long ShortOf, double? ShortBurn, bool CanFire, string Verdict);

/// <summary>How fast the errors that an objective allows are used up.</summary>
/// <param name="State"><c>burning_page</c>, <c>burning_ticket</c>, <c>quiet</c>, <c>not_enough_data</c> or <c>no_objective</c>.</param>
/// <param name="Objective">1 − what the rollout allows, or the console's default does; null: there is none.</param>
/// <param name="Agreed">The rollout set it. Else nobody is woken: the state is <c>no_objective</c>, and the rules are read against the default, where there is one.</param>
public sealed record BurnView(string Measure, string State, string Says, double? Objective, bool Agreed, IReadOnlyList<BurnRuleView> Rules);

/// <summary>An agent's action, or all it does (<paramref name="Action"/> null), as it is watched.</summary>
public sealed record CapabilityView(string AgentId, string AgentName, string? Action, IReadOnlyList<MeasureView> Measures, IReadOnlyList<BurnView> Burns);

/// <summary>What is watched in a rollout.</summary>
/// <param name="Counting">Figures are still being counted; nothing is judged until they are.</param>
/// <param name="MayFix">The reader may fix and end baselines.</param>
/// <param name="Left">Capabilities that were left out because there are so many; the most asked ones are here.</param>
public sealed record MonitoringView(string RolloutId, string RolloutName, string Zone, bool Counting, bool MayFix, int Left, IReadOnlyList<CapabilityView> Capabilities);
