using Microsoft.AspNetCore.Identity;
using OpsConsole.Core.Access;

namespace OpsConsole.Data;

/// <summary>A person who can sign in, as ASP.NET Core Identity keeps them, with what the console adds.</summary>
public sealed class OpsUser : IdentityUser
{
    public string Name { get; set; } = "";
    public ConsoleRoles Roles { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    /// <summary>IANA zone, or null while they have not said: UTC.</summary>
    public string? TimeZone { get; set; }
    /// <summary>The days and times they work, in their zone; null: always.</summary>
    public WorkDays? WorkDays { get; set; }
    public TimeOnly? WorkFrom { get; set; }
    public TimeOnly? WorkUntil { get; set; }
    public DateTimeOffset? DisabledAt { get; set; }
    /// <summary>True for people the demo made; they can be removed with it.</summary>
    public bool Simulated { get; set; }
}
