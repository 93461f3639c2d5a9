namespace OpsConsole.Core.Evals;

/// <summary>What a case is meant to try.</summary>
public enum EvalCategory { CommonTask, EdgeCase, Refusal, Retrieval, PolicySensitive }

/// <summary>What people read.</summary>
public static class EvalWords
{
    public static string Of(EvalCategory category) => category switch
    {
        EvalCategory.CommonTask => "Common task", EvalCategory.EdgeCase => "Edge case", EvalCategory.Refusal => "Refusal", EvalCategory.Retrieval => "Retrieval quality", _ => "Policy-sensitive",
    };
}

/// <summary>What should become of such a call the next time: the agent does not get its way, or a person is asked first.</summary>
public enum EvalExpected { Deny, Approve }

/// <summary>
/// A call that went wrong, kept as a case for later versions of an agent: a request that a person rejected, a decision that an incident was about, or a shadow sample in which people did something else. It has the decision's key, never changes,
/// and can be removed with a reason.
/// </summary>
public sealed class EvalCase
{
    private EvalCase() { }

    /// <param name="approvalId">The request that was rejected; null where the case comes from an incident or a shadow sample.</param>
    /// <param name="incidentId">The incident whose review made it; null where it comes from a rejection or a shadow sample.</param>
    public EvalCase(long seq, string id, string rolloutId, string agentId, string? approvalId, string? incidentId, string action, string call, EvalExpected expected, EvalCategory category, string? reasonCode, string? reason, string createdBy, DateTimeOffset createdAt)
    {
        (Seq, Id, RolloutId, AgentId, ApprovalId, IncidentId, Action, Call) = (seq, id, rolloutId, agentId, approvalId, incidentId, action, call);
        (Expected, Category, ReasonCode, Reason, CreatedBy, CreatedAt) = (expected, category, reasonCode, reason, createdBy, createdAt);
    }

    public long Seq { get; private set; }
    public string Id { get; private set; } = "";
    public string RolloutId { get; private set; } = "";
    public string AgentId { get; private set; } = "";
    public string? ApprovalId { get; private set; }
    public string? IncidentId { get; private set; }
    public string Action { get; private set; } = "";
    /// <summary>JSON: resource, arguments as they were rejected or released, context, reasoning.</summary>
    public string Call { get; private set; } = "{}";
    public EvalExpected Expected { get; private set; }
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
