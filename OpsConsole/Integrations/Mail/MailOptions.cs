using System.Globalization;
using System.Net.Mail;

namespace OpsConsole.Integrations.Mail;

/// <summary><c>OpsConsole:Mail:…</c>: the server that people's notices are mailed through.</summary>
public sealed class MailOptions
{
    public const string Section = "OpsConsole:Mail";

    /// <summary>Name or address of the SMTP server; empty: no mail.</summary>
    public string? Host { get; set; }
    public int Port { get; set; } = 587;
    /// <summary><c>starttls</c>: nothing is said before the connection is secure. <c>none</c>: in plain text, without a password.</summary>
    public string Security { get; set; } = "starttls";
    /// <summary>Empty: no sign-in.</summary>
    public string? User { get; set; }
    public string? Password { get; set; }
    /// <summary>The sender, <c>ops@example.com</c> or <c>OpsConsole &lt;ops@example.com&gt;</c>.</summary>
    public string? From { get; set; }

    /// <summary>All that is wrong with these settings, naming the keys.</summary>
    public static IEnumerable<string> Problems(IConfiguration configuration)
    {
        var (host, from, security, port, user) = (Said(nameof(Host)), Said(nameof(From)), Said(nameof(Security)), Said(nameof(Port)), Said(nameof(User)));
        if (port is not null && !(int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 65_535)) yield return $"{Section}:Port is '{port}'; it must be a port from 1 to 65535.";
        if (security is not (null or "starttls" or "none")) yield return $"{Section}:Security is '{security}'; it must be starttls or none.";
        if (security == "none" && user is not null) yield return $"{Section}:User is set and {Section}:Security is none; a password is never sent in plain text, so use starttls or leave the user out.";
        if (from is not null && !MailAddress.TryCreate(from, out _)) yield return $"{Section}:From is '{from}'; it must be an e-mail address.";
        if (host is not null && from is null) yield return $"{Section}:From is missing; {Section}:Host is set.";
        if (user is not null && Said(nameof(Password)) is null) yield return $"{Section}:Password is missing; {Section}:User is set.";

        string? Said(string key) => configuration[Section + ":" + key] is { Length: > 0 } text ? text : null;
    }

    public static MailOptions Of(IConfiguration configuration) => configuration.GetSection(Section).Get<MailOptions>() ?? new MailOptions();
}
