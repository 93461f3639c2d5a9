using OpsConsole.Core.Approvals;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Trust;

namespace OpsConsole.Core.Authority;

/// <summary>What became of a request that waited for people.</summary>
/// <param name="Took">From the request to a person's word; null where no person said one.</param>
public sealed record ReplayPerson(ApprovalStatus Status, TimeSpan? Took);

/// <summary>A recorded decision as a replay looks at it: what was asked, under which authority, and what was answered before any person had a say.</summary>
public sealed class ReplayCase
{
    /// <summary>The row or stand-in of the old and the new matrix that is no rule.</summary>
    public const string BoundaryRow = "boundary", DefaultRow = "default";

    public required long Seq { get; init; }
    public required string Id { get; init; }
    public DateTimeOffset At { get; init; }
    public string AgentId { get; init; } = "";
    /// <summary>Lower case.</summary>
    public required string Action { get; init; }
    public string? ResourceType { get; init; }
    public string? ResourceId { get; init; }
    public AskMode Mode { get; init; }
    public Gate Gate { get; init; }
    public Tier? Tier { get; init; }
    public double? Confidence { get; init; }
    /// <summary>The answer when it was asked: pending where people were asked, whatever they said.</summary>
    public Outcome Outcome { get; init; }
    /// <summary>The answer without tier and gate, where it was recorded.</summary>
    public Outcome? WouldBe { get; init; }
    /// <summary>Those of the answer, without what came later.</summary>
    public IReadOnlyList<Reason> Reasons { get; init; } = [];
    public string? RuleId { get; init; }
    public int MatrixVersion { get; init; }
    public bool Write { get; init; }
    public bool HighConsequence { get; init; }
    public ReplayPerson? Person { get; init; }
    /// <summary>What the policy looks at; null when the payload is gone.</summary>
    public PolicyCall? Call { get; init; }

    /// <summary>The row that decided then: a rule's id, <see cref="BoundaryRow"/> or <see cref="DefaultRow"/>.</summary>
    public string WasRow
    {
        get
        {
            foreach (var reason in Reasons)
            {
                if (reason.Code == "boundary") return BoundaryRow;
                if (reason.Code.StartsWith("rule.", StringComparison.Ordinal)) return reason.Rule ?? DefaultRow;
            }
            return RuleId ?? DefaultRow;
        }
    }

    /// <summary>What refused it that is no matter of a matrix, so that the answer compares with nothing.</summary>
    public ReplaySkip Stopped => Person is not null || Reasons.Count == 0 ? ReplaySkip.None
        : Reasons[0].Code is "paused" ? ReplaySkip.Paused
        : Reasons[0].Code is "loop" ? ReplaySkip.Loop
        : Reasons[0].Code.StartsWith("cap.", StringComparison.Ordinal) ? ReplaySkip.Cap : ReplaySkip.None;
}

/// <summary>Why a recorded decision is not compared. The last two: nobody can tell what the draft would have said.</summary>
public enum ReplaySkip { None, Paused, Cap, Loop, PayloadGone, PatternTime }
