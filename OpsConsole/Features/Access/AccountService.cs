using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;

namespace OpsConsole.Features.Access;

/// <summary>What a person does to their own account.</summary>
internal sealed class AccountService(DurableWriter writer, SignInService signIn, IPasswordHasher<OpsUser> hasher, TimeProvider time)
{
    /// <summary>Ends every session of the person, this one too; tokens stay.</summary>
    public async Task<Result<Done>> SignOutEverywhereAsync(PersonCaller me)
        => await writer.ChangeAsync<Done>(async (scope, ct) =>
        {
            var user = await scope.Db.Users.SingleAsync(u => u.Id == me.Id, ct);
            user.SecurityStamp = Secrets.NewCode().Code;
            scope.Audit(me.Actor, "session.all_ended", me.Id);
            scope.AuthorityChanged();
            return Done.Value;
        });

    /// <summary>Puts on record that a session was closed; whoever holds none is not mentioned.</summary>
    public async Task RecordSignOutAsync(System.Security.Claims.ClaimsPrincipal user)
    {
        if (Sessions.Holder(user, writer.State, time.GetUtcNow()) is not { } person) return;
        await writer.ChangeAsync<Done>((scope, _) =>
        {
            scope.Audit(Actor.Person(person.Id), "session.closed", person.Id);
            return Task.FromResult<Result<Done>>(Done.Value);
        });
    }

    /// <summary>Changes the password and ends every session. Faults: <c>password.wrong</c>, <c>password.…</c>, the lock-out of sign-in.</summary>
    public async Task<Result<Done>> ChangePasswordAsync(PersonCaller me, string present, string next, CancellationToken ct)
    {
        if (PasswordRules.Check(next, me.Person.Email) is { } weak) return weak;
        if ((await signIn.CheckAsync(me.Person.Email, present, session: false, ct)).Fault is { } fault)
            return fault.Kind == FaultKind.Unauthenticated ? Fault.Invalid("password.wrong", "That is not your present password. Five wrong ones in a row lock the account for 15 minutes.", "present") : fault;
        var hash = hasher.HashPassword(new OpsUser(), next);
        return await writer.ChangeAsync<Done>(async (scope, token) =>
        {
            var user = await scope.Db.Users.SingleAsync(u => u.Id == me.Id, token);
            (user.PasswordHash, user.SecurityStamp) = (hash, Secrets.NewCode().Code);
            scope.Audit(me.Actor, "person.password_changed", me.Id);
            scope.AuthorityChanged();
            return Done.Value;
        });
    }
}
