using OpsConsole.Core.Access;

namespace OpsConsole.Features.Access;

/// <summary>The first admin by settings, <c>OpsConsole:Setup:…</c>; used only while nobody exists.</summary>
public sealed class SetupOptions
{
    public const string Section = "OpsConsole:Setup";

    public string? AdminEmail { get; set; }
    public string? AdminPassword { get; set; }
    /// <summary>Any <c>opp_&lt;id&gt;_&lt;secret&gt;</c>: becomes a personal token of the admin with scope <c>*</c>.</summary>
    public string? AdminToken { get; set; }

    public bool Given => !string.IsNullOrEmpty(AdminEmail);

    /// <summary>All that is wrong, naming the keys.</summary>
    public static IEnumerable<string> Problems(IConfiguration configuration)
    {
        var (email, password, token) = (configuration[Section + ":AdminEmail"], configuration[Section + ":AdminPassword"], configuration[Section + ":AdminToken"]);
        if (string.IsNullOrEmpty(email) && string.IsNullOrEmpty(password) && string.IsNullOrEmpty(token)) yield break;
        if (string.IsNullOrEmpty(email)) yield return $"{Section}:AdminEmail is missing; the other settings of the first admin are given.";
        else if (!PeopleService.IsEmail(email)) yield return $"{Section}:AdminEmail is '{email}'; it must be an e-mail address.";
        if (string.IsNullOrEmpty(password)) yield return $"{Section}:AdminPassword is missing; the other settings of the first admin are given.";
        else if (PasswordRules.Check(password, email) is { } fault) yield return $"{Section}:AdminPassword is refused. {fault.Message}";
        if (!string.IsNullOrEmpty(token) && !Secrets.TrySplit(token, "opp", out _, out _)) yield return $"{Section}:AdminToken must be opp_<id>_<secret>, id and secret of letters and digits, the secret of at least 40.";
    }
}
