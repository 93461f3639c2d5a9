using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Decisions;
using OpsConsole.Data;

namespace OpsConsole.Features.Approvals;

/// <summary>Which of what waits asks a person: found by whom it asks, without looking through what asks others. <see cref="Deciders"/> says of each whether they may decide it.</summary>
internal static class WhoIsAsked
{
    private const int Most = 5_000;

    /// <summary>
    /// Keys of what waits outside of <paramref name="visible"/> (null: they see everything) and asks the person: raised under a matrix which has been replaced since and named them, or asking
    /// somebody for whom they stand in; and what was handed on to them, with what is visible where <paramref name="everywhere"/>.
    /// </summary>
    public static async Task<IReadOnlyList<long>> SeqsAsync(OpsDbContext db, PersonEntry person, IReadOnlyList<string>? visible, bool everywhere, ConsoleState state, DateTimeOffset now, CancellationToken ct)
    {
        if (visible is null && !everywhere) return [];
        var seats = Seats(person, state, now);
        List<string> others = visible is null ? [] : [.. state.Rollouts.Values.Where(r => !visible.Contains(r.Id) && (r.Policy is { Version: > 1 } || seats.Skip(1).Any(s => Permissions.MaySee(s, r, state.Directory)))).Select(r => r.Id)];
        var waiting = others.Count == 0 ? [] : await db.Approvals.AsNoTracking().Where(a => a.Status == ApprovalStatus.Pending && others.Contains(a.RolloutId)).OrderBy(a => a.ExpiresAt).ThenBy(a => a.Seq)
            .Select(a => new Found(a.Seq, a.RolloutId, a.Terms)).Take(Most).ToListAsync(ct);
        var handed = await HandedOn(db).Select(a => new Found(a.Seq, a.RolloutId, a.Terms)).Take(Most).ToListAsync(ct);
        return [.. waiting.Where(a => seats.Exists(s => Names(a, s))).Concat(handed.Where(a => (everywhere || !visible!.Contains(a.RolloutId)) && (a.Terms.Moves ?? []).Any(m => m.To is { } to && state.Directory.Names(to, person)))).Select(a => a.Seq).Distinct()];

        bool Names(Found a, PersonEntry seat)
            => a.Terms.Approvers.Any(x => state.Directory.Names(x, seat)) || (a.Terms.Approvers.Count == 0 && seat != person && state.Rollouts[a.RolloutId].Owners.Contains(seat.Id));
    }

    /// <summary>The circles that wait and could ask the person: by name, as one of the rollout's owners, as a deputy, or for somebody who is away. Too many rather than too few.</summary>
    /// <param name="rollouts">As <see cref="Permissions.OneByOne"/> gave them.</param>
    public static async Task<IReadOnlyList<string>> AskingAsync(OpsDbContext db, PersonEntry person, IReadOnlyList<string?> rollouts, ConsoleState state, DateTimeOffset now, CancellationToken ct)
    {
        var seats = Seats(person, state, now);
        return [.. (await Asking.WaitingAsync(db, ct)).Where(a => (rollouts.Contains(null) || rollouts.Contains(a.RolloutId)) && state.Rollouts.TryGetValue(a.RolloutId, out var rollout) && Asks(a, rollout)).Select(a => a.Key)];

        bool Asks(Asking asking, RolloutAuthority rollout)
        {
            var places = seats.Concat(HoldersOf(rollout));
            return asking.Entries.Count == 0 ? places.Any(p => rollout.Owners.Contains(p.Id)) : places.Any(p => asking.Entries.Any(e => state.Directory.Names(e, p)));
        }

        // Whose deputy they are there.
        IEnumerable<PersonEntry> HoldersOf(RolloutAuthority rollout)
            => rollout.Members.Where(seat => seat.Deputy && seat.PersonId == person.Id).SelectMany(seat => rollout.Members.Where(h => h.Role == seat.Role && !h.Deputy && state.Directory.People.ContainsKey(h.PersonId))).Select(h => state.Directory.People[h.PersonId]);
    }

    /// <summary>Everything that was handed on and waits.</summary>
    internal static IQueryable<ApprovalRequest> HandedOn(OpsDbContext db)
        => db.Approvals.AsNoTracking().Where(a => a.Status == ApprovalStatus.Pending && a.HandedOn).OrderBy(a => a.ExpiresAt).ThenBy(a => a.Seq);

    // Themselves, and for whom they stand in.
    private static List<PersonEntry> Seats(PersonEntry person, ConsoleState state, DateTimeOffset now)
        => [person, .. state.Directory.Away(person.Id, now) is null ? state.Directory.StoodInForBy(person.Id, now) : []];

    private sealed record Found(long Seq, string RolloutId, ApprovalTerms Terms);
}
