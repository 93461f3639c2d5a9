using OpsConsole.Core.Agents;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Trust;

namespace OpsConsole.Core.Authority;

/// <summary>An answer then, and under the draft.</summary>
public readonly record struct ReplayShift(Outcome Was, Outcome Now)
{
    public bool Changed => Was != Now;
}

/// <summary>One recorded decision beside the draft.</summary>
/// <param name="Skip">Why it is not compared; then there is nothing else.</param>
/// <param name="Answer">What a live ask was answered; null for shadow asks.</param>
/// <param name="Sample">The answer without tier and gate, of shadow asks and of live ones that only these refused.</param>
/// <param name="NowRow">The row of the draft: a rule's id, or one of the stand-ins of <see cref="ReplayCase"/>.</param>
/// <param name="High">A write of high consequence, by the row of then or by the draft's.</param>
public readonly record struct ReplayVerdict(ReplaySkip Skip, ReplayShift? Answer, ReplayShift? Sample, string NowRow, bool High, Ruling? Ruling)
{
    /// <summary>The change that a reader sees first: of the answer, else of what it would have been.</summary>
    public ReplayShift? Change => Answer is { Changed: true } ? Answer : Sample is { Changed: true } ? Sample : null;
}

/// <summary>
/// Asks the draft what was asked before, by the rules that decide every ask (<see cref="DecisionRules"/>): the draft's boundaries and rows, tier and gate as they were recorded,
/// confidence and audience as the rollout has them now. Pauses, caps and loops are left out. Pure; not for several threads at once.
/// </summary>
public sealed class ReplayJudge(RolloutAuthority rollout, CompiledPolicy draft)
{
    private readonly RolloutAuthority _rollout = rollout with { Policy = draft, Paused = null };
    private readonly Dictionary<(Gate, Tier?), AgentAuthority> _agents = [];

    public ReplayVerdict Judge(ReplayCase recorded)
    {
        if (recorded.Stopped is not ReplaySkip.None and var stopped) return Skipped(stopped);
        if (recorded.Call is not { } call || (recorded.Mode != AskMode.Live && recorded.WouldBe is null)) return Skipped(ReplaySkip.PayloadGone);
        var agent = Agent(recorded.Gate, recorded.Tier);
        var live = recorded.Mode == AskMode.Live ? Decide(recorded, call, agent, AskMode.Live) : null;
        var trial = recorded.WouldBe is null ? null : Decide(recorded, call, agent, AskMode.Shadow);
        if (call.Patterns is { IsSpent: true }) return Skipped(ReplaySkip.PatternTime);   // what it said after that is no answer
        var ruling = live ?? trial!;
        var row = ruling.Rule?.Id ?? (ruling.Reasons[0].Code == "boundary" ? ReplayCase.BoundaryRow : ReplayCase.DefaultRow);
        return new ReplayVerdict(ReplaySkip.None, live is null ? null : new(recorded.Outcome, live.Outcome), trial is null ? null : new(recorded.WouldBe!.Value, trial.WouldBe!.Value), row,
            (recorded.Write && recorded.HighConsequence) || ruling.Rule is { Effect: Effect.Write, Consequence: Consequence.High }, ruling);
    }

    private static Ruling Decide(ReplayCase recorded, in PolicyCall call, AgentAuthority agent, AskMode mode)
        => DecisionRules.Decide(PretendedAsk.Of(call, recorded.Confidence, mode), agent, ConsoleState.Empty, recorded.At);

    private AgentAuthority Agent(Gate gate, Tier? tier)
    {
        if (_agents.TryGetValue((gate, tier), out var known)) return known;
        return _agents[(gate, tier)] = PretendedAsk.Agent(_rollout with { Gate = gate }, tier);
    }

    private static ReplayVerdict Skipped(ReplaySkip why) => new(why, null, null, "", false, null);
}
