using System.Security.Claims;
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

    /// <summary>Ends one session for good, its other tabs and copies of its cookie too, and puts that on record; whoever holds none is not mentioned.</summary>
    public async Task EndAsync(ClaimsPrincipal user)
    {
        if (Sessions.Holder(user, writer.State, time.GetUtcNow()) is not { } person) return;
        await writer.ChangeAsync<Done>(async (scope, ct) =>
        {
            if (await MarkAsync(scope, person.Id, SessionMark.Ended, Sessions.NameOf(user)!, ct) is not null) return Done.Value;
            scope.Audit(Actor.Person(person.Id), "session.closed", person.Id);
            scope.AuthorityChanged();
            return Done.Value;
        });
    }

    /// <summary>Whoever is signed in types their password again, and the session counts as fresh from now on, in all its tabs. Faults: <c>password.wrong</c>, <c>session.ended</c>, the lock-out of sign-in.</summary>
    public async Task<Result<Done>> ProveAgainAsync(ClaimsPrincipal user, string password, CancellationToken ct)
    {
        if (Sessions.Holder(user, writer.State, time.GetUtcNow()) is not { } person) return CurrentPerson.Ended;
        if ((await signIn.CheckAsync(person.Email, password, ClientAddress.AccountPage, session: false, ct)).Fault is { } fault)
            return fault.Kind == FaultKind.Unauthenticated ? Fault.Invalid("password.wrong", "That is not your password. After five wrong ones in a row it is not taken here for 15 minutes.", "password") : fault;
        return await writer.ChangeAsync<Done>(async (scope, token) =>
        {
            if (Sessions.Holder(user, scope.State, scope.Now) is null) return CurrentPerson.Ended;
            if (await MarkAsync(scope, person.Id, SessionMark.Proven, Sessions.NameOf(user)!, token) is { } before) before.Value = SessionMark.Text(scope.Now);
            scope.Audit(Actor.Person(person.Id, "password"), "session.proven", person.Id);   // no authority moved: whoever wants the proof reads it
            return Done.Value;
        });
    }

    /// <summary>Notes something about a session; the note that stood there already is given back instead. Notes about sessions that are over by themselves go.</summary>
    private static async Task<IdentityUserToken<string>?> MarkAsync(ChangeScope scope, string personId, string mark, string session, CancellationToken ct)
    {
        var known = await scope.Db.UserTokens.Where(t => t.UserId == personId && (t.LoginProvider == SessionMark.Ended || t.LoginProvider == SessionMark.Proven)).ToListAsync(ct);
        scope.Db.UserTokens.RemoveRange(known.Where(t => t.Name != session && SessionMark.Time(t.Value) < scope.Now - Sessions.Longest));
        if (known.Find(t => t.Name == session && t.LoginProvider == mark) is { } before) return before;
        scope.Db.UserTokens.Add(new IdentityUserToken<string> { UserId = personId, LoginProvider = mark, Name = session, Value = SessionMark.Text(scope.Now) });
        return null;
    }

    /// <summary>Changes the password and ends every session; where asked, every token too. Faults: <c>password.wrong</c>, <c>password.…</c>, the lock-out of sign-in.</summary>
    public async Task<Result<Done>> ChangePasswordAsync(PersonCaller me, string present, string next, bool revokeTokens, CancellationToken ct)
    {
        if (PasswordRules.Check(next, me.Person.Email) is { } weak) return weak;
        if ((await signIn.CheckAsync(me.Person.Email, present, ClientAddress.AccountPage, session: false, ct)).Fault is { } fault)
            return fault.Kind == FaultKind.Unauthenticated ? Fault.Invalid("password.wrong", "That is not your present password. After five wrong ones in a row it cannot be changed here for 15 minutes.", "present") : fault;
        var hash = hasher.HashPassword(new OpsUser(), next);
        return await writer.ChangeAsync<Done>(async (scope, token) =>
        {
            var user = await scope.Db.Users.SingleAsync(u => u.Id == me.Id, token);
            (user.PasswordHash, user.SecurityStamp) = (hash, Secrets.NewCode().Code);
            scope.Audit(me.Actor, "person.password_changed", me.Id);
            if (revokeTokens) await TokenService.RevokeAllAsync(scope, me.Actor, me.Id, "password_changed", token);
            scope.AuthorityChanged();
            return Done.Value;
        });
    }
}
