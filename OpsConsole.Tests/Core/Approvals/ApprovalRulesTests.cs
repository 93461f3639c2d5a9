using FsCheck;
using FsCheck.Fluent;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Shared;
using OpsConsole.Tests.Core.Authority;

namespace OpsConsole.Tests.Core.Approvals;

public sealed class ApprovalRulesTests
{
    private static readonly DateTimeOffset At = new(2026, 3, 4, 9, 0, 0, TimeSpan.Zero);

    internal static ApprovalTerms Terms(int quorum = 1, string onExpiry = "deny", TimeSpan? hold = null, bool sequence = false, params string[] approvers) =>
        new("R", 1, approvers, quorum, sequence, TimeSpan.FromHours(1), onExpiry, [], hold, TimeSpan.FromMinutes(5), TimeSpan.FromHours(24), false);

    internal static ApprovalRequest Request(ApprovalTerms? terms = null) => new(7, "apr_7", "dec_7", "rol_1", "agt_1", "order.update", null, null, true, terms ?? Terms(), [0], At);

    private static Result<VoteEffect> Vote(ApprovalRequest request, string who, Verdict verdict = Verdict.Approve, long? version = null, DateTimeOffset? at = null, bool breakGlass = false) =>
        ApprovalRules.Cast(request, who, verdict, "because", null, breakGlass, version, at ?? At);

    [Fact]
    public void Cast_Quorum_CountsDifferentPeople()
    {
        var request = Request(Terms(2));
        Assert.Equal(VoteEffect.Counted, Vote(request, "a").Value);
        Assert.Equal(VoteEffect.Repeated, Vote(request, "a").Value);
        Assert.Equal(1, request.Approvals);
        Assert.Equal(VoteEffect.Decided, Vote(request, "b").Value);
        Assert.Equal((ApprovalStatus.Approved, At), (request.Status, request.DecidedAt));
        Assert.Equal(VoteEffect.Repeated, Vote(request, "a").Value);   // still success afterwards
    }

    [Fact]
    public void Cast_OneRejection_Decides()
    {
        var request = Request(Terms(3));
        Vote(request, "a");
        Assert.Equal(VoteEffect.Decided, Vote(request, "b", Verdict.Reject).Value);
        Assert.Equal(ApprovalStatus.Rejected, request.Status);
        Conflict(Vote(request, "c"), "approval.decided", request);
        Conflict(Vote(request, "b"), "approval.decided", request);   // the same person, now otherwise
        Assert.Equal(VoteEffect.Repeated, Vote(request, "b", Verdict.Reject).Value);
        Assert.False(ApprovalRules.MayRelease(request, At.AddDays(1)));
    }

    [Theory]
    [InlineData(Verdict.Approve, Verdict.Reject)]
    [InlineData(Verdict.Edit, Verdict.Reject)]
    public void Cast_ContradictingOneselfWhileItWaits_IsRefusedAndChangesNothing(Verdict first, Verdict then)
    {
        var request = Request(Terms(2));
        if (first == Verdict.Edit) ApprovalRules.Edit(request, Terms(2), true, [1], 9, true, "a", null, false, null, At);
        else Vote(request, "a", first);
        var version = request.Version;
        Conflict(Vote(request, "a", then), "approval.decided", request);
        Assert.Equal((ApprovalStatus.Pending, 1, version), (request.Status, request.Approvals, request.Version));
        Assert.Equal(VoteEffect.Repeated, Vote(request, "a").Value);   // what they edited they have approved
        Assert.Equal(VoteEffect.Decided, Vote(request, "b", Verdict.Reject).Value);   // somebody else's no still decides
    }

    [Fact]
    public void Cast_OldVersion_IsStaleAndChangesNothing()
    {
        var request = Request(Terms(2));
        Vote(request, "a", version: 1);
        Conflict(Vote(request, "b", version: 1), "approval.stale", request);
        Assert.Equal((1, ApprovalStatus.Pending), (request.Votes.Count, request.Status));
        Assert.Equal(VoteEffect.Decided, Vote(request, "b", version: request.Version).Value);
    }

    [Fact]
    public void Cast_AtTheMomentOfExpiry_IsTooLateAndNotARejection()
    {
        var request = Request();
        Conflict(Vote(request, "a", at: request.ExpiresAt), "approval.expired", request);
        Assert.True(ApprovalRules.Expire(request, ["user:x@example.com"], request.Terms.Quorum, request.ExpiresAt));
        Assert.Equal(ApprovalStatus.Expired, request.Status);
        Conflict(Vote(request, "a", Verdict.Reject, at: request.ExpiresAt.AddTicks(-1)), "approval.expired", request);
    }

