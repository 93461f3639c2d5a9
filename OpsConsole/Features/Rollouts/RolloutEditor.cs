using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Rollouts;
using OpsConsole.Core.Shared;
using OpsConsole.Data.Writer;
using OpsConsole.Features.Access;

namespace OpsConsole.Features.Rollouts;

/// <summary>Creates rollouts and changes who answers for them and how strict they are.</summary>
public sealed class RolloutEditor(DurableWriter writer)
{
    private const string MayGovern = "The people and the strictness of a rollout are set by its owner, their deputy, a facilitator or an admin.";
    private static readonly Fault SeparationStays = Fault.Forbidden("Separation of duties keeps whoever owns an agent from deciding for it, so it is switched off by somebody who owns no agent of this rollout.", "rollout.separation");
    private static readonly Fault SecondStays = Fault.Forbidden("That publishing takes two people is switched off by an admin who did not propose the draft that waits: whoever publishes must not do so alone.", "rollout.second_publisher");
    private const string MayEdit = "A rollout is described by its owners, its engineering owner, its risk lead, a facilitator or an admin.";

    public Fault? MayCreate(PersonCaller caller)
        => Sight.Me(writer.State, caller) is { Ok: true, Value: var me } && Permissions.MayCreateRollout(me) ? null : Fault.Forbidden("Rollouts are created by facilitators and admins.");

    public Fault? MayChange(PersonCaller caller, string id) => Sight.Rollout(writer.State, caller, id, Permissions.MayEdit, MayEdit).Fault;
    public Fault? MayChangePeople(PersonCaller caller, string id) => Sight.Rollout(writer.State, caller, id, Permissions.MayGovern, MayGovern).Fault;

    /// <summary>Creates a rollout with an empty draft; its creator is the rollout owner until somebody else is named. Faults: <c>field.invalid</c> (time_zone), forbidden.</summary>
    public Task<Result<string>> CreateAsync(PersonCaller caller, CreateRolloutRequest request)
        => writer.ChangeAsync<string>((scope, _) =>
        {
            if (Sight.Me(scope.State, caller) is not { Ok: true, Value: var me } || !Permissions.MayCreateRollout(me)) return Task.FromResult<Result<string>>(MayCreate(caller) ?? Fault.Forbidden(MayEdit));
            if (request.Check() is { } wrong) return Task.FromResult<Result<string>>(wrong);
            var zone = request.TimeZone ?? "UTC";
            if (!IanaZone.IsKnown(zone)) return Task.FromResult<Result<string>>(NoZone);
            var rollout = new Rollout(Secrets.NewId("rol"), request.Name.Trim(), request.Purpose?.Trim() ?? "", zone, scope.Now, caller.Id);
            scope.Db.Rollouts.Add(rollout);
            scope.Db.Members.Add(new RolloutMember(rollout.Id, caller.Id, RolloutRole.RolloutOwner, false));
            scope.Audit(caller.Actor, "rollout.created", rollout.Id, new { time_zone = zone, rollout_owner = caller.Id }, new { name = rollout.Name, purpose = rollout.Purpose }, rollout.Id);
            scope.AuthorityChanged();
            return Task.FromResult<Result<string>>(rollout.Id);
        });

    /// <summary>Changes what the patch names. Faults: not found, forbidden, <c>person.unknown</c>, <c>rollout_owner.required</c>, <c>deputy.is_holder</c>.</summary>
    public Task<Result<Done>> ChangeAsync(PersonCaller caller, string id, RolloutPatch patch)
        => writer.ChangeAsync<Done>(async (scope, ct) =>
        {
            var seen = Sight.Rollout(scope.State, caller, id, patch.Governs ? Permissions.MayGovern : Permissions.MayEdit, patch.Governs ? MayGovern : MayEdit);
            if (seen.Fault is { } fault) return fault;
            if (patch.Check() is { } wrong) return wrong;
            if (patch.TimeZone is { } zone && !IanaZone.IsKnown(zone)) return NoZone;
            var rollout = await scope.Db.Rollouts.SingleAsync(r => r.Id == id, ct);
            if (patch.SeparationOfDuties == false && rollout.SeparationOfDuties && !Permissions.MayEndSeparation(scope.State.Directory.People[caller.Id], seen.Value, scope.State)) return SeparationStays;
            if (patch.SecondPublisher == false && rollout.SecondPublisher && (!Permissions.IsAdmin(scope.State.Directory.People[caller.Id]) || rollout.Proposal?.By == caller.Id)) return SecondStays;
            if (patch.Owners is not null || patch.Deputies is not null)
            {
                var renamed = await SeatsAsync(scope, caller, id, roster => Rename(roster, patch, scope.State.Directory), ct);
                if (!renamed.Ok) return renamed;
            }
            if (patch.Name is not null || patch.Purpose is not null || patch.TimeZone is not null) rollout.Describe(patch.Name?.Trim(), patch.Purpose?.Trim(), patch.TimeZone);
            if (patch.MinConfidence is not null || patch.ConfidenceRequired is not null || patch.SeparationOfDuties is not null || patch.CycleWeeks is not null)
                rollout.Govern(patch.MinConfidence, patch.ConfidenceRequired, patch.SeparationOfDuties, patch.CycleWeeks);
            if (patch.Audience is { } audience) rollout.SetAudience(audience.Length == 0 ? null : audience);
            if (patch.ReasonCodes is { } codes) rollout.SetReasonCodes([.. codes]);
            if (patch.Thresholds is { } thresholds) rollout.SetThresholds(thresholds.Length == 0 ? null : thresholds);
            if (patch.Review is { } review) rollout.ScheduleReviews(review);
            if (patch.RotateApprovers is { } rotate) rollout.Rotate(rotate);
            if (patch.SecondPublisher is { } second)
            {
                rollout.AskForSecondPublisher(second);
                if (!second) rollout.Propose(null);   // nobody is waited for any more
                scope.Signal("matrix:" + id);
            }
            scope.Audit(caller.Actor, "rollout.changed", id, new { fields = Changed(patch), patch.MinConfidence, patch.ConfidenceRequired, patch.SeparationOfDuties, patch.CycleWeeks, patch.TimeZone, patch.SecondPublisher, patch.RotateApprovers, patch.ReasonCodes, patch.Review },
                new { patch.Name, patch.Purpose, patch.Audience, patch.Thresholds }, id);
            scope.AuthorityChanged();
            return Done.Value;
        });

