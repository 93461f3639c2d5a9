using System.Buffers;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Decisions;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;

namespace OpsConsole.Features.Access;

/// <summary>A person as lists show them.</summary>
/// <param name="Status"><c>invited</c>, <c>active</c> or <c>disabled</c>.</param>
public sealed record PersonView(string Id, string Email, string Name, IReadOnlyList<string> Roles, string Status, IReadOnlyList<string> Groups, bool Simulated);

/// <summary>A link's code, readable this once.</summary>
public sealed record NewInvitation(string Code, DateTimeOffset ExpiresAt);

/// <summary>Somebody who is here now.</summary>
/// <param name="Created">False when the address was known already.</param>
/// <param name="Invitation">Null for people who have a password.</param>
public sealed record InvitedPerson(PersonView Person, bool Created, NewInvitation? Invitation);

/// <summary>People: inviting, roles, disabling. Only admins change anything; the last active admin stays.</summary>
internal sealed class PeopleService(DurableWriter writer)
{
    public static readonly TimeSpan InvitationLives = TimeSpan.FromDays(7);
    private static readonly Fault OnlyAdmins = Fault.Forbidden("Only an admin may manage people and groups.");
    private static readonly Fault LastAdmin = Fault.Conflict("admin.last", "This is the last active admin; make somebody else an admin first.");

    /// <summary>
    /// A plain address of ASCII characters, at most 254: something, @, and a host name; an international domain in its <c>xn--</c> form.
    /// Other characters are refused because some look like these, and an address decides who somebody is.
    /// </summary>
    public static bool IsEmail(string? text)
    {
        if (text is null) return false;
        var email = text.Trim();
        var at = email.IndexOf('@');
        return email.Length <= 254 && at > 0 && at < email.Length - 1 && email.AsSpan(0, at).IndexOfAnyExcept(LocalPart) < 0 && email.AsSpan(at + 1).IndexOfAnyExcept(HostName) < 0 && email[at + 1] != '.' && email[^1] != '.';
    }

    private static readonly SearchValues<char> LocalPart = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.!#$%&'*+/=?^_`{|}~-");   // RFC 5321's atoms
    private static readonly SearchValues<char> HostName = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-");

    /// <summary>Refuses a name that shows something else than it says: characters that are invisible, turn the direction of writing, or control a terminal.</summary>
    public static Fault? WrongName(string? name)
        => name is not null && (VisibleText.HasHidden(name.Trim()) || name.Trim().Any(char.IsControl)) ? Fault.Invalid("field.invalid", "name must not hold characters that nobody can see or that change the direction of writing.", "name") : null;

    private static readonly Fault NoEmail = Fault.Invalid("field.invalid", "email must be an e-mail address, an international domain in its xn-- form.", "email");

    public static PersonView View(PersonEntry person, ConsoleState state)
        => new(person.Id, person.Email, person.Name, person.Roles.Wire(), person.Disabled ? "disabled" : person.Joined ? "active" : "invited",
            [.. person.Groups.Select(id => state.Directory.Groups.TryGetValue(id, out var group) ? group.Name : id).Order(StringComparer.OrdinalIgnoreCase)], person.Simulated);

    public static Fault? MayManage(PersonCaller me) => Permissions.MayManagePeople(me.Person) ? null : OnlyAdmins;

    /// <summary>Everybody, by name. Faults: forbidden.</summary>
    public Result<IReadOnlyList<PersonView>> List(PersonCaller me)
    {
        if (!Permissions.SeesAll(me.Person)) return Fault.Forbidden("Only admins, facilitators, sponsors and auditors see who is here.");
        var state = writer.State;
        return state.Directory.People.Values.OrderBy(p => p.Name, StringComparer.OrdinalIgnoreCase).ThenBy(p => p.Id, StringComparer.Ordinal).Select(p => View(p, state)).ToList();
    }

