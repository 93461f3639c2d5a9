using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;

namespace OpsConsole.Features.Access;

/// <summary>Proves who somebody is by e-mail and password, and shuts out whoever guesses (<see cref="LockOut"/>); every refusal looks and lasts the same.</summary>
internal sealed partial class SignInService(DurableWriter writer, IDbContextFactory<OpsDbContext> contexts, IPasswordHasher<OpsUser> hasher, UnknownAccounts unknown, TimeProvider time, ILogger<SignInService> log)
{
    private static readonly Fault Refused = new(FaultKind.Unauthenticated, "sign_in.refused", "E-mail or password is wrong, or the account is locked: five wrong passwords in a row lock it for 15 minutes at the address they come from.");
    private static readonly Actor Guard = new("system", "console", "password");
    private static readonly OpsUser Nobody = new() { Id = "nobody" };
    private static readonly Fault Down = new(FaultKind.Unavailable, "database.unavailable", "The console cannot reach its database at the moment, so nobody can sign in. It recovers by itself; try again shortly.");
    // Unknown addresses cost the same work as known ones.
    private readonly Lazy<string> _dummy = new(() => hasher.HashPassword(Nobody, "nobody has this password"));

    /// <summary>The person, when the password is theirs. Counts failures, puts refusals and (with <paramref name="session"/>) the opened session on record.</summary>
    public async Task<Result<PersonEntry>> CheckAsync(string email, string password, ClientAddress from, bool session, CancellationToken ct)
    {
        if (password.Length > 4 * PasswordRules.Most) return Refused;
        OpsUser? user;
        try
        {
            await using var db = await contexts.CreateDbContextAsync(ct);
            var normalized = Accounts.Normalize(email);
            user = await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.NormalizedEmail == normalized, ct);
        }
        catch (Exception e) when (DatabaseFailures.IsBroken(e))
        {
            return Down;
        }
        var known = user is { PasswordHash: not null, DisabledAt: null };
        var right = hasher.VerifyHashedPassword(user ?? Nobody, known ? user!.PasswordHash! : _dummy.Value, password) != PasswordVerificationResult.Failed;
        if (!known)
        {
            LogUnknown();
            return await RecordUnknownAsync(from) ?? Refused;
        }
        var settled = await writer.ChangeAsync<bool>((scope, token) => SettleAsync(scope, user!, right, from, session, token));
        if (settled.Fault is { } fault) return fault;
        return settled.Value && writer.State.Directory.People.TryGetValue(user!.Id, out var person) && person.Active ? person : Refused;
    }

    private static async Task<Result<bool>> SettleAsync(ChangeScope scope, OpsUser seen, bool right, ClientAddress from, bool session, CancellationToken ct)
    {
        var now = scope.Now;
        var user = await scope.Db.Users.SingleAsync(u => u.Id == seen.Id, ct);
        var source = await scope.Db.SignInSources.SingleOrDefaultAsync(s => s.PersonId == user.Id && s.Address == from.Source, ct);
        var locked = source?.Locked(now) == true || (user.LockoutEnd > now && source?.Familiar(now) != true);
        if (!locked && source is null)
        {
            var old = now - LockOut.FamiliarFor;
            await scope.Db.SignInSources.Where(s => s.PersonId == user.Id && s.At < old).ExecuteDeleteAsync(ct);
            scope.Db.SignInSources.Add(source = new SignInSource(user.Id, from.Source));
        }
        if (right && !locked && user.DisabledAt is null && user.PasswordHash == seen.PasswordHash)
        {
            source!.Succeed(now);
            (user.AccessFailedCount, user.LockoutEnd) = (0, null);
            if (session) scope.Audit(Actor.Person(user.Id, "password"), "session.opened", user.Id, payload: new { address = from.Address });
            return true;
        }
        if (!locked)
        {
            source!.Fail(now);
            user.LockoutEnd = LockOut.AccountDelay(++user.AccessFailedCount) is { Ticks: > 0 } delay ? now + delay : null;
        }
        scope.Audit(Guard, "session.refused", user.Id,
            new { reason = locked ? "locked" : "wrong_password", locked_until = source?.LockedUntil?.ToUnixTimeSeconds(), account_locked_until = user.LockoutEnd?.ToUnixTimeSeconds() }, payload: new { address = from.Address });
        return false;
    }

    // Null once it is recorded or was recorded lately; a console that cannot write says so, as for accounts that exist.
    private async Task<Fault?> RecordUnknownAsync(ClientAddress from)
    {
        var attempts = unknown.Note(from.Address, time.GetUtcNow());
        return (await writer.ChangeAsync<Done>((scope, _) =>
        {
            if (attempts is null) return Task.FromResult<Result<Done>>(Refused);
            scope.Audit(Guard, "session.refused", "unknown", new { reason = "unknown_account", attempts = attempts.Count }, payload: new { addresses = attempts.Addresses });
            return Task.FromResult<Result<Done>>(Done.Value);
        })).Fault;
    }

    public Task OpenAsync(HttpContext http, PersonEntry person) => Sessions.OpenAsync(http, person, time.GetUtcNow());

    [LoggerMessage(2001, LogLevel.Warning, "A sign-in was refused: no such active account")]
    private partial void LogUnknown();
}
