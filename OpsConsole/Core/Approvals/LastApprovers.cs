namespace OpsConsole.Core.Approvals;

/// <summary>Whose yes let the last request of a rule that needed several go, by rollout and rule.</summary>
public sealed class LastApprovers
{
    private LastApprovers() { }
    public LastApprovers(string rolloutId, string ruleId) => (RolloutId, RuleId) = (rolloutId, ruleId);

    public string RolloutId { get; private set; } = "";
    public string RuleId { get; private set; } = "";
    /// <summary>Key of the request: it is never compared with itself.</summary>
    public long Seq { get; private set; }
    public IReadOnlyList<string> People { get; private set; } = [];

    public void Were(ApprovalRequest request)
        => (Seq, People) = (request.Seq, [.. request.CurrentVotes.Where(v => v.Verdict != Verdict.Reject).Select(v => v.PersonId).Order(StringComparer.Ordinal)]);
}
