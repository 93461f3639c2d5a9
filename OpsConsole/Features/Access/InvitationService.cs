using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;

namespace OpsConsole.Features.Access;

/// <summary>Whom an open link is for.</summary>
public sealed record InvitationView(string Name, string Email);

/// <summary>Joining by a one-time link: setting the first password.</summary>
internal sealed class InvitationService(DurableWriter writer, IDbContextFactory<OpsDbContext> contexts, IPasswordHasher<OpsUser> hasher, TimeProvider time)
{
    private static readonly Fault Unknown = Fault.NotFound("invitation") with { Code = "invitation.invalid", Message = "This invitation has been used, has expired or never existed. Ask an admin for a new one." };

    /// <summary>Whom the link is for, while it works.</summary>
    public async Task<Result<InvitationView>> FindAsync(string code, CancellationToken ct)
    {
        await using var db = await contexts.CreateDbContextAsync(ct);
        return await FindAsync(db, Secrets.Hash(code), time.GetUtcNow(), ct) is { } found ? new InvitationView(found.User.Name, found.User.Email!) : Unknown;
    }

    /// <summary>Uses the link, once. Faults: <c>invitation.invalid</c> (404), <c>password.…</c>.</summary>
    public async Task<Result<PersonEntry>> AcceptAsync(string code, string? password, CancellationToken ct)
    {
        var hash = Secrets.Hash(code);
        var person = await FindAsync(code, ct);
        if (person.Fault is { } closed) return closed;
        if (PasswordRules.Check(password, person.Value.Email) is { } weak) return weak;
        var passwordHash = hasher.HashPassword(new OpsUser(), password!);
        var joined = await writer.ChangeAsync<string>(async (scope, token) =>
        {
            if (await FindAsync(scope.Db, hash, scope.Now, token) is not { } found) return Unknown;
            var (invitation, user) = found;
            invitation.Use(scope.Now);
            (user.PasswordHash, user.SecurityStamp) = (passwordHash, Secrets.NewCode().Code);
            (user.AccessFailedCount, user.LockoutEnd) = (0, null);
            scope.Audit(Actor.Person(user.Id, "invitation"), "invitation.accepted", user.Id, new { invitation = invitation.Id });
            scope.AuthorityChanged();
            return user.Id;
        });
        return joined.Fault is { } fault ? fault : writer.State.Directory.People[joined.Value];
    }

    private static async Task<(Invitation Invitation, OpsUser User)?> FindAsync(OpsDbContext db, byte[] hash, DateTimeOffset now, CancellationToken ct)
        => await db.Invitations.SingleOrDefaultAsync(i => i.CodeHash == hash && !i.Setup, ct) is { PersonId: { } id } invitation && invitation.Open(now)
            && await db.Users.SingleOrDefaultAsync(u => u.Id == id, ct) is { DisabledAt: null, PasswordHash: null } user ? (invitation, user) : null;
}
