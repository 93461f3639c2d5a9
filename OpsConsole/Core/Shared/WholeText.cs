namespace OpsConsole.Core.Shared;

/// <summary>Text that every database, file and screen takes: no half of a surrogate pair (Unicode 16, D75), no U+0000.</summary>
public static class WholeText
{
    public static bool Is(ReadOnlySpan<char> text) => !text.Contains('\0') && !HasHalfPair(text);

    public static bool HasHalfPair(ReadOnlySpan<char> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (!char.IsHighSurrogate(text[i]) || ++i == text.Length || !char.IsLowSurrogate(text[i])) return true;
        }
        return false;
    }
}
