using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Approvals;
using OpsConsole.Core.Decisions;
using OpsConsole.Data;

namespace OpsConsole.Features.Approvals;

/// <summary>Which of what waits asks a person: found by whom it asks, without looking through what asks others. <see cref="Deciders"/> says of each whether they may decide it.</summary>
internal static class AskedCircles
{
    private const int Most = 5_000;

    /// <summary>The circles that could ask the person: by name (also under a matrix that has been replaced since), as one of the rollout's owners, as a deputy, or for somebody who is away. Too many rather than too few.</summary>
    public static IEnumerable<Asking> Among(IEnumerable<Asking> waiting, PersonEntry person, ConsoleState state, DateTimeOffset now)
    {
        List<PersonEntry> seats = [person, .. state.Directory.Away(person.Id, now) is null ? state.Directory.StoodInForBy(person.Id, now) : []];
        return waiting.Where(a => state.Rollouts.TryGetValue(a.RolloutId, out var rollout) && Asks(a, rollout));

        bool Asks(Asking asking, RolloutAuthority rollout)
        {
            var places = seats.Concat(HoldersOf(rollout));
            return asking.Entries.Count == 0 ? places.Any(p => rollout.Owners.Contains(p.Id)) : places.Any(p => asking.Entries.Any(e => state.Directory.Names(e, p)));
        }

        // Whose deputy they are there.
        IEnumerable<PersonEntry> HoldersOf(RolloutAuthority rollout)
            => rollout.Members.Where(seat => seat.Deputy && seat.PersonId == person.Id).SelectMany(seat => rollout.Members.Where(h => h.Role == seat.Role && !h.Deputy && state.Directory.People.ContainsKey(h.PersonId))).Select(h => state.Directory.People[h.PersonId]);
    }

    /// <summary>What was handed on and waits, with those to whom.</summary>
    public static async Task<IReadOnlyList<HandedOn>> HandedOnAsync(OpsDbContext db, CancellationToken ct)
        => [.. (await AllHandedOn(db).Select(a => new { a.Seq, a.RolloutId, a.Terms }).Take(Most).ToListAsync(ct)).Select(a => new HandedOn(a.Seq, a.RolloutId, [.. (a.Terms.Moves ?? []).Select(m => m.To).OfType<string>()]))];

    internal static IQueryable<ApprovalRequest> AllHandedOn(OpsDbContext db)
        => db.Approvals.AsNoTracking().Where(a => a.Status == ApprovalStatus.Pending && a.HandedOn).OrderBy(a => a.ExpiresAt).ThenBy(a => a.Seq);
}

/// <param name="To">Approver entries of those to whom it was handed on.</param>
internal sealed record HandedOn(long Seq, string RolloutId, IReadOnlyList<string> To);
