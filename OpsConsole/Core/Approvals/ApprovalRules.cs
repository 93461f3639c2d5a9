using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Approvals;

/// <summary>What a vote led to.</summary>
public enum VoteEffect
{
    /// <summary>Recorded; more people are needed.</summary>
    Counted,
    /// <summary>The last one needed: decided.</summary>
    Decided,
    /// <summary>The same person said the same before; nothing changed.</summary>
    Repeated,
}

/// <summary>The life of a request: votes, quorum, expiry, release. Silence is never consent, and an expiry is never a person's no.</summary>
public static class ApprovalRules
{
    /// <summary>
    /// Counts one person's verdict. One rejection decides; approvals decide when <c>quorum</c> different people gave them in this round.
    /// The same verdict by the same person again is success (approving what one edited oneself says the same); a contradicting one is refused,
    /// also while the request waits for others: whoever said yes cannot turn it into a no, but may propose an edit.
    /// </summary>
    /// <param name="seat">In whose place they speak; left out: in their own.</param>
    /// <returns><c>approval.stale</c> when <paramref name="version"/> is not the request's; <c>approval.decided</c> (with the request as detail) when it is decided or the person said otherwise before;
    /// <c>approval.expired</c> after its time.</returns>
    public static Result<VoteEffect> Cast(ApprovalRequest request, string personId, Verdict verdict, string? reason, string? reasonCode, bool breakGlass, long? version, DateTimeOffset now, Eligibility seat = default, TimeSpan? looked = null)
    {
        var mine = request.CurrentVotes.LastOrDefault(v => v.PersonId == personId);
        if (Guard(request, mine, verdict, version, now) is { } refused) return refused;
        if (Same(mine, verdict)) return VoteEffect.Repeated;
        if (!request.Open) return Decided(request);
        if (mine is not null) return Fault.Conflict("approval.decided", "You said yes to this already; it waits for the others. Propose an edit, or ask one of them to reject it.", request);

        request.Add(new Vote(personId, verdict, reason, reasonCode, now, request.Round, breakGlass, As: seat.As, For: seat.For, Looked: looked));
        if (verdict == Verdict.Reject)
        {
            request.Decide(ApprovalStatus.Rejected, now, null);
            return VoteEffect.Decided;
        }
        return Tally(request, now);
    }

    /// <summary>An edit is a new proposal: the terms are those of the rule that governs it, earlier approvals are dropped, the editor counts as one if the new terms let them.</summary>
    public static Result<VoteEffect> Edit(ApprovalRequest request, ApprovalTerms terms, bool highConsequence, byte[] digest, long argumentsSeq, bool editorCounts, string personId, string? reason, bool breakGlass, long? version, DateTimeOffset now, Eligibility seat = default, TimeSpan? looked = null)
    {
        if (Guard(request, null, Verdict.Edit, version, now) is { } refused) return refused;
        if (!request.Open) return Decided(request);
        request.Repropose(terms, highConsequence, digest, argumentsSeq);
        if (editorCounts) request.Add(new Vote(personId, Verdict.Edit, reason, null, now, request.Round, breakGlass, As: seat.As, For: seat.For, Looked: looked));
        return Tally(request, now);
    }

    /// <summary>Whether an edit may be proposed now, or the request handed on or escalated, without changing anything.</summary>
    public static Fault? MayEdit(ApprovalRequest request, long? version, DateTimeOffset now)
        => Guard(request, null, Verdict.Edit, version, now) ?? (request.Open ? null : Decided(request));

    /// <summary>Why nothing can be done about a request any more that people still have to decide, or null.</summary>
    public static Fault? NotWaiting(ApprovalRequest request, DateTimeOffset now) => MayEdit(request, null, now);

