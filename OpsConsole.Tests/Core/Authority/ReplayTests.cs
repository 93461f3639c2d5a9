using System.Text.Json;
using FsCheck.Fluent;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Authority;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Trust;
using OpsConsole.Tests.Core.Decisions;

namespace OpsConsole.Tests.Core.Authority;

/// <summary>Replays: the tally says what a recount by the rules themselves says, and what decides today changes nothing.</summary>
public sealed class ReplayTests
{
    private static readonly ApprovalStatus[] Ends = Enum.GetValues<ApprovalStatus>();

    private sealed record Asked(PolicyCall Call, Gate Gate, Tier? Tier, AskMode Mode, ApprovalStatus End, int Fate);

    private static readonly FsCheck.Gen<Asked> AnAsk =
        from call in MatrixGenerators.Call
        from gate in Gen.Elements(Enum.GetValues<Gate>())
        from tier in Gen.Elements<Tier?>(null, Tier.Observer, Tier.Contributor, Tier.Executor)
        from mode in Gen.Elements(AskMode.Live, AskMode.Live, AskMode.Shadow)
        from end in Gen.Elements(Ends)
        from fate in Gen.Choose(0, 19)
        select new Asked(call, gate, tier, mode, end, fate);

    private static readonly FsCheck.Gen<Asked[]> Asks = Gen.Choose(0, 25).SelectMany(n => Gen.ArrayOf(AnAsk, n));

    private static readonly RolloutAuthority Rollout = Worlds.Rollout with { Gate = Gate.A };

    [Fact]
    public void Replay_OfTheMatrixThatDecided_ChangesNothing() => MatrixGenerators.Holds(
        from document in MatrixGenerators.Document(MatrixGenerators.Condition) from asks in Asks select (document, asks),
        x =>
        {
            var replay = new Replay(new ReplayJudge(Rollout, CompiledPolicy.Compile(x.document, 0)));
            foreach (var (recorded, _) in x.asks.Select((a, i) => Recorded(x.document, a, i))) replay.Add(recorded);
            var result = replay.Result();
            return result.Answers.Changed == 0 && result.Samples.Changed == 0 && result.Strangest.Count == 0 && result.Answers.Moves.Count == 0 && result.Samples.Moves.Count == 0 && result.Waited == TimeSpan.Zero;
        }, 600);

    [Fact]
    public void Replay_AnyDraft_CountsWhatTheRulesSayOneByOne() => MatrixGenerators.Holds(
        from old in MatrixGenerators.Document(MatrixGenerators.Condition) from draft in MatrixGenerators.Document(MatrixGenerators.Condition) from asks in Asks select (old, draft, asks),
        x =>
        {
            var replay = new Replay(new ReplayJudge(Rollout, CompiledPolicy.Compile(x.draft, 0)));
            List<(ReplayCase Case, ReplayShift Shift, bool Sample)> shifts = [];
            var (skipped, waited) = (0, TimeSpan.Zero);
            foreach (var (recorded, ask) in x.asks.Select((a, i) => Recorded(x.old, a, i)))
            {
                replay.Add(recorded);
                if (ask.Fate < 3)
                {
                    skipped++;
                    continue;
                }
                // The rules themselves, asked anew in a world of its own.
                var (live, trial) = (Rule(x.draft, ask, AskMode.Live), Rule(x.draft, ask, AskMode.Shadow));
                if (ask.Mode == AskMode.Live) shifts.Add((recorded, new(recorded.Outcome, live.Outcome), false));
                if (recorded.WouldBe is { } would) shifts.Add((recorded, new(would, trial.WouldBe!.Value), true));
                if (ask.Mode == AskMode.Live && (recorded.Outcome, live.Outcome) == (Outcome.Pending, Outcome.Allow) && recorded.Person!.Took is { } took) waited += took;
            }
            var result = replay.Result();
            var changed = shifts.Where(s => s.Shift.Changed).ToList();
            return result.Read == x.asks.Length && result.Skipped.Values.Sum() == skipped && result.Waited == waited
                && Fits(result.Answers, [.. shifts.Where(s => !s.Sample).Select(s => s.Shift)]) && Fits(result.Samples, [.. shifts.Where(s => s.Sample).Select(s => s.Shift)])
                && result.Strangest.Select(c => c.Seq).Order().SequenceEqual(changed.Select(s => s.Case.Seq).Distinct().Order())
                && result.Strangest.Select(c => c.Strangeness).SequenceEqual(result.Strangest.Select(c => c.Strangeness).Order());
        }, 600);

