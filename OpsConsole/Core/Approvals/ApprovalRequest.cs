namespace OpsConsole.Core.Approvals;

public enum ApprovalStatus { Pending, Approved, Edited, Rejected, Expired, Cancelled }

public enum Verdict { Approve, Edit, Reject }

/// <summary>One person's word on a request. <paramref name="Round"/> counts proposals: an edit starts a new round and earlier votes no longer count.</summary>
/// <param name="BreakGlass">Cast by an admin who is not a named decider.</param>
public sealed record Vote(string PersonId, Verdict Verdict, string? Reason, string? ReasonCode, DateTimeOffset At, int Round, bool BreakGlass);

/// <summary>
/// A decision that waits for people. Its key is the decision's <c>Seq</c>. All transitions go through the writer, one after the other,
/// so the first of two people wins and the second is told.
/// </summary>
public sealed class ApprovalRequest
{
    private ApprovalRequest() { }

    public ApprovalRequest(long seq, string id, string decisionId, string rolloutId, string agentId, string action, string? resourceId, string? runId, bool highConsequence,
        ApprovalTerms terms, byte[] digest, DateTimeOffset at)
    {
        (Seq, Id, DecisionId, RolloutId, AgentId, Action, ResourceId, RunId, HighConsequence) = (seq, id, decisionId, rolloutId, agentId, action, resourceId, runId, highConsequence);
        (Terms, Digest, RequestedAt, ExpiresAt, ArgumentsSeq) = (terms, digest, at, at + terms.Sla, seq);
    }

    public long Seq { get; private set; }
    public string Id { get; private set; } = "";
    public string DecisionId { get; private set; } = "";
    public string RolloutId { get; private set; } = "";
    public string AgentId { get; private set; } = "";
    public string Action { get; private set; } = "";
    public string? ResourceId { get; private set; }
    public string? RunId { get; private set; }
    public bool HighConsequence { get; private set; }
    public ApprovalTerms Terms { get; private set; } = null!;
    public ApprovalStatus Status { get; private set; }
    public long Version { get; private set; } = 1;
    /// <summary>Proposals so far minus one; an edit starts the next.</summary>
    public int Round { get; private set; }
    /// <summary>How often more people were asked: when the SLA ran out into escalation or a wider circle, or because nobody asked so far may decide.</summary>
    public int Level { get; private set; }
    public IReadOnlyList<Vote> Votes { get; private set; } = [];
    public byte[] Digest { get; private set; } = [];
    public long ArgumentsSeq { get; private set; }
    public DateTimeOffset RequestedAt { get; private set; }
    public DateTimeOffset ExpiresAt { get; private set; }
    public DateTimeOffset? DecidedAt { get; private set; }
    /// <summary>Approved but not released yet: the rule's hold runs, or the agent is paused.</summary>
    public DateTimeOffset? ReleaseAfter { get; private set; }
    public DateTimeOffset? ReleasedAt { get; private set; }

    /// <summary>Still in somebody's queue.</summary>
    public bool Open => Status == ApprovalStatus.Pending;
    /// <summary>Decided with yes, and the agent still waits for the release.</summary>
    public bool AwaitsRelease => Status is ApprovalStatus.Approved or ApprovalStatus.Edited && ReleasedAt is null;

    public IEnumerable<Vote> CurrentVotes => Votes.Where(v => v.Round == Round);

    /// <summary>People who said yes to the proposal as it stands.</summary>
    public int Approvals => CurrentVotes.Count(v => v.Verdict != Verdict.Reject);

    internal void Add(Vote vote) => (Votes, Version) = ([.. Votes, vote], Version + 1);

    /// <summary>A new proposal: other arguments under the terms of the rule that governs them; earlier votes are dropped.</summary>
    internal void Repropose(ApprovalTerms terms, bool highConsequence, byte[] digest, long argumentsSeq)
        => (Terms, HighConsequence, Digest, ArgumentsSeq, Round, Version) = (terms, highConsequence, digest, argumentsSeq, Round + 1, Version + 1);

    internal void Decide(ApprovalStatus status, DateTimeOffset at, DateTimeOffset? releaseAfter)
        => (Status, DecidedAt, ReleaseAfter, Version) = (status, at, releaseAfter, Version + 1);

    internal void Release(DateTimeOffset at) => (ReleasedAt, ReleaseAfter, Version) = (at, null, Version + 1);

    /// <summary>More people may decide, in any order; the digest and the votes stay.</summary>
    internal void Widen(IReadOnlyList<string> approvers, int quorum, DateTimeOffset until)
        => (Terms, ExpiresAt, Level, Version) = (Terms with { Approvers = approvers, Quorum = quorum, Sequence = false }, until, Level + 1, Version + 1);
}
