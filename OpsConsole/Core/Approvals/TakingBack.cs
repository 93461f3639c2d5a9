using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Approvals;

/// <summary>Somebody's yes, taken back while the agent has not been let go: the rule's hold runs, or a pause keeps it.</summary>
public static class TakingBack
{
    /// <summary>
    /// The request waits again, with its clock as before; votes taken back stay on record and no longer count. In a sequence whoever said yes after them goes with them: they relied on it.
    /// </summary>
    /// <returns>How many votes were taken back; 0 when they did it before. Faults: <c>approval.released</c>, <c>approval.decided</c>, <c>approval.not_decided</c>, <c>approval.not_yours</c> (403).</returns>
    public static Result<int> TakeBack(ApprovalRequest request, string personId, DateTimeOffset now)
    {
        if (request.Open)
        {
            return request.Votes.LastOrDefault(v => v.PersonId == personId && v.Round == request.Round) is { WithdrawnAt: not null }
                ? 0 : Fault.Conflict("approval.not_decided", "This is not decided, so there is nothing to take back.", request);
        }
        if (request.ReleasedAt is not null) return Fault.Conflict("approval.released", "The agent was allowed to act already, so this can no longer be taken back. If it can be undone, its decision says how.", request);
        if (!request.AwaitsRelease) return ApprovalRules.Decided(request);
        var first = request.Votes.ToList().FindIndex(v => v.PersonId == personId && v.Round == request.Round && v.WithdrawnAt is null);
        if (first < 0) return Fault.Forbidden("Only who said yes to this can take it back.", "approval.not_yours");
        List<Vote> votes = [.. request.Votes.Select((v, i) => v.Round == request.Round && v.WithdrawnAt is null && (v.PersonId == personId || (request.Terms.Sequence && i > first)) ? v with { WithdrawnAt = now } : v)];
        var taken = votes.Count(v => v.WithdrawnAt == now) - request.Votes.Count(v => v.WithdrawnAt == now);
        request.Reopen(votes);
        return taken;
    }
}