    private static bool Fits(ReplayTotals totals, IReadOnlyList<ReplayShift> shifts)
        => ReplayTotals.Outcomes.All(was => ReplayTotals.Outcomes.All(now => totals.Count(was, now) == shifts.Count(s => s.Was == was && s.Now == now)))
        && totals.Changed == shifts.Count(s => s.Was != s.Now) && totals.Changed == totals.Saved + totals.Added + totals.NowDenied + totals.NowAllowed
        && totals.Moves.Where(m => m.Move.Changed).Sum(m => m.Count) == totals.Changed;

    // Fates: 0 the payload is gone, 1 it was paused, 2 a cap refused it; all others were answered by the old matrix.
    private static (ReplayCase, Asked) Recorded(MatrixDocument document, Asked ask, int i)
    {
        var ruling = Rule(document, ask, ask.Mode);
        if (ask.Fate is 1 or 2) ruling = ruling.Refuse(new Reason(ask.Fate == 1 ? "paused" : "cap.usd.day", "no"));
        var asked = ask.Mode == AskMode.Live && ruling.Outcome == Outcome.Pending;
        return (new ReplayCase
        {
            Seq = i + 1, Id = "dec_" + i, Action = ask.Call.Action, Mode = ask.Mode, Gate = ask.Gate, Tier = ask.Tier, Confidence = ask.Call.Confidence, Outcome = ruling.Outcome, WouldBe = ruling.WouldBe, Reasons = ruling.Reasons,
            RuleId = ruling.Rule?.Id, Write = ruling.Rule is null or { Effect: Effect.Write }, HighConsequence = ruling.Rule is null or { Consequence: Consequence.High },
            Person = asked ? new ReplayPerson(ask.End, ask.End is ApprovalStatus.Approved or ApprovalStatus.Edited or ApprovalStatus.Rejected ? TimeSpan.FromSeconds(i) : null) : null, Call = ask.Fate == 0 ? null : ask.Call,
        }, ask);
    }

    private static Ruling Rule(MatrixDocument document, Asked ask, AskMode mode)
    {
        var agent = Worlds.Agent with { Rollout = Worlds.Rollout with { Gate = ask.Gate, Policy = CompiledPolicy.Compile(document, 3) }, Grants = ask.Tier is { } tier ? [new GrantEntry("g", "*", tier, null)] : [] };
        var asked = new Ask { Action = ask.Call.Action, Call = ask.Call, Confidence = ask.Call.Confidence, Mode = mode, Arguments = "{}", Payload = [], Digest = CallDigest.Of("a", "a", default, default, default, null) };
        return DecisionRules.Decide(asked, agent, Worlds.State(agent), Worlds.Now);
    }

    private const string Asks4 = """{"rules":[{"id":"R-1","action":"*","consequence":"low","reversible":true,"outcome":"approve"}]}""";
    private const string Allows = """{"rules":[{"id":"R-2","action":"*","consequence":"low","reversible":true,"outcome":"allow"}]}""";

    private static Replay Over(string draft, Func<RolloutAuthority, RolloutAuthority>? rollout = null)
        => new(new ReplayJudge(rollout?.Invoke(Worlds.Rollout) ?? Worlds.Rollout, CompiledPolicy.Compile(MatrixJson.Parse(JsonElement.Parse(draft)).Value, 0)));

    private static ReplayCase Case(int seq, Outcome outcome, ApprovalStatus? end = null, bool high = false, double? confidence = null) => new()
    {
        Seq = seq, Id = "dec_" + seq, Action = "order.update", Gate = Gate.D, Tier = Tier.Executor, Outcome = outcome, RuleId = "R-1", Write = true, HighConsequence = high, Confidence = confidence, MatrixVersion = 1,
        Reasons = [new Reason(outcome == Outcome.Deny ? "rule.denies" : "rule.requires_approval", "said", "R-1")], Person = end is { } e ? new ReplayPerson(e, TimeSpan.FromMinutes(2)) : null, Call = new PolicyCall { Action = "order.update" },
    };

