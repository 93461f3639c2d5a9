using System.Text.Json;
using OpsConsole.Core.Audit;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Reliability;
using OpsConsole.Core.Shared;
using OpsConsole.Features.Decisions;
using OpsConsole.Platform.Web;

namespace OpsConsole.Features.Shadow;

/// <summary><c>POST decisions/{id}/human</c>, and <c>human</c> in an outcome: what people did where the agent only proposed.</summary>
/// <param name="Did"><c>same</c>, <c>edited</c> (the same action with other arguments), <c>different</c> (another action) or <c>nothing</c>.</param>
/// <param name="Action">The other action, for <c>different</c>.</param>
/// <param name="Arguments">With which it was done, for <c>edited</c> and <c>different</c>; may be left out.</param>
public sealed record HumanRequest(HumanDid Did, string? Action = null, JsonElement? Arguments = null, string? Note = null)
{
    private static readonly Dictionary<string, HumanDid> Words = Enum.GetValues<HumanDid>().ToDictionary(ShadowDesk.Word);

    public static HumanRequest Of(Fields fields)
        => new(fields.Word("did", Words, required: true) ?? HumanDid.Nothing, fields.Text("action"), fields.Object("arguments") is { ValueKind: JsonValueKind.Object } arguments ? arguments : null, fields.Text("note"));

    /// <summary>Checked by itself and in one form; faults <c>field.invalid</c>.</summary>
    internal Result<HumanSaid> Read()
    {
        var (action, note) = (Action?.Trim().ToLowerInvariant(), string.IsNullOrWhiteSpace(Note) ? null : Note.Trim());
        if (action is not null && !AskReader.IsAction(action)) return Fault.Invalid("field.invalid", "action may only hold letters, digits and _ . : - (at most 128).", "action");
        if (TextRules.Wrong("note", note, HumanSaid.LongestNote) is { } wrong) return wrong;
        try { return new HumanSaid(Did, action, Arguments is { } arguments ? Jcs.Text(arguments) : null, note); }
        catch (FormatException e) { return Fault.Invalid("field.invalid", "arguments have no canonical form: " + e.Message, "arguments"); }
    }
}

/// <summary>What is recorded of a sample.</summary>
/// <param name="ByPerson">Else the agent said so itself, which gate C does not count.</param>
public sealed record ShadowRecordView(string DecisionId, HumanDid Did, string? Action, JsonElement? Arguments, string? Note, bool Agrees, bool ByPerson, string By, DateTimeOffset At)
{
    internal static ShadowRecordView Of(ShadowRecord r, ConsoleState state) => new(r.DecisionId, r.Did, r.HumanAction, r.HumanArguments is { } json ? JsonElement.Parse(json) : null, r.Note, r.Agrees, r.ByPerson,
        r.ByPerson ? state.Directory.NameOf(r.By) : state.Agents.TryGetValue(r.By, out var agent) ? agent.Name : r.By, r.At);
}

/// <summary>A shadow sample: what the agent proposed, what the console would have said, and what people did, where somebody recorded it.</summary>
/// <param name="LimitedBy">What held it back, of an ask for real; null for one in mode shadow that nothing else would have held back.</param>
/// <param name="Arguments">Where one sample is looked at by itself; null in lists, and where they were erased.</param>
public sealed record ShadowSampleView(string DecisionId, string RolloutId, string AgentId, string AgentName, string Action, string? ResourceType, string? ResourceId, string Mode, string WouldBe, string? LimitedBy, string? Rule, double? Confidence, DateTimeOffset At,
    ShadowRecordView? Recorded, JsonElement? Arguments = null, string? Reasoning = null)
{
    internal static ShadowSampleView Of(DecisionRecord d, ShadowRecord? recorded, ConsoleState state, JsonElement body = default) => new(d.Id, d.RolloutId, d.AgentId, state.Agents.TryGetValue(d.AgentId, out var agent) ? agent.Name : d.AgentId, d.Action, d.ResourceType, d.ResourceId,
        d.Mode.ToString().ToLowerInvariant(), DecisionWire.Word(d.WouldBe!.Value), d.LimitedBy, d.RuleId, d.Confidence, d.At, recorded is null ? null : ShadowRecordView.Of(recorded, state),
        AskReader.Child(body, "arguments") is { ValueKind: JsonValueKind.Object } arguments ? arguments : null, AskReader.Member(body, "reasoning"));
}

/// <summary>Agreement beyond chance (numbers.md, 'shadow agreement'). What is undefined is null: without a sample everything; kappa where all samples have one and the same answer; its interval also where all agree or none does.</summary>
/// <param name="Observed">po.</param>
/// <param name="Expected">pe.</param>
/// <param name="Low">Of the 95 % interval of kappa.</param>
public sealed record AgreementView(long N, double? Observed, double? TwiceObservedLessOne, double? Expected, double? Kappa, double? StandardError, double? Low, double? High)
{
    internal static AgreementView Of(Agreement a) => new(a.N, a.Observed, a.TwiceObservedLessOne, a.Expected, a.Kappa, a.StandardError, a.Interval?.Low, a.Interval?.High);
}

/// <summary>A row per answer of the agent, a column per answer of people, in the order of <paramref name="Answers"/>. Kappa is reckoned over all actions, also those that stand here as one.</summary>
public sealed record ShadowMatrixView(IReadOnlyList<string> Answers, IReadOnlyList<IReadOnlyList<long>> Counts);

/// <summary>What people did where the console would have given this answer.</summary>
public sealed record ShadowVerdictView(string WouldBe, long Same, long Edited, long Different, long Nothing);

/// <summary>Samples of one action, and how many of them agree, with Wilson's 95 % interval.</summary>
public sealed record ShadowActionView(string Action, long N, long Agreed, double? Rate, double? Low, double? High);

public sealed record ShadowAgentView(string AgentId, string AgentName, int Actions, AgreementView Agreement);

/// <summary>An agent before gate C: what people recorded of its present version.</summary>
/// <param name="Lacking">What it lacks first, in words; null: nothing.</param>
public sealed record ShadowGateLine(string AgentId, string AgentName, string? Version, int Actions, AgreementView Agreement, string? Lacking);

/// <summary>How a rollout's agents agree with its people.</summary>
/// <param name="Samples">Of the latest <see cref="ShadowReader.MostCounted"/>; <paramref name="MoreSamples"/>: there are older ones.</param>
/// <param name="Recorded">Of the latest <see cref="ShadowReader.MostRecorded"/>, of which all figures are.</param>
/// <param name="RecordedByAgents">Of those recorded.</param>
/// <param name="Needs">What gate C asks of each agent.</param>
public sealed record ShadowReport(string RolloutId, string RolloutName, int Samples, bool MoreSamples, long Recorded, long RecordedByAgents, AgreementView Agreement, ShadowMatrixView Matrix, IReadOnlyList<ShadowVerdictView> Verdicts,
    IReadOnlyList<ShadowActionView> Actions, IReadOnlyList<ShadowAgentView> Agents, ShadowThresholds Needs, IReadOnlyList<ShadowGateLine> Gate, Wire.Page<ShadowSampleView>? Disagreements = null);

/// <summary>Agreement of what was asked in one stretch of time.</summary>
public sealed record ShadowPeriodView(long Agreed, long N, double? Kappa, double? Low, double? High);
