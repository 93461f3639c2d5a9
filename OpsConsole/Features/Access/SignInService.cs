using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Data;
using OpsConsole.Data.Writer;

namespace OpsConsole.Features.Access;

/// <summary>Proves who somebody is by e-mail and password. Five failures in a row lock the account for 15 minutes; every refusal looks and lasts the same.</summary>
internal sealed partial class SignInService(DurableWriter writer, IDbContextFactory<OpsDbContext> contexts, IPasswordHasher<OpsUser> hasher, TimeProvider time, ILogger<SignInService> log)
{
    public const int MostFailures = 5;
    public static readonly TimeSpan LockedFor = TimeSpan.FromMinutes(15);

    private static readonly Fault Refused = new(FaultKind.Unauthenticated, "sign_in.refused", "E-mail or password is wrong, or the account is locked: five wrong passwords in a row lock it for 15 minutes.");
    private static readonly OpsUser Nobody = new() { Id = "nobody" };
    private static readonly Fault Down = new(FaultKind.Unavailable, "database.unavailable", "The console cannot reach its database at the moment, so nobody can sign in. It recovers by itself; try again shortly.");
    // Unknown addresses cost the same work as known ones.
    private readonly Lazy<string> _dummy = new(() => hasher.HashPassword(Nobody, "nobody has this password"));

    /// <summary>The person, when the password is theirs. Counts failures, puts refusals and (with <paramref name="session"/>) the opened session on record.</summary>
    public async Task<Result<PersonEntry>> CheckAsync(string email, string password, bool session, CancellationToken ct)
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
            return Refused;
        }
        var settled = await writer.ChangeAsync<bool>(async (scope, token) =>
        {
            var fresh = await scope.Db.Users.SingleAsync(u => u.Id == user!.Id, token);
            var locked = fresh.LockoutEnd > scope.Now;
            var opened = right && !locked && fresh.DisabledAt is null && fresh.PasswordHash == user!.PasswordHash;
            if (opened)
            {
                fresh.AccessFailedCount = 0;
                fresh.LockoutEnd = null;
                if (session) scope.Audit(Actor.Person(fresh.Id), "session.opened", fresh.Id);
                return true;
            }
            if (!locked && ++fresh.AccessFailedCount >= MostFailures)
            {
                fresh.AccessFailedCount = 0;
                fresh.LockoutEnd = scope.Now + LockedFor;
            }
            scope.Audit(Actor.System, "session.refused", fresh.Id, new { reason = locked ? "locked" : "wrong_password", locked_until = fresh.LockoutEnd?.ToUnixTimeSeconds() });
            return false;
        });
        if (settled.Fault is { } fault) return fault;
        return settled.Value && writer.State.Directory.People.TryGetValue(user!.Id, out var person) && person.Active ? person : Refused;
    }

    public Task OpenAsync(HttpContext http, PersonEntry person) => Sessions.OpenAsync(http, person, time.GetUtcNow());

    [LoggerMessage(2001, LogLevel.Warning, "A sign-in was refused: no such active account")]
    private partial void LogUnknown();
}