    [Fact]
    public void Strangest_ManyOfAKind_KeepsTheNewestAndWhatMattersFirst()
    {
        var replay = Over(Allows);
        for (var i = 1; i <= 1_000; i++) replay.Add(Case(i, Outcome.Pending, ApprovalStatus.Approved));
        replay.Add(Case(1_001, Outcome.Pending, ApprovalStatus.Rejected));
        replay.Add(Case(1_002, Outcome.Deny, high: true));
        replay.Add(Case(1_003, Outcome.Deny));
        replay.Add(Case(1_004, Outcome.Pending, ApprovalStatus.Approved, high: true));
        var result = replay.Result();
        Assert.Equal([1_002L, 1_001, 1_004, 1_003, 1_000, 999], result.Strangest.Take(6).Select(c => c.Seq));
        Assert.Equal(Replay.Most + 2, result.Strangest.Count);
        Assert.Equal((1_004L, 1_002L, 2L, 1_002L), (result.Answers.Changed, result.Answers.Saved, result.Answers.NowAllowed, result.Known));
        Assert.Equal(TimeSpan.FromMinutes(2 * 1_002), result.Waited);
        var saved = Assert.Single(result.Answers.Moves, m => m.Move.Was == Outcome.Pending);
        Assert.Equal(("R-1", "R-2", 1_002L, "dec_1001"), (saved.Move.WasRow, saved.Move.NowRow, saved.Count, saved.Example));
    }

    [Fact]
    public void Why_TellsBothSides()
    {
        var replay = Over(Allows);
        replay.Add(Case(1, Outcome.Pending, ApprovalStatus.Rejected));
        replay.Add(Case(2, Outcome.Deny));
        Assert.Equal(["Under R-1 a person was asked. It was rejected. Under the draft's R-2 it runs alone.", "Under R-1 it was denied. Under the draft's R-2 it runs alone."], replay.Result().Strangest.Select(c => c.Why));
    }

    [Fact]
    public void Care_OfTheRolloutNow_HoldsBackWhatTheDraftAllows()
    {
        var replay = Over(Allows, r => r with { MinConfidence = 0.9 });
        replay.Add(Case(1, Outcome.Pending, ApprovalStatus.Approved, confidence: 0.8));
        replay.Add(Case(2, Outcome.Pending, ApprovalStatus.Approved, confidence: 0.95));
        Assert.Equal([2L], replay.Result().Strangest.Select(c => c.Seq));
    }

    [Fact]
    public void Budget_SpentOnPatterns_IsNoAnswer()
    {
        var replay = Over("""{"rules":[{"id":"R","action":"*","outcome":"allow","effect":"read","when":[{"field":"arguments.to","op":"matches","value":"a"}]}]}""");
        var ticks = 0L;
        var call = new PolicyCall { Action = "order.update", Arguments = JsonElement.Parse("""{"to":"a"}"""), Patterns = new PatternBudget(() => ticks += 10, 1) };
        replay.Add(new ReplayCase { Seq = 1, Id = "dec_1", Action = "order.update", Gate = Gate.D, Tier = Tier.Executor, Outcome = Outcome.Deny, Reasons = [new Reason("rule.none", "no")], Call = call });
        Assert.Equal(1, replay.Result().Skipped[ReplaySkip.PatternTime]);
    }

    [Fact]
    public void Rows_ThatTakeOver_AreToldApartFromChanges()
    {
        var replay = Over(Asks4.Replace("R-1", "R-9", StringComparison.Ordinal));
        replay.Add(Case(1, Outcome.Pending, ApprovalStatus.Approved));
        var moved = Assert.Single(replay.Result().Answers.Moves);
        Assert.Equal((false, "R-1", "R-9"), (moved.Move.Changed, moved.Move.WasRow, moved.Move.NowRow));
        Assert.Empty(replay.Result().Strangest);
    }
}