    /// <summary>What happens at <see cref="ApprovalRequest.ExpiresAt"/>: once, more people are asked where the rule says so; otherwise it is over. Returns whether it is over.</summary>
    /// <param name="widened">Approver entries to ask from now on; ignored for <c>deny</c>.</param>
    /// <param name="quorum">How many have to say yes from now on: <see cref="Circle.Quorum"/>.</param>
    /// <param name="joined">Those of them who were not asked before.</param>
    public static bool Expire(ApprovalRequest request, IReadOnlyList<string> widened, int quorum, DateTimeOffset now, IReadOnlyList<string>? joined = null)
    {
        if (!request.Open) return true;   // somebody was faster than the clock
        if (request.Terms.OnExpiry != "deny" && request.Level == 0 && widened.Count > 0)
        {
            request.Widen(widened, joined ?? [], quorum, now + request.Terms.Sla, now);
            return false;
        }
        request.Decide(ApprovalStatus.Expired, now, null);
        return true;
    }

    /// <summary>
    /// Nobody may give the next yes, or somebody escalated by hand: <paramref name="widened"/> are asked at once, in any order, before the SLA runs out. Where the rule escalates on expiry this takes its place,
    /// and the people asked have a whole SLA for it.
    /// </summary>
    public static void EscalateAtOnce(ApprovalRequest request, IReadOnlyList<string> widened, IReadOnlyList<string> joined, DateTimeOffset now)
        => request.Widen(widened, joined, request.Terms.Quorum, request.Terms.OnExpiry != "deny" && request.Level == 0 ? now + request.Terms.Sla : request.ExpiresAt, now);

    public static Result<Done> Cancel(ApprovalRequest request, DateTimeOffset now)
    {
        if (request.Status == ApprovalStatus.Cancelled) return Done.Value;
        if (!request.Open && !request.AwaitsRelease) return Decided(request);
        request.Decide(ApprovalStatus.Cancelled, now, null);
        return Done.Value;
    }

    /// <summary>Whether the agent can be let go now: decided with yes, and the hold is over.</summary>
    public static bool MayRelease(ApprovalRequest request, DateTimeOffset now) => request.AwaitsRelease && (request.ReleaseAfter is null || request.ReleaseAfter <= now);

    /// <summary>Lets the agent go. Refused with <c>approval.not_granted</c>, and nothing changes, unless <see cref="MayRelease"/>.</summary>
    public static Result<Done> Release(ApprovalRequest request, DateTimeOffset now)
    {
        if (!MayRelease(request, now))
        {
            var why = request.ReleasedAt is not null ? "it was released already" : request.AwaitsRelease ? "its hold is not over" : $"it is {Word(request)}";
            return Fault.Conflict("approval.not_granted", $"Nothing is released: {why}.", request);
        }
        request.Release(now);
        return Done.Value;
    }

    private static VoteEffect Tally(ApprovalRequest request, DateTimeOffset now)
    {
        if (request.Approvals < request.Terms.Quorum) return VoteEffect.Counted;
        var edited = request.CurrentVotes.Any(v => v.Verdict == Verdict.Edit) || request.Round > 0;
        request.Decide(edited ? ApprovalStatus.Edited : ApprovalStatus.Approved, now, request.Terms.Hold is { } hold ? now + hold : null);
        return VoteEffect.Decided;
    }

    private static Fault? Guard(ApprovalRequest request, Vote? mine, Verdict verdict, long? version, DateTimeOffset now)
    {
        // Saying the same again is success, whatever has happened since.
        if (Same(mine, verdict)) return null;
        if (request.Status == ApprovalStatus.Expired || (request.Open && now >= request.ExpiresAt)) return Fault.Conflict("approval.expired", "The time to decide this ran out before your answer; nothing was released.", request);
        if (version is not null && version != request.Version && request.Open) return Fault.Conflict("approval.stale", $"The request changed while you were looking at it (it is at version {request.Version}). Look at it again.", request);
        return null;
    }

    /// <summary>Whether the person said this already, and it still counts. Whoever edited has approved what they proposed.</summary>
    public static bool Said(ApprovalRequest request, string personId, Verdict verdict) => Same(request.CurrentVotes.LastOrDefault(v => v.PersonId == personId), verdict);

    private static bool Same(Vote? mine, Verdict verdict) => mine is not null && (mine.Verdict == verdict || mine is { Verdict: Verdict.Edit } && verdict == Verdict.Approve);

    private static string Word(ApprovalRequest request) => request.Status.ToString().ToLowerInvariant();

    internal static Fault Decided(ApprovalRequest request) => Fault.Conflict("approval.decided", $"This was {Word(request)} already.", request);
}
