using OpsConsole.Core.Access;
using OpsConsole.Data;

namespace OpsConsole.Features.Access;

/// <summary>How an account begins, whoever makes it: an invitation, the set-up, the demo.</summary>
public static class Accounts
{
    public static string Normalize(string email) => email.Trim().ToUpperInvariant();

    public static OpsUser New(string email, string name, ConsoleRoles roles, DateTimeOffset now) => new()
    {
        Id = Secrets.NewId("per"), Email = email.Trim(), NormalizedEmail = Normalize(email), UserName = email.Trim(), NormalizedUserName = Normalize(email), Name = name.Trim(), Roles = roles,
        CreatedAt = now, EmailConfirmed = true, LockoutEnabled = true, SecurityStamp = Secrets.NewCode().Code, ConcurrencyStamp = Guid.NewGuid().ToString("N"),
    };
}
