namespace OpsConsole.Core.Session;

/// <summary>The code that people type to join a session.</summary>
public static class SessionCode
{
    public const int Length = 6;
    /// <summary>Letters and digits that nobody mixes up on a wall: no 0 and O, no 1 and I.</summary>
    public const string Letters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

    /// <summary>What somebody typed, as it is stored: small letters, spaces and dashes do not matter. Null when it cannot be a code.</summary>
    public static string? Normalise(string typed)
    {
        if (typed.Length > 40) return null;
        var code = string.Concat(typed.Where(c => !char.IsWhiteSpace(c) && c != '-')).ToUpperInvariant();
        return code.Length == Length && code.All(Letters.Contains) ? code : null;
    }
}
