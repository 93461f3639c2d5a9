using Microsoft.EntityFrameworkCore;
using OpsConsole.Core.Access;
using OpsConsole.Core.Shared;
using OpsConsole.Data.Writer;

namespace OpsConsole.Features.Access;

/// <summary>Lets somebody sign in again at once whom wrong passwords shut out; for whoever has the machine.</summary>
public static class Unlocking
{
    /// <summary>Faults: not found.</summary>
    public static Task<Result<Done>> UnlockAsync(DurableWriter writer, string email) => writer.ChangeAsync<Done>(async (scope, ct) =>
    {
        var normalized = Accounts.Normalize(email);
        if (await scope.Db.Users.SingleOrDefaultAsync(u => u.NormalizedEmail == normalized, ct) is not { } user) return Fault.NotFound("account");
        (user.AccessFailedCount, user.LockoutEnd) = (0, null);
        foreach (var source in await scope.Db.SignInSources.Where(s => s.PersonId == user.Id).ToListAsync(ct)) source.Unlock();
        scope.Audit(new Actor("system", "console", "command"), "person.unlocked", user.Id);
        return Done.Value;
    });
}