    [Theory]
    [InlineData("escalate")]
    [InlineData("widen")]
    public void Expire_WithMorePeopleToAsk_AsksThemOnce(string onExpiry)
    {
        var request = Request(Terms(2, onExpiry, null, true, "user:a@example.com"));
        Vote(request, "a");
        var (expires, digest) = (request.ExpiresAt, request.Digest);
        Assert.False(ApprovalRules.Expire(request, ["user:b@example.com"], request.Terms.Quorum, expires));
        Assert.Equal((ApprovalStatus.Pending, 1, expires.AddHours(1), 1), (request.Status, request.Level, request.ExpiresAt, request.Approvals));
        Assert.Equal(("user:b@example.com", false), (Assert.Single(request.Terms.Approvers), request.Terms.Sequence));
        Assert.Same(digest, request.Digest);
        Assert.True(ApprovalRules.Expire(request, ["user:c@example.com"], request.Terms.Quorum, request.ExpiresAt));
        Assert.Equal(ApprovalStatus.Expired, request.Status);
    }

    [Fact]
    public void Expire_AlreadyDecided_ChangesNothing()
    {
        var request = Request();
        Vote(request, "a");
        var version = request.Version;
        Assert.True(ApprovalRules.Expire(request, [], request.Terms.Quorum, request.ExpiresAt));
        Assert.Equal((ApprovalStatus.Approved, version), (request.Status, request.Version));
    }

    [Fact]
    public void Edit_NewProposal_DropsEarlierVotesAndOldVersions()
    {
        var request = Request(Terms(2));
        Vote(request, "a");
        var seen = request.Version;
        Assert.Equal(VoteEffect.Counted, ApprovalRules.Edit(request, Terms(2), true, [1], 9, true, "b", "smaller", false, seen, At).Value);
        Assert.Equal((1, 1, 9L), (request.Approvals, request.Round, request.ArgumentsSeq));
        Conflict(Vote(request, "c", version: seen), "approval.stale", request);
        Assert.Equal(VoteEffect.Decided, Vote(request, "a", version: request.Version).Value);   // the earlier vote was for something else
        Assert.Equal((ApprovalStatus.Edited, (byte)1), (request.Status, Assert.Single(request.Digest)));
        Conflict(ApprovalRules.Edit(request, Terms(), true, [2], 10, true, "c", null, false, null, At), "approval.decided", request);
    }

    [Fact]
    public void Edit_EditorDoesNotCount_OldVersionIsStillStale()
    {
        var request = Request();
        var seen = request.Version;
        Assert.Equal(VoteEffect.Counted, ApprovalRules.Edit(request, Terms(), true, [1], 9, false, "b", null, false, seen, At).Value);
        Conflict(Vote(request, "a", version: seen), "approval.stale", request);   // saw other arguments
    }

    [Fact]
    public void Release_Hold_IsWaitedForAndCanBeTakenBack()
    {
        var request = Request(Terms(hold: TimeSpan.FromSeconds(10)));
        Vote(request, "a");
        Assert.False(ApprovalRules.MayRelease(request, At.AddSeconds(9)));
        Assert.True(ApprovalRules.MayRelease(request, At.AddSeconds(10)));
        Assert.True(ApprovalRules.Cancel(request, At.AddSeconds(9)).Ok);
        Assert.False(ApprovalRules.MayRelease(request, At.AddSeconds(10)));
        Assert.True(ApprovalRules.Cancel(request, At).Ok);   // again: fine
    }

    [Theory]
    [InlineData("pending")]
    [InlineData("rejected")]
    [InlineData("expired")]
    [InlineData("cancelled")]
    [InlineData("held")]
    [InlineData("released")]
    public void Release_NotGranted_IsRefusedAndChangesNothing(string how)
    {
        var request = Request(Terms(hold: how == "held" ? TimeSpan.FromSeconds(10) : null));
        if (how == "rejected") Vote(request, "a", Verdict.Reject);
        if (how == "expired") ApprovalRules.Expire(request, [], request.Terms.Quorum, request.ExpiresAt);
        if (how == "cancelled") ApprovalRules.Cancel(request, At);
        if (how is "held" or "released") Vote(request, "a");
        if (how == "released") Assert.True(ApprovalRules.Release(request, At).Ok);
        var (status, released, version) = (request.Status, request.ReleasedAt, request.Version);
        Conflict(ApprovalRules.Release(request, At.AddSeconds(9)), "approval.not_granted", request);
        Assert.Equal((status, released, version), (request.Status, request.ReleasedAt, request.Version));
    }

    [Fact]
    public void EscalateAtOnce_RuleThatEscalatesOnExpiry_TakesItsPlaceWithAWholeSla()
    {
        var (deny, escalate, later) = (Request(Terms(1, "deny", null, true, "user:a@example.com")), Request(Terms(1, "escalate", null, true, "user:a@example.com")), At.AddMinutes(50));
        ApprovalRules.EscalateAtOnce(deny, ["user:b@example.com"], [], later);
        ApprovalRules.EscalateAtOnce(escalate, ["user:b@example.com"], [], later);
        Assert.Equal((At.AddHours(1), later.AddHours(1)), (deny.ExpiresAt, escalate.ExpiresAt));
        Assert.Equal((1, false, 2L), (escalate.Level, escalate.Terms.Sequence, escalate.Version));
        Assert.True(ApprovalRules.Expire(escalate, ["user:c@example.com"], escalate.Terms.Quorum, escalate.ExpiresAt));   // only once
    }

