using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Decisions;
using OpsConsole.Data;

namespace OpsConsole.Features.Approvals;

/// <summary>
/// Requests of rollouts that a person does not see and decides all the same: raised under a matrix which has been replaced since and named them, asking somebody for whom they stand in,
/// or handed on to them.
/// </summary>
internal static class StillNamed
{
    private const int Most = 5_000;

    /// <summary>Keys of what waits outside of <paramref name="visible"/> and asks the person. Read are rollouts that were published twice, those that somebody sees for whom the person stands in, and what was handed on.</summary>
    public static async Task<IReadOnlyList<long>> SeqsAsync(OpsDbContext db, PersonEntry person, IReadOnlyList<string> visible, ConsoleState state, DateTimeOffset now, CancellationToken ct)
    {
        List<PersonEntry> seats = [person, .. state.Directory.Away(person.Id, now) is null ? state.Directory.StoodInForBy(person.Id, now) : []];
        List<string> others = [.. state.Rollouts.Values.Where(r => !visible.Contains(r.Id) && (r.Policy is { Version: > 1 } || seats.Skip(1).Any(s => Permissions.MaySee(s, r, state.Directory)))).Select(r => r.Id)];
        var waiting = others.Count == 0 ? [] : await db.Approvals.AsNoTracking().Where(a => a.Status == ApprovalStatus.Pending && others.Contains(a.RolloutId)).OrderBy(a => a.ExpiresAt).ThenBy(a => a.Seq)
            .Select(a => new Asking(a.Seq, a.RolloutId, a.Terms)).Take(Most).ToListAsync(ct);
        var handed = await HandedOn(db).Select(a => new Asking(a.Seq, a.RolloutId, a.Terms)).Take(Most).ToListAsync(ct);
        return [.. waiting.Where(a => seats.Exists(s => Names(a, s))).Concat(handed.Where(a => !visible.Contains(a.RolloutId) && (a.Terms.Moves ?? []).Any(m => m.To is { } to && state.Directory.Names(to, person)))).Select(a => a.Seq).Distinct()];

        bool Names(Asking a, PersonEntry seat)
            => a.Terms.Approvers.Any(x => state.Directory.Names(x, seat)) || (a.Terms.Approvers.Count == 0 && seat != person && state.Rollouts[a.RolloutId].Owners.Contains(seat.Id));
    }

    /// <summary>Everything that was handed on and waits.</summary>
    internal static IQueryable<ApprovalRequest> HandedOn(OpsDbContext db)
        => db.Approvals.AsNoTracking().Where(a => a.Status == ApprovalStatus.Pending && a.HandedOn).OrderBy(a => a.ExpiresAt).ThenBy(a => a.Seq);

    private sealed record Asking(long Seq, string RolloutId, ApprovalTerms Terms);
}
