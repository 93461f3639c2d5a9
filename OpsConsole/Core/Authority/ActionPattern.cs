namespace OpsConsole.Core.Authority;

/// <summary>What an action pattern covers: one action, everything below a dotted prefix (<c>payment.*</c>, any depth, not <c>payment</c> itself), or everything.</summary>
/// <param name="Text">The action or the prefix in lower case; empty for everything.</param>
internal readonly record struct ActionPattern(ActionPattern.Reach Kind, string Text)
{
    internal enum Reach { One, Below, All }

    public const int MaxLength = 128;

    /// <summary>Reads a pattern; false when it is none, and then <paramref name="pattern"/> covers only its own spelling.</summary>
    public static bool TryParse(string text, out ActionPattern pattern)
    {
        var lower = text.ToLowerInvariant();
        if (lower == "*")
        {
            pattern = new(Reach.All, "");
            return true;
        }
        pattern = lower.EndsWith(".*", StringComparison.Ordinal) ? new(Reach.Below, lower[..^2]) : new(Reach.One, lower);
        return lower.Length <= MaxLength && IsName(pattern.Text);
    }

    public bool Covers(string action) => Kind switch
    {
        Reach.All => true,
        Reach.Below => action.Length > Text.Length && action[Text.Length] == '.' && action.StartsWith(Text, StringComparison.Ordinal),
        _ => string.Equals(action, Text, StringComparison.Ordinal),
    };

    /// <summary>Whether every action that <paramref name="other"/> covers is covered by this one too.</summary>
    public bool Covers(ActionPattern other) => Kind switch
    {
        Reach.All => true,
        Reach.One => this == other,
        _ => other.Kind != Reach.All && (this == other || Covers(other.Text)),
    };

    /// <summary>Whether this is a plain name: letters, digits, <c>_ . : -</c>, at least one.</summary>
    public static bool IsName(string text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '.' or ':' or '-')) return false;
        }
        return text.Length > 0;
    }
}