    [Fact]
    public void Cancel_Released_IsRefused()
    {
        var request = Request();
        Vote(request, "a");
        ApprovalRules.Release(request, At);
        Conflict(ApprovalRules.Cancel(request, At), "approval.decided", request);
        Assert.False(ApprovalRules.MayRelease(request, At));
    }

    private sealed record Step(int Verb, int Who, int Quorum, int Wait, bool Versioned, bool Counts);

    /// <summary>Random lives of a request against a model that knows only who said yes to which proposal.</summary>
    [Fact]
    public void Request_AnyLife_KeepsThePromises() => MatrixGenerators.Holds(
        from quorum in Gen.Choose(1, 3) from onExpiry in Gen.Elements("deny", "escalate", "widen") from hold in Gen.Choose(0, 1)
        from steps in Gen.ArrayOf(from verb in Gen.Choose(0, 9) from who in Gen.Choose(0, 3) from q in Gen.Choose(1, 3) from wait in Gen.Choose(0, 15) from v in Gen.Elements(true, false) from c in Gen.Elements(true, false) select new Step(verb, who, q, wait, v, c), 25)
        select (quorum, onExpiry, hold, steps),
        x =>
        {
            var request = Request(Terms(x.quorum, x.onExpiry, x.hold == 0 ? null : TimeSpan.FromMinutes(5)));
            var (now, yes, proposal, quorum) = (At, new HashSet<string>(), (byte)0, x.quorum);
            var (final, released, expiredByTime) = ((ApprovalStatus?)null, (byte?)null, false);
            foreach (var step in x.steps)
            {
                now = now.AddMinutes(step.Wait);
                var (who, wasOpen, version) = ("p" + step.Who, request.Open, request.Version);
                switch (step.Verb)
                {
                    case <= 4:
                        var verdict = step.Verb == 4 ? Verdict.Reject : Verdict.Approve;
                        var cast = Vote(request, who, verdict, step.Versioned ? request.Version : null, now);
                        if (wasOpen && now >= request.ExpiresAt && cast is { Ok: true, Value: not VoteEffect.Repeated }) return false;
                        if (cast is { Ok: true, Value: VoteEffect.Repeated } or { Ok: false } && request.Version != version) return false;
                        if (cast is { Ok: true, Value: not VoteEffect.Repeated } && verdict == Verdict.Approve && !yes.Add(who)) return false;   // nobody counts twice
                        break;
                    case 5 or 6:
                        if (ApprovalRules.Edit(request, Terms(step.Quorum, x.onExpiry, request.Terms.Hold), true, [(byte)(proposal + 1)], 100, step.Counts, who, null, false, null, now).Ok)
                        {
                            (proposal, quorum) = ((byte)(proposal + 1), step.Quorum);
                            yes = step.Counts ? [who] : [];
                            if (request.Version == version) return false;
                        }
                        break;
                    case 7 when request.Open && now >= request.ExpiresAt:
                        expiredByTime |= ApprovalRules.Expire(request, ["group:more"], request.Terms.Quorum, now);
                        break;
                    case 8: ApprovalRules.Cancel(request, now); break;
                    case 9:
                        var may = ApprovalRules.MayRelease(request, now);
                        if (ApprovalRules.Release(request, now).Ok != may) return false;
                        if (!may) break;
                        released = request.Digest[0];
                        if (released != proposal || yes.Count < quorum) return false;   // what was approved, by enough people, is what runs
                        break;
                }
                if (request.Approvals != yes.Count && request.Open) return false;
                if (request.Status is ApprovalStatus.Approved or ApprovalStatus.Edited && (yes.Count < quorum || request.Digest[0] != proposal || (request.Status == ApprovalStatus.Edited) != (proposal > 0))) return false;
                if (request.Status == ApprovalStatus.Rejected && request.Votes[^1].Verdict != Verdict.Reject) return false;
                if (request.Status == ApprovalStatus.Expired != expiredByTime) return false;
                // What is decided stays decided; only an approval that was not released yet can be taken back.
                if (final is { } was && request.Status != was && !(was is ApprovalStatus.Approved or ApprovalStatus.Edited && request.Status == ApprovalStatus.Cancelled && released is null)) return false;
                if (!request.Open) final = request.Status;
            }
            return true;
        }, 3_000);

    private static void Conflict<T>(Result<T> result, string code, ApprovalRequest winner)
    {
        Assert.Equal((code, FaultKind.Conflict), (result.Fault?.Code, result.Fault!.Kind));
        Assert.Same(winner, result.Fault.Detail);
    }
}
