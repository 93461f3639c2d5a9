using FsCheck;
using FsCheck.Fluent;
using OpsConsole.Core.Approvals;
using OpsConsole.Tests.Core.Authority;

namespace OpsConsole.Tests.Core.Approvals;

/// <summary>Claims, reminders, questions back and votes taken back: what they change, and that none of them ever stands in for a yes.</summary>
public sealed class MeanwhileTests
{
    private static readonly DateTimeOffset At = new(2026, 3, 4, 9, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Five = TimeSpan.FromMinutes(5);

    private static ApprovalRequest Request(int quorum = 1, string onExpiry = "deny", TimeSpan? hold = null, bool sequence = false)
        => ApprovalRulesTests.Request(ApprovalRulesTests.Terms(quorum, onExpiry, hold, sequence) with { Reminders = [50, 80] });

    private static void Yes(ApprovalRequest request, string who, int minutes = 0) => Assert.True(ApprovalRules.Cast(request, who, Verdict.Approve, null, null, false, null, At.AddMinutes(minutes)).Ok);

    [Fact]
    public void Claim_HeldByAnother_IsRefusedUnlessTakenOver()
    {
        var request = Request();
        Assert.Equal(ClaimEffect.Claimed, Claims.Claim(request, "a", false, Five, At).Value);
        Assert.Equal("approval.claimed", Claims.Claim(request, "b", false, Five, At.AddMinutes(4)).Fault?.Code);
        Assert.Equal("a", Claims.HeldBy(request, At.AddMinutes(4)));
        Assert.Equal(ClaimEffect.Claimed, Claims.Claim(request, "b", true, Five, At.AddMinutes(4)).Value);
        Assert.False(Claims.LetGo(request, "a"));
        Assert.Null(Claims.HeldBy(request, At.AddMinutes(9)));                                             // over by itself
        Assert.Equal(ClaimEffect.Claimed, Claims.Claim(request, "a", false, Five, At.AddMinutes(9)).Value);   // so it is free, also before the clock has come by
    }

    [Fact]
    public void Claim_Renewed_AtMostOnceAMinute_AndNotLongerByAClockThatWasPutBack()
    {
        var request = Request();
        Claims.Claim(request, "a", false, Five, At);
        Assert.Equal(ClaimEffect.Unchanged, Claims.Claim(request, "a", false, Five, At.AddSeconds(59)).Value);
        Assert.Equal(ClaimEffect.Renewed, Claims.Claim(request, "a", false, Five, At.AddSeconds(60)).Value);
        Assert.Equal((At, At.AddSeconds(360)), (request.ClaimedAt, request.ClaimedUntil));
        Assert.Equal(ClaimEffect.Renewed, Claims.Claim(request, "a", false, Five, At.AddHours(-1)).Value);
        Assert.Equal(At.AddHours(-1).Add(Five), request.ClaimedUntil);
    }

    [Fact]
    public void Claim_NeverKeepsOthersFromDeciding_AndEndsWithTheDecision()
    {
        var request = Request();
        Claims.Claim(request, "a", false, Five, At);
        var version = request.Version;
        Assert.Equal(1, version);   // nobody's answer becomes stale by it
        Yes(request, "b");
        Assert.Equal((ApprovalStatus.Approved, null), (request.Status, request.ClaimedBy));
        Assert.Equal("approval.decided", Claims.Claim(request, "a", false, Five, At).Fault?.Code);
        Assert.Equal("approval.expired", Claims.Claim(Request(), "a", false, Five, At.AddHours(1)).Fault?.Code);
    }

    [Fact]
    public void Reminders_AtHalfAndFourFifths_AndWhatWasMissedOnce()
    {
        var request = Request();
        Assert.Null(Reminders.Take(request, At.AddMinutes(29)));
        Assert.Equal(1, Reminders.Take(request, At.AddMinutes(30)));
        Assert.Null(Reminders.Take(request, At.AddMinutes(30)));
        Assert.Equal(2, Reminders.Take(request, At.AddMinutes(48)));
        Assert.Null(request.RemindAt);
        var late = Request();
        Assert.Equal(2, Reminders.Take(late, At.AddMinutes(55)));   // both were missed: one comes
        Assert.Null(Reminders.Take(late, At.AddMinutes(56)));
        Assert.Null(Reminders.Take(Request(), At.AddHours(1)));     // its time is over
    }

    [Fact]
    public void Reminders_WhileClaimedOrAsked_Wait_AndComeOnceAfterwards()
    {
        var request = Request();
        Claims.Claim(request, "a", false, Five, At.AddMinutes(28));
        Assert.Null(Reminders.Take(request, At.AddMinutes(31)));
        Assert.Equal("a", Claims.EndIfOver(request, At.AddMinutes(33)));
        Assert.Equal(1, Reminders.Take(request, At.AddMinutes(33)));
        var question = new ApprovalQuestion("qst_1", 7, Turn.Agent, "which order?", "a", At.AddMinutes(40));
        AskBack.Ask(request, question);
        Assert.Null(Reminders.Take(request, At.AddMinutes(50)));
        Assert.True(AskBack.Answer(request, question, "8812", "agt_1", At.AddMinutes(52)).Value);
        Assert.Equal(2, Reminders.Take(request, At.AddMinutes(52)));
        Yes(request, "b", 53);
        Assert.False(Reminders.IsDue(request, At.AddMinutes(54)));
    }

    [Fact]
    public void Reminders_AfterAnEscalation_CountItsOwnTime()
    {
        var request = Request(onExpiry: "escalate");
        Assert.False(ApprovalRules.Expire(request, ["group:more"], 1, At.AddHours(1)));
        Assert.Equal(At.AddMinutes(90), request.RemindAt);
        Assert.Equal(1, Reminders.Take(request, At.AddMinutes(90)));
        Assert.Equal(At.AddMinutes(108), request.RemindAt);
    }

    [Fact]
    public void Questions_OneAtATime_AnsweredOnce()
    {
        var request = Request();
        Assert.Null(AskBack.MayAsk(request, [], null, At));
        var question = new ApprovalQuestion("qst_1", 7, Turn.Owner, "why?", "a", At);
        AskBack.Ask(request, question);
        Assert.Equal((Turn.Owner, At), (request.Turn, request.TurnSince));
        Assert.Equal("approval.question_open", AskBack.MayAsk(request, [question], null, At)?.Code);
        Assert.True(AskBack.Answer(request, question, "because", "o", At.AddMinutes(1)).Value);
        Assert.Equal((Turn.Approvers, At.AddMinutes(1)), (request.Turn, request.TurnSince));
        Assert.False(AskBack.Answer(request, question, "because", "o", At.AddMinutes(2)).Value);
        Assert.Equal("question.answered", AskBack.Answer(request, question, "otherwise", "o", At.AddMinutes(2)).Fault?.Code);
        Assert.Null(AskBack.MayAsk(request, [question], null, At));
        Assert.Equal("approval.stale", AskBack.MayAsk(request, [question], 7, At)?.Code);
        Yes(request, "b", 3);
        var late = new ApprovalQuestion("qst_2", 7, Turn.Agent, "and?", "a", At);
        Assert.Equal("approval.decided", AskBack.Answer(request, late, "x", "agt_1", At.AddMinutes(4)).Fault?.Code);
    }

    [Fact]
    public void TakeBack_WhileHeld_WaitsAgainUnderItsOldClock()
    {
        var request = Request(quorum: 2, hold: TimeSpan.FromMinutes(1));
        Yes(request, "a");
        Assert.Equal("approval.not_decided", TakingBack.TakeBack(request, "a", At).Fault?.Code);
        Yes(request, "b", 1);
        Assert.Equal("approval.not_yours", TakingBack.TakeBack(request, "c", At.AddMinutes(1)).Fault?.Code);
        Assert.Equal(1, TakingBack.TakeBack(request, "a", At.AddMinutes(1)).Value);
        Assert.Equal((ApprovalStatus.Pending, 1, 2, At.AddHours(1)), (request.Status, request.Approvals, request.Votes.Count, request.ExpiresAt));
        Assert.Equal((null, null), (request.DecidedAt, request.ReleaseAfter));
        Assert.Equal(0, TakingBack.TakeBack(request, "a", At.AddMinutes(1)).Value);   // they did already
        Assert.False(ApprovalRules.MayRelease(request, At.AddDays(1)));
        Yes(request, "a", 2);   // and may say yes again
        Assert.Equal(ApprovalStatus.Approved, request.Status);
        Assert.True(ApprovalRules.Release(request, At.AddMinutes(3)).Ok);
        Assert.Equal("approval.released", TakingBack.TakeBack(request, "a", At.AddMinutes(3)).Fault?.Code);
    }

    [Fact]
    public void TakeBack_InASequence_TakesThoseAfterWithIt()
    {
        var request = Request(quorum: 2, hold: TimeSpan.FromMinutes(1), sequence: true);
        Yes(request, "a");
        Yes(request, "b");
        Assert.Equal(2, TakingBack.TakeBack(request, "a", At).Value);
        Assert.Equal(0, request.Approvals);
    }

    private sealed record Step(int Verb, int Who, int Wait);

    /// <summary>Whatever people, the agent and the clock do between the votes: nothing is approved or released without the yes of as many different people as the rule wants.</summary>
    [Fact]
    public void Request_AnyLife_IsNeverApprovedWithoutTheQuorumsVotes() => MatrixGenerators.Holds(
        from quorum in Gen.Choose(1, 3) from onExpiry in Gen.Elements("deny", "escalate", "widen")
        from steps in Gen.ArrayOf(from verb in Gen.Choose(0, 12) from who in Gen.Choose(0, 3) from wait in Gen.Choose(-2, 9) select new Step(verb, who, wait), 40)
        select (quorum, onExpiry, steps),
        x =>
        {
            var request = Request(x.quorum, x.onExpiry, Five);
            var (now, yes, questions, reminders) = (At, new HashSet<string>(), new List<ApprovalQuestion>(), new List<DateTimeOffset>());
            foreach (var step in x.steps)
            {
                now = now.AddMinutes(step.Wait);
                var (who, open, version) = ("p" + step.Who, request.Open, request.Version);
                switch (step.Verb)
                {
                    case <= 3:
                        if (ApprovalRules.Cast(request, who, Verdict.Approve, null, null, false, null, now) is { Ok: true, Value: not VoteEffect.Repeated }) yes.Add(who);
                        break;
                    case 4:
                        Claims.Claim(request, who, step.Wait > 5, Five, now);
                        if (request.Version != version || request.Open != open) return false;
                        break;
                    case 5: Claims.LetGo(request, who); break;
                    case 6: Claims.EndIfOver(request, now); break;
                    case 7 when AskBack.MayAsk(request, questions, null, now) is null:
                        questions.Add(new ApprovalQuestion("qst_" + questions.Count, 7, step.Wait > 3 ? Turn.Agent : Turn.Owner, "?", who, now));
                        AskBack.Ask(request, questions[^1]);
                        break;
                    case 8 when questions.Count > 0: AskBack.Answer(request, questions[^1], "!", "agt_1", now); break;
                    case 9:
                        var due = Reminders.IsDue(request, now);
                        if (Reminders.Take(request, now) is not null != due || (due && (!request.Open || request.ClaimedBy is not null || request.Turn != Turn.Approvers))) return false;
                        if (due) reminders.Add(now);
                        break;
                    case 10:
                        if (TakingBack.TakeBack(request, who, now) is { Ok: true, Value: > 0 } && !(yes.Remove(who) && request.Open)) return false;
                        break;
                    case 11 when request.Open && now >= request.ExpiresAt: ApprovalRules.Expire(request, ["group:more"], request.Terms.Quorum, now); break;
                    case 12:
                        var released = ApprovalRules.Release(request, now);
                        if (released.Ok && yes.Count < x.quorum) return false;
                        break;
                }
                if (request.Approvals != yes.Count) return false;
                if (request.Status is ApprovalStatus.Approved != yes.Count >= x.quorum) return false;
                if (!request.Open && request.ClaimedBy is not null) return false;
            }
            return reminders.Count <= 4;   // two of each clock, and there are two clocks at most
        }, 3_000);
}
