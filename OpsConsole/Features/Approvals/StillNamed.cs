using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Decisions;
using OpsConsole.Data;

namespace OpsConsole.Features.Approvals;

/// <summary>
/// Requests that were raised under a matrix which has been replaced since. Whoever it named still decides them, also when the matrix in force
/// names them nowhere, so that they do not see the rollout any more.
/// </summary>
internal static class StillNamed
{
    private const int Most = 5_000;

    /// <summary>Keys of what waits outside of <paramref name="visible"/> and names the person; only rollouts that were published twice can have such.</summary>
    public static async Task<IReadOnlyList<long>> SeqsAsync(OpsDbContext db, PersonEntry person, IReadOnlyList<string> visible, ConsoleState state, CancellationToken ct)
    {
        List<string> others = [.. state.Rollouts.Values.Where(r => r.Policy is { Version: > 1 } && !visible.Contains(r.Id)).Select(r => r.Id)];
        if (others.Count == 0) return [];
        var waiting = await db.Approvals.AsNoTracking().Where(a => a.Status == ApprovalStatus.Pending && others.Contains(a.RolloutId)).OrderBy(a => a.ExpiresAt).ThenBy(a => a.Seq)
            .Select(a => new { a.Seq, a.Terms }).Take(Most).ToListAsync(ct);
        return [.. waiting.Where(a => a.Terms.Approvers.Any(x => state.Directory.Names(x, person))).Select(a => a.Seq)];
    }
}
