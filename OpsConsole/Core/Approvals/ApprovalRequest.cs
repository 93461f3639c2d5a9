namespace OpsConsole.Core.Approvals;

public enum ApprovalStatus { Pending, Approved, Edited, Rejected, Expired, Cancelled }

/// <summary>What somebody says to a request. The last two move it to other people and are no votes: <see cref="Moves"/>.</summary>
public enum Verdict { Approve, Edit, Reject, Reassign, Escalate }

/// <summary>Who has to say something next: the people who decide, or whom they asked back.</summary>
public enum Turn { Approvers, Agent, Owner }

/// <summary>One person's word on a request. <paramref name="Round"/> counts proposals: an edit starts a new round and earlier votes no longer count.</summary>
/// <param name="BreakGlass">Cast by an admin who is not a named decider.</param>
/// <param name="WithdrawnAt">Taken back before the agent was let go: it stays on record and no longer counts.</param>
/// <param name="For">Whose place the voter took (see <see cref="Deciders"/>); null: their own.</param>
/// <param name="Looked">How long the evidence was on the person's screen before; null: by the API, where nobody knows.</param>
public sealed record Vote(string PersonId, Verdict Verdict, string? Reason, string? ReasonCode, DateTimeOffset At, int Round, bool BreakGlass, DateTimeOffset? WithdrawnAt = null, Capacity As = Capacity.Named, string? For = null, TimeSpan? Looked = null);

/// <summary>
/// A decision that waits for people. Its key is the decision's <c>Seq</c>. All transitions go through the writer, one after the other,
/// so the first of two people wins and the second is told.
/// </summary>
public sealed class ApprovalRequest
{
    private ApprovalRequest() { }

    public ApprovalRequest(long seq, string id, string decisionId, string rolloutId, string agentId, string action, string? resourceId, string? runId, bool highConsequence,
        ApprovalTerms terms, byte[] digest, DateTimeOffset at, double? amount = null)
    {
        (Seq, Id, DecisionId, RolloutId, AgentId, Action, ResourceId, RunId, HighConsequence) = (seq, id, decisionId, rolloutId, agentId, action, resourceId, runId, highConsequence);
        (Terms, Digest, RequestedAt, ExpiresAt, ArgumentsSeq, Amount) = (terms, digest, at, at + terms.Sla, seq, amount);
        RemindAt = Reminders.Next(this, at);
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
    /// <summary>What the queue sorts by (<see cref="RequestAmount"/>), of the arguments as they stand; null where they have no such number.</summary>
    public double? Amount { get; internal set; }
    public DateTimeOffset RequestedAt { get; private set; }
    public DateTimeOffset ExpiresAt { get; private set; }
    public DateTimeOffset? DecidedAt { get; private set; }
    /// <summary>Approved but not released yet: the rule's hold runs, or the agent is paused.</summary>
    public DateTimeOffset? ReleaseAfter { get; private set; }
    public DateTimeOffset? ReleasedAt { get; private set; }

    /// <summary>When the clock that runs now began, where more people were given time of their own; null: when it was requested.</summary>
    public DateTimeOffset? ClockFrom { get; private set; }
    /// <summary>When the people asked are reminded next; null: not again. It stays due while somebody looks at it, or somebody else has to answer, and is sent once when that is over.</summary>
    public DateTimeOffset? RemindAt { get; private set; }
    public DateTimeOffset? RemindedAt { get; private set; }
    /// <summary>Who said that they are looking at it: a soft lock, which keeps nobody from deciding.</summary>
    public string? ClaimedBy { get; private set; }
    public DateTimeOffset? ClaimedAt { get; private set; }
    public DateTimeOffset? ClaimedUntil { get; private set; }
    public Turn Turn { get; private set; }
    /// <summary>Since when it is; null: since it was requested.</summary>
    public DateTimeOffset? TurnSince { get; private set; }
    /// <summary>Somebody handed it on: those who have it now may be in none of the rollout's roles.</summary>
    public bool HandedOn { get; private set; }

    /// <summary>Still in somebody's queue.</summary>
    public bool Open => Status == ApprovalStatus.Pending;
    /// <summary>Decided with yes, and the agent still waits for the release.</summary>
    public bool AwaitsRelease => Status is ApprovalStatus.Approved or ApprovalStatus.Edited && ReleasedAt is null;

    public IEnumerable<Vote> CurrentVotes => Votes.Where(v => v.Round == Round && v.WithdrawnAt is null);

    /// <summary>People who said yes to the proposal as it stands.</summary>
    public int Approvals => CurrentVotes.Count(v => v.Verdict != Verdict.Reject);

    internal void Add(Vote vote) => (Votes, Version) = ([.. Votes, vote], Version + 1);

    /// <summary>A new proposal: other arguments under the terms of the rule that governs them; earlier votes are dropped.</summary>
    internal void Repropose(ApprovalTerms terms, bool highConsequence, byte[] digest, long argumentsSeq)
        => (Terms, HighConsequence, Digest, ArgumentsSeq, Round, Version) = (terms, highConsequence, digest, argumentsSeq, Round + 1, Version + 1);

    internal void Decide(ApprovalStatus status, DateTimeOffset at, DateTimeOffset? releaseAfter)
    {
        (Status, DecidedAt, ReleaseAfter, Version) = (status, at, releaseAfter, Version + 1);
        Claim(null, null, null);
    }

    /// <summary>Undecided again, with these votes and the clock as it was.</summary>
    internal void Reopen(IReadOnlyList<Vote> votes) => (Votes, Status, DecidedAt, ReleaseAfter, Version) = (votes, ApprovalStatus.Pending, null, null, Version + 1);

    // What follows changes nothing that is decided on, so the version stays: nobody's answer becomes stale by it.
    internal void Claim(string? by, DateTimeOffset? at, DateTimeOffset? until) => (ClaimedBy, ClaimedAt, ClaimedUntil) = (by, at, until);

    internal void Give(Turn turn, DateTimeOffset at) => (Turn, TurnSince) = (turn, at);

    internal void Remind(DateTimeOffset at) => (RemindedAt, RemindAt) = (at, Reminders.Next(this, at));

    internal void Release(DateTimeOffset at) => (ReleasedAt, ReleaseAfter, Version) = (at, null, Version + 1);

    /// <summary>More people may decide, in any order; the digest and the votes stay.</summary>
    internal void Widen(IReadOnlyList<string> approvers, IReadOnlyList<string> joined, int quorum, DateTimeOffset until, DateTimeOffset now)
    {
        var anew = until != ExpiresAt;
        (Terms, ExpiresAt, Level, Version) = (Terms with { Approvers = approvers, Quorum = quorum, Sequence = false, Joined = [.. (Terms.Joined ?? []).Union(joined)] }, until, Level + 1, Version + 1);
        if (!anew) return;
        ClockFrom = now;
        RemindAt = Reminders.Next(this, now);
    }

    /// <summary>Who is asked changed; how many, what was said and what is due when stays.</summary>
    internal void Restate(ApprovalTerms terms) => (Terms, HandedOn, Version) = (terms, terms.Moves?.Any(m => m.To is not null) ?? false, Version + 1);
}
