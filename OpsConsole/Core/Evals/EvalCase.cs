namespace OpsConsole.Core.Evals;

/// <summary>What a case is meant to try.</summary>
public enum EvalCategory { CommonTask, EdgeCase, Refusal, Retrieval, PolicySensitive }

/// <summary>
/// A request that a person rejected, kept as a case that later versions of an agent must not propose again. It has the request's key, never changes, and can be removed
/// with a reason.
/// </summary>
public sealed class EvalCase
{
    private EvalCase() { }
    public EvalCase(long seq, string id, string rolloutId, string agentId, string approvalId, string action, string call, EvalCategory category, string? reasonCode, string? reason, string createdBy, DateTimeOffset createdAt)
    {
        (Seq, Id, RolloutId, AgentId, ApprovalId, Action, Call) = (seq, id, rolloutId, agentId, approvalId, action, call);
        (Category, ReasonCode, Reason, CreatedBy, CreatedAt) = (category, reasonCode, reason, createdBy, createdAt);
    }

    public long Seq { get; private set; }
    public string Id { get; private set; } = "";
    public string RolloutId { get; private set; } = "";
    public string AgentId { get; private set; } = "";
    public string ApprovalId { get; private set; } = "";
    public string Action { get; private set; } = "";
    /// <summary>JSON: resource, arguments as they were rejected, context, reasoning.</summary>
    public string Call { get; private set; } = "{}";
    /// <summary>Suggested from the kind of reason.</summary>
    public EvalCategory Category { get; private set; }
    public string? ReasonCode { get; private set; }
    public string? Reason { get; private set; }
    public string CreatedBy { get; private set; } = "";
    public DateTimeOffset CreatedAt { get; private set; }
    public DateTimeOffset? RemovedAt { get; private set; }

    public void Remove(DateTimeOffset at) => RemovedAt ??= at;

    /// <summary>What a rejection for this reason most likely tries.</summary>
    public static EvalCategory Suggest(string? reasonCode) => reasonCode switch
    {
        "policy" => EvalCategory.PolicySensitive, "unsafe" or "not_needed" => EvalCategory.Refusal, "needs_more_context" => EvalCategory.Retrieval,
        "wrong_target" or "wrong_amount" or "duplicate" => EvalCategory.EdgeCase, _ => EvalCategory.CommonTask,
    };
}