    /// <summary>Creates the person, or finds who has this address already (their name and roles stay). Whoever has no password yet gets a new link; earlier ones stop working.</summary>
    public async Task<Result<InvitedPerson>> InviteAsync(PersonCaller me, string email, string? name, ConsoleRoles roles)
    {
        if (MayManage(me) is { } refused) return refused;
        if (!IsEmail(email)) return NoEmail;
        if (WrongName(name) is { } wrong) return wrong;
        var (code, hash) = Secrets.NewCode();
        var result = await writer.ChangeAsync<(string Id, bool Created, DateTimeOffset? ExpiresAt)>(async (scope, ct) =>
        {
            if (!StillAdmin(scope.State, me)) return OnlyAdmins;
            var normalized = Accounts.Normalize(email);
            var user = await scope.Db.Users.SingleOrDefaultAsync(u => u.NormalizedEmail == normalized, ct);
            var created = user is null;
            if (user is null)
            {
                user = Accounts.New(email, string.IsNullOrWhiteSpace(name) ? email.Split('@')[0] : name, roles, scope.Now);
                scope.Db.Users.Add(user);
                scope.Audit(me.Actor, "person.created", user.Id, new { roles = roles.Wire() }, payload: new { email = user.Email, name = user.Name });
                scope.AuthorityChanged();
            }
            if (user.PasswordHash is not null || user.DisabledAt is not null) return (user.Id, created, null);
            foreach (var earlier in await scope.Db.Invitations.Where(i => i.PersonId == user.Id && i.UsedAt == null).ToListAsync(ct)) earlier.Use(scope.Now);
            var invitation = new Invitation(Secrets.NewId("inv"), hash, user.Id, user.Email, setup: false, scope.Now, scope.Now + InvitationLives);
            scope.Db.Invitations.Add(invitation);
            scope.Audit(me.Actor, "person.invited", user.Id, new { invitation = invitation.Id });
            return (user.Id, created, invitation.ExpiresAt);
        });
        if (result.Fault is { } fault) return fault;
        var state = writer.State;
        return new InvitedPerson(View(state.Directory.People[result.Value.Id], state), result.Value.Created, result.Value.ExpiresAt is { } expires ? new NewInvitation(code, expires) : null);
    }

    /// <summary>Changes what is not null. Disabling ends every session and revokes every token for good. Faults: forbidden, not found, <c>admin.last</c>.</summary>
    public async Task<Result<PersonView>> ChangeAsync(PersonCaller me, string id, string? name, ConsoleRoles? roles, bool? disabled)
    {
        if (MayManage(me) is { } refused) return refused;
        if (WrongName(name) is { } wrong) return wrong;
        var result = await writer.ChangeAsync<Done>(async (scope, ct) =>
        {
            if (!StillAdmin(scope.State, me)) return OnlyAdmins;
            if (await scope.Db.Users.SingleOrDefaultAsync(u => u.Id == id, ct) is not { } user) return Fault.NotFound("person");
            var wasAdmin = user is { DisabledAt: null, PasswordHash: not null } && user.Roles.HasFlag(ConsoleRoles.Admin);
            if (name is not null && name.Trim() != user.Name)
            {
                scope.Audit(me.Actor, "person.renamed", user.Id, payload: new { before = user.Name, after = name.Trim() });
                user.Name = name.Trim();
            }
            if (roles is { } given && given != user.Roles)
            {
                scope.Audit(me.Actor, "person.roles_set", user.Id, new { before = user.Roles.Wire(), after = given.Wire() });
                user.Roles = given;
            }
            if (disabled is { } off && off != user.DisabledAt is not null)
            {
                user.DisabledAt = off ? scope.Now : null;
                user.SecurityStamp = Secrets.NewCode().Code;
                scope.Audit(me.Actor, off ? "person.disabled" : "person.enabled", user.Id);
                if (off) await TokenService.RevokeAllAsync(scope, me.Actor, user.Id, "person_disabled", ct);
            }
            var isAdmin = user is { DisabledAt: null, PasswordHash: not null } && user.Roles.HasFlag(ConsoleRoles.Admin);
            if (wasAdmin && !isAdmin && !scope.State.Directory.People.Values.Any(p => p.Id != id && Permissions.IsAdmin(p))) return LastAdmin;
            scope.AuthorityChanged();
            return Done.Value;
        });
        if (result.Fault is { } fault) return fault;
        var state = writer.State;
        return View(state.Directory.People[id], state);
    }

    private static bool StillAdmin(ConsoleState state, PersonCaller me) => state.Directory.People.TryGetValue(me.Id, out var person) && Permissions.MayManagePeople(person);
}
