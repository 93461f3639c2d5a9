namespace OpsConsole.Core.Shared;

/// <summary>Names of time zones as the IANA database spells them (<c>Europe/Berlin</c>, <c>UTC</c>).</summary>
public static class IanaZone
{
    private const int MaxLength = 64;
    private static readonly Lazy<IReadOnlyList<string>> Known = new(() => [.. TimeZoneInfo.GetSystemTimeZones().Where(z => z.HasIanaId).Select(z => z.Id).Append("UTC").Distinct().Order(StringComparer.Ordinal)]);

    /// <summary>What a form offers.</summary>
    public static IReadOnlyList<string> All => Known.Value;

    /// <summary>Whether this is a zone that this machine knows. Never touches anything but a name: paths are refused before the system is asked.</summary>
    public static bool IsKnown(string name)
        => name.Length is > 0 and <= MaxLength && char.IsAsciiLetter(name[0])
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '_' or '+' or '-')
        && TimeZoneInfo.TryFindSystemTimeZoneById(name, out _);
}
