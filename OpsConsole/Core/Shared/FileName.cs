namespace OpsConsole.Core.Shared;

/// <summary>Names of files that are safe in any file system.</summary>
public static class FileName
{
    private const int Longest = 60;

    /// <summary>Letters, digits and hyphens of a text; empty where it has none.</summary>
    public static string Slug(string text)
    {
        var plain = string.Concat(text.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-'));
        var slug = string.Join('-', plain.Split('-', StringSplitOptions.RemoveEmptyEntries));
        return (slug.Length > Longest ? slug[..Longest] : slug).Trim('-');
    }
}
