using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Trust;

namespace OpsConsole.Core.Decisions;

/// <summary>How the agent asked: for real, or as a trial that never lets anything run.</summary>
public enum AskMode { Live, Shadow, Simulation }

/// <summary>The console's answer. The first three are in the order of their strictness.</summary>
public enum Outcome { Allow, Pending, Deny, Shadow, Simulation }

/// <summary>How an executed action ended. <see cref="Unknown"/> is never reported: it is what an allow without a report becomes.</summary>
public enum ReportStatus { Succeeded, Failed, Skipped, Unknown }

/// <summary>One reason of an answer. <paramref name="Code"/> is stable; <paramref name="Message"/> is for people; <paramref name="Rule"/> is the row that said it.</summary>
public sealed record Reason(string Code, string Message, string? Rule = null)
{
    // What a decision's later fate puts before the reasons that it was answered with.
    private static readonly string[] Later = ["approval.approved", "approval.edited", "approval.rejected", "approval.expired", "cancelled", "authority.changed", "digest.mismatch", "paused"];

    /// <summary>Of a decision's reasons those that were given when it was asked; what became of it since left out.</summary>
    public static IReadOnlyList<Reason> OfTheAsk(IReadOnlyList<Reason> all)
    {
        List<Reason> asked = [.. all.Where(r => !Later.Contains(r.Code))];
        return asked.Count > 0 ? asked : all;   // asked while paused: that was the answer
    }
}

/// <summary>
/// A decision as it is stored. The writer inserts it; afterwards only what happened to it changes (resolution, claim, report).
/// The primary key <see cref="Seq"/> is the audit sequence number of the ask, and is inside <see cref="Id"/>.
/// </summary>
public sealed class DecisionRecord
{
    public long Seq { get; init; }
    public string Id { get; init; } = "";
    public DateTimeOffset At { get; init; }
    public string AgentId { get; init; } = "";
    public string RolloutId { get; init; } = "";
    public AskMode Mode { get; init; }
    /// <summary>As asked (compared without case).</summary>
    public string Action { get; init; } = "";
    public string? ResourceType { get; init; }
    public string? ResourceId { get; init; }
    public string? RunId { get; init; }
    public string? OnBehalfOf { get; init; }
    public double? Confidence { get; init; }

    public Outcome Outcome { get; init; }
    public Outcome? WouldBe { get; init; }
    public string? LimitedBy { get; init; }
    public IReadOnlyList<Reason> Reasons { get; init; } = [];
    public Tier? Tier { get; init; }
    public Gate Gate { get; init; }
    public string? RuleId { get; init; }
    public int MatrixVersion { get; init; }
    public bool Write { get; init; }
    public bool HighConsequence { get; init; }
    public bool ClaimRequired { get; init; }

    /// <summary>SHA-256 of the canonical call (<see cref="CallDigest"/>); after an approver's edit, of the edited call.</summary>
    public byte[] Digest { get; init; } = [];
    /// <summary>The audit entry whose payload holds the arguments that count: the ask's own, or the edit's.</summary>
    public long ArgumentsSeq { get; init; }
    /// <summary>Reserved against the caps, in micro-dollars and tokens; replaced by the real cost when it is reported.</summary>
    public long ReservedUsd { get; init; }
    public long ReservedTokens { get; init; }

    public DateTimeOffset? ResolvedAt { get; init; }
    public DateTimeOffset? ValidUntil { get; init; }
    public DateTimeOffset? ReversibleUntil { get; init; }
    /// <summary>Until when somebody has to confirm what was written, as its row says (<c>confirm: required</c>); null: silence will do.</summary>
    public DateTimeOffset? ConfirmBy { get; init; }
    public DateTimeOffset? ClaimedAt { get; init; }
    public DateTimeOffset? ReportedAt { get; init; }
    public ReportStatus? ReportStatus { get; init; }
    public bool Late { get; init; }

    public string ApprovalId => Shared.Ids.Rename(Id, "apr");
}

/// <summary>What was reported for a decision, by its agent or (to reconcile) by a person. One per decision, never changed.</summary>
public sealed class OutcomeRecord
{
    public long DecisionSeq { get; init; }
    public long AuditSeq { get; init; }
    public DateTimeOffset At { get; init; }
    public ReportStatus Status { get; init; }
    public string? Error { get; init; }
    public long? CostUsd { get; init; }
    public long? CostTokens { get; init; }
    public int WriteCount { get; init; }
    public bool Late { get; init; }
    public string ReportedBy { get; init; } = "";
    /// <summary>SHA-256 of the canonical report, to tell 'the same again' from 'a different one'.</summary>
    public byte[] Sha256 { get; init; } = [];
}
