using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;

namespace OpsConsole.Core.Rollouts;

/// <summary>One role of one person in a rollout.</summary>
public readonly record struct Seat(string PersonId, RolloutRole Role, bool Deputy);

/// <summary>
/// Who holds which role in a rollout. A role that owns something has one holder and one deputy when it is named through <see cref="Name"/>;
/// further holders may be added. A rollout is never without a rollout owner: somebody must be there to decide.
/// </summary>
public sealed class Roster(IEnumerable<Seat> seats)
{
    /// <summary>Roles that are named one by one and may have a deputy; the others (approver, member) are plain membership.</summary>
    public static readonly IReadOnlyList<RolloutRole> Named = [.. Enum.GetValues<RolloutRole>().Where(r => r is not (RolloutRole.Approver or RolloutRole.Member))];

    private readonly List<Seat> _seats = [.. seats];

    public IReadOnlyList<Seat> Seats => _seats;

    public string? Holder(RolloutRole role, bool deputy = false)
    {
        foreach (var seat in _seats)
        {
            if (seat.Role == role && seat.Deputy == deputy) return seat.PersonId;
        }
        return null;
    }

    /// <summary>Makes one person the holder (or deputy) of a role, in place of whoever was; null clears it. Faults: <c>deputy.is_holder</c>.</summary>
    public Result<Done> Name(RolloutRole role, string? personId, bool deputy)
    {
        if (deputy && personId is not null && _seats.Any(s => s.Role == role && !s.Deputy && s.PersonId == personId))
            return Fault.Refused("deputy.is_holder", $"The deputy of the {role.Words()} must be somebody else than the {role.Words()}.", "deputies." + role.Wire());
        _seats.RemoveAll(s => s.Role == role && s.Deputy == deputy);
        if (personId is null) return Done.Value;
        _seats.RemoveAll(s => s.Role == role && s.PersonId == personId);   // a deputy who becomes the holder is no deputy any more
        _seats.Add(new Seat(personId, role, deputy));
        return Done.Value;
    }

    /// <summary>Adds a person in further roles; what they hold already stays.</summary>
    public void Add(string personId, IEnumerable<RolloutRole> roles)
    {
        foreach (var role in roles)
        {
            if (!_seats.Any(s => s.PersonId == personId && s.Role == role)) _seats.Add(new Seat(personId, role, false));
        }
    }

    /// <summary>Takes a person out of every role. Faults: not found.</summary>
    public Result<Done> Remove(string personId) => _seats.RemoveAll(s => s.PersonId == personId) == 0 ? Fault.NotFound("member of this rollout") : Done.Value;

    /// <summary>Whether the rollout may stand like this. Faults: <c>rollout_owner.required</c>.</summary>
    public Result<Done> Check() => Holder(RolloutRole.RolloutOwner) is null
        ? Fault.Refused("rollout_owner.required", "A rollout always has a rollout owner: name another one first.", "owners.rollout_owner") : Done.Value;
}
