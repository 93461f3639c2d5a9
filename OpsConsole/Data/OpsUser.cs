using Microsoft.AspNetCore.Identity;
using OpsConsole.Core.Access;

namespace OpsConsole.Data;

/// <summary>A person who can sign in, as ASP.NET Core Identity keeps them, with what the console adds.</summary>
public sealed class OpsUser : IdentityUser
{
    public string Name { get; set; } = "";
    public ConsoleRoles Roles { get; set; }
    public DateTimeOffset CreatedAt { get; set; }
    public DateTimeOffset? DisabledAt { get; set; }
    /// <summary>True for people the demo made; they can be removed with it.</summary>
    public bool Simulated { get; set; }
}
