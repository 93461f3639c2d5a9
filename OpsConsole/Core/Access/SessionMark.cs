using System.Globalization;

namespace OpsConsole.Core.Access;

/// <summary>What is kept about browser sessions beside their cookies, by the session's name: that one was signed out of, or when its password was last typed again.</summary>
public static class SessionMark
{
    public const string Ended = "ended session";
    public const string Proven = "proven session";

    /// <summary>Times as they are stored.</summary>
    public static string Text(DateTimeOffset at) => at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    /// <summary>What does not read as a time was long ago.</summary>
    public static DateTimeOffset Time(string? text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? DateTimeOffset.FromUnixTimeSeconds(seconds) : DateTimeOffset.UnixEpoch;
}
