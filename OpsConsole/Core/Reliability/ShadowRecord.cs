using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Reliability;

/// <summary>What somebody says people did in place of the agent.</summary>
/// <param name="Action">In lower case; only where it was another one.</param>
/// <param name="Arguments">Canonical JSON, with which they did it; null: not said.</param>
public sealed record HumanSaid(HumanDid Did, string? Action, string? Arguments, string? Note)
{
    public const int LongestNote = 2_000, LongestArguments = 16_384;

    /// <summary>What is wrong with it, or null. Codes: <c>field.required</c>, <c>field.invalid</c>.</summary>
    /// <param name="proposed">What the agent proposed.</param>
    /// <param name="with">Its arguments, as canonical JSON.</param>
    public Fault? Check(string proposed, string with)
    {
        if (Did == HumanDid.Different && Action is null) return Fault.Invalid("field.required", "Say which action it was.", "action");
        if (Did != HumanDid.Different && Action is not null && Action != proposed) return Fault.Invalid("field.invalid", "action is only said where another one was done ('different').", "action");
        if (Did == HumanDid.Different && Action == proposed) return Fault.Invalid("field.invalid", $"{proposed} is what was proposed: with other arguments it is 'edited', else 'same'.", "action");
        if (Did is HumanDid.Same or HumanDid.Nothing && Arguments is not null) return Fault.Invalid("field.invalid", "arguments are only said where they were others, or the action was ('edited', 'different').", "arguments");
        if (Did == HumanDid.Edited && Arguments == with) return Fault.Invalid("field.invalid", "These are the arguments that were proposed: then it is 'same'.", "arguments");
        return Arguments?.Length > LongestArguments ? Fault.Invalid("field.invalid", $"arguments are longer than {LongestArguments} characters.", "arguments") : null;
    }
}

/// <summary>
/// What people did where an agent only proposed: one row per sample, with all that figures need, so that they are counted without reading decisions. Recording again takes the place of what was recorded; the log
/// (<c>shadow.recorded</c>) has every version.
/// </summary>
public sealed class ShadowRecord
{
    private ShadowRecord() { }
    public ShadowRecord(DecisionRecord of) => (DecisionSeq, DecisionId, RolloutId, AgentId, Action, WouldBe, AskedAt) = (of.Seq, of.Id, of.RolloutId, of.AgentId, of.Action.ToLowerInvariant(), of.WouldBe!.Value, of.At);

    public long DecisionSeq { get; private set; }
    public string DecisionId { get; private set; } = "";
    public string RolloutId { get; private set; } = "";
    public string AgentId { get; private set; } = "";
    public string Action { get; private set; } = "";
    public Outcome WouldBe { get; private set; }
    public DateTimeOffset AskedAt { get; private set; }
    public HumanDid Did { get; private set; }
    public string? HumanAction { get; private set; }
    /// <summary>JSON; null: not said.</summary>
    public string? HumanArguments { get; private set; }
    public string? Note { get; private set; }
    public bool Agrees { get; private set; }
    /// <summary>A person said it, else the agent itself by its key.</summary>
    public bool ByPerson { get; private set; }
    /// <summary>The person's or the agent's id.</summary>
    public string By { get; private set; } = "";
    public DateTimeOffset At { get; private set; }

    /// <summary>Whether this was said already, by the same one.</summary>
    public bool Says(HumanSaid said, string by) => By == by && (Did, HumanAction, HumanArguments, Note) == (said.Did, Other(said), said.Arguments, said.Note);

    public void Say(HumanSaid said, string by, bool byPerson, DateTimeOffset at)
    {
        (Did, HumanAction, HumanArguments, Note, By, ByPerson, At) = (said.Did, Other(said), said.Arguments, said.Note, by, byPerson, at);
        Agrees = ShadowAgreement.Agrees(Action, WouldBe, Did, HumanAction);
    }

    private static string? Other(HumanSaid said) => said.Did == HumanDid.Different ? said.Action : null;
}