    /// <summary>Adds roles of a person; roles they hold already stay. Faults: <c>person.unknown</c>.</summary>
    public Task<Result<string>> AddMemberAsync(PersonCaller caller, string id, AddMemberRequest request)
        => writer.ChangeAsync<string>(async (scope, ct) =>
        {
            if (Sight.Rollout(scope.State, caller, id, Permissions.MayGovern, MayGovern).Fault is { } fault) return fault;
            if (request.Check() is { } wrong) return wrong;
            if (Find(scope.State.Directory, request.Email, "email") is not { Ok: true, Value: var person }) return Unknown(request.Email, "email");
            var added = await SeatsAsync(scope, caller, id, roster =>
            {
                roster.Add(person.Id, request.Roles.Select(r => RoleNames.Rollout[r]));
                return Done.Value;
            }, ct);
            return added.Fault is { } refused ? refused : person.Id;
        });

    public Task<Result<Done>> RemoveMemberAsync(PersonCaller caller, string id, string personId)
        => writer.ChangeAsync<Done>(async (scope, ct) =>
        {
            if (Sight.Rollout(scope.State, caller, id, Permissions.MayGovern, MayGovern).Fault is { } fault) return fault;
            return await SeatsAsync(scope, caller, id, roster => roster.Remove(personId), ct);
        });

    private static Result<Done> Rename(Roster roster, RolloutPatch patch, PeopleDirectory directory)
    {
        foreach (var (named, deputy) in new[] { (patch.Owners, false), (patch.Deputies, true) })
        {
            foreach (var (role, email) in named ?? new Dictionary<RolloutRole, string?>())
            {
                string? personId = null;
                var field = (deputy ? "deputies." : "owners.") + role.Wire();
                if (email is not null)
                {
                    var person = Find(directory, email, field);
                    if (person.Fault is { } unknown) return unknown;
                    personId = person.Value.Id;
                }
                var done = roster.Name(role, personId, deputy);
                if (!done.Ok) return done;
            }
        }
        return Done.Value;
    }

    /// <summary>Applies a change to the roster and writes the difference, one audit entry per seat taken or given.</summary>
    private static async Task<Result<Done>> SeatsAsync(ChangeScope scope, PersonCaller caller, string id, Func<Roster, Result<Done>> change, CancellationToken ct)
    {
        var rows = await scope.Db.Members.Where(m => m.RolloutId == id).ToListAsync(ct);
        var before = rows.Select(m => new Seat(m.PersonId, m.Role, m.Deputy)).ToList();
        var roster = new Roster(before);
        var changed = change(roster);
        if (!changed.Ok) return changed;
        var stands = roster.Check();
        if (!stands.Ok) return stands;
        foreach (var gone in before.Except(roster.Seats))
        {
            scope.Db.Members.Remove(rows.Single(m => m.PersonId == gone.PersonId && m.Role == gone.Role && m.Deputy == gone.Deputy));
            scope.Audit(caller.Actor, "member.removed", gone.PersonId, new { role = gone.Role.Wire(), deputy = gone.Deputy }, rolloutId: id);
        }
        await scope.Db.SaveChangesAsync(ct);   // a seat that turns from deputy to holder keeps its key: the old row must be gone first
        foreach (var seat in roster.Seats.Except(before))
        {
            scope.Db.Members.Add(new RolloutMember(id, seat.PersonId, seat.Role, seat.Deputy));
            scope.Audit(caller.Actor, "member.added", seat.PersonId, new { role = seat.Role.Wire(), deputy = seat.Deputy }, rolloutId: id);
        }
        scope.AuthorityChanged();
        return Done.Value;
    }

    private static Result<PersonEntry> Find(PeopleDirectory directory, string email, string field)
        => directory.ByEmail.TryGetValue(email, out var person) && !person.Disabled ? person : Unknown(email, field);

    private static Fault Unknown(string email, string field) => Fault.Refused("person.unknown", $"The console knows nobody with the e-mail address '{(email.Length > 80 ? email[..80] : email)}'. Invite them first.", field);

    private static readonly Fault NoZone = Fault.Invalid("field.invalid", "time_zone must be an IANA zone such as Europe/Berlin.", "time_zone");

    private static string[] Changed(RolloutPatch patch)
        => [.. new (string Name, bool Given)[]
        {
            ("name", patch.Name is not null), ("purpose", patch.Purpose is not null), ("time_zone", patch.TimeZone is not null), ("owners", patch.Owners is not null), ("deputies", patch.Deputies is not null),
            ("min_confidence", patch.MinConfidence is not null), ("confidence", patch.ConfidenceRequired is not null), ("audience", patch.Audience is not null),
            ("separation_of_duties", patch.SeparationOfDuties is not null), ("cycle_weeks", patch.CycleWeeks is not null), ("thresholds", patch.Thresholds is not null), ("second_publisher", patch.SecondPublisher is not null), ("rotate_approvers", patch.RotateApprovers is not null), ("reason_codes", patch.ReasonCodes is not null), ("review", patch.Review is not null),
        }.Where(f => f.Given).Select(f => f.Name)];
}
